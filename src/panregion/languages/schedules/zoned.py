"""Schedules as EventBridge Scheduler writes them: with a time zone, a beginning and an end, or for one time only.

Cron and at() mean the zone's wall clock. A time that a change of the clocks leaves out is skipped; one that comes
twice counts once, the first time. A rate counts elapsed time: a day is 24 hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from panregion.languages.schedules.cron import Cron, ScheduleError

_RATE = re.compile(r"rate\((\d{1,9})\s+(minute|hour|day)s?\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
A_MOMENT_S = 1e-3

__all__ = ["At", "Every", "OnClock", "Timetable", "parse_timetable", "parse_zone"]


@dataclass(frozen=True)
class At:
    """Once. `moment` is None where the zone's clock never shows that time."""

    moment: float | None

    def next_after(self, moment: float, start: float | None, _since: float) -> float | None:
        del start  # a beginning and an end mean nothing to what happens once
        return self.moment if self.moment is not None and self.moment > moment else None


@dataclass(frozen=True)
class Every:
    """At a rate, for the first time when it begins."""

    every_s: int

    def next_after(self, moment: float, start: float | None, since: float) -> float | None:
        first = since if start is None else start
        if moment < first:
            return first
        return first + (int((moment - first) // self.every_s) + 1) * self.every_s


@dataclass(frozen=True)
class OnClock:
    """By a zone's clock."""

    cron: Cron
    zone: tzinfo

    def next_after(self, moment: float, start: float | None, _since: float) -> float | None:
        return self.cron.next_after(moment if start is None else max(moment, start - A_MOMENT_S), zone=self.zone)


@dataclass(frozen=True)
class Timetable:
    """When something happens, from a beginning to an end."""

    times: At | Every | OnClock
    start: float | None = None
    end: float | None = None

    @property
    def once(self) -> bool:
        return isinstance(self.times, At)

    def next_after(self, moment: float, since: float) -> float | None:
        """The first time after `moment`, epoch seconds, of a schedule that was made at `since`; None: there is none."""
        found = self.times.next_after(moment, self.start, since)
        return None if found is None or (not self.once and self.end is not None and found > self.end) else found


def parse_zone(name: str) -> tzinfo:
    """A time zone by its name in the IANA database. Raises ScheduleError."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(f"{name} is no time zone") from error


def parse_timetable(text: str, zone: tzinfo = UTC, start: float | None = None, end: float | None = None) -> Timetable:
    """Raises ScheduleError."""
    return Timetable(_parse(text, zone), start, end)


def _parse(text: str, zone: tzinfo) -> At | Every | OnClock:
    rate = _RATE.fullmatch(text)
    if rate is not None:
        if int(rate[1]) < 1:
            raise ScheduleError(f"{text}: a rate is at least 1")
        return Every(int(rate[1]) * _SECONDS[rate[2]])
    at = _AT.fullmatch(text)
    if at is not None:
        return At(_moment(at[1], zone))
    cron = _CRON.fullmatch(text)
    if cron is None:
        raise ScheduleError(f"{text} is none of at(...), rate(...) and cron(...)")
    return OnClock(Cron.parse(cron[1]), zone)


def _moment(text: str, zone: tzinfo) -> float | None:
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as error:
        raise ScheduleError(f"at({text}) is no time") from error
    found = local.timestamp()
    back = datetime.fromtimestamp(found, zone).replace(tzinfo=None)
    return found if back == local.replace(tzinfo=None) else None
