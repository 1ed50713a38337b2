"""Work that would hold the event loop for too long (unpacking, compressing, hashing files), done in a thread."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The function's result, from a thread; it must touch nothing that the event loop touches meanwhile."""
    return await asyncio.to_thread(function, *args, **kwargs)
