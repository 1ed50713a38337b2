"""The process that is the edge: `python -m panregion.edge --world .panregion/world.json`."""

import argparse
import logging
import sys

from panregion.edge.edge import Edge
from panregion.world import WorldSettings
from panregion.world.program import run_program, told_to_stop

log = logging.getLogger("panregion.edge")


async def serve(settings: WorldSettings, _arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    stop = told_to_stop()
    edge = Edge(settings)
    try:
        await edge.start()
        log.info("the edge answers DNS at 127.0.0.1:%d; %d places", settings.ports.dns, len(edge.map.places))
        await stop.wait()
    finally:
        await edge.stop()
    return 0


if __name__ == "__main__":
    sys.exit(run_program("edge", serve))
