"""Rates and cron in tables, and against trying every minute."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.languages.schedules import Cron, ScheduleError, parse_schedule

START = datetime(2026, 11, 21, 7, 17, 30, tzinfo=UTC)  # a Saturday


def following(text: str, count: int = 3, start: datetime = START) -> list[str]:
    """The next times of a schedule."""
    schedule = parse_schedule(text)
    moment, found = start.timestamp(), []
    for _ in range(count):
        following = schedule.next_after(moment, start.timestamp())
        if following is None:
            break
        moment = following
        found.append(datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 10 * * ? *)", ["2026-11-21 10:00", "2026-11-22 10:00", "2026-11-23 10:00"]),
        ("cron(15 12 * * ? *)", ["2026-11-21 12:15", "2026-11-22 12:15", "2026-11-23 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-11-23 18:00", "2026-11-24 18:00", "2026-11-25 18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00", "2027-02-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["2026-11-21 07:30", "2026-11-21 07:45", "2026-11-21 08:00"]),
        ("cron(0/10 * ? * MON-FRI *)", ["2026-11-23 00:00", "2026-11-23 00:10", "2026-11-23 00:20"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-23 08:00", "2026-11-23 08:05", "2026-11-23 08:10"]),
        ("cron(0 0 L * ? *)", ["2026-11-30 00:00", "2026-12-31 00:00", "2027-01-31 00:00"]),
        ("cron(0 0 L-3 * ? *)", ["2026-11-27 00:00", "2026-12-28 00:00", "2027-01-28 00:00"]),
        ("cron(0 0 LW * ? *)", ["2026-11-30 00:00", "2026-12-31 00:00", "2027-01-29 00:00"]),
        ("cron(0 9 15W * ? *)", ["2026-12-15 09:00", "2027-01-15 09:00", "2027-02-15 09:00"]),
        ("cron(0 9 1W * ? *)", ["2026-12-01 09:00", "2027-01-01 09:00", "2027-02-01 09:00"]),
        ("cron(0 9 1W 5 ? *)", ["2027-05-03 09:00", "2028-05-01 09:00", "2029-05-01 09:00"]),
        ("cron(0 9 31W 10 ? 2027)", ["2027-10-29 09:00"]),
        ("cron(0 9 ? * 2#1 *)", ["2026-12-07 09:00", "2027-01-04 09:00", "2027-02-01 09:00"]),
        ("cron(0 9 ? * TUE#5 *)", ["2026-12-29 09:00", "2027-03-30 09:00", "2027-06-29 09:00"]),
        ("cron(0 9 ? * 6L *)", ["2026-11-27 09:00", "2026-12-25 09:00", "2027-01-29 09:00"]),
        ("cron(0 9 ? * FRIL *)", ["2026-11-27 09:00", "2026-12-25 09:00", "2027-01-29 09:00"]),
        ("cron(0 9 ? * L *)", ["2026-11-28 09:00", "2026-12-26 09:00", "2027-01-30 09:00"]),
        ("cron(0 9 ? * FRI-MON *)", ["2026-11-21 09:00", "2026-11-22 09:00", "2026-11-23 09:00"]),
        ("cron(0 9 ? * 1,7 *)", ["2026-11-21 09:00", "2026-11-22 09:00", "2026-11-28 09:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("cron(0 0 30 2 ? *)", []),
        ("cron(0 0 1 1 ? 2020)", []),
        ("cron(0 0 1 1 ? 2030-2031)", ["2030-01-01 00:00", "2031-01-01 00:00"]),
        ("cron(0 0 1 jan,DEC ? 2027/5)", ["2027-01-01 00:00", "2027-12-01 00:00", "2032-01-01 00:00"]),
        ("cron(17,18 7 * * ? *)", ["2026-11-21 07:18", "2026-11-22 07:17", "2026-11-22 07:18"]),
        ("rate(1 minute)", ["2026-11-21 07:18", "2026-11-21 07:19", "2026-11-21 07:20"]),
        ("rate(5 minutes)", ["2026-11-21 07:22", "2026-11-21 07:27", "2026-11-21 07:32"]),
        ("rate(1 hour)", ["2026-11-21 08:17", "2026-11-21 09:17", "2026-11-21 10:17"]),
        ("rate(7 days)", ["2026-11-28 07:17", "2026-12-05 07:17", "2026-12-12 07:17"]),
    ],
)
def test_the_next_times(text: str, expected: list[str]) -> None:
    assert following(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "rate",
            "rate()",
            "rate(0 minutes)",
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(5 seconds)",
            "rate(-5 minutes)",
        ),
        *("rate(5)", "rate(5  minutes)", "Rate(5 minutes)", "rate(1.5 hours)", "at(2026-01-01T00:00:00)"),
        *("cron()", "cron(0 10 * * ?)", "cron(0 10 * * ? * *)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)"),
        *(
            "cron(60 10 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 10 0 * ? *)",
            "cron(0 10 32 * ? *)",
            "cron(0 10 * 13 ? *)",
        ),
        *(
            "cron(0 10 ? * 8 *)",
            "cron(0 10 ? * 0 *)",
            "cron(0 10 ? * MON#6 *)",
            "cron(0 10 ? * XYZ *)",
            "cron(0 10 * * ? 1969)",
        ),
        *(
            "cron(0 10 * * ? 2200)",
            "cron(a 10 * * ? *)",
            "cron(5-1 10 * * ? *)",
            "cron(0/0 10 * * ? *)",
            "cron(, 10 * * ? *)",
        ),
        *(
            "cron(0 10 32W * ? *)",
            "cron(0 10 L-31 * ? *)",
            "cron(0 10 W * ? *)",
            "cron(-1 10 * * ? *)",
            "cron(1- 10 * * ? *)",
        ),
    ],
)
def test_schedules_that_are_none(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(text)


def test_local_time_and_changes_of_the_clock() -> None:
    cron, zone = Cron.parse("30 2 * * ? *"), ZoneInfo("Europe/Berlin")
    moment, found = datetime(2026, 3, 27, 12, tzinfo=UTC).timestamp(), []
    for _ in range(3):
        following = cron.next_after(moment, zone=zone)
        assert following is not None
        moment = following
        found.append(datetime.fromtimestamp(moment, UTC).isoformat())
    # on the 29th there is no half past two
    assert found == ["2026-03-28T01:30:00+00:00", "2026-03-30T00:30:00+00:00", "2026-03-31T00:30:00+00:00"]
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp()
    first = cron.next_after(autumn, zone=zone)
    assert first is not None
    second = cron.next_after(first, zone=zone)
    assert second is not None
    assert second - first == 25 * 3600  # and on the 25th of October there are two


FIELDS = st.tuples(
    st.sampled_from(["*", "0", "5-10", "0/20", "1,59"]),
    st.sampled_from(["*", "0", "22-23", "3/7"]),
    st.one_of(
        st.tuples(st.sampled_from(["*", "1", "28-31", "L", "15W", "LW", "1,L-2"]), st.just("?")),
        st.tuples(st.just("?"), st.sampled_from(["*", "MON", "2-4", "FRI-SUN", "3#2", "5L"])),
    ),
    st.sampled_from(["*", "2", "NOV-DEC", "1/4"]),
)


@given(FIELDS, st.integers(0, 20_000))
@settings(deadline=None, max_examples=60)
def test_against_trying_every_minute(fields: tuple[str, str, tuple[str, str], str], minutes: int) -> None:
    minute, hour, (day, weekday), month = fields
    cron = Cron.parse(f"{minute} {hour} {day} {month} {weekday} *")
    start = datetime(2027, 1, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    found = cron.next_after(start.timestamp())
    assert found is not None
    every = (start + timedelta(minutes=number) for number in range(1, 60 * 24 * 40))
    fits = (
        one.replace(second=0)
        for one in every
        if one.minute in cron.minutes
        and one.hour in cron.hours
        and one.month in cron.months
        and cron.has_day(one.date())
    )
    first = next(islice(fits, 1), None)
    if first is not None:
        assert found == first.timestamp()
