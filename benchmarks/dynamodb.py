"""DynamoDB's data plane: CPU per request of panregion, of its HTTP server's ceiling, and of its peers.

Rounds are interleaved, so that a busy moment of the machine falls on everybody; the figure is the median round. Only
ratios within one run mean anything.
"""

import argparse
import contextlib
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvloop

from benchmarks.load import burst
from benchmarks.peers import PEERS, Peer
from benchmarks.work import ITEMS, QUERIED, QUERY_ITEMS, TABLE, WORKS, prepared, queried
from panregion.world.aws_client import aws_client

DEFAULT_PEERS = ("hello", "panregion", "moto")
SLOW = {"moto": 10, "ministack": 5}
"""How many times fewer requests a slow peer gets: its figure is as good, and the run ends."""


@dataclass
class Measured:
    """The rounds of one peer at one kind of work."""

    cpu_us: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


def prepare_tables(peer: Peer) -> None:
    """Make the tables and fill them."""
    host, port = peer.address
    client = aws_client("dynamodb", "us-east-1", f"http://{host}:{port}")
    create(client, TABLE, {"pk": "S"})
    create(client, QUERIED, {"pk": "S", "sk": "N"})
    for number in range(QUERY_ITEMS):
        client.put_item(TableName=QUERIED, Item=queried(number))
    filled = uvloop.run(burst(peer.address, prepared(peer.address, "PutItem"), ITEMS, 16))
    assert filled.failures == 0, f"{peer.name} could not be filled"


def create(client: Any, table: str, keys: dict[str, str]) -> None:
    client.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})


@contextlib.contextmanager
def started(names: list[str]) -> Iterator[list[Peer]]:
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(PEERS[name]()) for name in names]
        for peer in peers:
            if peer.name != "hello":
                prepare_tables(peer)
        yield peers


def one_round(peer: Peer, work: str, total: int, connections: int, measured: Measured) -> None:
    requests = prepared(peer.address, work)
    before = peer.cpu_s()
    outcome = uvloop.run(burst(peer.address, requests, total, connections))
    if outcome.failures == total:
        return  # the peer does not have the operation
    assert outcome.failures == 0, f"{peer.name}: {outcome.failures} of {total} {work} failed"
    measured.cpu_us.append((peer.cpu_s() - before) / total * 1e6)
    measured.rate.append(outcome.rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4000, help="per round; slow peers get a part of it")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--peers", default=",".join(DEFAULT_PEERS), help=f"of {', '.join(PEERS)}")
    parser.add_argument("--works", default="PutItem,GetItem", help=f"or `all`: {'; '.join(WORKS)}")
    arguments = parser.parse_args()
    names = arguments.peers.split(",")
    works = list(WORKS) if arguments.works == "all" else arguments.works.split(",")
    results = {(name, work): Measured() for name in names for work in works}
    with started(names) as peers:
        for number in range(arguments.rounds + 1):
            for work in works:
                for peer in peers:
                    total = arguments.requests // SLOW.get(peer.name, 1)
                    measured = results[peer.name, work] if number else Measured()  # the first round warms up
                    one_round(peer, work, total, arguments.connections, measured)
        memory = {peer.name: peer.memory_mb() for peer in peers}
    report(results, names, works, memory)


def report(
    results: dict[tuple[str, str], Measured], names: list[str], works: list[str], memory_mb: dict[str, float]
) -> None:
    print(f"{'work':<32}{'peer':<16}{'CPU us/request':>16}{'requests/s':>12}{'CPU / panregion':>18}")
    for work in works:
        ours = statistics.median(results["panregion", work].cpu_us)
        for name in names:
            if not results[name, work].cpu_us:
                print(f"{work:<32}{name:<16}{'does not have it':>16}")
                continue
            cpu = statistics.median(results[name, work].cpu_us)
            rate = statistics.median(results[name, work].rate)
            print(f"{work:<32}{name:<16}{cpu:>16.0f}{rate:>12.0f}{cpu / ours:>18.2f}")
    print("memory MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in memory_mb.items()))


if __name__ == "__main__":
    main()
