"""A region's replication, running: follows every peer, serves those who follow, copies, trims, forgets, and
keeps figures.

What is asked of it by others is small: `start`, `handle` (the three internal HTTP paths), `health`,
`pause`, `close`. The decisions are elsewhere: in `puller`, `sender`, `resolve`, `replica`.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from panregion.store import Store, StoreError, Transaction
from panregion.world import HttpClient, Request, Response, World

from . import layout, replica
from .clock import HybridLogicalClock
from .copying import CopyFailed, copy_table
from .follower import Follower, ended
from .frames import ACKNOWLEDGE_PATH, COPY_PATH, FOLLOW_PATH, Acknowledge, Copy, Follow, Passed
from .hooks import Feed, Hooks
from .lag import Lag
from .puller import Apply, Note, Puller, PullSettings
from .replica import FORMAT, RefusedRecord, Site
from .serving import FeedServer, ServeSettings
from .tending import aged_position, last_time, stable_position, trim_position
from .version import COUNTER_BITS

log = logging.getLogger(__name__)
ARRIVALS_KEPT = 256
_BINARY = [("content-type", "application/vnd.msgpack")]


@dataclass(frozen=True, kw_only=True)
class ReplicationSettings:
    pull: PullSettings = field(default_factory=PullSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    feed_records_max: int = 1_000_000
    """A peer that is further behind than this copies the table anew."""
    feed_keep_s: float = 86_400.0
    """And one that was away for longer than this, if anything was written meanwhile."""
    tombstone_keep_s: float = 600.0
    tend_every_s: float = 2.0
    retry_refused_s: float = 5.0
    retry_copy_s: float = 0.5
    collect_max: int = 200
    """Tombstones looked at in one transaction."""


class Replicator:
    """One region's replication with its peers ({region: URL of its gateway})."""

    def __init__(
        self,
        region: str,
        peers: Mapping[str, str],
        client: Callable[[str], HttpClient],
        store: Store,
        world: World,
        hooks: Hooks,
        clock: HybridLogicalClock,
        settings: ReplicationSettings | None = None,
    ) -> None:
        assert region not in peers
        self._region = region
        self._peers = dict(peers)
        self._client = client
        self._store = store
        self._world = world
        self._hooks = hooks
        self.clock = clock
        self._settings = settings or ReplicationSettings()
        self._server = FeedServer(region, store, world.clock, hooks, lambda: self._feeds, self._settings.serve)
        self._feeds: Mapping[str, Feed] = {}
        self._followers: dict[str, Follower] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._copies: dict[str, asyncio.Task[None]] = {}
        self._paused: set[tuple[str | None, str | None]] = set()
        self._gone: dict[str, str] = {}
        """feed -> the peer whose feed no longer reaches back to our cursor."""
        self._refused: dict[tuple[str, str], tuple[float, str]] = {}
        """(peer, feed) -> when, and why its records could not be read."""
        self._passed: dict[tuple[str, str], dict[str, int]] = {}
        """(peer, feed) -> up to where that peer knows the others' feeds, as of what we have applied of its
        own."""
        self._lags: dict[tuple[str, str], Lag] = {}
        self._arrivals: dict[tuple[str, str], deque[tuple[int, int, float]]] = {}
        """(peer, feed) -> of the last batches: the cursor before and behind it, when (monotonic) it was durable."""
        self._ahead_ms: dict[str, int] = {}

    # Life

    async def start(self) -> None:
        """Take up the clock where it was, and begin to follow."""
        feeds = self._hooks.feeds()
        self.clock.raise_to(self._store.read(lambda tx: last_time(tx, feeds)))
        for peer in self._peers:
            self._followers[peer] = self._follower(peer)
        self._tasks = [asyncio.create_task(follower.run()) for follower in self._followers.values()]
        self._tasks += [asyncio.create_task(self._watch()), asyncio.create_task(self._tend())]
        for task in self._tasks:
            task.add_done_callback(_report)
        self.refresh()

    async def close(self) -> None:
        self._server.close()
        await ended([*self._tasks, *self._copies.values()])

    def _follower(self, peer: str) -> Follower:
        async def work(item: Apply | Note) -> int:
            return await self._work(peer, item)

        puller = Puller(peer, self._world.chance, self._settings.pull)
        return Follower(
            self._region,
            self._peers[peer],
            self._client(peer),
            puller,
            self._world.clock,
            work,
            lambda feed: self._copy_anew(peer, feed),
        )

    async def _watch(self) -> None:
        while True:
            await self._hooks.changed.wait()
            self._hooks.changed.clear()
            self.refresh()

    def refresh(self) -> None:
        """Follow and copy what the service now says is to be followed and copied."""
        feeds = self._feeds = self._hooks.feeds()
        for feed, state in feeds.items():
            source = state.source or self._gone.get(feed)
            if source in self._followers and (feed not in self._copies or self._copies[feed].done()):
                self._copies[feed] = asyncio.create_task(self._copy(source, feed))
        for peer, follower in self._followers.items():
            follower.want(self._store.read(lambda tx, peer=peer: self._cursors(tx, peer, feeds)))  # type: ignore[misc]

    def _cursors(self, tx: Transaction, peer: str, feeds: Mapping[str, Feed]) -> dict[str, int]:
        return {
            feed: layout.cursor(tx, feed, peer)
            for feed, state in feeds.items()
            if peer in state.peers
            and state.source is None
            and feed not in self._gone
            and (peer, feed) not in self._refused
            and not self._is_paused(feed, peer)
        }

    # What arrives

    def _site(self) -> Site:
        return Site(self._region, self.clock, int(self._world.clock.now() * 1000))

    async def _work(self, peer: str, item: Apply | Note) -> int:
        if isinstance(item, Note):
            self._note(peer, item.passed)
            return 0
        feed = item.batch.feed
        before = self._store.read(lambda tx: layout.cursor(tx, feed, peer))
        try:
            times = await self._store.transact(lambda tx: self._apply(tx, peer, item))
            self._measure(peer, feed, times)
        except RefusedRecord as error:
            self._refuse(peer, feed, str(error))
        except StoreError as error:
            log.warning("%s from %s was not applied: %s", feed, peer, error)
            self._followers[peer].reopen(str(error))
        except Exception as error:  # one bad table must not stop the others
            log.exception("%s from %s could not be applied", feed, peer)
            self._refuse(peer, feed, f"{type(error).__name__}: {error}")
        cursor = self._store.read(lambda tx: layout.cursor(tx, feed, peer))
        if cursor > before:
            arrivals = self._arrivals.setdefault((peer, feed), deque(maxlen=ARRIVALS_KEPT))
            arrivals.append((before, cursor, self._world.clock.monotonic()))
        return cursor

    def _apply(self, tx: Transaction, peer: str, item: Apply) -> list[int]:
        feed, first = item.batch.feed, item.batch.first
        state = self._feeds.get(feed)
        if state is None or peer not in state.peers or first > layout.cursor(tx, feed, peer) + 1:
            return []  # the table has gone, or an earlier batch of this stream was refused
        numbered = list(enumerate(item.batch.records, first))
        return replica.apply(tx, self._site(), self._hooks.items(tx, feed), feed, peer, numbered)

    def _measure(self, peer: str, feed: str, times: list[int]) -> None:
        if not times:
            return
        now, now_ms = self._world.clock.monotonic(), self._world.clock.now() * 1000
        lag = self._lags.setdefault((peer, feed), Lag())
        for time in times:
            lag.add(now, now_ms - (time >> COUNTER_BITS))
        latest = max(times)
        if not self.clock.observe(latest):
            self._ahead_ms[peer] = self.clock.ahead_ms(latest)
        else:
            self._ahead_ms.pop(peer, None)

    def _note(self, peer: str, passed: Passed) -> None:
        if self._store.read(lambda tx: layout.cursor(tx, passed.feed, peer)) >= passed.head:
            self._passed[peer, passed.feed] = passed.position

    def _refuse(self, peer: str, feed: str, reason: str) -> None:
        log.error("a record of %s from %s was refused: %s", feed, peer, reason)
        self._refused[peer, feed] = (self._world.clock.monotonic(), reason)
        self.refresh()

    # Copies

    def _copy_anew(self, peer: str, feed: str) -> None:
        log.warning("%s of %s does not reach back to where we are: copying the table anew", feed, peer)
        self._gone[feed] = peer
        self.refresh()

    async def _copy(self, source: str, feed: str) -> None:
        while True:
            state = self._hooks.feeds().get(feed)
            if state is None or (state.source is None and feed not in self._gone):
                self._gone.pop(feed, None)
                return
            if not self._is_paused(feed, source):
                try:
                    count = await copy_table(
                        self._store,
                        self._hooks,
                        self._site,
                        self._client(source),
                        self._peers[source],
                        source,
                        feed,
                    )
                    log.info("%s copied from %s: %d items", feed, source, count)
                    self._gone.pop(feed, None)
                    self._hooks.changed.set()
                    return
                except (CopyFailed, StoreError) as error:
                    log.warning("the copy of %s from %s broke off: %s", feed, source, error)
            await self._world.clock.sleep(self._settings.retry_copy_s)

    # Tending

    async def _tend(self) -> None:
        """Trim what all have, forget tombstones that all have, give refused feeds another chance."""
        while True:
            await self._world.clock.sleep(self._settings.tend_every_s)
            feeds = self._feeds
            for feed, state in feeds.items():
                with contextlib.suppress(StoreError):  # a full disk: again next time
                    await self._trim(feed, state)
                    await self._collect(feed, state)
            self._forget_refusals()

    async def _trim(self, feed: str, state: Feed) -> None:
        known = [self._server.acknowledged.get((feed, peer), 0) for peer in state.peers]
        upto = trim_position(self._store.head(feed), known, self._settings.feed_records_max, self._aged(feed, known))
        if upto >= self._store.tail(feed):
            await self._store.trim(feed, upto)

    def _aged(self, feed: str, known: list[int]) -> int:
        """Up to where the feed is too old to wait for those who have not read it."""
        if min(known, default=0) >= self._store.head(feed):
            return 0
        oldest_ms = max(0, int((self._world.clock.now() - self._settings.feed_keep_s) * 1000))
        return self._store.read(lambda tx: aged_position(tx, feed, oldest_ms << COUNTER_BITS))

    async def _collect(self, feed: str, state: Feed) -> None:
        stable = self._stable(feed, state)
        before_ms = int((self._world.clock.now() - self._settings.tombstone_keep_s) * 1000)
        limit = self._settings.collect_max

        def collect(tx: Transaction) -> int:
            return replica.collect(tx, self._hooks.items(tx, feed), feed, stable, before_ms, limit)

        while any(stable.values()) and await self._store.transact(collect) == limit:
            pass

    def _stable(self, feed: str, state: Feed) -> dict[str, int]:
        mine = self._store.read(lambda tx: layout.position(tx, feed, self._region))
        peers = {peer: self._passed.get((peer, feed), {}) for peer in state.peers}
        return stable_position({self._region: mine, **peers})

    def _forget_refusals(self) -> None:
        now = self._world.clock.monotonic()
        old = [pair for pair, (at, _) in self._refused.items() if now - at >= self._settings.retry_refused_s]
        for pair in old:
            del self._refused[pair]
        if old:
            self.refresh()

    # Faults and figures

    def pause(self, feed: str | None = None, peer: str | None = None) -> None:
        """Stop taking that feed (None: any) from that peer (None: any)."""
        self._paused.add((feed, peer))
        self.refresh()

    def resume(self, feed: str | None = None, peer: str | None = None) -> None:
        self._paused.discard((feed, peer))
        self.refresh()

    def pause_only(self, pairs: Collection[tuple[str | None, str | None]]) -> None:
        """Have exactly these (feed, peer) paused."""
        if self._paused != set(pairs):
            self._paused = set(pairs)
            self.refresh()

    def _is_paused(self, feed: str, peer: str) -> bool:
        return not self._paused.isdisjoint(((feed, peer), (feed, None), (None, peer), (None, None)))

    def health(self) -> dict[str, Any]:
        """Per peer: the stream's state; per feed: lag, backlog, and what is wrong with it."""
        feeds = self._feeds
        return {peer: self._peer_health(peer, follower, feeds) for peer, follower in self._followers.items()}

    def heads(self) -> dict[str, int]:
        """The last sequence number that this region gave out, by feed: where its peers' cursors are to be."""
        return {feed: self._store.head(feed) for feed in self._feeds}

    def arrival(self, feed: str, peer: str, sequence: int) -> dict[str, Any]:
        """Whether a peer's record is here, and when (monotonic seconds) it was durable, where that is still known."""
        followed = feed in self._feeds and peer in self._feeds[feed].peers
        here = self._store.read(lambda tx: layout.cursor(tx, feed, peer)) >= sequence
        arrivals = self._arrivals.get((peer, feed), ())
        at_s = next((at for before, cursor, at in arrivals if before < sequence <= cursor), None)
        return {"followed": followed, "here": here, "at_s": at_s}

    def _peer_health(self, peer: str, follower: Follower, feeds: Mapping[str, Feed]) -> dict[str, Any]:
        followed = [feed for feed, state in feeds.items() if peer in state.peers]
        state = "following" if follower.puller.following else "connecting"
        return {
            "state": state if followed else "idle",
            "reason": follower.puller.reason if followed else "",
            "clock_ahead_ms": self._ahead_ms.get(peer, 0),
            "feeds": {feed: self._feed_health(peer, feed, feeds[feed], follower) for feed in followed},
        }

    def _feed_health(self, peer: str, feed: str, state: Feed, follower: Follower) -> dict[str, Any]:
        lag = self._lags.get((peer, feed)) or Lag()
        return {
            "backlog": follower.puller.backlog(feed),
            "cursor": self._store.read(lambda tx: layout.cursor(tx, feed, peer)),
            "lag": lag.figures(self._world.clock.monotonic()),
            "copying": state.source == peer or self._gone.get(feed) == peer,
            "paused": self._is_paused(feed, peer),
            "refused": self._refused.get((peer, feed), (0.0, ""))[1],
        }

    # What is served

    async def handle(self, request: Request) -> Response:
        """Answer one of the internal paths of replication."""
        try:
            if request.path == FOLLOW_PATH:
                follow = _decoded(request.body, Follow)
                return Response(200, list(_BINARY), self._server.follow(follow))
            if request.path == ACKNOWLEDGE_PATH:
                acknowledge = _decoded(request.body, Acknowledge)
                self._server.acknowledge(acknowledge.region, acknowledge.cursors)
                return Response(204)
            if request.path == COPY_PATH:
                return self._serve_copy(_decoded(request.body, Copy))
        except RefusedRecord as error:
            return Response(400, [("content-type", "text/plain")], str(error).encode())
        return Response(404)

    def _serve_copy(self, request: Copy) -> Response:
        state = self._feeds.get(request.feed)
        if state is None or state.source is not None or request.region not in state.peers:
            return Response(409, [("content-type", "text/plain")], b"no whole copy for you here yet")
        return Response(200, list(_BINARY), self._server.copy(request, self._site))


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("replication stopped: %r", error, exc_info=error)


Body = TypeVar("Body", Follow, Acknowledge, Copy)


def _decoded(data: bytes, kind: type[Body]) -> Body:
    try:
        body = msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise RefusedRecord(f"a malformed request: {error}") from error
    if body.format != FORMAT:
        raise RefusedRecord(f"a request of format {body.format}, and this region reads format {FORMAT}")
    return body
