"""The relay over real sockets: a connection costs its round trip, faults act at once, errors say why."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import msgspec
import psutil
import pytest

from panregion.network import Network, Relay, Sites
from panregion.world import LinkError, World, WorldSettings, direct_dial, link_dial, parse_settings
from panregion.world.transport import bound_port, listen_tcp
from tests.support import all_closed

FROM, TO = "eu-west-1", "us-east-1"


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Patient(asyncio.Protocol):
    """A far end that does not close when all is said."""

    def __init__(self) -> None:
        self.heard_end = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def eof_received(self) -> bool:
        self.heard_end.set()
        return True


def connected(port: int) -> list[str]:
    """The ends of this process's connections at a port: of those who came to it, and of those who took them."""
    connections = [each for each in psutil.Process().net_connections("tcp") if each.raddr]
    came = ["came" for each in connections if each.raddr.port == port]
    return came + ["taken" for each in connections if each.laddr.port == port]


class Bench:
    """A relay, a server at the far end, and a way to dial it."""

    def __init__(self, network: Network, relay: Relay, port: int, target: int) -> None:
        self.network = network
        self.relay = relay
        self.port = port
        self.target = target
        self.dial = link_dial(("127.0.0.1", port), FROM, TO)

    async def api(self, method: str, path: str, value: object = None) -> tuple[int, dict[str, object]]:
        reader, writer = await direct_dial("127.0.0.1", self.port)
        body = msgspec.json.encode(value)
        writer.write(f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split(b" ")[1]), msgspec.json.decode(answer)

    async def cut(self, kind: str | None) -> None:
        for pair in (f"{FROM}/{TO}", f"{TO}/{FROM}"):
            assert (await self.api("PUT", f"/_panregion/links/{pair}", {"cut": kind}))[0] == 200


@asynccontextmanager
async def bench(scale: float = 0.1) -> AsyncIterator[Bench]:
    network = Network(Sites(WorldSettings(network=_network(scale))), World())
    relay = Relay(network)
    listener = await listen_tcp(relay.protocol, "127.0.0.1", 0)
    target = await listen_tcp(Echo, "127.0.0.1", 0)
    try:
        yield Bench(network, relay, bound_port(listener), bound_port(target))
    finally:
        relay.close()
        listener.close()
        target.close()
        await all_closed()


def _network(scale: float):  # type: ignore[no-untyped-def]
    from pathlib import Path

    return parse_settings({"network": {"scale": scale, "jitter_ms": 0}}, Path("panregion.toml")).network


async def test_connect_and_echo_cost_a_round_trip_each() -> None:
    async with bench() as world:
        loop = asyncio.get_running_loop()
        began = loop.time()
        reader, writer = await world.dial("127.0.0.1", world.target)
        connected = loop.time()
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        answered = loop.time()
        for took_s in (connected - began, answered - connected):
            assert 0.007 <= took_s < 0.2
        writer.write_eof()
        writer.close()
        status, answer = await world.api("GET", f"/_panregion/links/{FROM}/{TO}")
        assert (status, answer["bytes"], answer["connects"]) == (200, 5, 1)
        assert answer["one_way_ms"] == pytest.approx(3.525)


async def test_a_silent_cut_stalls_and_a_heal_resumes() -> None:
    async with bench(scale=0) as world:
        reader, writer = await world.dial("127.0.0.1", world.target)
        await world.cut("silent")
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.03)
        await world.cut(None)
        assert await asyncio.wait_for(reader.readexactly(5), 5) == b"hello"
        writer.close()


async def test_a_relay_that_ends_takes_what_its_client_has_left_already() -> None:
    async with bench(scale=0) as world, asyncio.timeout(10):
        far = Patient()
        target = await listen_tcp(lambda: far, "127.0.0.1", 0)
        _, writer = await world.dial("127.0.0.1", bound_port(target))
        writer.write_eof()
        await far.heard_end.wait()
        writer.close()
        while "came" in connected(world.port):
            await asyncio.sleep(0.005)
        far.transport.write(b"too late: this is answered by a reset")
        while connected(world.port):
            await asyncio.sleep(0.005)
        far.transport.write(b"and this the entrance cannot send any more")
        while world.network.link(TO, FROM).live:
            await asyncio.sleep(0.005)
        assert connected(bound_port(target)) == ["came", "taken"]
        world.relay.close()
        while "came" in connected(bound_port(target)):
            await asyncio.sleep(0.005)
        far.transport.abort()
        target.close()


async def test_a_refusing_cut_resets_and_refuses() -> None:
    async with bench(scale=0) as world:
        reader, writer = await world.dial("127.0.0.1", world.target)
        await world.cut("refuse")
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        writer.close()
        with pytest.raises(LinkError, match="eu-west-1 -> us-east-1 is cut"):
            await world.dial("127.0.0.1", world.target)


async def test_nobody_listening_is_refused_with_the_reason() -> None:
    async with bench(scale=0) as world:
        with pytest.raises(LinkError, match=r"us-east-1 at 127.0.0.1:1: connection refused"):
            await world.dial("127.0.0.1", 1)


async def test_unknown_sites_and_strange_targets_are_refused() -> None:
    async with bench(scale=0) as world:
        with pytest.raises(LinkError, match=r"unknown site 'atlantis'; there are: .*london"):
            await link_dial(("127.0.0.1", world.port), "atlantis", TO)("127.0.0.1", 1)
        with pytest.raises(LinkError, match="loopback addresses only"):
            await world.dial("192.0.2.1", 80)
        assert (await world.api("PUT", f"/_panregion/links/{FROM}/{TO}", {"loss": 2}))[0] == 400
        assert (await world.api("GET", "/nothing"))[0] == 404


async def test_large_bodies_arrive_whole_both_ways() -> None:
    async with bench() as world:
        reader, writer = await world.dial("127.0.0.1", world.target)
        sent = bytes(range(256)) * 40_000

        async def send() -> None:
            writer.write(sent)
            await writer.drain()

        async with asyncio.TaskGroup() as group:
            group.create_task(send())
            received = await reader.readexactly(len(sent))
        assert received == sent
        writer.close()
