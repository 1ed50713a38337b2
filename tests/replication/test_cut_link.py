"""A link that is cut in silence: it is noticed, and used again soon after it heals."""

import asyncio
import contextlib

from panregion.replication import ReplicationSettings
from panregion.replication.puller import PullSettings
from panregion.replication.serving import ServeSettings
from panregion.world import SystemClock
from panregion.world.dial import Connection, direct_dial
from tests.replication.test_replicator import Node, pair, running, until

QUICK = ReplicationSettings(
    pull=PullSettings(silence_s=0.2, attempt_every_s=0.05),
    serve=ServeSettings(heartbeat_s=0.05),
)


class Link:
    """Passes bytes while it is whole; while it is cut, they vanish and nobody is told."""

    def __init__(self) -> None:
        self.whole = asyncio.Event()
        self.whole.set()
        self._pumps: list[asyncio.Task[None]] = []

    async def dial(self, host: str, port: int) -> Connection:
        await self.whole.wait()
        reader, writer = await direct_dial(host, port)
        passed = asyncio.StreamReader()
        self._pumps.append(asyncio.create_task(self._pump(reader, passed)))
        return passed, writer

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if self.whole.is_set():
                    target.feed_data(data)
        target.feed_eof()

    async def close(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


async def test_a_cut_link_is_noticed_and_used_again_when_it_heals() -> None:
    link = Link()
    a, b = pair()
    for node in (a, b):
        node.settings = QUICK
    b.dial(link.dial)
    async with running(a, b):
        await a.put("k", "1")
        await until(lambda: b.shown() == {"k": "1"})
        link.whole.clear()
        await a.put("k", "2")
        await until(lambda: state(b) == "connecting")
        assert b.shown() == {"k": "1"}
        link.whole.set()
        healed_at = SystemClock().monotonic()
        await until(lambda: b.shown() == {"k": "2"})
        assert SystemClock().monotonic() - healed_at < 1.0
    await link.close()


def state(node: Node) -> str:
    assert node.replicator is not None
    return str(node.replicator.health()["a"]["state"])
