"""When what is sent arrives, decided without sockets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.network.link import (
    GIVE_UP_S,
    RETRANSMIT_MAX_S,
    Conditions,
    arrival,
    next_attempt,
    stall_s,
)

finite = st.floats(min_value=0, max_value=10)


def never() -> float:
    return 0.999999


def test_one_way_is_half_the_round_trip_scaled() -> None:
    assert arrival(Conditions(one_way_s=0.035), 100, 10, 0, never)[0] == pytest.approx(100.035)
    assert arrival(Conditions(one_way_s=0.035, scale=0.1), 100, 10, 0, never)[0] == pytest.approx(100.0035)


def test_an_asked_for_delay_is_not_scaled() -> None:
    slow = Conditions(one_way_s=0.035, scale=0, extra_delay_s=0.2)
    assert arrival(slow, 0, 10, 0, never)[0] == pytest.approx(0.2)


def test_a_link_carries_one_chunk_at_a_time() -> None:
    narrow = Conditions(one_way_s=0.01, bandwidth_bytes_s=1000)
    first, free_at = arrival(narrow, 0, 500, 0, never)
    second, free_at = arrival(narrow, 0, 500, free_at, never)
    assert [first, second, free_at] == pytest.approx([0.51, 1.01, 1.0])


def test_loss_stalls_for_timeouts_that_double() -> None:
    lossy = Conditions(one_way_s=0.05, loss=0.5)
    rolls = iter([0.1, 0.1, 0.9])
    assert stall_s(lossy, 100, lambda: next(rolls)) == pytest.approx(0.3 + 0.6)
    assert stall_s(lossy, 100, never) == 0


def test_what_needs_no_holding() -> None:
    assert Conditions(one_way_s=0.05, scale=0).immediate
    assert not Conditions(one_way_s=0.05).immediate
    assert not Conditions(one_way_s=0, cut="silent").immediate


@given(
    st.builds(Conditions, one_way_s=finite, scale=finite, extra_delay_s=finite, jitter_s=finite),
    st.floats(0, 0.999),
    st.integers(0, 1 << 20),
)
def test_nothing_arrives_before_the_delay_or_after_delay_and_jitter(
    conditions: Conditions, roll: float, size: int
) -> None:
    at, _ = arrival(conditions, 50, size, 0, lambda: roll)
    assert 50 + conditions.delay_s <= at <= 50 + conditions.delay_s + conditions.jitter_s + 1e-9


@given(st.floats(0, 1000), st.floats(0.01, 5), st.floats(0, GIVE_UP_S))
def test_the_next_attempt_is_soon_after_the_heal(sent_at: float, timeout_s: float, healed: float) -> None:
    at = next_attempt(sent_at, timeout_s, sent_at + healed)
    assert at >= sent_at + max(healed, timeout_s) - 1e-6
    assert at <= sent_at + max(healed, timeout_s) + RETRANSMIT_MAX_S
