"""What schedules and their groups are. Pure."""

from functools import lru_cache
from typing import Any

import msgspec

from panregion.languages.schedules import Timetable, parse_timetable, parse_zone

Json = dict[str, Any]

DEFAULT = "default"
GROUPS_MAX = 500
TAGS_MAX = 50
RETRIES_DEFAULT = 185
AGE_DEFAULT_S = 86_400


class Group(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    created_s: float
    modified_s: float
    state: str = "ACTIVE"
    token: str | None = None
    """The client token that it was made with."""
    tags: dict[str, str] = {}


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    group: str
    name: str
    id: str
    """Another one after every change, by which the ticks of an old one are known."""
    expression: str
    target: Json
    created_s: float
    modified_s: float
    zone: str = "UTC"
    start_s: float | None = None
    end_s: float | None = None
    window_minutes: int = 0
    """0: no flexible time window."""
    enabled: bool = True
    description: str | None = None
    deletes_itself: bool = False
    """ActionAfterCompletion: DELETE."""
    key: str | None = None
    token: str | None = None
    """The client token that it was made with."""

    @property
    def resource(self) -> str:
        """What follows the account in its ARN."""
        return f"schedule/{self.group}/{self.name}"

    @property
    def timetable(self) -> Timetable:
        return timetable(self.expression, self.zone, self.start_s, self.end_s)


@lru_cache(4096)
def timetable(expression: str, zone: str, start_s: float | None, end_s: float | None) -> Timetable:
    """Raises ScheduleError."""
    return parse_timetable(expression, parse_zone(zone), start_s, end_s)
