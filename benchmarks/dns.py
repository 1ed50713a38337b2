"""CPU per answer of the name server, beside a responder that knows nothing.

    python -m benchmarks.dns [--questions N] [--rounds N]

Each server runs in a process of its own on one core's time; this process keeps WINDOW questions in flight over UDP and
counts the answers. What is measured is the server's CPU (user and system) per answer, taken from the kernel, so that
it hardly matters what else the machine does.

    bare       answers each datagram with as many fixed bytes
    plain      panregion: an A record asked for again and again
    latency    three regions by latency, by the client's subnet (12 of them in turn)
    fresh      a name that was never asked for (a wildcard's), so that nothing kept helps
    weighted   three records by weight, which are drawn anew for each answer
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import struct
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import cast

import uvloop

from panregion.edge.book import Book
from panregion.edge.log import Ring
from panregion.edge.names import Names
from panregion.edge.resolving import Resolver
from panregion.edge.server import Desk, NameServer
from panregion.edge.where import Map
from panregion.services.route53.model import Change, RecordSet, Zone, name_servers, own_records
from panregion.wire import dns
from panregion.world import SystemChance, SystemClock, WorldSettings
from panregion.world.transport import listen_udp

HOST = "127.0.0.1"
WINDOW = 64
SUBNETS = 12
ANSWER_BYTES = 60
SETTINGS = WorldSettings()
ZONE = Zone("Z1", "hello.test.", "reference", name_servers([1, 2, 3, 4]))

Ask = Callable[[int], bytes]
"""The number of a question -> its bytes."""


def records() -> list[RecordSet]:
    """The zone that is asked about."""
    found = [RecordSet(ZONE.id, "www.hello.test.", "A", ttl=60, values=("127.0.1.1",))]
    found.append(RecordSet(ZONE.id, "\\052.any.hello.test.", "A", ttl=60, values=("127.0.1.1",)))
    for number, region in enumerate(SETTINGS.regions, 1):
        values = (f"127.0.{number}.1",)
        found.append(RecordSet(ZONE.id, "near.hello.test.", "A", region, ttl=60, values=values, region=region))
        found.append(RecordSet(ZONE.id, "drawn.hello.test.", "A", region, ttl=60, values=values, weight=number))
    return [*own_records(ZONE), *found]


def question(number: int, name: str, subnet: int | None = None) -> bytes:
    """A query for an A record, with the client's subnet if one is given."""
    edns = b""
    if subnet is not None:
        option = struct.pack("!HHHBB", 8, 7, 1, 24, 0) + bytes([198, 18, subnet])
        edns = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
    header = struct.pack("!HHHHHH", number % 65536, 0x0100, 1, 0, 0, 1 if edns else 0)
    return header + dns.name_wire(name) + struct.pack("!HH", 1, 1) + edns


KINDS: dict[str, tuple[str, Ask]] = {
    "bare": ("bare", lambda number: question(number, "www.hello.test.")),
    "plain": ("panregion", lambda number: question(number, "www.hello.test.")),
    "latency": ("panregion", lambda number: question(number, "near.hello.test.", number % SUBNETS)),
    "fresh": ("panregion", lambda number: question(number, f"n{number}.any.hello.test.")),
    "weighted": ("panregion", lambda number: question(number, "drawn.hello.test.")),
}


class _Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        self._transport.sendto(data[:2] + b"\x85\x00" + b"\0" * (ANSWER_BYTES - 4), source)


async def bare() -> int:
    """Answers whatever it is sent."""
    transport, _ = await listen_udp(_Echo, HOST, 0)
    port: int = transport.get_extra_info("sockname")[1]
    return port


async def panregion() -> int:
    """The name server as the edge has it."""
    book = Book()
    book.take(Change(zone=ZONE))
    for record in records():
        book.take(Change(record=record))
    resolver = Resolver(book, Names(SETTINGS), SystemChance(), lambda _check: True)
    server = NameServer(Desk(resolver, Map(SETTINGS), SystemClock(), Ring(), lambda: book.version))
    await server.listen(HOST, 0)
    return server.port


SERVERS = {"bare": bare, "panregion": panregion}


def serve(name: str, told: Connection) -> None:
    """A server's process: tells its port, then its CPU seconds whenever it is asked."""

    async def run() -> None:
        told.send(await SERVERS[name]())
        asked = asyncio.Event()
        asyncio.get_running_loop().add_reader(told.fileno(), asked.set)
        while True:
            await asked.wait()
            asked.clear()
            if told.recv() is None:
                return
            used = os.times()
            told.send(used.user + used.system)

    uvloop.run(run())


def flood(port: int, ask: Ask, count: int) -> int:
    """Ask `count` questions, WINDOW of them at a time; returns how many were answered."""
    answered = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect((HOST, port))
        asker.settimeout(1.0)
        for begin in range(0, count, WINDOW):
            for number in range(begin, min(begin + WINDOW, count)):
                asker.send(ask(number))
            for _ in range(min(WINDOW, count - begin)):
                try:
                    asker.recv(2048)
                except TimeoutError:
                    break
                answered += 1
    return answered


def measure(kind: str, count: int, rounds: int) -> tuple[float, int]:
    """The median of the microseconds of CPU per answer, and how many questions were lost."""
    server, ask = KINDS[kind]
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(server, there))
    process.start()
    try:
        port = here.recv()
        flood(port, ask, WINDOW * 20)
        costs, lost = [], 0
        for _ in range(rounds):
            here.send("cpu")
            before = here.recv()
            answered = flood(port, ask, count)
            here.send("cpu")
            costs.append((here.recv() - before) / max(1, answered) * 1e6)
            lost += count - answered
        here.send(None)
        return statistics.median(costs), lost
    finally:
        process.join(5)
        if process.is_alive():
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{'':10}{'us of CPU per answer':>22}{'answers/s on one core':>24}{'lost':>8}")
    for kind in KINDS:
        cost_us, lost = measure(kind, arguments.questions, arguments.rounds)
        print(f"{kind:10}{cost_us:22.1f}{1e6 / cost_us:24,.0f}{lost:8}")


if __name__ == "__main__":
    main()
