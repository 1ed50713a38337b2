"""Points of presence over real sockets: a relay without delays, origins in two regions that a test scripts, viewers."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import brotli
import msgspec

from panregion.edge.cloudfront.plane import CloudFront
from panregion.edge.cloudfront.pops import nearest
from panregion.edge.plane import Surroundings
from panregion.edge.routes import Routes
from panregion.network import Network, Relay, Sites
from panregion.services.cloudfront.model import Distribution, Invalidation, Part
from panregion.world import ManualClock, Request, Response, SeededChance, World, WorldSettings, link_dial, serve
from panregion.world.distance import cities
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports
from panregion.world.tls import make_authority, server_context, trusting
from panregion.world.transport import bound_port, listen_tcp
from tests.edge.cloudfront.support import tell
from tests.edge.support import MAP, Lab, record
from tests.support import all_closed

Script = Callable[[Request], Awaitable[Response]]


@dataclass
class Answer:
    """What a viewer got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def x_cache(self) -> str:
        return self.headers.get("x-cache", "")

    @property
    def text(self) -> str:
        match self.headers.get("content-encoding"):
            case "gzip":
                return gzip.decompress(self.body).decode()
            case "br":
                return bytes(brotli.decompress(self.body)).decode()
        return self.body.decode()


@dataclass
class Origin:
    """One region's server: what it answers, and what it was asked."""

    visits: list[Request] = field(default_factory=list)
    script: Script | None = None

    async def __call__(self, request: Request) -> Response:
        self.visits.append(request)
        if self.script is not None:
            return await self.script(request)
        return Response(200, [("Content-Type", "text/plain")], f"hello {request.target}".encode())


class _Following:
    """In place of the edge's: whatever is to be followed, the test tells it."""

    def follow(self, service: str, book: Any, home: str, changed: Any = None, *, name: str = "") -> None:
        del service, home, changed, name
        self.book = book


class Cdn:
    """The plane, two origins (a.hello.test and b.hello.test) and London's viewers."""

    def __init__(self, settings: WorldSettings, network: Network, clock: ManualClock) -> None:
        self.settings = settings
        self.network = network
        self.clock = clock
        self.a, self.b = Origin(), Origin()
        self.plane = CloudFront()
        records = record("a", "127.0.1.1", ttl=1), record("b", "127.0.2.1", ttl=1), record("gone", "127.9.9.9")
        self.lab = Lab(*records, owners={"cloudfront": self.plane})
        self.following = _Following()

    def surroundings(self) -> Surroundings:
        world = World(self.clock, SeededChance(1))
        routes = Routes(self.settings, self.plane.route)
        return Surroundings(self.settings, world, MAP, routes, self.lab.resolver, self.following)  # type: ignore[arg-type]

    def tell(self, *things: Distribution | Part | Invalidation, gone: bool = False) -> None:
        tell(self.following.book, *things, gone=gone)

    def set_links(self, from_site: str, to_site: str, **changes: Any) -> None:
        for pair in ((from_site, to_site), (to_site, from_site)):
            link = self.network.link(*pair)
            link.set(replace(link.conditions, **changes))

    async def open(
        self, city: str = "london", tls: str = "", context: ssl.SSLContext | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A viewer's connection to the nearest point of presence; `tls` is the name asked for by SNI."""
        pop = nearest(cities()[city], "PriceClass_All")
        dial = link_dial(self.settings.network_address, city, pop.site.name)
        port = self.settings.ports.tls if tls else self.settings.ports.gateway
        reader, writer = await dial(pop.address, port)
        if tls:
            await writer.start_tls(context or trusting(self.settings.path), server_hostname=tls)
        return reader, writer

    async def raw(self, data: bytes, city: str = "london") -> bytes:
        """Send bytes and read until the point of presence closes."""
        reader, writer = await self.open(city)
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()

    async def ask(
        self,
        target: str = "/",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        host: str = "de1.cloudfront.net",
        city: str = "london",
        tls: bool = False,
    ) -> Answer:
        """One request on a connection of its own."""
        given = {"Host": host, "Connection": "close", **(headers or {})}
        if body:
            given["Content-Length"] = str(len(body))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        reader, writer = await self.open(city, host if tls else "")
        writer.write("\r\n".join(lines).encode("latin-1") + body)
        try:
            return parse_answer(await asyncio.wait_for(reader.read(), 10))
        finally:
            writer.close()


def parse_answer(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    return Answer(int(first.split(" ")[1]), headers, body)


def _unchunked(data: bytes) -> bytes:
    found = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return found
        found, data = found + data[:length], data[length + 2 :]
    raise AssertionError("the body has no last chunk")


@asynccontextmanager
async def cdn(folder: Path) -> AsyncIterator[Cdn]:
    """All of it, started."""
    make_authority(folder)
    holder: list[Cdn] = []
    a = await serve(lambda request: holder[0].a(request), "127.0.1.1", 0)
    a_tls = await serve(lambda request: holder[0].a(request), "127.0.1.1", 0, server_context(folder, "127.0.1.1"))
    b = await serve(lambda request: holder[0].b(request), "127.0.2.1", a.port)
    b_tls = await serve(lambda request: holder[0].b(request), "127.0.2.1", a_tls.port, server_context(folder, "x"))
    settings = WorldSettings(
        folder=str(folder),
        network=NetworkSettings(scale=0, jitter_ms=0),
        ports=Ports(gateway=a.port, tls=a_tls.port),
    )
    network = Network(Sites(settings), World())
    relay = Relay(network)
    listener = await listen_tcp(relay.protocol, "127.0.0.1", 0)
    ports = Ports(gateway=a.port, tls=a_tls.port, network=bound_port(listener))
    one = Cdn(msgspec.structs.replace(settings, ports=ports), network, ManualClock())
    holder.append(one)
    try:
        await one.plane.start(one.surroundings())
        yield one
    finally:
        await one.plane.stop()
        relay.close()
        listener.close()
        for server in (a, a_tls, b, b_tls):
            await server.close()
        await all_closed()
