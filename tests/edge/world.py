"""A small world over real sockets: a relay without delays, a region's server that a test scripts, and places."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec

from panregion.edge.cache import PlaceResolver
from panregion.edge.place import Place
from panregion.edge.routes import Route, Routes
from panregion.edge.visits import Visits
from panregion.network import Network, Relay, Sites
from panregion.world import SystemClock, World, WorldSettings
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports
from panregion.world.transport import bound_port, listen_streams, listen_tcp
from tests.edge.support import MAP, Lab, record
from tests.support import all_closed

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
REGION_ADDRESS = "127.0.1.1"
POINT_ADDRESS = "127.3.1.1"
"""An address of no region: the same server, as if it were at a point of presence in the city that asks."""


class SmallWorld:
    """`visits` are the heads that the region's server was sent; `kept` is what London's proxy keeps of requests."""

    def __init__(self, settings: WorldSettings, network: Network) -> None:
        self.settings = settings
        self.network = network
        self.visits: list[str] = []
        self.lab = Lab(record("api", REGION_ADDRESS, ttl=1))
        self.place_port = 0
        self.kept = Visits(SystemClock())

    def set_links(self, **changes: Any) -> None:
        """Change both directions between London and the region."""
        for pair in (("london", "us-east-1"), ("us-east-1", "london")):
            link = self.network.link(*pair)
            link.set(replace(link.conditions, **changes))

    async def ask(self, text: str) -> str:
        """Send text to London's proxy and read until it closes."""
        reader, writer = await self.open()
        writer.write(text.replace("\n", "\r\n").encode())
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answer.decode()

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.place_port)


@asynccontextmanager
async def small_world(script: Script) -> AsyncIterator[SmallWorld]:
    """London, us-east-1, and the link between them."""
    region = await listen_streams(_recorded(script, lambda: world), REGION_ADDRESS, 0, 65536)
    ports = Ports(gateway=bound_port(region))
    settings = WorldSettings(network=NetworkSettings(scale=0, jitter_ms=0), ports=ports)
    network = Network(Sites(settings), World())
    relay = Relay(network)
    listener = await listen_tcp(relay.protocol, "127.0.0.1", 0)
    settings = msgspec.structs.replace(settings, ports=Ports(gateway=ports.gateway, network=bound_port(listener)))

    def elsewhere(address: str, _port: int, site: str) -> Route | None:
        return Route(site, REGION_ADDRESS, ports.gateway) if address == POINT_ADDRESS else None

    world = SmallWorld(settings, network)
    resolver = PlaceResolver(world.lab.resolver, MAP.asker("london"), SystemClock())
    place = Place("london", MAP.place_address("london"), resolver, Routes(settings, elsewhere), world.kept)
    world.place_port = await place.listen("127.0.0.1", 0)
    try:
        yield world
    finally:
        await place.close()
        relay.close()
        listener.close()
        region.close()
        await all_closed()


def _recorded(script: Script, world: Callable[[], SmallWorld]) -> Script:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                world().visits.append(head.decode("latin-1"))
                await script(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    return serve
