"""Where connections come from, and what applications are shown of that."""

import asyncio
import ipaddress

import pytest

from panregion.edge.where import Map
from panregion.world import Request, Response, WorldSettings, serve
from panregion.world.transport import connect_tcp
from panregion.world.whereabouts import Sources, shown_address

SETTINGS = WorldSettings()
MAP = Map(SETTINGS)


@pytest.mark.parametrize("site", ["london", "sydney", "eu-west-1", "us-east-1"])
def test_a_source_address_leads_back_to_its_site(site: str) -> None:
    source = Sources(SETTINGS).of(site)
    assert ipaddress.ip_address(source).is_loopback
    assert MAP.at(ipaddress.ip_address(source)).site.name == site
    shown = shown_address(source)
    assert shown == str(MAP.asker(site).address)
    assert MAP.at(ipaddress.ip_address(shown)).site.name == site


def test_who_is_nowhere_has_no_address_of_a_site() -> None:
    for site in ("edge", "sa-east-1"):
        assert Sources(SETTINGS).of(site) == "127.0.0.1"
    for address in ("127.0.0.1", "127.0.2.1", "127.3.1.10", "192.0.2.1", "::1", "testing"):
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
