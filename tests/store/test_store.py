"""Both engines keep the same promises: the same tests run against each."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.store import (
    Engine,
    MemoryEngine,
    SqliteEngine,
    Store,
    StoreCorrupt,
    StoreFull,
    Transaction,
    pack,
)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    engine: Engine = MemoryEngine() if request.param == "memory" else SqliteEngine(tmp_path / "state.db")
    store = Store(engine)
    yield store
    await store.close()


def put(key: str, value: bytes) -> Callable[[Transaction], None]:
    return lambda tx: tx.put(("things", key), value)


def everything(store: Store) -> list[tuple[str, bytes]]:
    return store.read(lambda tx: [(str(key[1]), value) for key, value in tx.prefix(("things",))])


async def test_what_is_committed_is_read(store: Store) -> None:
    await store.transact(put("a", b"1"))
    assert everything(store) == [("a", b"1")]


async def test_a_transaction_that_raises_leaves_nothing_and_its_neighbours_stay(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        put("b", b"2")(tx)
        tx.publish("feed", b"never")
        raise KeyError("no")

    results = await asyncio.gather(
        store.transact(put("a", b"1")),
        store.transact(fails),
        store.transact(put("c", b"3")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), KeyError, type(None)]
    assert everything(store) == [("a", b"1"), ("c", b"3")]
    assert store.head("feed") == 0


async def test_a_transaction_sees_its_neighbour_of_the_same_group_and_itself(store: Store) -> None:
    def increment(tx: Transaction) -> int:
        number = int(tx.get(("things", "n")) or 0) + 1
        tx.put(("things", "n"), b"%d" % number)
        return int(tx.get(("things", "n")) or 0)

    assert await asyncio.gather(*(store.transact(increment) for _ in range(1000))) == list(range(1, 1001))


async def test_readers_do_not_see_a_group_before_its_sync(store: Store) -> None:
    seen: list[list[tuple[str, bytes]]] = []

    def look(tx: Transaction) -> None:
        put("a", b"1")(tx)
        seen.append(everything(store))

    await store.transact(look)
    assert seen == [[]]


def test_all_that_a_read_sees_is_of_one_moment(tmp_path: Path) -> None:
    """A group's sync ends in a thread, so a commit can come between any two statements of a read."""
    engine = SqliteEngine(tmp_path / "state.db")
    store = Store(engine)
    store.transact_now(put("a", b"1"))

    def read(tx: Transaction) -> list[bytes | None]:
        first = tx.get(("things", "a"))
        engine.apply({"things": {pack(("a",)): b"2"}})
        engine.commit()
        return [first, tx.get(("things", "a")), store.read(lambda tx: tx.get(("things", "a")))]

    assert store.read(read) == [b"1", b"1", b"1"]
    engine.refresh()  # as the store does once a group's sync has ended
    assert everything(store) == [("a", b"2")]
    engine.close()


async def test_an_operation_that_only_reads_must_not_write(store: Store) -> None:
    with pytest.raises(AssertionError, match="reads"):
        store.read(put("a", b"1"))


async def test_ranges_in_both_directions_merge_own_writes(store: Store) -> None:
    for number in (1, 3, 5, 7):
        await store.transact(lambda tx, n=number: tx.put(("things", n), b"%d" % n))  # type: ignore[misc]

    def changes(tx: Transaction) -> tuple[list[bytes], list[bytes], list[bytes]]:
        tx.put(("things", 4), b"4")
        tx.delete(("things", 3))
        tx.put(("things", 5), b"five")
        return (
            [value for _, value in tx.range(("things", 1), ("things", 7))],
            list(tx.values(("things",), after=("things", 1))),
            list(tx.values(("things",), after=("things", 7), reverse=True)),
        )

    assert await store.transact(changes) == (
        [b"1", b"4", b"five"],
        [b"4", b"five", b"7"],
        [b"five", b"4", b"1"],
    )


async def test_a_feed_is_dense_and_tells_its_followers(store: Store) -> None:
    follower = asyncio.create_task(store.changed("feed", after=2))
    for number in range(3):
        assert not follower.done()
        await store.transact(lambda tx, n=number: tx.publish("feed", b"%d" % n))  # type: ignore[misc]
    await asyncio.wait_for(follower, 10)
    assert store.records("feed", after=1, limit=10) == [(2, b"1"), (3, b"2")]
    await store.trim("feed", upto=2)
    assert (store.tail("feed"), store.head("feed")) == (3, 3)
    await store.trim("feed", upto=3)
    assert (store.tail("feed"), store.head("feed")) == (4, 3)


