"""What a world costs before anybody asks anything of it: the time to start, then CPU and memory of each process.

    .venv/bin/python -m benchmarks.rest [--seconds 60]

Measured twice: three regions with nothing in them, and with examples/hello-global and its health checks at AWS's pace.
"""

import argparse
import asyncio

import psutil
from demo.world import DemoWorld

from benchmarks.world import measured_world
from panregion.cli.up import end


def processes(world: DemoWorld) -> dict[str, psutil.Process]:
    """The world's processes by name: a region's by its region, the others by their module."""
    found = {}
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
        except psutil.Error:
            continue
        if any(word.startswith(world.settings.folder) for word in command) and "-m" in command:
            name = command[command.index("--region") + 1] if "--region" in command else command[command.index("-m") + 1]
            found[name] = process
    return found


def used_s(process: psutil.Process) -> float:
    """CPU time of a process and its children so far."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=False))]
    return sum(float(time.user + time.system) for time in times)


async def rest(world: DemoWorld, seconds: float) -> None:
    await world.clock.sleep(5)
    found = processes(world)
    before = {name: used_s(process) for name, process in found.items() if name != "panregion.control"}
    await world.clock.sleep(seconds)
    for name, used in sorted(before.items()):
        share = (used_s(found[name]) - used) / seconds
        memory = found[name].memory_full_info()
        print(f"  {name:20} {share:6.2%} of a core   {memory.rss / 1e6:5.0f} MB, {memory.uss / 1e6:.0f} MB its own")


async def run(seconds: float) -> None:
    async with measured_world() as world:
        took = []
        for _ in range(5):
            await end(world.settings)
            began = world.clock.monotonic()
            await world.start()
            took.append(world.clock.monotonic() - began)
        print("up, three regions, nothing in them:", ", ".join(f"{one:.2f}" for one in took), "s")
        print("at rest, nothing in them:")
        await rest(world, seconds)
        await world.deploy()
        print("at rest, with hello-global:")
        await rest(world, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rest")
    parser.add_argument("--seconds", type=float, default=60)
    asyncio.run(run(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
