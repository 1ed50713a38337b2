"""Hundreds of cron expressions against a second, naive reading of them, in UTC and by the clocks of ten zones."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.languages.schedules import Cron, ScheduleError, parse_schedule, parse_timetable, parse_zone
from tests.languages.schedules.naive import START, zoned_times

TABLES = Path(__file__).parent
CRON = [tuple(line.split("\t")) for line in (TABLES / "cron.txt").read_text().splitlines()]
IN_ZONES = [tuple(line.split("\t")) for line in (TABLES / "zones.txt").read_text().splitlines()]


def shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(("text", "expected"), CRON)
def test_the_next_three_times(text: str, expected: str) -> None:
    cron, moment = Cron.parse(text), START.timestamp()
    for wanted in expected.split():
        found = cron.next_after(moment)
        assert found is not None
        assert shown(found) == wanted
        moment = found
    if len(expected.split()) < 3:
        assert cron.next_after(moment) is None


@pytest.mark.parametrize(("zone", "begins", "text", "expected"), IN_ZONES)
def test_days_when_clocks_are_changed(zone: str, begins: str, text: str, expected: str) -> None:
    timetable = parse_timetable(f"cron({text})", parse_zone(zone))
    start = datetime.fromisoformat(begins).replace(tzinfo=UTC).timestamp()
    moment, found = start, []
    while (following := timetable.next_after(moment, start)) is not None and following < start + 3 * 86_400:
        found.append(shown(following))
        moment = following
    assert found == expected.split()


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]),
    st.integers(1_704_067_200 // 60, 2_019_686_400 // 60),  # the minutes of ten years
    st.integers(0, 23),
    st.sampled_from(["0", "30", "0/20"]),
)
@settings(deadline=None, max_examples=40)
def test_against_the_clock_itself(zone: str, start: int, hour: int, minute: str) -> None:
    begins, text = datetime.fromtimestamp(start * 60, UTC), f"{minute} {hour} * * ? *"
    found, moment = [], begins.timestamp()
    timetable = parse_timetable(f"cron({text})", ZoneInfo(zone))
    while (following := timetable.next_after(moment, moment)) is not None and following < moment_of(begins, 2):
        found.append(shown(following))
        moment = following
    assert found == zoned_times(text, zone, begins, 2)


def moment_of(start: datetime, days: int) -> float:
    return start.timestamp() + days * 86_400


WRONG_FIELDS = {
    0: "60 -1 a 5-1 1-60 0/0 */0 0/60 1,,2 , 1- - 1/ /5 L 1W ? 1#2 1.5",
    1: "24 -1 x 12-8 0/24 0/0 1-24 AM L ? 3#1 1,24",
    2: "0 32 -1 10-5 L-31 L-32 32W 0W W LL WL MON 1#1 1-32 0/0 1/32 L- 1W-5W",
    3: "0 13 JANUARY FOO 1-13 0/0 1/13 L ? 1#1 JAN-FOO",
    4: "0 8 FOO MONDAY MON#0 MON#6 8#1 0L 8L FOOL 1-8 1/8 LW #1 MON#",
    5: "1969 2200 x 27 2027-2026 2027/0 1970-2200 L ? 2027,2200",
}
WHOLE = ["0", "12", "*", "*", "?", "*"]


def wrong_expressions() -> list[str]:
    found = []
    for place, texts in WRONG_FIELDS.items():
        for text in texts.split():
            fields = ["0", "12", "?", "*", "*", "*"] if place == 4 else list(WHOLE)
            fields[place] = text
            found.append(f"cron({' '.join(fields)})")
    return found


MORE_WRONG = [
    *("", "cron", "cron()", "cron(* * * * *)", "cron(0 12 * * ? * *)", "cron(0 12 * * * *)", "cron(0 12 ? * ? *)"),
    *("CRON(0 12 * * ? *)", "cron(0 12 * * ? *", "0 12 * * ? *", "cron(0 12 * * ? *) ", " cron(0 12 * * ? *)"),
    *("rate", "rate()", "rate(5)", "rate(minutes)", "rate(0 hours)", "rate(1.5 days)", "rate(-1 minutes)"),
    *("rate(5 seconds)", "rate(5 weeks)", "rate(5 months)", "Rate(5 minutes)", "rate(five minutes)", "rate(5minutes)"),
]


@pytest.mark.parametrize("text", [*wrong_expressions(), *MORE_WRONG])
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(text)
    with pytest.raises(ScheduleError):
        parse_timetable(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "at()",
            "at(2026-01-01)",
            "at(2026-01-01T00:00)",
            "at(2026-01-01T00:00:00Z)",
            "at(2026-01-01T00:00:00+01:00)",
        ),
        *("at(2026-02-29T00:00:00)", "at(2026-13-01T00:00:00)", "at(2026-01-01T24:00:00)", "at(2026-01-01T00:60:00)"),
        *("at(2026-01-01 00:00:00)", "at(tomorrow)", "AT(2026-01-01T00:00:00)", "at(2026-01-01T00:00:00.5)"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_timetable(text)


@pytest.mark.parametrize("name", ["", "Mars/Base", "UTC+1", "../UTC", "/etc/localtime", "Europe", "europe/berlin\0"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(ScheduleError):
        parse_zone(name)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("at(2026-11-20T13:00:00)", "UTC", "2026-11-20T13:00"),
        ("at(2026-11-20T13:00:00)", "Asia/Tokyo", "2026-11-20T04:00"),
        ("at(2026-07-01T13:00:00)", "America/New_York", "2026-07-01T17:00"),
        ("at(2026-03-29T02:30:00)", "Europe/Berlin", None),
        ("at(2026-10-25T02:30:00)", "Europe/Berlin", "2026-10-25T00:30"),
    ],
)
def test_once(text: str, zone: str, expected: str | None) -> None:
    timetable = parse_timetable(text, parse_zone(zone), start=9e9, end=1.0)  # which mean nothing to it
    found = timetable.next_after(0.0, 0.0)
    assert (None if found is None else shown(found)) == expected
    assert found is None or timetable.next_after(found, 0.0) is None


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("rate(10 minutes)", None, None, [1000, 1600, 2200, 2800]),
        ("rate(1 minutes)", None, None, [1000, 1060, 1120, 1180]),
        ("rate(1 hour)", 1500.0, None, [1500, 5100, 8700, 12_300]),
        ("rate(1 hour)", 500.0, None, [4100, 7700, 11_300, 14_900]),
        ("rate(10 minutes)", 1500.0, 2700.0, [1500, 2100, 2700]),
        ("rate(1 day)", None, 999.0, []),
        ("cron(0/30 * * * ? *)", 3600.0, 7200.0, [3600, 5400, 7200]),
        ("cron(0/30 * * * ? *)", None, 1799.0, []),
    ],
)
def test_beginnings_and_ends(text: str, start: float | None, end: float | None, expected: list[float]) -> None:
    """Of a schedule that is made at second 1000."""
    timetable, moment = parse_timetable(text, UTC, start, end), 999.999
    found: list[float] = []
    while len(found) < 4 and (following := timetable.next_after(moment, 1000.0)) is not None:
        found.append(following)
        moment = following
    assert found == expected
    assert all(before < after for before, after in pairwise(found))
