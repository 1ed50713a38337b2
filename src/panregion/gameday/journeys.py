"""Finding the Python that a game day's file names: `module:function`, in a file beside it (or in its `folder`).

The module is imported from the file's folder under a name of its own, so that two game days whose journeys have one
name do not meet; what it imports from its own folder is found there.
"""

import importlib.util
import inspect
import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from panregion.gameday.load import Journey
from panregion.gameday.user import Answer, User


class NoSuchFunction(Exception):
    """What a file names as module:function cannot be had; the text says why."""


def journey_of(named: str, folder: Path) -> Journey:
    """A journey by its name. Raises NoSuchFunction."""
    found = function_of(named, folder)
    _takes(found, 1, named, "a journey is given one user")
    return found


Asking = Callable[..., Awaitable[Answer]]
"""`await ask(city, method, url, ...)` as User.request takes the rest; raises NoAnswer."""
Verifier = Callable[[Any, Any, Asking], Awaitable[Any]]


def verifier_of(named: str, folder: Path) -> Verifier:
    """A `verify` function by its name, of the ledger, the regions and, if it takes three, how to ask from a city.

    Raises NoSuchFunction.
    """
    found = function_of(named, folder)
    if _is_for(found, 3):
        return found
    _takes(found, 2, named, "verify is given the ledger and the regions, and may take how to ask from a city")

    async def verify(ledger: Any, regions: Any, _ask: Asking) -> Any:
        return await found(ledger, regions)

    return verify


def reading(url: str) -> Journey:
    """The journey of somebody who reads one URL."""

    async def read(user: User) -> None:
        answer = await user.get(url)
        if not answer.ok:
            user.failed(f"{answer.status} {answer.text[:120].strip()}")

    return read


def function_of(named: str, folder: Path) -> Callable[..., Awaitable[Any]]:
    """An async function by its name. Raises NoSuchFunction."""
    module_name, colon, name = named.partition(":")
    if not colon or not module_name or not name:
        raise NoSuchFunction(f"{named}: write module:function, as in journeys:order")
    path = folder.joinpath(*module_name.split(".")).with_suffix(".py")
    if not path.exists():
        raise NoSuchFunction(f"{named}: there is no {path}")
    found = getattr(_module(path.resolve(), folder.resolve()), name, None)
    if found is None:
        raise NoSuchFunction(f"{named}: {path} has no {name}")
    if not inspect.iscoroutinefunction(found):
        raise NoSuchFunction(f"{named}: {name} is no async function")
    return found  # type: ignore[no-any-return]


@lru_cache(64)
def _module(path: Path, folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gameday_{abs(hash(path)):x}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(folder))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise NoSuchFunction(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(folder))
    return module


def _is_for(function: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    return True


def _takes(function: Callable[..., Any], count: int, named: str, why: str) -> None:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError as error:
        raise NoSuchFunction(f"{named}: {error}; {why}") from error
