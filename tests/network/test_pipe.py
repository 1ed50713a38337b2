"""One direction of a connection: order, delay, cuts, back-pressure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.network.link import GIVE_UP_S, WINDOW_MIN_BYTES, Conditions
from panregion.network.pipe import Carrier, Mark, Piece, Pipe

NEAR = Conditions(one_way_s=0.05)


def pipe_over(conditions: Conditions) -> tuple[Pipe, Carrier]:
    carrier = Carrier(conditions)
    return Pipe(carrier, lambda: 0.5), carrier


def change(pipe: Pipe, carrier: Carrier, now: float, **changes: object) -> None:
    before, carrier.conditions = carrier.conditions, replace(carrier.conditions, **changes)  # type: ignore[arg-type]
    pipe.changed(before, now)


def test_bytes_come_out_a_delay_later_and_then_the_end() -> None:
    pipe, _ = pipe_over(NEAR)
    pipe.put(1.0, b"one")
    pipe.put(1.01, Mark.END)
    assert pipe.wake_at() == pytest.approx(1.05)
    assert pipe.take(1.049) == []
    assert pipe.take(1.055) == [b"one"]
    assert pipe.take(1.07) == [Mark.END]
    assert pipe.held_bytes == 0


def test_a_shorter_delay_does_not_overtake_what_is_under_way() -> None:
    pipe, carrier = pipe_over(Conditions(one_way_s=0.5))
    pipe.put(0, b"old")
    change(pipe, carrier, 0.1, one_way_s=0.01)
    pipe.put(0.1, b"new")
    assert pipe.take(0.2) == []
    assert pipe.take(0.5) == [b"old", b"new"]


def test_a_short_silent_cut_is_a_stall() -> None:
    pipe, carrier = pipe_over(NEAR)
    pipe.put(0, b"under way")
    change(pipe, carrier, 0.02, cut="silent")
    pipe.put(0.5, b"sent meanwhile")
    assert pipe.take(1.0) == []
    change(pipe, carrier, 1.0, cut=None)
    repeated_at = 0.3 + 0.6 + 1.2  # the timeout is 0.3 s, and doubles; 0.9 s is before the heal
    assert pipe.wake_at() == pytest.approx(repeated_at + 0.05)
    assert pipe.take(repeated_at + 0.06) == [b"under way", b"sent meanwhile"]


def test_a_long_silent_cut_kills_a_connection_that_waits_for_an_answer() -> None:
    pipe, carrier = pipe_over(NEAR)
    change(pipe, carrier, 0, cut="silent")
    assert pipe.wake_at() is None, "an idle connection never notices"
    pipe.put(1, b"hello?")
    assert not pipe.dead(GIVE_UP_S)
    assert pipe.wake_at() == 1 + GIVE_UP_S
    assert pipe.dead(1 + GIVE_UP_S)


def test_back_pressure_is_bounded_by_the_window() -> None:
    pipe, _ = pipe_over(replace(NEAR, bandwidth_bytes_s=1000))
    pipe.put(0, bytes(WINDOW_MIN_BYTES))
    assert pipe.full
    assert not pipe.has_room
    pipe.take(1000)
    assert pipe.has_room


def test_without_delay_bytes_pass_straight_through() -> None:
    pipe, carrier = pipe_over(replace(NEAR, scale=0))
    assert pipe.passes
    change(pipe, carrier, 0, cut="silent")
    assert not pipe.passes


steps = st.lists(
    st.tuples(
        st.floats(0, 2),
        st.one_of(
            st.integers(0, 5000),
            st.sampled_from(
                [{"cut": "silent"}, {"cut": None}, {"one_way_s": 0.0}, {"loss": 0.3}, {"bandwidth_bytes_s": 1e4}]
            ),
        ),
    ),
    max_size=40,
)


@given(steps, st.randoms(use_true_random=False))
def test_whatever_happens_bytes_arrive_once_and_in_order(steps: list[tuple[float, object]], dice: object) -> None:
    carrier = Carrier(NEAR)
    pipe = Pipe(carrier, dice.random)  # type: ignore[attr-defined]
    now = 0.0
    sent: list[Piece] = []
    received: list[Piece] = []
    for pause_s, step in steps:
        now += pause_s
        received += pipe.take(now)
        if isinstance(step, int):
            sent.append(len(sent).to_bytes(4) + bytes(step))
            pipe.put(now, sent[-1])
        else:
            change(pipe, carrier, now, **step)  # type: ignore[arg-type]
    change(pipe, carrier, now, cut=None)
    received += pipe.take(now + 10_000)
    assert received == sent
    assert pipe.held_bytes == 0