async def test_work_is_kept_with_the_transaction_that_left_it(store: Store) -> None:
    await store.transact(lambda tx: tx.later("queue.deliver", b'{"n":1}', 2.0))
    await store.transact(lambda tx: tx.later("queue.deliver", b'{"n":2}', 1.0))
    assert store.work_left.is_set()
    values = store.read(lambda tx: list(tx.values(("work",))))
    assert [b'"n":2' in values[0], b'"n":1' in values[1]] == [True, True]


Operation = tuple[str, str, bytes]
operations = st.lists(
    st.tuples(st.sampled_from(["put", "delete", "fail"]), st.sampled_from("abcdef"), st.binary(max_size=3)),
    max_size=30,
)


@settings(max_examples=50, deadline=None)
@given(operations)
def test_a_store_is_a_dictionary(steps: list[Operation]) -> None:
    store = Store(MemoryEngine())
    twin: dict[str, bytes] = {}
    for name, key, value in steps:

        def step(tx: Transaction, name: str = name, key: str = key, value: bytes = value) -> None:
            if name == "put":
                tx.put(("things", key), value)
            else:
                tx.delete(("things", key))
            if name == "fail":
                raise KeyError(key)

        if name == "fail":
            with pytest.raises(KeyError):
                store.transact_now(step)
            continue
        store.transact_now(step)
        twin.pop(key, None)
        if name == "put":
            twin[key] = value
    assert everything(store) == sorted(twin.items())


async def test_a_store_on_disk_is_there_after_it_was_closed(tmp_path: Path) -> None:
    for number in range(3):
        store = Store(SqliteEngine(tmp_path / "state.db"))
        await store.transact(put(f"k{number}", b"v"))
        await store.close()
    store = Store(SqliteEngine(tmp_path / "state.db"))
    assert [key for key, _ in everything(store)] == ["k0", "k1", "k2"]
    await store.close()


async def test_a_full_disk_fails_the_group_and_keeps_what_was(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "state.db")
    store = Store(engine)
    await store.transact(put("a", b"1"))
    connection: sqlite3.Connection = engine._writer.connection
    connection.execute("PRAGMA max_page_count = 4")
    with pytest.raises(StoreFull, match="no room"):
        await store.transact(put("big", bytes(1_000_000)))
    assert everything(store) == [("a", b"1")]
    connection.execute("PRAGMA max_page_count = 100000")
    await store.transact(put("b", b"2"))
    assert everything(store) == [("a", b"1"), ("b", b"2")]
    await store.close()


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreCorrupt, match=r"state\.db is damaged"):
        SqliteEngine(tmp_path / "state.db")


def test_a_newer_layout_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreCorrupt, match="layout 99"):
        SqliteEngine(tmp_path / "state.db")


async def test_a_touched_feed_wakes_those_who_wait_for_it_once_it_is_durable(store: Store) -> None:
    change, other = store.next_change("queue"), store.next_change("another")

    def touch(tx: Transaction) -> None:
        tx.put(("things", "a"), b"1")
        tx.touch("queue")

    await store.transact(touch)
    await asyncio.wait_for(change, 10)
    assert not other.done()
    assert store.head("queue") == 0


async def test_a_log_does_not_grow_for_ever_where_no_moment_is_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panregion.store.sqlite.CHECKPOINT_AFTER_BYTES", 1 << 16)
    monkeypatch.setattr("panregion.store.sqlite.LOG_MAX_BYTES", 1 << 19)
    monkeypatch.setattr("panregion.store.store.TIDY_AFTER_S", 3600)
    engine = SqliteEngine(tmp_path / "state.db", "normal")
    store = Store(engine)
    log = tmp_path / "state.db-wal"
    for number in range(100):
        await store.transact(put(f"k{number}", b"x" * 6000))
        engine.tidy()  # who reads keeps the log from being begun anew
    assert engine.overgrown
    store._tidy()
    await store.transact(put("last", b"x"))
    while log.stat().st_size:
        await store.transact(put("last", b"x"))
    assert len(everything(store)) == 101
    await store.transact(put("last", b"y"))
    await store.close()
    again = Store(SqliteEngine(tmp_path / "state.db", "normal"))
    assert again.read(lambda tx: tx.get(("things", "last"))) == b"y"
    await again.close()
