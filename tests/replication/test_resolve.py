"""The merge rule, case by case, then against chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.replication import (
    BASE,
    Decision,
    HybridLogicalClock,
    Outcome,
    Stamp,
    Version,
    decode_stamp,
    encode_stamp,
    resolve,
    stamp_write,
)


def clock(now: float = 1000.0) -> HybridLogicalClock:
    return HybridLogicalClock(lambda: now)


def v(stamp: Stamp) -> Version:
    return stamp.version


def test_a_first_write_is_applied() -> None:
    a1 = stamp_write(None, clock(), "a")
    assert resolve(None, a1) == Decision(Outcome.APPLY, a1)
    assert v(a1) == Version(1_000_000, 0, "a")


def test_a_write_over_what_is_shown_is_newer_and_nobody_lost() -> None:
    a1 = stamp_write(None, clock(), "a")
    b2 = stamp_write(a1, clock(), "b")
    assert resolve(a1, b2) == Decision(Outcome.APPLY, b2)


def test_the_same_write_again_is_a_duplicate() -> None:
    a1 = stamp_write(None, clock(), "a")
    assert resolve(a1, a1).outcome is Outcome.DUPLICATE


def test_an_overtaken_write_that_comes_late_is_ignored() -> None:
    a1 = stamp_write(None, clock(), "a")
    b2 = stamp_write(a1, clock(), "b")
    decision = resolve(b2, a1)
    assert (decision.outcome, decision.concurrent) == (Outcome.IGNORE, False)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_of_two_concurrent_writes_the_greater_region_wins_a_tie_everywhere(order: tuple[str, str]) -> None:
    writes = {region: stamp_write(None, clock(), region) for region in "ab"}
    first, second = (writes[region] for region in order)
    decision = resolve(first, second)
    assert decision.stamp.version == v(writes["b"])
    assert decision.loser == v(writes["a"])
    assert decision.stamp.vector.keys() == {"a", "b"}


def test_no_false_conflict_when_the_third_region_has_seen_more_than_the_writer() -> None:
    a1, b1 = stamp_write(None, clock(1), "a"), stamp_write(None, clock(2), "b")
    at_c = resolve(a1, b1).stamp
    b2 = stamp_write(b1, clock(3), "b")  # b has not heard of a1 yet
    decision = resolve(at_c, b2)
    assert (decision.outcome, decision.loser) == (Outcome.APPLY, None)
    assert decision.stamp.vector.keys() == {"a", "b"}


def test_a_loss_is_struck_off_when_somebody_turns_out_to_have_seen_it() -> None:
    a1, b1 = stamp_write(None, clock(1), "a"), stamp_write(None, clock(2), "b")
    a2 = stamp_write(a1, clock(3), "a")
    first = resolve(b1, a1)
    assert first.loser == v(a1)
    second = resolve(first.stamp, a2)
    assert (second.loser, second.retracts) == (v(b1), v(a1))


def test_an_item_from_before_replication_is_older_than_every_write() -> None:
    a1 = stamp_write(BASE, clock(), "a")
    assert a1.overwrote is None
    assert resolve(BASE, a1).outcome is Outcome.APPLY
    assert resolve(a1, BASE).outcome is Outcome.IGNORE
    assert resolve(BASE, BASE).outcome is Outcome.DUPLICATE


def test_a_first_write_says_which_forgotten_deletions_it_has_seen() -> None:
    tombstone = stamp_write(stamp_write(None, clock(5), "a"), clock(6), "a")
    reborn = stamp_write(None, clock(1), "b", floor=tombstone.vector)  # b's clock is slow
    assert v(reborn) > v(tombstone)
    assert resolve(tombstone, reborn).loser is None


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_any_order_of_delivery_ends_the_same(order: list[int], parents: list[int]) -> None:
    """Six writes by three regions, each over an earlier one or over nothing."""
    stamps: list[Stamp] = []
    clocks = {region: clock() for region in "abc"}
    for n, parent in enumerate(parents):
        region = "abc"[n % 3]
        mine = [s for s in stamps if s.origin == region]
        known = stamps[parent] if parent < n else None
        if mine:  # a region has always seen its own writes
            known = mine[-1] if known is None else resolve(mine[-1], known).stamp
        stamps.append(stamp_write(known, clocks[region], region))
    state: Stamp | None = None
    for n in order:
        state = resolve(state, stamps[n]).stamp
    assert state is not None
    assert state.version == max(s.version for s in stamps)
    for stamp in stamps:
        assert state.knows(stamp.version)


times = st.integers(0, 2**40)
versions = st.builds(Version, times, st.integers(0, 2**16 - 1), st.text())


@given(st.text(), st.dictionaries(st.text(), st.integers(0, 2**62)), st.none() | versions)
def test_a_stamp_survives_its_encoding(origin: str, vector: dict[str, int], overwrote: Version | None) -> None:
    stamp = Stamp(origin, vector, overwrote)
    assert decode_stamp(encode_stamp(stamp)) == stamp


@given(versions)
def test_a_version_is_its_time_and_origin(version: Version) -> None:
    assert Version.at(version.time, version.origin) == version
