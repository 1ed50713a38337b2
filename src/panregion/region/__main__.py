"""The process that is a region: `python -m panregion.region --world .panregion/world.json --region us-east-1`.

Exit codes: 0 asked to stop; 3 its store is damaged, the reason is the last line of its log; 4 its port is taken.
"""

import argparse
import asyncio
import errno
import logging
import signal
import sys
from pathlib import Path

import uvloop

from panregion.region.region import Region, state_path
from panregion.store import SqliteEngine, StoreCorrupt
from panregion.world import link_dial, load_world
from panregion.world.process import die_with_parent
from panregion.world.settings import WorldSettings

EXIT_CORRUPT, EXIT_PORT = 3, 4

log = logging.getLogger("panregion.region")


async def run(settings: WorldSettings, name: str) -> None:
    """Serve the region until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    engine = SqliteEngine(state_path(settings, name), settings.store.durability)
    region = Region(name, settings, engine, lambda site: link_dial(settings.network_address, name, site))
    await region.start()
    try:
        await region.serve(settings.address(name), settings.ports.gateway, settings.ports.tls)
        log.info("%s serves %s", name, settings.endpoint(name))
        await ended.wait()
    finally:
        await region.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m panregion.region")
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--region", required=True)
    arguments = parser.parse_args()
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    settings = load_world(arguments.world)
    try:
        uvloop.run(run(settings, arguments.region))
    except StoreCorrupt as error:
        log.error(
            "%s. Move %s away and start the region again: it begins empty, and replicated tables are copied from "
            "the other regions",
            error,
            state_path(settings, arguments.region),
        )
        return EXIT_CORRUPT
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        log.error("%s", error)
        return EXIT_PORT
    return 0


if __name__ == "__main__":
    sys.exit(main())
