"""The hybrid clock: never twice, never back."""

import pytest

from panregion.replication import HybridLogicalClock, Version


class Wall:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def at(ms: int, counter: int = 0) -> int:
    return Version(ms, counter, "").time


def test_it_follows_the_wall_clock_and_counts_while_that_stands_still() -> None:
    wall = Wall()
    clock = HybridLogicalClock(wall)
    assert [clock.tick(), clock.tick()] == [at(1_000_000), at(1_000_000, 1)]
    wall.s += 0.005
    assert clock.tick() == at(1_000_005)


@pytest.mark.parametrize(
    ("jump_s", "expected"),
    [
        (-60.0, at(1_000_000, 1)),  # the wall clock mysteriously jumps back
        (0.0, at(1_000_000, 1)),
        (60.0, at(1_060_000)),
    ],
)
def test_it_never_goes_back(jump_s: float, expected: int) -> None:
    wall = Wall()
    clock = HybridLogicalClock(wall)
    clock.tick()
    wall.s += jump_s
    assert clock.tick() == expected


def test_a_write_is_later_than_what_it_overwrites_however_far_ahead_that_is() -> None:
    clock = HybridLogicalClock(Wall())
    assert clock.tick(after=at(9_000_000)) == at(9_000_000, 1)
    assert clock.tick() == at(9_000_000, 2)


def test_a_peers_time_is_taken_over_within_bounds() -> None:
    clock = HybridLogicalClock(Wall(), ahead_ms_max=1000)
    assert clock.observe(at(1_000_900))
    assert clock.tick() == at(1_000_900, 1)
    assert not clock.observe(at(1_001_001))
    assert clock.tick() == at(1_000_900, 2)
    assert clock.ahead_ms(at(1_001_001)) == 1001


def test_a_full_counter_carries_into_the_milliseconds() -> None:
    clock = HybridLogicalClock(Wall(), last=at(1_000_000, 65_535))
    assert clock.tick() == at(1_000_001)


def test_after_a_restart_no_time_is_given_again() -> None:
    clock = HybridLogicalClock(Wall())
    clock.raise_to(at(5_000_000, 7))
    assert clock.tick() == at(5_000_000, 8)
