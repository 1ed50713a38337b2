"""Lag over a sliding window."""

import pytest

from panregion.replication.lag import SAMPLES_MAX, WINDOW_S, Lag, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7.0], 0.99, 7.0), ([1.0, 2.0, 3.0], 0.5, 2.0), ([float(n) for n in range(1, 101)], 0.99, 99.0)],
)
def test_percentiles(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected


def test_old_samples_leave_the_window_and_the_count_stays() -> None:
    lag = Lag()
    lag.add(0.0, 100.0)
    lag.add(WINDOW_S, 10.0)
    assert lag.figures(WINDOW_S)["p99_ms"] == 100.0
    assert lag.figures(WINDOW_S + 1) == {"last_ms": 10.0, "p50_ms": 10.0, "p99_ms": 10.0, "samples": 1, "applied": 2}


def test_the_window_is_bounded_and_clocks_that_differ_count_as_zero() -> None:
    lag = Lag()
    for _ in range(SAMPLES_MAX + 5):
        lag.add(0.0, -3.0)
    figures = lag.figures(0.0)
    assert (figures["samples"], figures["applied"], figures["last_ms"]) == (SAMPLES_MAX, SAMPLES_MAX + 5, 0.0)
