"""A disk that is full or cannot be synced, for whoever writes to it durably; and the store on it."""

import errno
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from panregion.store import SqliteEngine, Store, StoreError, StoreFull, Transaction
from panregion.world.disk import write_durably
from panregion.world.disk_trouble import Trouble, set_trouble, troubles


@pytest.fixture(autouse=True)
def in_order(tmp_path: Path) -> Iterator[None]:
    yield
    set_trouble(tmp_path, None)
    assert not troubles


def test_a_full_disk_takes_what_there_is_room_for(tmp_path: Path) -> None:
    set_trouble(tmp_path, Trouble(free_bytes=10))
    write_durably(tmp_path / "a", b"123456")
    with pytest.raises(OSError, match="No space left on device") as failure:
        write_durably(tmp_path / "b", b"12345")
    assert failure.value.errno == errno.ENOSPC
    write_durably(tmp_path / "c", b"1234")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]
    write_durably(tmp_path.parent / "elsewhere", b"12345")


def test_a_sync_that_fails_leaves_no_file(tmp_path: Path) -> None:
    fails = itertools.cycle([True, False])
    set_trouble(tmp_path, Trouble(sync_fails=lambda: next(fails)))
    with pytest.raises(OSError, match="Input/output error") as failure:
        write_durably(tmp_path / "a", b"1")
    assert failure.value.errno == errno.EIO
    assert not list(tmp_path.iterdir())
    write_durably(tmp_path / "a", b"1")


@pytest.mark.parametrize(
    ("trouble", "kind", "why"),
    [
        (Trouble(free_bytes=0), StoreFull, "no room for .*state.db: No space left on device"),
        (Trouble(sync_fails=lambda: True), StoreError, "Input/output error"),
    ],
)
async def test_a_group_is_refused_whole_and_the_store_goes_on(
    tmp_path: Path, trouble: Trouble, kind: type[StoreError], why: str
) -> None:
    store = Store(SqliteEngine(tmp_path / "state.db"))

    async def put(value: bytes) -> None:
        def step(tx: Transaction) -> None:
            tx.put(("things", 1), value)
            tx.publish("feed", value)

        await store.transact(step)

    await put(b"before")
    set_trouble(tmp_path, trouble)
    with pytest.raises(kind, match=why):
        await put(b"during")
    assert store.read(lambda tx: tx.get(("things", 1))) == b"before"
    assert store.head("feed") == 1
    set_trouble(tmp_path, None)
    await put(b"after")
    await store.close()

    again = Store(SqliteEngine(tmp_path / "state.db"))
    assert again.read(lambda tx: tx.get(("things", 1))) == b"after"
    assert again.records("feed", 0, 10) == [(1, b"before"), (2, b"after")]
    await again.close()
