"""Run the story: `scripts/demo [--stay] [--folder DIR] [--ports FIRST]`."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from demo.loss import StoryFailed, write_report
from demo.story import Story
from demo.world import ROOT, DemoWorld
from panregion.cli.output import Failure, err
from panregion.control import AlreadyRunning, ControlError, PortTaken, StartFailed
from panregion.testing.blocks import ports_of
from panregion.world.disk import write_durably
from panregion.world.settings import Ports

RESULT = "demo.json"
FOLDER = ROOT / ".demo"


async def run(world: DemoWorld, folder: Path, result: Path, stay: bool) -> int:
    """Tell the story and write what it measured; the exit code says whether no acknowledged write was lost."""
    story = Story(world)
    try:
        await story.tell()
    finally:
        if not stay:
            await world.stop()
    assert story.result is not None
    story.summarize()
    write_durably(result, msgspec.json.format(msgspec.json.encode(story.figures), indent=2) + b"\n")
    story.say(f"the same figures are in {result}; the game day's report is {write_report(story.result, folder)}")
    if stay:
        story.invite(folder)
    return 1 if story.figures["lost_writes"] or story.figures["replica_added"]["items_missing"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="One application, three regions, one of them lost."
    )
    parser.add_argument("--stay", action="store_true", help="leave the world running at the end")
    parser.add_argument("--folder", type=Path, help="the world and demo.json go there; else .demo and this folder")
    parser.add_argument("--ports", type=int, metavar="FIRST", help="the first of 100 ports for it; else the usual ones")
    arguments = parser.parse_args()
    folder = arguments.folder or FOLDER
    result = (arguments.folder or Path()) / RESULT
    try:
        world = DemoWorld(folder, ports_of(arguments.ports) if arguments.ports else Ports())
        return asyncio.run(run(world, folder, result, arguments.stay))
    except (PortTaken, StartFailed, AlreadyRunning, ControlError, StoryFailed) as error:
        err.print(f"[red]demo:[/red] {error}")
    except Failure as error:
        err.print(f"[red]demo:[/red] {error.message}")
    except KeyboardInterrupt:
        err.print(f"stopped; `panregion down` in {folder} ends what still runs")
    return 1


if __name__ == "__main__":
    sys.exit(main())
