"""Clocks that are wrong: by how much, at any time; and durations that stay right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.region.faults.clocks import shift_s
from panregion.region.faults.model import ClockJump, ClockSkew
from panregion.world.clock import SystemClock, WrongClock

HERE = "us-east-1"


@given(st.floats(-1e6, 1e6).filter(bool), st.floats(-1000, 1000), st.floats(0, 1e5))
def test_a_skewed_clock_drifts_from_where_it_began(skew_s: float, drift: float, elapsed_s: float) -> None:
    fault = ClockSkew(region=HERE, skew_s=skew_s, drift_ms_per_s=drift)
    assert shift_s(fault, 0) == skew_s
    assert shift_s(fault, elapsed_s) == pytest.approx(skew_s + drift * elapsed_s / 1000, abs=1e-3)


def test_a_jumping_clock_jumps_and_comes_back() -> None:
    fault = ClockJump(region=HERE, by_s=-30, every_s=10)
    assert [shift_s(fault, at) for at in (0, 9.9, 10, 19.9, 20)] == [-30, -30, 0, 0, -30]


def test_a_clock_that_cannot_be_wrong_is_none() -> None:
    with pytest.raises(ValueError, match="skew_s or drift_ms_per_s must be given"):
        ClockSkew(region=HERE)


def test_only_the_time_of_day_is_wrong() -> None:
    clock, right = WrongClock(), SystemClock()
    assert abs(clock.now() - right.now()) < 1
    clock.shift = lambda _now: 3600
    assert abs(clock.now() - right.now() - 3600) < 1
    assert abs(clock.monotonic() - right.monotonic()) < 1
    clock.shift = None
    assert abs(clock.now() - right.now()) < 1
