"""The process that is the console: `python -m panregion.console --world .panregion/world.json`."""

import argparse
import logging
import sys
from contextlib import AsyncExitStack

from panregion.console.app import Console
from panregion.console.aws import Aws
from panregion.console.edge import Edge
from panregion.console.guard import Guard
from panregion.console.site import Site
from panregion.console.watching import Watcher
from panregion.control import ControlClient
from panregion.world import World, WorldSettings
from panregion.world.program import run_program, told_to_stop
from panregion.world.server import serve

HOST = "127.0.0.1"
TOKEN_LENGTH = 32
log = logging.getLogger("panregion.console")


async def run(settings: WorldSettings, _arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    stop, world = told_to_stop(), World()
    guard = Guard(settings.ports.console, world.chance.token(TOKEN_LENGTH))
    async with AsyncExitStack() as stack:
        control, edge = ControlClient(settings), Edge(settings)
        stack.push_async_callback(control.close)
        stack.push_async_callback(edge.close)
        watcher = await stack.enter_async_context(Watcher(settings, control, edge, world.clock))
        site = Site(settings, control, edge, Aws(settings), guard.token, watcher.history, world)
        stack.push_async_callback(site.gamedays.close)
        server = await serve(Console(site, guard, watcher), HOST, settings.ports.console)
        stack.push_async_callback(server.close)
        stack.callback(watcher.history.end)  # first of all: a server that closes waits for what it still sends
        log.info("the console is at http://%s:%d", HOST, settings.ports.console)
        await stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(run_program("console", run))
