"""Ten thousand queues with ten messages each: what filling them costs, what they cost at rest, a start with them."""

import argparse
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

import psutil
import uvloop

from benchmarks.load import burst
from benchmarks.peers import await_accepting
from benchmarks.sqs import request
from panregion.world.tls import make_authority

ADDRESS = ("127.0.1.1", 14566)
BODY = "x" * 200
AT_REST_S = 20.0


@contextlib.contextmanager
def region(folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    """A region's process on that folder, and how long it took to accept connections."""
    world, log = folder / "world.json", folder / "region.log"
    world.write_text(
        json.dumps({"regions": ["us-east-1"], "folder": str(folder), "ports": {"gateway": 14566, "tls": 14567}})
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


def fill(queues: int, messages: int) -> None:
    """Create the queues, and send to each in batches of ten."""
    creations = [request(ADDRESS, "CreateQueue", {"QueueName": f"q{number}"}) for number in range(queues)]
    assert uvloop.run(burst(ADDRESS, creations, queues, 16)).failures == 0
    entries = [{"Id": str(number), "MessageBody": BODY} for number in range(messages)]
    url = f"http://{ADDRESS[0]}:{ADDRESS[1]}/000000000000"
    sends = [
        request(ADDRESS, "SendMessageBatch", {"QueueUrl": f"{url}/q{number}", "Entries": entries})
        for number in range(queues)
    ]
    assert uvloop.run(burst(ADDRESS, sends, queues, 16)).failures == 0


def at_rest(process: psutil.Process) -> str:
    before = cpu_s(process)
    time.sleep(AT_REST_S)
    used = (cpu_s(process) - before) / AT_REST_S * 1000
    return f"{process.memory_info().rss / 1e6:.0f} MB, {used:.1f} ms of CPU a second at rest"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-queues-") as name:
        folder = Path(name)
        make_authority(folder)
        with region(folder) as (process, started_s):
            print(f"empty: started in {started_s:.2f} s; {at_rest(process)}")
            before = cpu_s(process)
            fill(arguments.queues, arguments.messages)
            print(f"filled with {cpu_s(process) - before:.1f} s of CPU; {at_rest(process)}")
        with region(folder) as (process, started_s):
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            print(f"started again in {started_s:.2f} s on {size / 1e6:.0f} MB; {at_rest(process)}")


if __name__ == "__main__":
    main()
