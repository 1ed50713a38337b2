"""Resources of stacks that have no name of their own by which a repeated creation would find them.

("SERVICE", "created", stack, logical id, suffix) -> the physical id, written in the transaction that creates.
"""

from collections.abc import Callable

from panregion.services.here import Here
from panregion.services.stack import Context
from panregion.store import Key


def note_of(service: str, context: Context) -> Key:
    """Where it is noted what a step has created."""
    return (service, "created", context.stack_id, context.logical_id, context.suffix)


async def once(here: Here, service: str, context: Context, create: Callable[[Here], str]) -> str:
    """Create a resource in a transaction, or find what an earlier attempt at the same step created."""
    key = note_of(service, context)

    def step(here: Here) -> str:
        known = here.tx.get(key)
        if known is not None:
            return known.decode()
        made = create(here)
        here.tx.put(key, made.encode())
        return made

    return await here.transact(step)


async def forget(here: Here, service: str, context: Context) -> None:
    """The resource is gone; so is the note of its creation."""
    key = note_of(service, context)
    await here.transact(lambda here: here.tx.delete(key))
