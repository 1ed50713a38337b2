"""The process that holds a world together: `python -m panregion.control --world .panregion/world.json`."""

import argparse
import asyncio
import logging
import signal
import sys

from panregion.control.api import Control
from panregion.control.front_door import FrontDoor
from panregion.control.supervisor import StartFailed, Supervisor
from panregion.world import HttpClient, WorldSettings, direct_dial, serve
from panregion.world.disk import locked
from panregion.world.program import run_program

log = logging.getLogger("panregion.control")

FAILURE_SHOWN_S = 3.0
"""How long a world that could not start stays to say why."""


async def run(settings: WorldSettings, _arguments: argparse.Namespace) -> int:
    """Run the world until it is told to stop; the exit code says whether it ever was whole."""
    with locked(settings.path / "lock"):
        return await hold(settings)


async def hold(settings: WorldSettings) -> int:
    """Hold the world together, in a folder that is ours."""
    supervisor = Supervisor(settings)
    control = Control(settings, supervisor)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, control.stopping.set)
    client = HttpClient(direct_dial)
    servers = [
        await serve(control, "127.0.0.1", settings.ports.control),
        await serve(FrontDoor(settings, client, control.status), "127.0.0.1", settings.ports.gateway),
    ]
    try:
        await supervisor.start()
        control.ready = True
        await control.stopping.wait()
    except StartFailed as error:
        log.error("%s", error)
        control.failure = str(error)
        await asyncio.wait([asyncio.ensure_future(control.stopping.wait())], timeout=FAILURE_SHOWN_S)
        return 1
    finally:
        await supervisor.stop()
        for server in servers:
            await server.close()
        await control.close()
        await client.close()
    return 0


if __name__ == "__main__":
    sys.exit(run_program("control", run, alone=True))
