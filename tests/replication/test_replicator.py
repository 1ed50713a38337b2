"""Replicators over real connections on loopback: what the pure parts cannot show."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec

from panregion.replication import Feed, HybridLogicalClock, ReplicationSettings, Replicator, Site, conflicts
from panregion.store import MemoryEngine, Store
from panregion.world import HttpClient, HttpServer, SeededChance, SystemClock, World, direct_dial, serve
from panregion.world.dial import Dial
from panregion.world.http import Request, Response
from tests.replication.shelf import ShelfHooks, shown, write

FEED = "shelf/1"


class Node:
    """A region with nothing but a store and a replicator."""

    def __init__(self, name: str, peers: frozenset[str], source: str | None = None) -> None:
        self.name = name
        self.store = Store(MemoryEngine())
        self.hooks = ShelfHooks(self.store, {FEED: Feed(peers, source)})
        self.clock = HybridLogicalClock(SystemClock().now)
        self.client = HttpClient(direct_dial)
        self.settings = ReplicationSettings()
        self.server: HttpServer | None = None
        self.replicator: Replicator | None = None

    def dial(self, dial: Dial) -> None:
        self.client = HttpClient(dial)

    async def serve(self) -> None:
        self.server = await serve(self._handle, "127.0.0.1", 0 if self.server is None else self.server.port)

    async def _handle(self, request: Request) -> Response:
        assert self.replicator is not None
        return await self.replicator.handle(request)

    async def start(self, urls: dict[str, str]) -> None:
        world = World(SystemClock(), SeededChance(self.name))
        peers = {name: url for name, url in urls.items() if name != self.name}
        self.replicator = Replicator(
            self.name, peers, lambda _: self.client, self.store, world, self.hooks, self.clock, self.settings
        )
        await self.replicator.start()

    async def put(self, key: str, value: str | None) -> None:
        site = Site(self.name, self.clock, int(SystemClock().now() * 1000))
        raw = None if value is None else value.encode()
        await self.store.transact(lambda tx: write(tx, site, FEED, key.encode(), raw))

    def shown(self) -> dict[str, str]:
        found = self.store.read(lambda tx: shown(tx, FEED))
        return {key.decode(): value.decode() for key, value in found.items()}

    async def stop(self) -> None:
        if self.replicator is not None:
            await self.replicator.close()
        await self.client.close()
        if self.server is not None:
            await self.server.close()


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    try:
        for node in nodes:
            await node.serve()
        urls = {n.name: f"http://127.0.0.1:{n.server.port}" for n in nodes if n.server is not None}
        for node in nodes:
            await node.start(urls)
        yield
    finally:
        await asyncio.gather(*(node.stop() for node in nodes))


async def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await SystemClock().sleep(0.005)


def pair() -> tuple[Node, Node]:
    return Node("a", frozenset("b")), Node("b", frozenset("a"))


async def test_what_is_written_in_one_region_is_read_in_the_other() -> None:
    a, b = pair()
    async with running(a, b):
        await a.put("one", "1")
        await b.put("two", "2")
        await until(lambda: a.shown() == b.shown() == {"one": "1", "two": "2"})
        await a.put("two", None)
        await until(lambda: a.shown() == b.shown() == {"one": "1"})
        assert b.replicator is not None
        replicator = b.replicator
        await until(lambda: replicator.health()["a"]["feeds"][FEED]["backlog"] == 0)
        health = replicator.health()["a"]
        assert health["state"] == "following"
        assert health["feeds"][FEED]["lag"]["applied"] == 2
        assert 0 <= health["feeds"][FEED]["lag"]["p50_ms"] < 1000


async def test_a_new_replica_gets_what_was_there_and_what_comes() -> None:
    a, b = Node("a", frozenset("b")), Node("b", frozenset("a"), source="a")
    for n in range(3000):
        await a.put(f"old{n}", "x" * 100)
    async with running(a, b):
        for n in range(100):
            await a.put(f"new{n}", "y")
        await until(lambda: len(b.shown()) == 3100)
        assert b.hooks.table[FEED].source is None
        await b.put("old0", "changed")
        await until(lambda: a.shown()["old0"] == "changed")
        assert a.shown() == b.shown()


async def test_concurrent_writes_leave_one_entry_in_the_ledger() -> None:
    a, b = pair()
    await a.put("k", "from a")
    await b.put("k", "from b")
    async with running(a, b):
        await until(lambda: a.shown() == b.shown())
        await a.put("fence", "")
        await b.put("fence2", "")
        await until(lambda: len(a.shown()) == len(b.shown()) == 3)
        losers = {c.loser_value for node in (a, b) for c in node.store.read(lambda tx: list(conflicts(tx)))}
        assert losers == {b"from a"}


async def test_a_record_that_cannot_be_read_is_named_and_holds_up_nothing_else() -> None:
    a, b = pair()
    a.hooks.set("shelf/2", Feed(frozenset("b")))
    b.hooks.set("shelf/2", Feed(frozenset("a")))
    future = msgspec.msgpack.encode([99, b"key", b"?"])
    async with running(a, b):
        await a.store.transact(lambda tx: tx.publish("shelf/2", future))
        await a.put("k", "v")
        await until(lambda: b.shown() == {"k": "v"})
        assert b.replicator is not None
        replicator = b.replicator
        await until(lambda: "format 99" in replicator.health()["a"]["feeds"]["shelf/2"]["refused"])
        assert replicator.health()["a"]["feeds"][FEED]["refused"] == ""


async def test_paused_replication_catches_up_when_it_goes_on() -> None:
    a, b = pair()
    async with running(a, b):
        assert b.replicator is not None
        b.replicator.pause(FEED, "a")
        await a.put("k", "v")
        await b.put("l", "w")
        await until(lambda: a.shown() == {"k": "v", "l": "w"})
        assert b.shown() == {"l": "w"}
        assert b.replicator.health()["a"]["feeds"][FEED]["paused"]
        b.replicator.resume(FEED, "a")
        await until(lambda: b.shown() == {"k": "v", "l": "w"})
