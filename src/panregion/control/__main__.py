"""The process that holds a world together: `python -m panregion.control --world .panregion/world.json`."""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
from contextlib import AsyncExitStack

from panregion.control.api import Control
from panregion.control.front_door import FrontDoor
from panregion.control.launch import LOCK
from panregion.control.supervisor import StartFailed, Supervisor
from panregion.world import HttpClient, WorldSettings, direct_dial, serve
from panregion.world.disk import locked
from panregion.world.nursery_client import Nursery
from panregion.world.program import run_program

log = logging.getLogger("panregion.control")

FAILURE_SHOWN_S = 3.0
"""How long a world that could not start stays to say why."""


WARMING = "panregion.control.warming:warm"
STANDARD_INPUT = 0
LEASE_READ_BYTES = 4096


async def run(settings: WorldSettings, arguments: argparse.Namespace) -> int:
    """Run the world until it is told to stop; the exit code says whether it ever was whole."""
    with locked(settings.path / LOCK):
        try:
            return await hold(settings, warm=arguments.warm, leased=arguments.leased)
        finally:
            if arguments.leased:
                shutil.rmtree(settings.path, ignore_errors=True)


def end_with_owner(stopping: asyncio.Event) -> None:
    """Set the event once nobody holds the other end of standard input any more."""

    def heard() -> None:
        if not os.read(STANDARD_INPUT, LEASE_READ_BYTES):
            asyncio.get_running_loop().remove_reader(STANDARD_INPUT)
            stopping.set()

    asyncio.get_running_loop().add_reader(STANDARD_INPUT, heard)


async def hold(settings: WorldSettings, *, warm: bool = False, leased: bool = False) -> int:
    """Hold the world together, in a folder that is ours."""
    async with AsyncExitStack() as stack:
        supervisor = Supervisor(settings)
        if warm:
            nursery = Nursery(WARMING, settings.path / "logs" / "nursery.log")
            await nursery.start()
            stack.push_async_callback(nursery.close)
            supervisor.spawn = nursery.spawn
        return await serve_world(settings, supervisor, leased=leased)


async def serve_world(settings: WorldSettings, supervisor: Supervisor, *, leased: bool) -> int:
    """Answer for the world from before it starts until after it has ended."""
    control = Control(settings, supervisor)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, control.stopping.set)
    if leased:
        end_with_owner(control.stopping)
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
