"""The process that is a region: `python -m panregion.region --world .panregion/world.json --region us-east-1`.

Exit codes besides a program's own (world/program.py): 3 its store is damaged, or of a layout that it cannot read.
"""

import argparse
import logging
import sys
from functools import partial

from panregion.region.region import Region, state_path
from panregion.store import SqliteEngine, StoreCorrupt
from panregion.world import World, WorldSettings, link_dial
from panregion.world.clock import WrongClock
from panregion.world.program import run_program, told_to_stop

EXIT_CORRUPT = 3

log = logging.getLogger("panregion.region")


async def serve(settings: WorldSettings, arguments: argparse.Namespace) -> int:
    """Serve the region until told to stop."""
    name: str = arguments.region
    stop = told_to_stop()
    path = state_path(settings, name)
    try:
        engine = SqliteEngine(path, settings.store.durability)
    except StoreCorrupt as error:
        log.error(
            "%s. Move %s away and start the region again: it begins empty, and replicated tables are copied from "
            "the other regions",
            error,
            path,
        )
        return EXIT_CORRUPT
    dial_to = partial(link_dial, settings.network_address, name)
    region = Region(name, settings, engine, dial_to, World(clock=WrongClock()))
    try:
        await region.start()
    except StoreCorrupt as error:
        log.error("%s: %s", path, error)
        return EXIT_CORRUPT
    try:
        await region.serve(settings.address(name), settings.ports.gateway, settings.ports.tls)
        log.info("%s serves %s", name, settings.endpoint(name))
        await stop.wait()
    finally:
        await region.stop()
    return 0


if __name__ == "__main__":
    sys.exit(run_program("region", serve, "region"))
