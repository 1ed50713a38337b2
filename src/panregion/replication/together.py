"""Several attempts at once: until one succeeds, or all have."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any

from panregion.replication.acceptor import NotAMember


async def first(attempts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Return once one has succeeded. Raises TimeoutError if none does."""
    tasks = [asyncio.create_task(attempt) for attempt in attempts]
    try:
        for ended in asyncio.as_completed(tasks):
            with contextlib.suppress(TimeoutError):
                await ended
                return
        raise TimeoutError("no other region could be asked")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def plain_errors() -> AsyncIterator[None]:
    """A group's time-outs as one."""
    try:
        yield
    except* (TimeoutError, NotAMember) as group:
        raise TimeoutError(str(group.exceptions[0])) from group
