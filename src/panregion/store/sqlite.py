"""The engine on disk: one SQLite file in WAL mode, crash-safe, readable by any tool.

Two connections: the writer, over which the open group lies in memory until it is written in one piece, and the
reader, which sees what is committed. A commit appends to the write-ahead log and syncs it (`durability = "full"`);
moving the log into the database (a checkpoint) is left to `tidy`, in an idle moment, because inside a commit it would
be a pause of a tenth of a second (measured: docs/performance.md). A third connection does it and holds nobody up.

Every space is a table `kv_<space>(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID`: one descent finds the value.
Both connections keep the rows that they read last (rows.py): a statement costs more than all else that a GetItem does.
"""

import errno
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from panregion.store.engine import Pair, StoreCorrupt, StoreError, StoreFull, View, Writes
from panregion.store.overlay import Overlay
from panregion.store.rows import UNKNOWN, Rows
from panregion.world import disk_trouble

LAYOUT_VERSION = 1
PAGE_BYTES = 8192
CACHE_KIB = 16 * 1024
MMAP_BYTES = 32 << 20
"""Of each connection. Mapped pages count as the process's memory: a gigabyte's table would be all in it."""
CHECKPOINT_AFTER_BYTES = 4 << 20
LOG_MAX_BYTES = 256 << 20
"""Where there is no idle moment a log that has been moved is never begun anew; beyond this, the writers wait for it."""
STATEMENT_CACHE = 512
CHECKED_AT_START_BYTES = 32 << 20
"""Reading a larger file whole would hold up the start; damage there shows when it is touched."""

_SPACE = re.compile(r"[a-z][a-z0-9-]*")


class _Connection:
    """One SQLite connection as a view."""

    def __init__(self, path: Path, synchronous: str) -> None:
        self.connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=STATEMENT_CACHE
        )
        for pragma in (
            f"page_size={PAGE_BYTES}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "wal_autocheckpoint=0",
            f"cache_size=-{CACHE_KIB}",
            f"mmap_size={MMAP_BYTES}",
            "busy_timeout=5000",
        ):
            self.connection.execute(f"PRAGMA {pragma}")
        self._known: set[str] = set()
        self._selects: dict[str, str] = {}
        self._lookup = self.connection.cursor()
        self.rows = Rows()
        self._rows = self.rows.spaces

    def knows(self, space: str) -> bool:
        """Whether the space's table exists; a known one is never looked up again."""
        if space in self._known:
            return True
        found = self.connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (f"kv_{space}",)
        ).fetchone()
        if found:
            self._known.add(space)
        return found is not None

    def forget(self) -> None:
        """Look every table up again: one made in a group that was rolled back is gone."""
        self._known.clear()
        self._selects.clear()
        self.rows.clear()

    def get(self, space: str, key: bytes) -> bytes | None:
        value = self._rows[space].get(key, UNKNOWN)
        if value is UNKNOWN:
            value = self._fetch(space, key)
            self.rows.keep(space, key, value)
        return value  # type: ignore[return-value]  # UNKNOWN has gone

    def _fetch(self, space: str, key: bytes) -> bytes | None:
        select = self._selects.get(space)
        if select is None:
            if not self.knows(space):
                return None
            select = self._selects[space] = f'SELECT v FROM "kv_{space}" WHERE k = ?'
        row = self._lookup.execute(select, (key,)).fetchone()
        return None if row is None else row[0]

    def scan(self, space: str, start: bytes, end: bytes, *, reverse: bool) -> Iterator[Pair]:
        if not self.knows(space):
            return iter(())
        order = "DESC" if reverse else "ASC"
        return self.connection.execute(
            f'SELECT k, v FROM "kv_{space}" WHERE k >= ? AND k < ? ORDER BY k {order}', (start, end)
        )


