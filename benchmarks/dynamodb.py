"""PutItem and GetItem: CPU per request of panregion, of a hello-world on the same server, and of moto.

Rounds are interleaved, so that a busy moment of the machine falls on everybody; the figure is the median round. Only
ratios within one run mean anything.
"""

import argparse
import contextlib
import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import boto3
import uvloop

from benchmarks.load import burst
from benchmarks.peers import Peer, hello, moto, panregion

TABLE = "bench"
ITEMS = 1000
ITEM_BYTES = 400
WORKS = ("PutItem", "GetItem")


@dataclass
class Measured:
    """The rounds of one peer at one kind of work."""

    cpu_us: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


def request(peer: Peer, operation: str, payload: dict[str, object]) -> bytes:
    """A signed-looking DynamoDB request as bytes; nobody here verifies signatures."""
    body = json.dumps(payload).encode()
    host = f"{peer.address[0]}:{peer.address[1]}"
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20261121T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/dynamodb/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def prepared(peer: Peer, operation: str) -> list[bytes]:
    """Requests for every one of the items."""
    requests = []
    for number in range(ITEMS):
        key = {"pk": {"S": f"item-{number:06}"}}
        payload: dict[str, object] = {"TableName": TABLE}
        if operation == "PutItem":
            payload["Item"] = {**key, "n": {"N": str(number)}, "data": {"S": "x" * (ITEM_BYTES - 60)}}
        else:
            payload["Key"] = key
        requests.append(request(peer, operation, payload))
    return requests


def create_table(peer: Peer) -> None:
    host, port = peer.address
    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})


PEERS: dict[str, Callable[[], contextlib.AbstractContextManager[Peer]]] = {
    "hello": hello,
    "panregion": panregion,
    "moto": moto,
}


@contextlib.contextmanager
def started() -> Iterator[list[Peer]]:
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(start()) for start in PEERS.values()]
        for peer in peers:
            if peer.name != "hello":
                create_table(peer)
        yield peers


def one_round(peer: Peer, operation: str, total: int, connections: int, measured: Measured) -> None:
    requests = prepared(peer, operation)
    before = peer.cpu_s()
    outcome = uvloop.run(burst(peer.address, requests, total, connections))
    assert outcome.failures == 0, f"{peer.name}: {outcome.failures} of {total} {operation} failed"
    measured.cpu_us.append((peer.cpu_s() - before) / total * 1e6)
    measured.rate.append(outcome.rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4000, help="per round; moto gets a tenth")
    parser.add_argument("--connections", type=int, default=16)
    arguments = parser.parse_args()
    results = {(name, work): Measured() for name in PEERS for work in WORKS}
    with started() as peers:
        for number in range(arguments.rounds + 1):
            for work in WORKS:
                for peer in peers:
                    total = arguments.requests // (10 if peer.name == "moto" else 1)
                    measured = results[peer.name, work] if number else Measured()  # the first round warms up
                    one_round(peer, work, total, arguments.connections, measured)
        memory = {peer.name: peer.memory_mb() for peer in peers}
    report(results, memory)


def report(results: dict[tuple[str, str], Measured], memory_mb: dict[str, float]) -> None:
    print(f"{'work':<10}{'peer':<12}{'CPU us/request':>16}{'requests/s':>12}{'CPU / panregion':>18}")
    for work in WORKS:
        ours = statistics.median(results["panregion", work].cpu_us)
        for name in PEERS:
            cpu = statistics.median(results[name, work].cpu_us)
            rate = statistics.median(results[name, work].rate)
            print(f"{work:<10}{name:<12}{cpu:>16.0f}{rate:>12.0f}{cpu / ours:>18.2f}")
    print("memory MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in memory_mb.items()))


if __name__ == "__main__":
    main()
