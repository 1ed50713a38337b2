"""The network process: `python -m panregion.network --world world.json`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from panregion.network import Network, Relay, Sites
from panregion.world import World, WorldSettings, load_world
from panregion.world.process import die_with_parent
from panregion.world.transport import listen_tcp

CANNOT_LISTEN = 4


async def serve(settings: WorldSettings) -> int:
    """Relay until told to stop; returns the exit code."""
    relay = Relay(Network(Sites(settings), World()))
    host, port = settings.network_address
    try:
        server = await listen_tcp(relay.protocol, host, port)
    except OSError as error:
        print(f"the network cannot listen on {host}:{port}: {error.strerror or error}", file=sys.stderr)
        return CANNOT_LISTEN
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()
    relay.close()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m panregion.network", description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="the world's settings, as control wrote them")
    settings = load_world(parser.parse_args().world)
    die_with_parent()
    return uvloop.run(serve(settings))


if __name__ == "__main__":
    sys.exit(main())
