"""Rates, and the choice between them and cron."""

import re
from dataclasses import dataclass
from typing import Protocol

from panregion.languages.schedules.cron import Cron, ScheduleError

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}

__all__ = ["Rate", "Schedule", "ScheduleError", "parse_schedule"]


class Schedule(Protocol):
    """When something happens again."""

    def next_after(self, moment: float, since: float) -> float | None:
        """The first time after `moment`, of a schedule that began at `since`; None where there is none."""


@dataclass(frozen=True)
class Rate:
    every_s: int

    def next_after(self, moment: float, since: float) -> float | None:
        """Times are counted from when the schedule began."""
        passed = max(0, int((moment - since) // self.every_s))
        return since + (passed + 1) * self.every_s


def parse_schedule(text: str) -> Schedule:
    """Raises ScheduleError."""
    rate = _RATE.fullmatch(text)
    if rate is not None:
        number, unit = int(rate[1]), rate[2]
        if number < 1 or (number == 1) is unit.endswith("s"):
            raise ScheduleError(f"{text}: a rate of 1 has a unit in the singular, any other one in the plural")
        return Rate(number * _SECONDS[unit.removesuffix("s")])
    cron = _CRON.fullmatch(text)
    if cron is None:
        raise ScheduleError(f"{text} is neither rate(...) nor cron(...)")
    return Cron.parse(cron[1])
