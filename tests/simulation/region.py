"""A region in the simulator: the real store engine, puller, sender and replica, with simulated time between
them.

What the shell does with tasks and sockets in `follower.py`, `serving.py` and `replicator.py`, events do
here. Transactions are grouped as the store groups them: they run at once, their effects are seen and
acknowledged only after the sync, and a crash in between undoes them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from panregion.replication import Envelope, HybridLogicalClock, Site, Version, layout, replica
from panregion.replication import puller as pulling
from panregion.replication.copying import take_page
from panregion.replication.frames import Beat, Frame, Passed
from panregion.replication.replica import decode_page, read_page
from panregion.replication.sender import Sender
from panregion.replication.tending import aged_position, last_time, stable_position, trim_position
from panregion.replication.version import COUNTER_BITS
from panregion.store import MemoryEngine, Transaction
from panregion.world import Chance
from panregion.world.simulated import Connection, SimulatedClock, SimulatedNetwork, SimulatedTime
from tests.replication.shelf import Shelf

FEED = "shelf"
HEARTBEAT_S = 0.5
COPY_RETRY_S = 0.5
TEND_S = 0.7


@dataclass(frozen=True, kw_only=True)
class Settings:
    feed_records_max: int = 1_000_000
    feed_keep_s: float = float("inf")
    tombstone_keep_s: float = 1.0
    page_bytes: int = 150
    sync_s_max: float = 0.004


class WatchedShelf(Shelf):
    """A shelf that reports what happens to it, for the oracle."""

    def __init__(self, region: "SimulatedRegion") -> None:
        super().__init__(FEED)
        self._region = region

    def put(self, tx: Transaction, key: bytes, after: Envelope, before: Envelope | None) -> None:
        if before is not None:
            assert after.stamp.version > before.stamp.version, "what is shown of an item went back"
        super().put(tx, key, after, before)

    def restamp(self, tx: Transaction, key: bytes, after: Envelope) -> None:
        before = self.get(tx, key)
        assert before is not None
        assert after.stamp.version == before.stamp.version, "a stamp grew into another write's"
        super().put(tx, key, after, None)

    def remove(self, tx: Transaction, key: bytes, before: Envelope) -> None:
        last = self._region.buried.get(key)
        if last is None or last < before.stamp.version:
            self._region.buried[key] = before.stamp.version
        super().remove(tx, key, before)


@dataclass
class Serving:
    """One stream that this region serves."""

    sender: Sender
    connection: Connection
    follower: str


@dataclass
class SimulatedRegion:
    name: str
    time: SimulatedTime
    network: SimulatedNetwork
    chance: Chance
    clock: SimulatedClock
    find: Callable[[str], "SimulatedRegion"]
    settings: Settings
    buried: dict[bytes, Version]
    """For the oracle: the last deletion of each item that was forgotten anywhere, hence known everywhere."""
    peers: list[str] = field(default_factory=list)
    source: str | None = None
    joined: bool = False
    up: bool = False
    engine: MemoryEngine = field(default_factory=MemoryEngine)
    copied_anew: int = 0
    lag_ms: dict[str, float] = field(default_factory=dict)
    """peer -> how old the last write that was applied from there was by then."""
    incarnation: int = 0

    # Life

    def start(self) -> None:
        assert not self.up
        self.up = True
        self.incarnation += 1
        self.hlc = HybridLogicalClock(self.clock.now)
        self.hlc.raise_to(last_time(self.committed(), [FEED]))
        self.pullers: dict[str, pulling.Puller] = {}
        self.streams: dict[tuple[str, int], Connection] = {}
        self.queues: dict[str, list[Any]] = {}
        self.serving: list[Serving] = []
        self.acknowledged: dict[str, int] = {}
        self.passed: dict[str, dict[str, int]] = {}
        self.gone: str | None = None
        self.copying = False
        self._told: list[Callable[[], None]] = []
        self._syncing = False
        self.refresh()
        self.later(HEARTBEAT_S * self.chance.random(), self.beat)
        self.later(TEND_S * self.chance.random(), self.tend)

    def crash(self) -> None:
        """The process is gone: whatever was not synced never happened, and nobody is told."""
        assert self.up
        self.up = False
        self.engine.rollback()
        for serving in self.serving:
            serving.connection.open = False
        for connection in self.streams.values():
            connection.open = False

    def later(self, delay_s: float, event: Callable[[], None]) -> None:
        """In this life only."""
        life = self.incarnation
        self.time.after(delay_s, lambda: event() if self.up and self.incarnation == life else None)

    # Store

    def committed(self) -> Transaction:
        return Transaction(self.engine.reader, writable=False)

    def transact(self, step: Callable[[Transaction], Any], told: Callable[[Any], None]) -> None:
        tx = Transaction(self.engine.writer)
        result = step(tx)
        self.engine.apply(tx.writes)
        self._told.append(lambda: told(result))
        if not self._syncing:
            self._syncing = True
            self.later(self.settings.sync_s_max * self.chance.random(), self._synced)

    def _synced(self) -> None:
        self._syncing = False
        self.engine.commit()
        told, self._told = self._told, []
        for tell in told:
            tell()
        for serving in list(self.serving):
            self.later(0.001, partial(self.push, serving))

    def site(self) -> Site:
        return Site(self.name, self.hlc, int(self.clock.now() * 1000))

    # Hooks

    def items(self, tx: Transaction, feed: str) -> WatchedShelf:
        return WatchedShelf(self)

    def copied(self, tx: Transaction, feed: str) -> None:
        tx.put(("oracle", "whole"), b"1")

    # Following

    def refresh(self) -> None:
        if not self.joined:
            return
        if self.source is not None and self.committed().get(("oracle", "whole")):
            self.source = None
        source = self.source or self.gone
        if source is not None and not self.copying:
            self.copying = True
            self.copy(source)
        for peer in self.peers:
            if peer not in self.pullers:
                self.pullers[peer] = pulling.Puller(peer, self.chance)
                self.queues[peer] = []
            wanted = {} if source is not None else {FEED: layout.cursor(self.committed(), FEED, peer)}
            self.step(peer, pulling.Wanted(wanted))

    def step(self, peer: str, given: pulling.Input) -> None:
        puller = self.pullers[peer]
        for effect in puller.step(self.time.elapsed, given):
            self.perform(peer, effect)
        if puller.wake_at < float("inf"):
            self.later(max(0.0, puller.wake_at - self.time.elapsed) + 1e-6, lambda: self.wake(peer))

    def wake(self, peer: str) -> None:
        puller = self.pullers[peer]
        if puller.wake_at <= self.time.elapsed:
            self.step(peer, pulling.Tick())

    def perform(self, peer: str, effect: pulling.Effect) -> None:
        match effect:
            case pulling.Open(attempt, cursors):
                self.open(peer, attempt, cursors)
            case pulling.Close(attempt):
                if (connection := self.streams.pop((peer, attempt), None)) is not None:
                    connection.open = False
            case pulling.Apply() | pulling.Note():
                self.queues[peer].append(effect)
                if len(self.queues[peer]) == 1:
                    self.work(peer)
            case pulling.CopyAnew():
                self.gone = peer
                self.copied_anew += 1
                self.refresh()
            case pulling.Acknowledge(cursors):
                self.call(peer, lambda other: other.take_acknowledgement(self.name, cursors))

    def call(self, peer: str, request: Callable[["SimulatedRegion"], None]) -> None:
        """Carry out something at a peer, if the message gets there in time."""

        def receive(_message: object) -> None:
            if self.find(peer).up:
                request(self.find(peer))

        connection = Connection((self.name, peer), {peer: receive})
        self.network.send(connection, peer, None)
        self.time.after(2.0, lambda: setattr(connection, "open", False))

    def open(self, peer: str, attempt: int, cursors: dict[str, int]) -> None:
        life = self.incarnation

        def arrives(message: Any) -> None:
            if not self.up or self.incarnation != life:
                return
            if message is None:
                self.step(peer, pulling.Ended(attempt, "refused"))
            elif message == "opened":
                self.step(peer, pulling.Opened(attempt))
            else:
                for frame in message:
                    self.step(peer, pulling.Received(attempt, frame))

        connection = Connection((self.name, peer), {self.name: arrives})
        connection.receive[peer] = lambda _: self.find(peer).accept(self.name, cursors, connection)
        self.streams[peer, attempt] = connection
        self.network.send(connection, peer, "follow")

    def work(self, peer: str) -> None:
        effect = self.queues[peer][0]
        if isinstance(effect, pulling.Note):
            if layout.cursor(self.committed(), FEED, peer) >= effect.passed.head:
                self.passed[peer] = effect.passed.position
            self.worked(peer, effect, [])
            return
        batch = effect.batch
        records = list(enumerate(batch.records, batch.first))

        def apply(tx: Transaction) -> list[int]:
            if batch.first > layout.cursor(tx, FEED, peer) + 1:
                return []
            return replica.apply(tx, self.site(), WatchedShelf(self), FEED, peer, records)

        self.transact(apply, partial(self.worked, peer, effect))

    def worked(self, peer: str, effect: pulling.Effect, times: list[int]) -> None:
        for time in times:
            self.hlc.observe(time)
            self.lag_ms[peer] = self.clock.now() * 1000 - (time >> COUNTER_BITS)
        self.queues[peer].pop(0)
        if isinstance(effect, pulling.Apply):
            self.step(peer, pulling.Applied(FEED, layout.cursor(self.committed(), FEED, peer)))
        if self.queues[peer]:
            self.work(peer)

    # Serving

    def accept(self, follower: str, cursors: dict[str, int], connection: Connection) -> None:
        if not self.up or not self.joined:
            connection.receive[follower](None)
            return
        self.serving = [s for s in self.serving if s.follower != follower]
        serving = Serving(Sender(self.name, cursors), connection, follower)
        self.serving.append(serving)
        self.network.send(connection, follower, "opened")
        self.take_acknowledgement(follower, cursors)
        self.push(serving)

    def push(self, serving: Serving, *, beat: bool = False) -> None:
        if serving not in self.serving or not serving.connection.open:
            return
        if len(serving.connection.waiting.get(serving.follower, ())) > 4:
            return  # the follower does not read: records wait in the feed
        tx = self.committed()
        frames: list[Frame] = serving.sender.collect(tx, [FEED])
        if beat:
            frames += [*serving.sender.passed(tx, [FEED]), Beat()]
        if frames:
            self.network.send(serving.connection, serving.follower, frames)

    def beat(self) -> None:
        for serving in list(self.serving):
            self.push(serving, beat=True)
        self.later(HEARTBEAT_S, self.beat)

    def take_acknowledgement(self, follower: str, cursors: dict[str, int]) -> None:
        if FEED in cursors:
            self.acknowledged[follower] = max(cursors[FEED], self.acknowledged.get(follower, 0))

    # Copying

    def copy(self, source: str) -> None:
        progress = layout.snapshot_progress(self.committed(), FEED)
        after = progress.after if progress is not None and progress.peer == source else None
        life = self.incarnation
        alive = [True]

        def page_arrives(data: bytes) -> None:
            if alive[0] and self.up and self.incarnation == life:
                alive[0] = False
                page = decode_page(data)
                self.transact(
                    lambda tx: take_page(tx, self.site(), self, source, page),  # type: ignore[arg-type]
                    lambda _: self.page_taken(source, page.upto),
                )

        def asked(_message: object) -> None:
            other = self.find(source)
            if other.up and other.joined and other.source is None:
                size = other.settings.page_bytes
                data, _ = read_page(other.committed(), other.site(), WatchedShelf(other), FEED, after, size)
                self.network.send(connection, self.name, data)

        connection = Connection((self.name, source), {self.name: page_arrives, source: asked})
        self.network.send(connection, source, "page")

        def give_up() -> None:
            connection.open = False
            if alive[0]:
                alive[0] = False
                self.copy(source)

        self.later(COPY_RETRY_S * 2, give_up)

    def page_taken(self, source: str, upto: bytes | None) -> None:
        if upto is not None:
            self.copy(source)
            return
        self.gone = None
        self.source = None
        self.copying = False
        self.refresh()

    # Tending

    def tend(self) -> None:
        self.later(TEND_S, self.tend)
        if not self.joined or self.source is not None:
            return
        tx = self.committed()
        known = [self.acknowledged.get(peer, 0) for peer in self.peers]
        oldest_ms = int(max(0.0, self.clock.now() - self.settings.feed_keep_s) * 1000)
        aged = aged_position(tx, FEED, oldest_ms << COUNTER_BITS)
        upto = trim_position(layout.head(tx, FEED), known, self.settings.feed_records_max, aged)
        stable = stable_position(
            {self.name: layout.position(tx, FEED, self.name), **{p: self.passed.get(p, {}) for p in self.peers}}
        )
        before_ms = int((self.clock.now() - self.settings.tombstone_keep_s) * 1000)

        def tidy(tx: Transaction) -> None:
            for key in [key for key, _ in _below(tx, upto)]:
                tx.delete(key)
            replica.collect(tx, WatchedShelf(self), FEED, stable, before_ms, 50)

        self.transact(tidy, lambda _: None)


def _below(tx: Transaction, upto: int) -> Iterator[Any]:
    return tx.range(("feeds", FEED), ("feeds", FEED, upto + 1))


__all__ = ["FEED", "Passed", "Settings", "SimulatedRegion", "WatchedShelf"]
