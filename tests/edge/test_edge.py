"""An edge over real sockets with a data plane of its own: names, routes, where users come from, health."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.edge.edge import Edge
from panregion.edge.plane import Plane, Surroundings, Unresolved
from panregion.edge.routes import NoRoute, Route
from panregion.edge.where import Asker
from panregion.network import Network, Relay, Sites
from panregion.world import HttpClient, World, WorldSettings, direct_dial
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports
from panregion.world.transport import bound_port, listen_streams, listen_tcp

"""Below those that the system gives away by itself, and not those of another run of the tests."""

ADDRESS = "127.3.77.1"
"""Of this test alone: no world has so many accelerators."""


class Anycast:
    """Answers each connection with the site that it came from."""

    def __init__(self) -> None:
        self.stopped = False
        self._edge: Surroundings | None = None
        self._server: asyncio.Server | None = None
        self._port = 0

    async def start(self, edge: Surroundings) -> None:
        self._edge = edge
        self._server = await listen_streams(self._serve, ADDRESS, 0, 65536)
        self._port = bound_port(self._server)

    async def _serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._edge is not None
        peer = writer.get_extra_info("peername")[0]
        writer.write(self._edge.map.at(ipaddress.ip_address(peer)).site.name.encode())
        writer.close()

    async def stop(self) -> None:
        self.stopped = True
        if self._server is not None:
            self._server.close()

    def addresses(self, name: str, _asker: Asker) -> list[str] | None:
        return [ADDRESS] if name == "a1.awsglobalaccelerator.com." else None

    def route(self, address: str, _port: int, from_site: str) -> Route | None:
        return Route(from_site, ADDRESS, self._port) if address == ADDRESS else None

    def target_health(self, _name: str) -> bool | None:
        return None

    def health(self) -> dict[str, Any]:
        return {"accelerators": 1}


@pytest.fixture
async def relay() -> AsyncIterator[int]:
    settings = WorldSettings(network=NetworkSettings(scale=0, jitter_ms=0))
    relay = Relay(Network(Sites(settings), World()))
    listener = await listen_tcp(relay.protocol, "127.0.0.1", 0)
    yield bound_port(listener)
    relay.close()
    listener.close()


@pytest.fixture
async def edge(relay: int, tmp_path: Path, ports: Ports) -> AsyncIterator[tuple[Edge, Anycast, WorldSettings]]:
    settings = WorldSettings(ports=msgspec.structs.replace(ports, network=relay), folder=str(tmp_path))
    plane = Anycast()
    planes: dict[str, Plane] = {"accelerator": plane}
    edge = Edge(settings, planes=planes)
    try:
        await edge.start()
        yield edge, plane, settings
    finally:
        await edge.stop()
        assert plane.stopped


async def test_a_plane_s_address_is_reached_and_sees_where_users_come_from(
    edge: tuple[Edge, Anycast, WorldSettings],
) -> None:
    view = edge[0].surroundings
    for site in ("london", "sydney", "eu-west-1"):
        route, (reader, writer) = await view.connect(site, "a1.awsglobalaccelerator.com", 80)
        assert route.site == site
        assert (await asyncio.wait_for(reader.read(), 5)).decode() == site
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def test_what_leads_nowhere_says_so(edge: tuple[Edge, Anycast, WorldSettings]) -> None:
    view = edge[0].surroundings
    with pytest.raises(Unresolved, match="cannot be resolved from london"):
        await view.connect("london", "nowhere.example", 80)
    with pytest.raises(Unresolved, match="is not a host name"):
        await view.connect("london", "no..where", 80)
    with pytest.raises(NoRoute, match="belongs to no site"):
        await view.connect("london", "192.0.2.1", 80)


async def test_the_api_lists_planes_and_what_is_followed(edge: tuple[Edge, Anycast, WorldSettings]) -> None:
    client = HttpClient(direct_dial)
    url = f"http://127.0.0.1:{edge[2].ports.edge}/_panregion/health"
    response = await client.send("GET", url, [], b"", timeout_s=5)
    await client.close()
    assert isinstance(response.body, bytes)
    assert b'"planes":{"accelerator":{"accelerators":1}}' in response.body
    assert b'"route53":{"home":"us-east-1"' in response.body
