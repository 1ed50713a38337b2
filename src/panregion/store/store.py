"""A region's store: transactions one after another, synced in groups.

Group commit. A transaction is a plain function, so it runs whole on the event loop without anybody in between.
What takes long is the sync to disk, and while it runs (in a thread, where Python's lock is free) more
transactions arrive. They wait, and then run one after another in the next group, each with its own overlay: one
that raises leaves nothing behind, and the group goes on. All of a group learn their outcome after its sync, also
those that failed, because what they saw may have been written by a neighbour of the same group.

If the sync fails (a full disk, say), nobody of the group is told of a success: the group is rolled back, each
gets the error, and the next group starts from what is committed.

Reads that write nothing do not wait: they run at once on committed state.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from panregion.store.engine import Engine, StoreError, Writes
from panregion.store.keys import Key, pack
from panregion.store.transaction import Transaction

T = TypeVar("T")

GROUP_MAX = 256
"""Transactions per group: bounds how long the loop is held, and how much one failed sync undoes."""

TIDY_AFTER_S = 0.2

FOLLOWERS_SWEPT = 64
"""From so many on, those who no longer wait for a feed are forgotten when another one comes."""


@dataclass(slots=True)
class _Waiting:
    step: Callable[[Transaction], Any]
    future: "asyncio.Future[Any]"


@dataclass(slots=True)
class _Outcome:
    future: "asyncio.Future[Any]"
    result: Any
    error: Exception | None

    def tell(self) -> None:
        if self.future.done():  # the caller has gone
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Store:
    """Transactions, feeds and work over an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.committed = Transaction(engine.reader, writable=False)
        """What is committed, for those who only read; all that is read without awaiting in between is of one moment."""
        self._queue: deque[_Waiting] = deque()
        self._busy = False
        self._held: set[Key] = set()
        self._written: list[Writes] = []
        """What the transactions of the group under way hold and write."""
        self._syncing: asyncio.Task[None] | None = None
        self._followers: dict[str, list[asyncio.Future[None]]] = {}
        self._threads = None if engine.inline else ThreadPoolExecutor(2, thread_name_prefix="sync")
        self._tidy_timer: asyncio.TimerHandle | None = None
        self._overgrown = False
        self.work_left = asyncio.Event()
        """Set whenever a commit leaves work; the worker clears it."""

    async def transact(self, step: Callable[[Transaction], T]) -> T:
        """Run `step` whole in one transaction; return its result once it is durable.

        What `step` raises is raised here and leaves nothing written. Raises StoreError where the sync failed.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(step, future))
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().call_soon(self._run_group)
        return await future

    def transact_now(self, step: Callable[[Transaction], T]) -> T:
        """One transaction, synced before returning: for starting up and for the simulator."""
        assert not self._busy, "a group is under way"
        tx = Transaction(self._engine.writer)
        result = step(tx)
        try:
            self._engine.apply(tx.writes)
            self._engine.commit()
        except StoreError:
            self._engine.rollback()
            raise
        self._announce(tx.feeds, tx.works)
        return result

    def read(self, step: Callable[[Transaction], T]) -> T:
        """Run `step`, which must not write, on what is committed now: all it reads is of one moment."""
        return step(self.committed)

    def under_way(self, key: Key) -> bool:
        """Whether a write of the key has been made that is not durable yet."""
        if not self._written:
            return False
        space, packed = str(key[0]), pack(key[1:])
        return any(packed in writes.get(space, ()) for writes in self._written)

    def _run_group(self) -> None:
        outcomes: list[_Outcome] = []
        feeds: set[str] = set()
        works = wrote = False
        while self._queue and len(outcomes) < GROUP_MAX:
            waiting = self._queue.popleft()
            if waiting.future.done():
                continue
            tx = Transaction(self._engine.writer, held=self._held)
            outcomes.append(_run(waiting, tx))
            if outcomes[-1].error is None and tx.writes:
                self._engine.apply(tx.writes)
                self._written.append(tx.writes)
                self._held.update(tx.holding)
                wrote = True
                feeds |= tx.feeds
                works |= tx.works
        if not wrote:
            self._finish(outcomes)
        elif self._threads is None:
            self._engine.commit()
            self._announce(feeds, works)
            self._finish(outcomes)
        else:
            self._syncing = asyncio.ensure_future(self._sync(outcomes, feeds, works))

    async def _sync(self, outcomes: list[_Outcome], feeds: set[str], works: bool) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.commit)
        except StoreError as error:
            self._fail(outcomes, error)
            return
        self._announce(feeds, works)
        if self._overgrown:
            self._overgrown = not self._engine.shorten()
        self._finish(outcomes)

    def _fail(self, outcomes: list[_Outcome], error: StoreError) -> None:
        self._engine.rollback()
        for outcome in outcomes:
            outcome.error = error
        self._finish(outcomes)

    def _finish(self, outcomes: list[_Outcome]) -> None:
        self._held.clear()
        self._written.clear()
        for outcome in outcomes:
            outcome.tell()
        loop = asyncio.get_running_loop()
        if self._threads is not None and self._tidy_timer is None:
            self._tidy_timer = loop.call_later(TIDY_AFTER_S, self._tidy)
        if self._queue:
            loop.call_soon(self._run_group)
        else:
            self._busy = False

    def _tidy(self) -> None:
        self._tidy_timer = None
        if self._threads is None or not self._engine.untidy:
            return
        self._engine.release()
        self._threads.submit(self._engine.tidy)
        self._overgrown = self._engine.overgrown

    # Feeds

    def head(self, feed: str) -> int:
        """The last sequence number given out; 0 for a feed that nobody has published to."""
        return self.read(lambda tx: int(tx.get(("feed-heads", feed)) or 0))

    def tail(self, feed: str) -> int:
        """The first sequence number still kept; one past the head where nothing is."""

        def first(tx: Transaction) -> int:
            for key, _ in tx.prefix(("feeds", feed)):
                return int(key[2])
            return int(tx.get(("feed-heads", feed)) or 0) + 1

        return self.read(first)

    def records(self, feed: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to `limit` records with a sequence number above `after`, in order."""

        def page(tx: Transaction) -> list[tuple[int, bytes]]:
            found: Iterator[Any] = tx.prefix(("feeds", feed), after=("feeds", feed, after))
            return [(int(key[2]), record) for (key, record), _ in zip(found, range(limit), strict=False)]

        return self.read(page)

    async def trim(self, feed: str, upto: int, *, batch: int = 1000) -> None:
        """Drop the records with a sequence number of at most `upto`, a bounded number per transaction."""

        def drop(tx: Transaction) -> int:
            keys = [key for key, _ in zip(_keys_upto(tx, feed, upto), range(batch), strict=False)]
            for key in keys:
                tx.delete(key)
            return len(keys)

        while await self.transact(drop) == batch:
            pass

    async def changed(self, feed: str, after: int) -> None:
        """Return once the feed's head is above `after`."""
        while self.head(feed) <= after:
            await self.next_change(feed)

    def next_change(self, feed: str) -> "asyncio.Future[None]":
        """Done once a transaction that published to the feed or touched it is durable. Let go of it by cancelling."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._followers.setdefault(feed, [])
        if len(waiting) >= FOLLOWERS_SWEPT:
            waiting[:] = [other for other in waiting if not other.done()]
        waiting.append(future)
        return future

    def _announce(self, feeds: set[str], works: bool) -> None:
        self._engine.refresh()
        for feed in feeds:
            for future in self._followers.pop(feed, ()):
                if not future.done():
                    future.set_result(None)
        if works:
            self.work_left.set()

    async def close(self) -> None:
        """Finish the group under way and let go of the engine; nothing may be asked afterwards."""
        if self._busy:
            await self.transact(lambda _tx: None)  # transactions run in order: this one is the last
        if self._tidy_timer is not None:
            self._tidy_timer.cancel()
        if self._threads is not None:
            self._threads.shutdown()
        self._engine.close()


def _run(waiting: _Waiting, tx: Transaction) -> _Outcome:
    try:
        return _Outcome(waiting.future, waiting.step(tx), None)
    except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it
        return _Outcome(waiting.future, None, error)


def _keys_upto(tx: Transaction, feed: str, upto: int) -> Iterator[Any]:
    return (key for key, _ in tx.range(("feeds", feed), ("feeds", feed, upto + 1)))
