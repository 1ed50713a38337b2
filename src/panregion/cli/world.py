"""Which world a command is about: the one of this folder."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from panregion.cli.output import Failure, UsageFailure
from panregion.control import ControlClient, ControlError
from panregion.control.tracing.where import places
from panregion.world import SettingsError, WorldSettings, load_world, read_settings
from panregion.world.distance import regions
from panregion.world.settings import FILE_NAME, parse_settings

T = TypeVar("T")
__all__ = ["asked", "one_of", "place_proxy", "places", "settings_for_up", "settings_of_world"]


def asked(settings: WorldSettings, question: Callable[[ControlClient], Awaitable[T]]) -> T:
    """What the running world answers to a question. Raises Failure."""

    async def ask() -> T:
        client = ControlClient(settings)
        try:
            return await question(client)
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except ControlError as error:
        raise Failure(str(error)) from error


def settings_for_up(folder: Path, chosen: str | None) -> WorldSettings:
    """The world file's settings (or the defaults), with regions from the command line. Raises UsageFailure."""
    path = folder / FILE_NAME
    try:
        settings = read_settings(path) if path.exists() else parse_settings({}, path)
    except SettingsError as error:
        raise UsageFailure(str(error)) from error
    if chosen:
        settings = msgspec.structs.replace(settings, regions=tuple(name.strip() for name in chosen.split(",")))
    for region in settings.regions:
        if region not in regions():
            known = ", ".join(sorted(regions()))
            raise UsageFailure(f"{region} is not a region that panregion knows the distances of; it knows {known}")
    return settings


def settings_of_world(folder: Path | None = None) -> WorldSettings:
    """The settings of the world that was started in this folder or one above it. Raises UsageFailure."""
    start = folder or Path.cwd()
    for candidate in (start, *start.parents):
        world = candidate / ".panregion" / "world.json"
        if world.exists():
            try:
                return load_world(world)
            except msgspec.DecodeError as error:
                raise Failure(f"{world} is damaged ({error}); `panregion up` writes it anew") from error
    raise UsageFailure(f"no world was started in {start} or above it: `panregion up` starts one")


def one_of(kind: str, name: str, known: list[str]) -> str:
    """`name` if it is known. Raises UsageFailure, which lists what is."""
    if name not in known:
        raise UsageFailure(f"{name} is no {kind} of this world; it has {', '.join(sorted(known))}")
    return name


def place_proxy(settings: WorldSettings, city: str) -> str:
    """The URL of a city's proxy. Raises UsageFailure for a city that is not in the world."""
    known = places(settings)
    one_of("city", city, known)
    return f"http://127.0.0.1:{settings.ports.places + known.index(city)}"
