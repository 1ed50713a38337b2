"""AWS's cron: minutes, hours, day of the month, month, day of the week, year; of the two days one is a question mark.

Every field is the set of its values; the days also know L (last), W (the nearest weekday) and # (the n-th of a month).
The next time is found by going through days and, within one, through hours and minutes. Times are local to the zone
that is asked for: an hour that a clock change leaves out is skipped, one that comes twice counts once.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

YEAR_FIRST, YEAR_LAST = 1970, 2199
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
DAYS = {name: number for number, name in enumerate(_DAY_NAMES, 1)}
_NO_NAMES: dict[str, int] = {}
_LAST_OFFSET = re.compile(r"L-(\d{1,2})")
_NEAREST = re.compile(r"(\d{1,2})W")
_NTH = re.compile(r"(\w{1,3})#([1-5])")
_LAST_WEEKDAY = re.compile(r"(\w{1,3})L")


class ScheduleError(ValueError):
    """The text is no schedule; it says why."""


@dataclass(frozen=True)
class Cron:
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    """Of the month."""
    day_rules: tuple[str, ...]
    """Days of the month that depend on the month: L, LW, L-3, 15W."""
    months: frozenset[int]
    weekdays: frozenset[int]
    """1 is Sunday."""
    weekday_rules: tuple[tuple[int, int], ...]
    """(weekday, n): the n-th of the month, 0 is the last."""
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Six fields. Raises ScheduleError."""
        fields = text.split()
        if len(fields) != 6:
            raise ScheduleError(f"cron({text}) has {len(fields)} fields, not 6")
        minutes, hours, days, months, weekdays, years = (field.upper() for field in fields)
        if (days == "?") == (weekdays == "?"):
            raise ScheduleError(f"cron({text}): exactly one of day-of-month and day-of-week is a question mark")
        plain_days, day_rules = _split(days, (_LAST_OFFSET, _NEAREST), ("L", "LW"))
        plain_weekdays, weekday_rules = _split(weekdays, (_NTH, _LAST_WEEKDAY), ("L",))
        return cls(
            tuple(sorted(_values(minutes, 0, 59, _NO_NAMES))),
            tuple(sorted(_values(hours, 0, 23, _NO_NAMES))),
            _values(plain_days, 1, 31, _NO_NAMES) if plain_days else frozenset(),
            tuple(_checked_day_rule(rule) for rule in day_rules),
            _values(months, 1, 12, MONTHS),
            _values(plain_weekdays, 1, 7, DAYS) if plain_weekdays else frozenset(),
            tuple(_weekday_rule(rule) for rule in weekday_rules),
            _values(years, YEAR_FIRST, YEAR_LAST, _NO_NAMES),
        )

    def next_after(self, moment: float, _since: float = 0.0, zone: tzinfo = UTC) -> float | None:
        """The first time after `moment` (epoch seconds); None where there is none."""
        start = datetime.fromtimestamp(moment, zone)
        day = start.date()
        while day.year <= YEAR_LAST:
            if day.year not in self.years:
                day = date(day.year + 1, 1, 1) if day.year < YEAR_LAST else date(YEAR_LAST + 1, 1, 1)
            elif day.month not in self.months:
                day = _next_month(day)
            else:
                found = self._within(day, moment, zone) if self.has_day(day) else None
                if found is not None:
                    return found
                day += timedelta(days=1)
        return None

    def _within(self, day: date, moment: float, zone: tzinfo) -> float | None:
        for hour in self.hours:
            for minute in self.minutes:
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                found = local.timestamp()
                back = datetime.fromtimestamp(found, zone)
                if found > moment and (back.hour, back.minute) == (hour, minute):
                    return found
        return None

    def has_day(self, day: date) -> bool:
        """Whether day of the month, or day of the week, allows it."""
        if day.day in self.days or _weekday(day) in self.weekdays:
            return True
        last = calendar.monthrange(day.year, day.month)[1]
        if any(day.day == _ruled_day(rule, day.year, day.month, last) for rule in self.day_rules):
            return True
        return any(
            _weekday(day) == weekday and ((day.day - 1) // 7 + 1 == nth if nth else day.day > last - 7)
            for weekday, nth in self.weekday_rules
        )


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _split(field: str, forms: tuple[re.Pattern[str], ...], words: tuple[str, ...]) -> tuple[str, list[str]]:
    """A field of days without, and only, those of its parts that depend on the month."""
    if field == "?":
        return "", []
    parts = field.split(",")
    rules = [part for part in parts if part in words or any(form.fullmatch(part) for form in forms)]
    return ",".join(part for part in parts if part not in rules), rules


def _checked_day_rule(rule: str) -> str:
    nearest, offset = _NEAREST.fullmatch(rule), _LAST_OFFSET.fullmatch(rule)
    if nearest is not None and not 1 <= int(nearest[1]) <= 31:
        raise ScheduleError(f"{rule} is no day of the month")
    if offset is not None and int(offset[1]) > 30:
        raise ScheduleError(f"{rule} is no day of the month")
    return rule


def _ruled_day(rule: str, year: int, month: int, last: int) -> int:
    if rule == "L":
        return last
    offset = _LAST_OFFSET.fullmatch(rule)
    if offset is not None:
        return last - int(offset[1])
    wanted = last if rule == "LW" else int(rule.removesuffix("W"))
    return _nearest_weekday(year, month, wanted, last) if wanted <= last else 0


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    """Without leaving the month."""
    weekday = date(year, month, day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < last else day - 2
    return day


def _weekday_rule(rule: str) -> tuple[int, int]:
    if rule == "L":
        return DAYS["SAT"], 0
    found = _NTH.fullmatch(rule)
    if found is not None:
        return _number(found[1], 1, 7, DAYS), int(found[2])
    return _number(rule.removesuffix("L"), 1, 7, DAYS), 0


def _values(field: str, least: int, most: int, names: dict[str, int]) -> frozenset[int]:
    """The values that a field allows. Raises ScheduleError."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step_text = part.partition("/")
        step = _number(step_text, 1, most, _NO_NAMES) if slash else 1
        low, high = _span(span, least, most, names, open_ended=bool(slash))
        if low <= high:
            found.update(range(low, high + 1, step))
        elif names:  # FRI-MON goes around
            found.update(
                (value - least) % (most - least + 1) + least for value in range(low, high + most - least + 2, step)
            )
        else:
            raise ScheduleError(f"{part}: the range runs backwards")
    return frozenset(found)


def _span(span: str, least: int, most: int, names: dict[str, int], *, open_ended: bool) -> tuple[int, int]:
    if span == "*":
        return least, most
    first, dash, second = span.partition("-")
    low = _number(first, least, most, names)
    if dash:
        return low, _number(second, least, most, names)
    return low, most if open_ended else low


def _number(text: str, least: int, most: int, names: dict[str, int]) -> int:
    value = names.get(text)
    if value is None:
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else least - 1
    if not least <= value <= most:
        raise ScheduleError(f"{text or 'nothing'} is not from {least} to {most}")
    return value
