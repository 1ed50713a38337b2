"""The process that is the network: `python -m panregion.network --world .panregion/world.json`."""

import argparse
import sys

from panregion.network import Network, Relay, Sites
from panregion.world import World, WorldSettings
from panregion.world.program import run_program, told_to_stop
from panregion.world.transport import listen_tcp


async def serve(settings: WorldSettings, _arguments: argparse.Namespace) -> int:
    """Relay until told to stop."""
    stop = told_to_stop()
    relay = Relay(Network(Sites(settings), World()))
    server = await listen_tcp(relay.protocol, *settings.network_address)
    await stop.wait()
    server.close()
    relay.close()
    return 0


if __name__ == "__main__":
    sys.exit(run_program("network", serve))
