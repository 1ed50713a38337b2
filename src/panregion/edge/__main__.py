"""The process that is the edge: `python -m panregion.edge --world .panregion/world.json`.

Exit codes: 0 asked to stop; 4 a port is taken.
"""

import argparse
import asyncio
import errno
import logging
import signal
import sys
from pathlib import Path

import uvloop

from panregion.edge.edge import Edge
from panregion.world import WorldSettings, load_world
from panregion.world.process import die_with_parent

EXIT_PORT = 4

log = logging.getLogger("panregion.edge")


async def run(settings: WorldSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    edge = Edge(settings)
    try:
        await edge.start()
        log.info("the edge answers DNS at 127.0.0.1:%d; %d places", settings.ports.dns, len(edge.places))
        await ended.wait()
    finally:
        await edge.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m panregion.edge")
    parser.add_argument("--world", type=Path, required=True)
    arguments = parser.parse_args()
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    try:
        uvloop.run(run(load_world(arguments.world)))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        log.error("%s", error)
        return EXIT_PORT
    return 0


if __name__ == "__main__":
    sys.exit(main())
