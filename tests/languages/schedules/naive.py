"""A second reading of AWS's cron, as slow as it is plain: every minute of every day is tried.

`python -m tests.languages.schedules.naive` writes the tables anew; what is in them was looked through.
"""

import calendar
import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
START = datetime(2026, 11, 21, 7, 17, 30, tzinfo=UTC)  # a Saturday
TABLES = Path(__file__).parent
DAYS_TRIED = 366 * 9


def allows(field: str, value: int, first: int, last: int, names: list[str]) -> bool:
    """Whether a field without L, W and # allows a value."""
    return any(_part(part.upper(), value, first, last, names) for part in field.split(","))


def _part(part: str, value: int, first: int, last: int, names: list[str]) -> bool:
    span, _, step = part.partition("/")
    if span == "*":
        values = list(range(first, last + 1))
    elif "-" in span:
        low, high = (_value(one, first, names) for one in span.split("-"))
        values = [low]
        while values[-1] != high:
            values.append(first if values[-1] == last else values[-1] + 1)
    elif step:
        values = list(range(_value(span, first, names), last + 1))
    else:
        values = [_value(span, first, names)]
    return value in values[:: int(step or 1)]


def _value(text: str, first: int, names: list[str]) -> int:
    return names.index(text) + first if text in names else int(text)


def nearest_weekday(wanted: date) -> date:
    """Monday to Friday, as close as can be in the same month."""
    near = sorted((abs(days), days) for days in range(-2, 3))
    moved = (wanted + timedelta(days=days) for _, days in near)
    return next(one for one in moved if one.month == wanted.month and one.weekday() < 5)


def day_fits(day: date, days: str, weekdays: str) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if weekdays == "?":
        return any(_day_of_month(part, day, last) for part in days.upper().split(","))
    return any(_day_of_week(part, day, last) for part in weekdays.upper().split(","))


def _day_of_month(part: str, day: date, last: int) -> bool:
    if part == "L":
        return day.day == last
    if part.startswith("L-"):
        return day.day == last - int(part[2:])
    if part == "LW":
        return day == nearest_weekday(day.replace(day=last))
    if part.endswith("W"):
        wanted = int(part[:-1])
        return wanted <= last and day == nearest_weekday(day.replace(day=wanted))
    return allows(part, day.day, 1, 31, [])


def _day_of_week(part: str, day: date, last: int) -> bool:
    number = (day.weekday() + 1) % 7 + 1  # Sunday is 1
    if part == "L":
        return number == 7 and day.day + 7 > last
    if "#" in part:
        name, nth = part.split("#")
        same = [one for one in range(1, last + 1) if day.replace(day=one).weekday() == day.weekday()]
        return number == _value(name, 1, DAYS) and same.index(day.day) + 1 == int(nth)
    if part.endswith("L"):
        return number == _value(part[:-1], 1, DAYS) and day.day + 7 > last
    return allows(part, number, 1, 7, DAYS)


def times(text: str, start: datetime = START) -> Iterator[datetime]:
    """All that follow, in UTC."""
    minutes, hours, days, months, weekdays, years = text.split()
    for offset in range(DAYS_TRIED):
        day = start.date() + timedelta(days=offset)
        if not allows(years, day.year, 1970, 2199, []) or not allows(months, day.month, 1, 12, MONTHS):
            continue
        if not day_fits(day, days, weekdays):
            continue
        for minute in range(24 * 60):
            fits = allows(hours, minute // 60, 0, 23, []) and allows(minutes, minute % 60, 0, 59, [])
            moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=UTC)
            if fits and moment > start:
                yield moment


def zoned_times(text: str, zone: str, start: datetime, days: int) -> list[str]:
    """As the zone's clock shows them, minute by minute of real time; the second showing of a time does not count."""
    minutes, hours, day_of_month, months, weekdays, years = text.split()
    found = []
    for passed in range(1, days * 24 * 60):
        moment = start + timedelta(minutes=passed)
        local = moment.astimezone(ZoneInfo(zone))
        if local.fold or not allows(hours, local.hour, 0, 23, []) or not allows(minutes, local.minute, 0, 59, []):
            continue
        if not allows(years, local.year, 1970, 2199, []) or not allows(months, local.month, 1, 12, MONTHS):
            continue
        if day_fits(local.date(), day_of_month, weekdays):
            found.append(moment.strftime("%Y-%m-%dT%H:%M"))
    return found


MINUTES = ["0", "*", "0/15", "7", "59", "5-10", "1,31", "10-50/20"]
HOURS = ["0", "12", "*", "8-17", "0/6", "23", "9,21", "20-23/2"]
IN_MONTH = [
    *("*", "1", "15", "31", "L", "L-1", "L-10", "LW", "1W", "15W", "30W", "31W", "1-7", "1/10", "28-31", "1,15,L"),
    *("5,10W", "29", "30", "2/7"),
]
IN_WEEK = [
    *("*", "1", "7", "MON", "MON-FRI", "SAT,SUN", "2-6", "FRI-MON", "L", "6L", "WEDL", "2#1", "TUE#5", "6#3", "sun"),
    *("1,3,5", "2/2", "MON#1,FRI#2", "7-2", "THU-TUE"),
]
IN_YEAR = ["*", "2", "JAN", "NOV-FEB", "1/3", "4,6,9,11", "JUN-AUG", "dec"]
YEARS = ["*", "2027", "2026-2028", "2027/2", "2026,2030"]
ZONES = {
    "Europe/Berlin": ["2026-03-28", "2026-10-24"],
    "America/New_York": ["2026-03-07", "2026-10-31"],
    "Australia/Sydney": ["2026-04-04", "2026-10-03"],
    "America/Sao_Paulo": ["2026-06-01"],
    "Asia/Kolkata": ["2026-06-01"],
    "Australia/Lord_Howe": ["2026-04-04", "2026-10-03"],
    "Africa/Cairo": ["2026-04-23", "2026-10-29"],
    "America/St_Johns": ["2026-03-07", "2026-10-31"],
    "Pacific/Chatham": ["2026-04-04", "2026-09-26"],
    "Africa/Casablanca": ["2026-02-14", "2026-03-21"],
}
IN_ZONES = ["30 0 * * ? *", "30 1 * * ? *", "30 2 * * ? *", "0 3 * * ? *", "0/30 0-3 * * ? *", "0 12 ? * SUN *"]


def expressions() -> Iterator[str]:
    """A few hundred, each with another mixture of fields."""
    fields = itertools.cycle(MINUTES), itertools.cycle(HOURS), itertools.cycle(IN_YEAR), itertools.cycle(YEARS)
    for days, weekdays in [*((one, "?") for one in IN_MONTH), *(("?", one) for one in IN_WEEK)]:
        for skipped in (3, 2, 1, 1, 2, 3, 1):
            for _ in range(skipped):
                minutes, hours, months, years = (next(field) for field in fields)
            next(fields[1])
            next(fields[2])
            yield f"{minutes} {hours} {days} {months} {weekdays} {years}"


def write() -> None:
    lines = []
    for text in expressions():
        found = [one.strftime("%Y-%m-%dT%H:%M") for one in itertools.islice(times(text), 3)]
        lines.append(f"{text}\t{' '.join(found)}")
    (TABLES / "cron.txt").write_text("\n".join(lines) + "\n")
    lines = []
    for zone, starts in ZONES.items():
        for begins, text in itertools.product(starts, IN_ZONES):
            found = zoned_times(text, zone, datetime.fromisoformat(begins).replace(tzinfo=UTC), 3)
            lines.append(f"{zone}\t{begins}\t{text}\t{' '.join(found)}")
    (TABLES / "zones.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
