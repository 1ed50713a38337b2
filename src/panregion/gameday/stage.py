"""A world for a game day: the one that runs, or one that is started for it and ended after it; its stacks in it."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from panregion.control import (
    AlreadyRunning,
    ControlClient,
    Deployment,
    DeploymentFailed,
    NotRunning,
    PortTaken,
    StartFailed,
    deploy_everywhere,
    progress,
    running_status,
    start_control,
    wait_until_stopped,
)
from panregion.gameday.commands import environment, told
from panregion.gameday.file import GameDay, WorldPart
from panregion.world import WorldSettings
from panregion.world.aside import aside
from panregion.world.shell import run_line
from panregion.world.tls import AuthorityDamaged

Tell = Callable[[str], None]
REAP_S = 20.0
PREPARE_S = 600.0


class NoStage(Exception):
    """There is no world for this game day; the text says why."""


def settings_with(settings: WorldSettings, part: WorldPart) -> WorldSettings:
    """A world's settings with what the game day's file wants otherwise."""
    if part.regions:
        settings = msgspec.structs.replace(settings, regions=part.regions)
    if part.health_check_scale is not None:
        time = msgspec.structs.replace(settings.time, health_check_scale=part.health_check_scale)
        settings = msgspec.structs.replace(settings, time=time)
    return settings


@contextlib.asynccontextmanager
async def staged(
    game: GameDay, folder: Path, settings: WorldSettings, *, stay: bool, tell: Tell
) -> AsyncIterator[None]:
    """The world runs, with the stacks deployed and all prepared, while the block does. Raises NoStage.

    A world that ran before goes on after; one that was started here ends, unless it is to `stay`.
    """
    try:
        running = await running_status(settings)
        if running is not None and running["ready"]:
            _same_world(running, settings)
            await _deploy(game, folder, settings, tell)
            await _prepare(game, folder, settings, tell)
            yield
            return
        tell(f"starting {', '.join(settings.regions)}")
        control = start_control(settings, with_parent=not stay)
    except (PortTaken, AlreadyRunning, AuthorityDamaged) as error:
        raise NoStage(str(error)) from error
    try:
        async for _ in progress(settings, control):
            pass
        await _deploy(game, folder, settings, tell)
        await _prepare(game, folder, settings, tell)
        yield
    except StartFailed as error:
        raise NoStage(str(error)) from error
    finally:
        if not stay:
            await _end(settings)
            await aside(control.wait, REAP_S)


def _same_world(running: dict[str, object], settings: WorldSettings) -> None:
    listed = running["regions"]
    assert isinstance(listed, list)
    regions = tuple(one["region"] for one in listed)
    if regions != settings.regions:
        raise NoStage(
            f"the world that runs here has {', '.join(regions)}, the game day wants {', '.join(settings.regions)}; "
            "`panregion down` ends it, and the game day starts its own"
        )
    scale = running["health_check_scale"]
    if scale != settings.time.health_check_scale:
        raise NoStage(
            f"the world that runs here has health_check_scale {scale}, the game day wants "
            f"{settings.time.health_check_scale:g}; `panregion down` ends it, and the game day starts its own"
        )
    down = [f"{one['region']} is {one['status']}" for one in listed if one["status"] != "running"]
    if down:
        raise NoStage(f"{', '.join(down)}: a game day begins in a whole world; `panregion restore` brings regions back")
    if running["faults"]:
        raise NoStage("faults are live in this world: a game day begins in a whole one; `panregion status` lists them")


async def _deploy(game: GameDay, folder: Path, settings: WorldSettings, tell: Tell) -> None:
    for stack in game.stacks:
        deployment = Deployment(
            settings,
            folder / stack.template,
            stack.name,
            dict(stack.parameters),
            done=lambda region, text: tell(f"{region}: {text}"),
            warn=lambda region, text: tell(f"{region}: {text}"),
        )
        try:
            await deploy_everywhere(deployment, list(stack.regions or settings.regions))
        except DeploymentFailed as error:
            raise NoStage(f"{stack.template} could not be deployed: {error}") from error


async def _prepare(game: GameDay, folder: Path, settings: WorldSettings, tell: Tell) -> None:
    for line in game.prepare:
        tell(line)
        try:
            code, out, err = await run_line(line, env=environment(settings), cwd=folder, timeout_s=PREPARE_S)
        except TimeoutError as error:
            raise NoStage(f"{line}: it had not ended after {PREPARE_S:g} s") from error
        if code:
            raise NoStage(f"{line}: {told(code, out, err)}")


async def _end(settings: WorldSettings) -> None:
    client = ControlClient(settings)
    try:
        await client.stop()
    except NotRunning:
        return
    finally:
        await client.close()
    await wait_until_stopped(settings)
