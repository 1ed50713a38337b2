"""Where connections come from, and what applications are shown of that."""

import asyncio
import ipaddress

import pytest

from panregion.edge.where import Map
from panregion.world import Request, Response, WorldSettings, serve
from panregion.world.transport import bound_port, connect_tcp, listen_tcp
from panregion.world.whereabouts import Sources, shown_address

SETTINGS = WorldSettings()
MAP = Map(SETTINGS)


@pytest.mark.parametrize("site", ["london", "sydney", "eu-west-1", "us-east-1", "sa-east-1"])
def test_a_source_address_leads_back_to_its_site(site: str) -> None:
    source = Sources(SETTINGS).of(site)
    assert source is not None
    assert ipaddress.ip_address(source).is_loopback
    assert MAP.at(ipaddress.ip_address(source)).site.name == site
    shown = shown_address(source)
    assert shown == str(MAP.asker(site).address)
    assert MAP.at(ipaddress.ip_address(shown)).site.name == site


def test_who_is_nowhere_has_no_address_of_a_site() -> None:
    assert Sources(SETTINGS).of("edge") is None
    for address in ("127.0.0.1", "127.0.2.1", "127.3.1.10", "127.0.1.1", "192.0.2.1", "::1", "testing"):
        assert shown_address(address) == address


async def test_an_application_is_shown_the_user_s_address() -> None:
    seen: list[str] = []

    async def answer(request: Request) -> Response:
        seen.append(request.peer)
        return Response(200, [], b"")

    server = await serve(answer, "127.0.0.1", 0)
    port = server.port
    transport, _ = await connect_tcp(asyncio.Protocol, "127.0.0.1", port, Sources(SETTINGS).of("london"))
    transport.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(5):
        while not seen:
            await asyncio.sleep(0.01)
    transport.close()
    await server.close()
    assert seen == [str(MAP.asker("london").address)]


async def test_connections_from_one_place_to_several_targets() -> None:
    source = Sources(SETTINGS).of("london")
    accepted: list[tuple[str, int]] = []

    class Peer(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(transport.get_extra_info("peername"))

    servers = [await listen_tcp(Peer, "127.0.0.1", 0) for _ in range(3)]
    opened = [
        (await connect_tcp(asyncio.Protocol, "127.0.0.1", bound_port(server), source))[0]
        for server in servers
        for _ in range(50)
    ]
    async with asyncio.timeout(5):
        while len(accepted) < len(opened):
            await asyncio.sleep(0.01)
    assert {host for host, _ in accepted} == {source}
    assert len(opened) == 150
    for transport in opened:
        transport.abort()
    for server in servers:
        server.close()
    with pytest.raises(ConnectionRefusedError):
        await connect_tcp(asyncio.Protocol, "127.0.0.1", 9, source)
