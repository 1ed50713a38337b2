"""PutEvents of ten events against a thousand rules: CPU per request, on a region's own process over HTTP."""

import argparse
import json
import statistics

import uvloop

from benchmarks.load import burst
from benchmarks.peers import Peer, panregion
from benchmarks.sqs import create_queue

RULES = 1000
ENTRIES = 10


def request(address: tuple[str, int], operation: str, payload: object) -> bytes:
    body = json.dumps(payload).encode()
    head = (
        f"POST / HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nX-Amz-Target: AWSEvents.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Date: 20261121T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/events/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def prepare(peer: Peer) -> None:
    """A thousand rules of one source, fifty types and as many kinds as rules; each with a queue as its target."""
    create_queue(peer)
    rules, targets = [], []
    for number in range(RULES):
        detail = {"kind": [f"k{number}"], "n": [{"numeric": [">", 0]}]}
        pattern = {"source": ["app"], "detail-type": [f"t{number % 50}"], "detail": detail}
        rules.append(request(peer.address, "PutRule", {"Name": f"r{number}", "EventPattern": json.dumps(pattern)}))
        target = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:bench"}
        targets.append(request(peer.address, "PutTargets", {"Rule": f"r{number}", "Targets": [target]}))
    for requests in (rules, targets):
        assert uvloop.run(burst(peer.address, requests, RULES, 4)).failures == 0


def puts(peer: Peer, source: str) -> list[bytes]:
    """Requests of ten events each; of the source `app` every event matches one rule."""
    entries = []
    for number in range(RULES):
        detail = json.dumps({"kind": f"k{number}", "n": number + 1, "data": "x" * 200})
        entries.append({"Source": source, "DetailType": f"t{number % 50}", "Detail": detail})
    slices = [entries[start : start + ENTRIES] for start in range(0, RULES, ENTRIES)]
    return [request(peer.address, "PutEvents", {"Entries": ten}) for ten in slices]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=500)
    arguments = parser.parse_args()
    with panregion() as peer:
        prepare(peer)
        for source, what in (
            ("other", "no event matches"),
            ("app", "every event matches one rule and goes to a queue"),
        ):
            requests = puts(peer, source)
            spent = []
            for _ in range(arguments.rounds + 1):
                before = peer.cpu_s()
                assert uvloop.run(burst(peer.address, requests, arguments.requests, 4)).failures == 0
                spent.append((peer.cpu_s() - before) / arguments.requests * 1000)
            print(f"PutEvents of {ENTRIES}, {RULES} rules, {what}: {statistics.median(spent[1:]):.2f} ms of CPU")


if __name__ == "__main__":
    main()
