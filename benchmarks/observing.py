"""What a game day costs by itself: users, journeys, ledger; and how many requests a second one core can send.

    .venv/bin/python -m benchmarks.observing [--seconds 10]

The application is a child process that answers at once, so what is measured is ours alone: the processor time of this
process, which sends every request, notes every attempt and writes every acknowledgement to disk. The observer, which
asks control and the edge a few times a second, is measured with a world (docs/performance.md).
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import psutil
import uvloop

from panregion.gameday.attempts import percentile
from panregion.gameday.ledger import Ledger
from panregion.gameday.load import Group, Load
from panregion.gameday.user import Scene, User
from panregion.world import SystemClock
from panregion.world.user_agent import UserAgent

SERVER = """
import asyncio, uvloop
from panregion.world import Response, serve
async def answer(request):
    return Response(200, [("Content-Type", "application/json")], b'{"answered_by": "eu-west-1", "text": "hello"}')
async def main():
    server = await serve(answer, "127.0.0.1", 0)
    print(server.port, flush=True)
    await asyncio.Event().wait()
uvloop.run(main())
"""
RATES = (200, 500, 1000, 2000)
WARM_UP_S = 1.0


async def journey(user: User) -> None:
    """One request, acknowledged."""
    name = user.new_id("thing")
    body = {"id": name, "text": "two pizzas"}
    user.writing("thing", name, body)
    answer = await user.post("http://api.double.test/things", json=body)
    user.answered_by(answer.json()["answered_by"])
    user.acknowledged("thing", name, body)


async def measure(rate_s: float, seconds: float, port: int) -> str:
    """A line of the table."""
    clock, processor = SystemClock(), psutil.Process()
    agent = UserAgent(f"http://127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        began = clock.monotonic()
        scene = Scene(ledger, lambda: clock.monotonic() - began)
        load = Load(scene, clock, {"london": agent}, 1)
        running = asyncio.create_task(load.run([Group("london", journey, rate_s)]))
        await clock.sleep(WARM_UP_S)
        before, sent_before = processor.cpu_times(), len(scene.attempts)
        await clock.sleep(seconds)
        after, sent = processor.cpu_times(), len(scene.attempts) - sent_before
        load.stop()
        await running
        ledger.close()
        agent.close()
    used_s = after.user + after.system - before.user - before.system
    late = sorted((one.sent_s - one.intended_s) * 1000 for one in scene.attempts)
    failed = sum(not one.ok for one in scene.attempts)
    return (
        f"{rate_s:>8g} {sent / seconds:>10.0f} {used_s / seconds:>8.3f} {used_s / max(1, sent) * 1e6:>10.0f}"
        f" {percentile(late, 0.5) or 0:>10.2f} {percentile(late, 0.99) or 0:>10.2f} {failed:>8}"
    )


async def run(seconds: float) -> None:
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, stdout=pipe)
    assert server.stdout is not None
    try:
        port = int(await server.stdout.readline())
        print(
            f"{'wanted/s':>8} {'sent/s':>10} {'cores':>8} {'us each':>10} {'late p50':>10} {'p99 ms':>10} {'failed':>8}"
        )
        for rate_s in RATES:
            print(await measure(rate_s, seconds, port), flush=True)
    finally:
        server.kill()
        await server.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.observing")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each rate is kept")
    uvloop.run(run(parser.parse_args().seconds))
