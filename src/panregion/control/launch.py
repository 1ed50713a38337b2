"""Bringing a world up: check, prepare the folder, start control, and tell what happens until all regions answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from panregion.control.client import ControlClient, NotRunning
from panregion.control.ports import check_ports
from panregion.control.supervisor import StartFailed
from panregion.world import Clock, SystemClock, WorldSettings
from panregion.world.disk import is_locked, write_durably
from panregion.world.process import PYTHON, Detached, spawn_detached
from panregion.world.tls import make_authority

POLL_S = 0.05
STOP_POLLS = 400
LOCK = "lock"
"""The file in a world's folder that its control holds locked."""
ANSWER_TIMEOUT_S = 2.0


class AlreadyRunning(Exception):
    """Another world answers at this world's control port; the text names its folder."""


def start_control(
    settings: WorldSettings,
    *,
    with_parent: bool,
    warm: bool = False,
    lease: int | None = None,
    keeps: Sequence[int] = (),
) -> Detached:
    """Prepare the world's folder and start its control process.

    A `warm` one starts its processes in milliseconds, and takes a second longer for the first. `lease` is the reading
    end of a pipe: once nobody holds the other end any more, the world ends and its folder is deleted. `keeps` are
    descriptors that control holds open until it ends.

    Raises PortTaken where an address is not free, AuthorityDamaged where the certificate authority is no good.
    """
    check_ports(settings)
    make_authority(settings.path)
    world = settings.path / "world.json"
    write_durably(world, msgspec.json.format(msgspec.json.encode(settings), indent=2))
    argv = [PYTHON, "-m", "panregion.control", "--world", str(world)]
    if with_parent:
        argv.append("--with-parent")
    if warm:
        argv.append("--warm")
    if lease is not None:
        argv.append("--leased")
    return spawn_detached(argv, log_path=settings.path / "logs" / "control.log", stdin=lease, keeps=keeps)


async def progress(
    settings: WorldSettings, control: Detached, clock: Clock | None = None
) -> AsyncIterator[dict[str, Any]]:
    """The world's status again and again until it is ready. Raises StartFailed."""
    clock = clock or SystemClock()
    client = ControlClient(settings)
    try:
        while True:
            try:
                status = await client.status()
            except NotRunning:
                if control.poll() is not None:
                    raise StartFailed(f"control ended: see {settings.path / 'logs' / 'control.log'}") from None
            else:
                if status["failure"]:
                    raise StartFailed(status["failure"])
                yield status
                if status["ready"]:
                    return
            await clock.sleep(POLL_S)
    finally:
        await client.close()


async def wait_until_stopped(settings: WorldSettings, clock: Clock | None = None) -> None:
    """Return once control has let go of the world's folder (bounded by what it takes to end its processes).

    That is the last thing it does: before, one of its servers may still have an address that the next world wants.
    """
    clock = clock or SystemClock()
    for _ in range(STOP_POLLS):
        if not is_locked(settings.path / LOCK):
            return
        await clock.sleep(POLL_S)


async def running_status(settings: WorldSettings) -> dict[str, Any] | None:
    """The status of this folder's world if it runs. Raises AlreadyRunning where another world has its port."""
    client = ControlClient(settings)
    try:
        status = await asyncio.wait_for(client.status(), ANSWER_TIMEOUT_S)
    except (NotRunning, TimeoutError):
        return None  # nobody there, or somebody else's server: the check of the ports will name it
    finally:
        await client.close()
    if status["folder"] != settings.folder:
        raise AlreadyRunning(
            f"the world in {status['folder']} has port {settings.ports.control}; stop it with `panregion down` there, "
            "or give this one other [ports] in panregion.toml"
        )
    return status
