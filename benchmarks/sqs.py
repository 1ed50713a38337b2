"""SQS's data plane: CPU per request of panregion, of its HTTP server's ceiling, and of its peers.

Interleaved rounds as in benchmarks/dynamodb.py. Receiving and deleting is one kind of work: messages are received one
at a time, and then deleted by their receipt handles; every request counts.
"""

import argparse
import contextlib
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvloop

from benchmarks.load import Outcome, burst
from benchmarks.peers import PEERS, Peer
from panregion.world.aws_client import aws_client

QUEUE = "bench"
BODY = "x" * 400
SEND, RECEIVE_DELETE = "SendMessage", "ReceiveMessage + DeleteMessage"
SLOW = {"moto": 20, "ministack": 5}
"""How many times fewer requests a slow peer gets."""


@dataclass
class Measured:
    """The rounds of one peer at one kind of work."""

    cpu_us: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


def request(address: tuple[str, int], operation: str, payload: dict[str, Any]) -> bytes:
    """An SQS request in the form that SDKs send; nobody here verifies its signature."""
    body = json.dumps(payload).encode()
    head = (
        f"POST / HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20261121T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sqs/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def create_queue(peer: Peer) -> str:
    """Make the queue; its URL."""
    host, port = peer.address
    client = aws_client("sqs", "us-east-1", f"http://{host}:{port}")
    url: str = client.create_queue(QueueName=QUEUE)["QueueUrl"]
    return url


async def send(peer: Peer, url: str, total: int, connections: int) -> Outcome:
    prepared = [request(peer.address, "SendMessage", {"QueueUrl": url, "MessageBody": BODY})]
    return await burst(peer.address, prepared, total, connections)


async def consume(peer: Peer, url: str, total: int, connections: int) -> Outcome:
    """Receive half as many messages as requests are asked for, then delete them."""
    answers: list[bytes] = []
    receive = [request(peer.address, "ReceiveMessage", {"QueueUrl": url, "VisibilityTimeout": 600})]
    received = await burst(peer.address, receive, total // 2, connections, answers)
    messages = [message for answer in answers for message in json.loads(answer).get("Messages", ())]
    deletions = [
        request(peer.address, "DeleteMessage", {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]})
        for message in messages
    ]
    deleted = await burst(peer.address, deletions, len(deletions), connections)
    failures = received.failures + deleted.failures + total // 2 - len(messages)
    return Outcome(total, failures, received.elapsed_s + deleted.elapsed_s)


@contextlib.contextmanager
def started(names: list[str]) -> Iterator[list[tuple[Peer, str]]]:
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(PEERS[name]()) for name in names]
        yield [(peer, "" if peer.name == "hello" else create_queue(peer)) for peer in peers]


def one_round(peer: Peer, url: str, work: str, total: int, connections: int, measured: Measured) -> None:
    before = peer.cpu_s()
    run = send if work == SEND or peer.name == "hello" else consume
    outcome = uvloop.run(run(peer, url, total, connections))
    assert outcome.failures == 0, f"{peer.name}: {outcome.failures} of {total} {work} failed"
    measured.cpu_us.append((peer.cpu_s() - before) / total * 1e6)
    measured.rate.append(outcome.rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4000, help="per round; slow peers get a part of it")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--peers", default="hello,panregion,moto", help=f"of {', '.join(PEERS)}")
    arguments = parser.parse_args()
    names = arguments.peers.split(",")
    works = (SEND, RECEIVE_DELETE)
    results = {(name, work): Measured() for name in names for work in works}
    with started(names) as peers:
        for number in range(arguments.rounds + 1):
            for work in works:
                for peer, url in peers:
                    total = arguments.requests // SLOW.get(peer.name, 1)
                    total = total if work == SEND else 2 * total  # all that was sent is received and deleted
                    measured = results[peer.name, work] if number else Measured()  # the first round warms up
                    one_round(peer, url, work, total, arguments.connections, measured)
        memory = {peer.name: peer.memory_mb() for peer, _ in peers}
    report(results, names, works, memory)


def report(
    results: dict[tuple[str, str], Measured], names: list[str], works: tuple[str, ...], memory_mb: dict[str, float]
) -> None:
    print(f"{'work':<32}{'peer':<16}{'CPU us/request':>16}{'requests/s':>12}{'CPU / panregion':>18}")
    for work in works:
        ours = statistics.median(results["panregion", work].cpu_us)
        for name in names:
            cpu = statistics.median(results[name, work].cpu_us)
            rate = statistics.median(results[name, work].rate)
            print(f"{work:<32}{name:<16}{cpu:>16.0f}{rate:>12.0f}{cpu / ours:>18.2f}")
    print("memory MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in memory_mb.items()))


if __name__ == "__main__":
    main()