class _Snapshot(_Connection):
    """A connection that reads one committed state until it is refreshed.

    Without a transaction every statement would see the newest commit, and one may end in the sync's thread between
    two statements of a read. Beginning and ending one costs several locks, more than a lookup does, so one serves all
    reads between two commits. It begins right after a commit, when no other can be under way: what is kept in `rows`
    and what SQLite reads are of the same state.
    """

    def _fetch(self, space: str, key: bytes) -> bytes | None:
        self._open()
        return super()._fetch(space, key)

    def scan(self, space: str, start: bytes, end: bytes, *, reverse: bool) -> Iterator[Pair]:
        self._open()
        return super().scan(space, start, end, reverse=reverse)

    def refresh(self, written: list[Writes]) -> None:
        """Read what is committed now; `written` is what has been since the last time."""
        self._end()
        for writes in written:
            self.rows.note(writes)
        self._open()

    def release(self) -> None:
        """Hold no state, so that the log may be moved; the next read takes up the newest."""
        self._end()
        self.rows.clear()  # the state that is taken up may be that of a commit which nobody was told of yet

    def _open(self) -> None:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN")
            self.connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # only a read takes the snapshot

    def _end(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")


class SqliteEngine:
    """A store's bytes in one file. Raises StoreCorrupt where the file is not a store of ours."""

    inline = False

    def __init__(self, path: Path, durability: Literal["full", "normal"] = "full") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._written: list[Writes] = []
        """What the reader has not been told of."""
        self._tidying = threading.Lock()
        synchronous = "FULL" if durability == "full" else "NORMAL"
        try:
            self._writer = _Connection(path, synchronous)
            self._check_layout()
            self._reader = _Snapshot(path, synchronous)
            self._tidier = _Connection(path, synchronous)
            self._tidier.connection.execute("PRAGMA busy_timeout=0")  # somebody else reads the file: another time
            self._group = Overlay(self._writer)
        except sqlite3.DatabaseError as error:
            raise _translated(error, path) from error

    def _check_layout(self) -> None:
        connection = self._writer.connection
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, LAYOUT_VERSION):
            raise StoreCorrupt(
                f"{self._path} has layout {version}, and this panregion reads layout {LAYOUT_VERSION}: "
                "run it with the panregion that wrote it, or start over with `panregion down --forget`"
            )
        if self._path.stat().st_size <= CHECKED_AT_START_BYTES:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
        if version == 0:
            connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")

    @property
    def reader(self) -> View:
        return self._reader

    @property
    def writer(self) -> View:
        return self._group

    def apply(self, writes: Writes) -> None:
        self._group.write_all(writes)

    def commit(self) -> None:
        writes = self._group.writes
        if not writes:
            return
        connection = self._writer.connection
        try:
            if disk_trouble.troubles:
                disk_trouble.strike(self._path, sum(map(_size, writes.values())))
            connection.execute("BEGIN IMMEDIATE")
            for space, changes in writes.items():
                self._write_space(connection, space, changes)
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise _translated(error, self._path) from error
        self._writer.rows.note(writes)
        self._written.append(writes)
        self._group = Overlay(self._writer)

    def _write_space(self, connection: sqlite3.Connection, space: str, changes: Mapping[bytes, bytes | None]) -> None:
        if not self._writer.knows(space):
            assert _SPACE.fullmatch(space), f"{space!r} cannot name a key space"
            connection.execute(f'CREATE TABLE "kv_{space}" (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID')
        put = [change for change in changes.items() if change[1] is not None]
        if put:
            connection.executemany(f'INSERT OR REPLACE INTO "kv_{space}" VALUES (?, ?)', put)
        if len(put) < len(changes):
            deleted = [(key,) for key, value in changes.items() if value is None]
            connection.executemany(f'DELETE FROM "kv_{space}" WHERE k = ?', deleted)

    def rollback(self) -> None:
        if self._writer.connection.in_transaction:
            self._writer.connection.execute("ROLLBACK")
        self._writer.forget()
        self._group = Overlay(self._writer)

    def refresh(self) -> None:
        self._reader.refresh(self._written)
        self._written.clear()

    @property
    def untidy(self) -> bool:
        """Whether it is worth while to move the write-ahead log into the database."""
        try:
            return self._log.stat().st_size >= CHECKPOINT_AFTER_BYTES
        except FileNotFoundError:
            return False

    def release(self) -> None:
        self._reader.release()

    def tidy(self) -> None:
        with self._tidying:
            self._tidier.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    @property
    def overgrown(self) -> bool:
        return self.untidy and self._log.stat().st_size >= LOG_MAX_BYTES

    def shorten(self) -> bool:
        if not self._tidying.acquire(blocking=False):
            return False
        try:
            self._reader.release()
            self._tidier.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self._tidying.release()
        return True

    def close(self) -> None:
        self.rollback()
        with self._tidying:
            for view in (self._tidier, self._reader, self._writer):
                view.connection.close()


def _size(changes: Mapping[bytes, bytes | None]) -> int:
    return sum(len(key) + len(value or b"") for key, value in changes.items())


def _translated(error: sqlite3.Error | OSError, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return StoreFull(f"no room for {path}: {error.strerror}")
    if code == sqlite3.SQLITE_FULL or "disk is full" in str(error):
        return StoreFull(f"no room for {path}: {error}")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) or type(error) is sqlite3.DatabaseError:
        return StoreCorrupt(f"{path} is damaged ({error})")
    return StoreError(f"{path}: {error}")
