"""What the resource types share."""

from typing import Any

from panregion.services import Context, Here
from panregion.services.events.errors import ResourceAlreadyExistsException
from panregion.services.once import forget, note_of
from panregion.services.stack_calls import ask, json_text, unless_gone
from panregion.wire import AwsError

SERVICE = "events"
NAME_MAX = 64


def text_of(document: Any) -> str | None:
    return None if document is None else json_text(document)


async def create_named(here: Here, context: Context, operation: str, **params: Any) -> None:
    """Create what has a name but no tags. It is noted before that a step is about to: what is there when the step is
    repeated is its own."""
    key = note_of(SERVICE, context)

    def note(here: Here) -> bool:
        known = here.tx.get(key) is not None
        here.tx.put(key, b"")
        return known

    repeated = await here.transact(note)
    try:
        await ask(here, SERVICE, operation, **params)
    except AwsError as error:
        if error.code == ResourceAlreadyExistsException.code and repeated:
            return
        await here.transact(lambda here: here.tx.delete(key))
        raise


async def delete_named(here: Here, context: Context, operation: str, **params: Any) -> None:
    """What is gone is fine."""
    await unless_gone(here, SERVICE, operation, **params)
    await forget(here, SERVICE, context)
