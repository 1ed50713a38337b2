"""Timestamps in AWS's three forms."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.wire import SerializationException, times

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "1767323045", "1767323045.0", "1.767323045E9",
     "Fri, 02 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05"],
)  # fmt: skip
def test_forms_are_told_apart_by_their_look(text: str) -> None:
    assert times.parse_text(text) == MOMENT


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "1e400", "99999999999999999", "Fri, 99 Jan"])
def test_what_is_no_timestamp(text: str) -> None:
    with pytest.raises(SerializationException):
        times.parse_text(text)


def test_going_out() -> None:
    assert times.format_iso8601(MOMENT) == times.format_iso8601(1767323045) == "2026-01-02T03:04:05Z"
    assert times.format_iso8601(1767323045.25) == "2026-01-02T03:04:05.250Z"
    assert times.format_http_date(MOMENT) == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert times.format_epoch(MOMENT) == 1767323045
    assert times.format_epoch(1.23456) == 1.235


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # on a busy machine
@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_there_and_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    assert times.parse_text(times.format_iso8601(moment)) == moment
    assert abs((times.parse_epoch(times.format_epoch(moment)) - moment).total_seconds()) < 0.001
