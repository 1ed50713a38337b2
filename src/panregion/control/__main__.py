"""The process that holds a world together: `python -m panregion.control --world .panregion/world.json`."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

from panregion.control.api import Control
from panregion.control.front_door import FrontDoor
from panregion.control.supervisor import StartFailed, Supervisor
from panregion.world import HttpClient, direct_dial, load_world, serve
from panregion.world.disk import locked
from panregion.world.process import die_with_parent
from panregion.world.settings import WorldSettings

log = logging.getLogger("panregion.control")

FAILURE_SHOWN_S = 3.0
"""How long a world that could not start stays to say why."""


async def run(settings: WorldSettings) -> int:
    """Run the world until it is told to stop; the exit code says whether it ever was whole."""
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m panregion.control")
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one does")
    arguments = parser.parse_args()
    if arguments.with_parent:
        die_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    settings = load_world(arguments.world)
    with locked(settings.path / "lock"):
        return uvloop.run(run(settings))


if __name__ == "__main__":
    sys.exit(main())
