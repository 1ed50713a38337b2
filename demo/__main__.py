"""Run the story: `scripts/demo [--stay]`."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from demo.story import Story
from demo.world import FOLDER, DemoWorld
from panregion.cli.output import Failure, err
from panregion.control import AlreadyRunning, ControlError, PortTaken, StartFailed
from panregion.world.disk import write_durably

RESULT = Path("demo.json")


async def run(stay: bool) -> int:
    """Tell the story and write what it measured; the exit code says whether no acknowledged write was lost."""
    world = DemoWorld()
    story = Story(world)
    try:
        await story.tell()
    finally:
        if not stay:
            await world.stop()
    story.summarize()
    write_durably(RESULT, msgspec.json.format(msgspec.json.encode(story.figures), indent=2) + b"\n")
    story.say(f"the same figures are in {RESULT}")
    if stay:
        story.invite(FOLDER)
    return 1 if story.figures["lost_writes"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="One application, three regions, one of them lost."
    )
    parser.add_argument("--stay", action="store_true", help="leave the world running at the end")
    arguments = parser.parse_args()
    try:
        return asyncio.run(run(arguments.stay))
    except (PortTaken, StartFailed, AlreadyRunning, ControlError) as error:
        err.print(f"[red]demo:[/red] {error}")
    except Failure as error:
        err.print(f"[red]demo:[/red] {error.message}")
    except KeyboardInterrupt:
        err.print("stopped; `panregion down` in .demo ends what still runs")
    return 1


if __name__ == "__main__":
    sys.exit(main())
