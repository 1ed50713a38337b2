"""A hundred functions, a thousand rules, ten thousand queues with ten messages each: a start with them, and at rest.

Every function reads a queue of its own by an event source mapping, every rule has a function and a queue as targets.
What filling costs is measured, too.
"""

import argparse
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import uvloop

from benchmarks.load import burst
from benchmarks.peers import await_accepting
from benchmarks.sqs import request
from panregion.functions import zipped
from panregion.world.tls import make_authority

ADDRESS = ("127.0.1.1", 14576)
BODY = "x" * 200
SETTLED_S = 10.0
ACCOUNT = "000000000000"
ARN = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:{{}}"


@contextlib.contextmanager
def region(folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    """A region's process on that folder, and how long it took to accept connections."""
    world, log = folder / "world.json", folder / "region.log"
    world.write_text(
        json.dumps({"regions": ["us-east-1"], "folder": str(folder), "ports": {"gateway": 14576, "tls": 14577}})
    )
    argv = [sys.executable, "-m", "panregion.region", "--world", str(world), "--region", "us-east-1"]
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output, start_new_session=True, env={**os.environ})
        try:
            await_accepting(ADDRESS, process, log)
            yield psutil.Process(process.pid), time.monotonic() - began
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def signed(service: str, method: str, path: str, params: Any, *headers: str) -> bytes:
    """A request as SDKs send it; nobody here verifies its signature."""
    body = json.dumps(params).encode()
    scope = f"Credential=test/20261121/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {ADDRESS[0]}:{ADDRESS[1]}",
        f"Authorization: AWS4-HMAC-SHA256 {scope}",
        *headers,
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask_all(requests: list[bytes]) -> None:
    """Each once, on sixteen connections."""
    outcome = uvloop.run(burst(ADDRESS, requests, len(requests), 16))
    assert outcome.failures == 0, f"{outcome.failures} of {len(requests)} failed"


def fill_queues(queues: int, messages: int) -> None:
    """Create the queues, and send to each in batches of ten."""
    ask_all([request(ADDRESS, "CreateQueue", {"QueueName": f"q{number}"}) for number in range(queues)])
    entries = [{"Id": str(number), "MessageBody": BODY} for number in range(messages)]
    url = f"http://{ADDRESS[0]}:{ADDRESS[1]}/{ACCOUNT}"
    ask_all(
        [
            request(ADDRESS, "SendMessageBatch", {"QueueUrl": f"{url}/q{number}", "Entries": entries})
            for number in range(queues)
        ]
    )


def make_functions(functions: int) -> None:
    """Each with a queue that it reads."""
    code = base64.b64encode(zipped({"app.py": "def handler(event, context):\n    return None\n"})).decode()
    given = {"Runtime": "python3.11", "Role": f"arn:aws:iam::{ACCOUNT}:role/any", "Handler": "app.handler"}
    names = [f"f{number}" for number in range(functions)]
    ask_all([request(ADDRESS, "CreateQueue", {"QueueName": f"for-{name}"}) for name in names])
    create = {**given, "Code": {"ZipFile": code}}
    ask_all([signed("lambda", "POST", "/2015-03-31/functions", {"FunctionName": name, **create}) for name in names])
    mappings = [{"FunctionName": name, "EventSourceArn": ARN.format("sqs", f"for-{name}")} for name in names]
    ask_all([signed("lambda", "POST", "/2015-03-31/event-source-mappings/", mapping) for mapping in mappings])


def make_rules(rules: int, functions: int) -> None:
    def event(operation: str, params: Any) -> bytes:
        target = (f"X-Amz-Target: AWSEvents.{operation}", "Content-Type: application/x-amz-json-1.1")
        return signed("events", "POST", "/", params, *target)

    assert rules <= 2000, "a bus has no more"
    ask_all(
        [
            event("PutRule", {"Name": f"r{number}", "EventPattern": json.dumps({"detail": {"n": [number]}})})
            for number in range(rules)
        ]
    )
    ask_all(
        [
            event(
                "PutTargets",
                {
                    "Rule": f"r{number}",
                    "Targets": [
                        {"Id": "f", "Arn": ARN.format("lambda", f"function:f{number % functions}")},
                        {"Id": "q", "Arn": ARN.format("sqs", f"q{number}")},
                    ],
                },
            )
            for number in range(rules)
        ]
    )


def at_rest(process: psutil.Process, seconds: float) -> str:
    """Once what follows from starting and filling is done."""
    time.sleep(SETTLED_S)
    before = cpu_s(process)
    time.sleep(seconds)
    used = (cpu_s(process) - before) / seconds * 100
    family = [process, *process.children(recursive=True)]
    own = sum(member.memory_full_info().uss for member in family) / 1e6
    return f"{process.memory_info().rss / 1e6:.0f} MB ({own:.0f} MB its family's own), {used:.2f} % of a core at rest"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=100)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--queues", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=30, help="how long is watched at rest")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as name:
        folder = Path(name)
        make_authority(folder)
        with region(folder) as (process, started_s):
            print(f"empty: started in {started_s:.2f} s; {at_rest(process, arguments.seconds)}")
            before = cpu_s(process)
            fill_queues(arguments.queues, arguments.messages)
            make_functions(arguments.functions)
            make_rules(arguments.rules, arguments.functions)
            print(f"filled with {cpu_s(process) - before:.1f} s of CPU; {at_rest(process, arguments.seconds)}")
        with region(folder) as (process, started_s):
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            print(f"started again in {started_s:.2f} s on {size / 1e6:.0f} MB; {at_rest(process, arguments.seconds)}")


if __name__ == "__main__":
    main()
