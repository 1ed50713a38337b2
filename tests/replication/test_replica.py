"""One region's copy: pages, floors, tombstones, and what is refused."""

import msgspec
import pytest

from panregion.replication import (
    Envelope,
    HybridLogicalClock,
    RefusedRecord,
    Site,
    conflicts,
    layout,
    replica,
    unstamped,
)
from panregion.replication.tending import aged_position, last_time, stable_position, trim_position
from panregion.store import MemoryEngine, Store, Transaction
from tests.replication.shelf import Shelf, shown, write

FEED = "shelf/1"


class Copy:
    """A region's store and clock."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.store = Store(MemoryEngine())
        self.wall_s = 1000.0
        self.clock = HybridLogicalClock(lambda: self.wall_s)

    @property
    def site(self) -> Site:
        return Site(self.name, self.clock, int(self.wall_s * 1000))

    def write(self, key: bytes, value: bytes | None) -> Envelope | None:
        return self.store.transact_now(lambda tx: write(tx, self.site, FEED, key, value))

    def pull(self, other: "Copy") -> list[int]:
        after = self.store.read(lambda tx: layout.cursor(tx, FEED, other.name))
        records = other.store.records(FEED, after, 1000)
        return self.store.transact_now(lambda tx: replica.apply(tx, self.site, Shelf(FEED), FEED, other.name, records))

    def copy(self, other: "Copy", size_max_bytes: int = 1 << 20) -> int:
        after, pages = None, 0
        while True:
            data, after = other.store.read(
                lambda tx, after=after: replica.read_page(tx, other.site, Shelf(FEED), FEED, after, size_max_bytes)  # type: ignore[misc]
            )
            page = replica.decode_page(data)
            self.store.transact_now(lambda tx, page=page: replica.apply_page(tx, self.site, Shelf(FEED), page))  # type: ignore[misc]
            pages += 1
            if after is None:
                return pages

    def collect(self, stable: dict[str, int], before_ms: int = 2_000_000) -> int:
        return self.store.transact_now(lambda tx: replica.collect(tx, Shelf(FEED), FEED, stable, before_ms, limit=100))

    def shown(self) -> dict[bytes, bytes]:
        return self.store.read(lambda tx: shown(tx, FEED))

    def ledger(self) -> list[bytes | None]:
        return self.store.read(lambda tx: [conflict.loser_value for conflict in conflicts(tx, FEED)])

    def kept(self) -> int:
        return self.store.read(lambda tx: sum(1 for _ in Shelf(FEED).scan(tx, None)))


def test_records_are_applied_once_however_often_they_come() -> None:
    a, b = Copy("a"), Copy("b")
    a.write(b"k", b"1")
    assert len(b.pull(a)) == 1
    records = a.store.records(FEED, 0, 10)
    again = b.store.transact_now(lambda tx: replica.apply(tx, b.site, Shelf(FEED), FEED, "a", records))
    assert again == []
    assert b.shown() == {b"k": b"1"}


def test_a_copy_comes_in_pages_and_merges_with_what_is_there() -> None:
    a, b = Copy("a"), Copy("b")
    for n in range(10):
        a.write(b"k%d" % n, b"a")
    b.wall_s += 1
    b.write(b"k3", b"b")
    assert b.copy(a, size_max_bytes=100) > 2
    assert b.shown() == a.shown() | {b"k3": b"b"}
    assert b.ledger() == [b"a"]


def test_items_from_before_replication_give_way_to_every_write() -> None:
    a, b = Copy("a"), Copy("b")
    a.store.transact_now(lambda tx: Shelf(FEED).put(tx, b"k", unstamped(b"old"), None))
    b.copy(a)
    assert b.shown() == {b"k": b"old"}
    b.write(b"k", b"new")
    a.pull(b)
    assert a.shown() == {b"k": b"new"}
    assert a.ledger() == []


def test_a_forgotten_tombstone_causes_no_false_conflict_where_it_is_still_kept() -> None:
    a, b, c = Copy("a"), Copy("b"), Copy("c")
    a.write(b"k", b"1")
    a.write(b"k", None)
    for other in (b, c):
        other.pull(a)
    assert a.collect({"a": 2, "b": 0, "c": 0}) == 1
    assert (a.kept(), b.kept()) == (0, 1)
    c.store = Store(MemoryEngine())  # a new replica, copied from one that has forgotten
    c.copy(a)
    c.wall_s -= 500  # and with a slow clock
    c.write(b"k", b"reborn")
    b.pull(c)
    assert b.shown() == {b"k": b"reborn"}
    assert b.ledger() == []


def test_a_tombstone_is_kept_until_it_is_stable_and_old_enough() -> None:
    a = Copy("a")
    a.write(b"k", b"1")
    a.write(b"k", None)
    assert a.collect({"a": 1}) == 0
    assert a.collect({"a": 2}, before_ms=1_000_000) == 0
    assert a.collect({"a": 2}, before_ms=1_000_001) == 1


def test_what_was_written_again_is_not_forgotten_with_its_tombstone() -> None:
    a = Copy("a")
    a.write(b"k", b"1")
    a.write(b"k", None)
    a.write(b"k", b"2")
    assert a.collect({"a": 3}) == 1
    assert a.shown() == {b"k": b"2"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (msgspec.msgpack.encode([2, b"k", b""]), "format 2"),
        (b"\xc1", "malformed"),
        (msgspec.msgpack.encode([1, b"k", b"\x07\x00\x00"]), "unknown kind|malformed"),
        (msgspec.msgpack.encode([1, b"k", b"\x01\x00\x09abc"]), "malformed"),
    ],
)
def test_records_that_cannot_be_read_are_refused_by_name(record: bytes, reason: str) -> None:
    with pytest.raises(RefusedRecord, match=reason):
        replica.read_record(record)


def test_a_region_starts_with_the_time_of_its_last_record() -> None:
    a = Copy("a")
    a.write(b"k", b"1")
    last = a.write(b"k", b"2")
    assert last is not None

    def started(tx: Transaction) -> int:
        return last_time(tx, [FEED, "shelf/none"])

    assert a.store.read(started) == last.stamp.time


@pytest.mark.parametrize(
    ("head", "acknowledged", "records_max", "aged", "upto"),
    [
        (100, [40, 60], 1000, 0, 40),
        (100, [100, 100], 1000, 0, 99),  # the newest record stays
        (100, [0, 100], 30, 0, 70),
        (100, [0, 100], 1000, 55, 55),  # what is too old waits for nobody
        (100, [0, 100], 1000, 100, 99),
        (100, [], 1000, 0, 0),
        (0, [0], 1000, 0, -1),
    ],
)
def test_how_far_a_feed_is_trimmed(head: int, acknowledged: list[int], records_max: int, aged: int, upto: int) -> None:
    assert trim_position(head, acknowledged, records_max, aged) == upto


def test_what_is_too_old_in_a_feed() -> None:
    here = Copy("a")
    assert here.store.read(lambda tx: aged_position(tx, FEED, 10)) == 0
    times = []
    for n in range(4):
        here.wall_s += 60
        written = here.write(b"k", b"%d" % n)
        assert written is not None
        times.append(written.stamp.time)

    def aged(before: int) -> int:
        return here.store.read(lambda tx: aged_position(tx, FEED, before))

    assert [aged(before) for before in (0, *times, times[-1] + 1)] == [0, 0, 1, 2, 3, 4]
    here.store.transact_now(lambda tx: tx.delete(("feeds", FEED, 1)))
    assert [aged(times[1]), aged(times[3])] == [0, 3]


def test_what_is_stable_is_what_every_other_region_has() -> None:
    views = {"a": {"a": 9, "b": 4}, "b": {"a": 7, "b": 5}, "c": {"a": 8, "b": 3}}
    assert stable_position(views) == {"a": 7, "b": 3, "c": 0}
    assert stable_position({"a": {"a": 9}}) == {}
