"""What a region serves to those who follow it: streams of its feeds, and copies of its tables.

A stream is written as fast as records come, but not faster than `coalesce_s` between two pieces: the first
record after an idle moment leaves at once, and under load many share a frame and a packet. Where the
follower does not read, the server's flow control holds the stream up here, and records wait in the feed,
not in memory.

A stream ends when its follower opens another, when it has not been heard of for `unheard_s` (a cut link
never says so), or when the region stops.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field

from panregion.store import Store
from panregion.world import Clock

from .frames import Beat, Copy, Follow, Frame, encode_frame, framed
from .hooks import Hooks
from .replica import Site, read_page
from .sender import Sender


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    coalesce_s: float = 0.005
    heartbeat_s: float = 0.5
    unheard_s: float = 15.0
    page_bytes: int = 64 << 10

    def __post_init__(self) -> None:
        assert 0 <= self.coalesce_s < self.heartbeat_s < self.unheard_s
        assert self.page_bytes > 0


class Changes:
    """Which of some feeds have grown; one event for all of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.event = asyncio.Event()
        self.grown: set[str] = set()

    def watch(self, feeds: Collection[str]) -> None:
        for feed in feeds:
            if feed not in self._tasks:
                self._tasks[feed] = asyncio.create_task(self._watch(feed))

    async def _watch(self, feed: str) -> None:
        after = 0
        while True:
            await self._store.changed(feed, after)
            after = self._store.head(feed)
            self.grown.add(feed)
            self.event.set()

    def take(self) -> set[str]:
        taken, self.grown = self.grown, set()
        self.event.clear()
        return taken

    def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()


@dataclass
class FeedServer:
    """All streams that this region serves."""

    region: str
    store: Store
    clock: Clock
    hooks: Hooks
    feeds: Callable[[], Collection[str]]
    """Those that this region has now."""
    settings: ServeSettings = field(default_factory=ServeSettings)
    acknowledged: dict[tuple[str, str], int] = field(default_factory=dict)
    """(feed, follower) -> applied there, durably."""
    _streams: dict[str, int] = field(default_factory=dict)
    _heard_at: dict[str, float] = field(default_factory=dict)
    _open: set[Changes] = field(default_factory=set)
    _closing: bool = False

    def acknowledge(self, region: str, cursors: dict[str, int]) -> None:
        self._heard_at[region] = self.clock.monotonic()
        for feed, cursor in cursors.items():
            known = self.acknowledged.get((feed, region), 0)
            self.acknowledged[feed, region] = max(cursor, known)

    def close(self) -> None:
        """End all streams, now."""
        self._closing = True
        for changes in self._open:
            changes.event.set()

    def _open_stream(self, region: str) -> Callable[[], bool]:
        """Start counting as the stream of that follower; returns whether it still is."""
        mine = self._streams[region] = self._streams.get(region, 0) + 1

        def current() -> bool:
            unheard_s = self.clock.monotonic() - self._heard_at[region]
            return not self._closing and self._streams[region] == mine and unheard_s < self.settings.unheard_s

        return current

    async def follow(self, request: Follow) -> AsyncIterator[bytes]:
        """The frames for one follower, without end."""
        self.acknowledge(request.region, request.cursors)
        current = self._open_stream(request.region)
        sender = Sender(self.region, request.cursors)
        changes = Changes(self.store)
        self._open.add(changes)
        try:
            changes.watch(request.cursors)
            due = set(request.cursors)
            beat_at = self.clock.monotonic()
            while current():
                frames = self._collect(sender, due)
                due = self._behind(sender, due)
                now = self.clock.monotonic()
                if now >= beat_at:
                    beat_at = now + self.settings.heartbeat_s
                    frames += self._beat(sender, request.cursors)
                    due |= self._behind(sender, set(request.cursors))
                if frames:
                    yield b"".join(map(encode_frame, frames))
                await self._pause(changes, bool(frames), bool(due), beat_at)
                due |= changes.take()
        finally:
            self._open.discard(changes)
            changes.close()

    async def _pause(self, changes: Changes, sent: bool, more: bool, beat_at: float) -> None:
        if more:
            await self.clock.sleep(0)
        elif sent:
            await self.clock.sleep(self.settings.coalesce_s)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, beat_at - self.clock.monotonic())):
                    await changes.event.wait()

    def _collect(self, sender: Sender, due: Collection[str]) -> list[Frame]:
        here = self._served(due)
        return self.store.read(lambda tx: sender.collect(tx, here))

    def _behind(self, sender: Sender, feeds: Collection[str]) -> set[str]:
        here = self._served(feeds)
        return set(self.store.read(lambda tx: sender.behind(tx, here)))

    def _served(self, feeds: Collection[str]) -> list[str]:
        served = self.feeds() if feeds else ()
        return [feed for feed in feeds if feed in served]

    def _beat(self, sender: Sender, feeds: Collection[str]) -> list[Frame]:
        here = self._served(feeds)
        return [*self.store.read(lambda tx: list(sender.passed(tx, here))), Beat()]

    async def copy(self, request: Copy, site: Callable[[], Site]) -> AsyncIterator[bytes]:
        """The table behind a feed, page by page, each read at its own moment; between two the loop is
        free."""
        after = request.after
        while not self._closing:

            def page(after: bytes | None = after) -> tuple[bytes, bytes | None]:
                return self.store.read(
                    lambda tx: read_page(
                        tx,
                        site(),
                        self.hooks.items(tx, request.feed),
                        request.feed,
                        after,
                        self.settings.page_bytes,
                    )
                )

            data, after = page()
            yield framed(data)
            if after is None:
                return
            await self.clock.sleep(0)
