"""A result as panels: what stands in which lane from when to when."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.gameday.report.timeline import BARS_MAX, Panel, Segment, timeline
from panregion.gameday.result import HealthChange, Result
from tests.gameday.sample import sample


def panel(result: Result, name: str) -> Panel:
    return next(one for one in timeline(result).panels if one.id == name)


def lane(found: Panel, row: str) -> list[tuple[float, float, str]]:
    return [(one.begin_s, one.end_s, one.text) for one in found.segments if one.row == row]


def test_an_answer_holds_until_the_next_one() -> None:
    found = panel(sample(), "dns")
    assert lane(found, "new-york") == [
        (0.1, 18.1, "us-east-1"),
        (18.1, 39.8, "eu-west-1"),
        (39.8, 60.0, "us-east-1"),
    ]
    styles = {one.text: one.style for one in found.segments}
    assert styles == {"us-east-1": "region-0", "eu-west-1": "region-1", "ap-southeast-2": "region-2"}


def test_a_check_was_before_its_first_change_what_it_then_no_longer_was() -> None:
    found = panel(sample(), "health")
    assert lane(found, "us-east-1 (hc-1)") == [
        (0.0, 18.1, "healthy"),
        (18.1, 39.7, "unhealthy"),
        (39.7, 60.0, "healthy"),
    ]
    assert [(tick.row, tick.at_s) for tick in found.ticks] == [("us-east-1 (hc-1)", 17.4)]


def test_checkers_that_disagree_are_not_a_check_that_changed() -> None:
    change = HealthChange(5.0, "hc-2", "b.test", None, "oregon", False, "timed out")
    found = panel(msgspec.structs.replace(sample(), health=[change]), "health")
    assert lane(found, "b.test (hc-2)") == [(0.0, 60.0, "healthy")]
    assert len(found.ticks) == 1


def test_a_fault_that_was_never_undone_lasts_to_the_end() -> None:
    faults = [msgspec.structs.replace(sample().faults[0], ended_s=None)]
    whole = timeline(msgspec.structs.replace(sample(), faults=faults))
    assert [(band.begin_s, band.end_s) for band in whole.bands] == [(15.02, 60.0)]


def test_a_fault_that_could_not_begin_is_in_no_lane() -> None:
    faults = [msgspec.structs.replace(sample().faults[0], began_s=None, problem="no such region")]
    assert "faults" not in {one.id for one in timeline(msgspec.structs.replace(sample(), faults=faults)).panels}


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=2000))
def test_joined_buckets_lose_no_request(counts: list[tuple[int, int]]) -> None:
    series = msgspec.structs.replace(
        sample().cities[0], good=[good for good, _ in counts], failed=[failed for _, failed in counts], p99_ms=[]
    )
    bars = panel(msgspec.structs.replace(sample(), cities=[series], duration_s=float(len(counts))), "requests").bars
    assert len(bars) <= BARS_MAX
    assert sum(bar.good for bar in bars) == sum(good for good, _ in counts)
    assert sum(bar.failed for bar in bars) == sum(failed for _, failed in counts)
    assert [bar.begin_s for bar in bars[1:]] == [bar.end_s for bar in bars[:-1]]


def test_the_worst_lag_of_a_stretch_is_the_one_that_is_shown() -> None:
    series = msgspec.structs.replace(
        sample().lag[0],
        at_s=[float(n) for n in range(1000)],
        lag_ms=[900.0 if n == 501 else 1.0 for n in range(1000)],
        backlog=[None] * 1000,
    )
    found = panel(msgspec.structs.replace(sample(), lag=[series]), "lag_ms")
    assert [(point.at_s, point.value) for point in found.points if point.value != 1.0] == [(501.0, 900.0)]
    assert found.most == 1000


@pytest.mark.parametrize(("value", "end"), [(0, 1), (0.3, 0.5), (1, 1), (9, 10), (10, 10), (11, 20), (201, 500)])
def test_axes_end_at_round_figures(value: float, end: float) -> None:
    series = msgspec.structs.replace(sample().lag[0], at_s=[1.0], lag_ms=[value], backlog=[None])
    assert panel(msgspec.structs.replace(sample(), lag=[series]), "lag_ms").most == pytest.approx(end)


def test_nothing_is_drawn_where_nobody_looked() -> None:
    at_s = [0.0, 0.5, 1.0, 12.0, 12.5]
    series = msgspec.structs.replace(sample().lag[0], at_s=at_s, lag_ms=[5.0] * 5, backlog=[None] * 5)
    found = panel(msgspec.structs.replace(sample(), lag=[series]), "lag_ms")
    assert [(point.at_s, point.value) for point in found.points if point.value is None] == [(6.5, None)]


def test_bars_end_where_the_game_day_does() -> None:
    found = panel(msgspec.structs.replace(sample(), duration_s=59.4), "requests")
    assert max(bar.end_s for bar in found.bars) == 59.4


def test_segments_are_named_for_those_who_hover() -> None:
    assert all(isinstance(one, Segment) and one.title for one in panel(sample(), "regions").segments)
