"""What the resource types share."""

from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.services import Context, Here
from panregion.services.events.errors import ResourceAlreadyExistsException, ResourceNotFoundException
from panregion.store import Key
from panregion.wire import AwsError

Properties = dict[str, Any]

NAME_MAX = 64


async def ask(here: Here, operation: str, **params: Any) -> Properties:
    given = {name: value for name, value in params.items() if value is not None}
    return await here.request("events", operation, given)


async def unless_gone(here: Here, operation: str, **params: Any) -> None:
    try:
        await ask(here, operation, **params)
    except AwsError as error:
        if error.code != ResourceNotFoundException.code:
            raise


def tags_of(properties: Properties, context: Context) -> dict[str, str]:
    return {**context.tags, **{tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def text_of(document: Any) -> str | None:
    if document is None or isinstance(document, str):
        return document
    return msgspec.json.encode(document).decode()


async def retag(here: Here, arn: str, old: dict[str, str], new: dict[str, str]) -> None:
    gone = sorted(old.keys() - new.keys())
    if gone:
        await ask(here, "UntagResource", ResourceARN=arn, TagKeys=gone)
    if new:
        await ask(here, "TagResource", ResourceARN=arn, Tags=tag_list(new))


async def create_named(here: Here, context: Context, operation: str, **params: Any) -> None:
    """Create what has a name but no tags. It is noted before that a step is about to: what is there when the step is
    repeated is its own."""
    key: Key = ("events", "created", context.stack_id, context.logical_id, context.suffix)

    def note(here: Here) -> bool:
        known = here.tx.get(key) is not None
        here.tx.put(key, b"")
        return known

    repeated = await here.transact(note)
    try:
        await ask(here, operation, **params)
    except AwsError as error:
        if error.code == ResourceAlreadyExistsException.code and repeated:
            return
        await here.transact(lambda here: here.tx.delete(key))
        raise


async def delete_named(here: Here, context: Context, operation: str, **params: Any) -> None:
    """What is gone is fine."""
    await unless_gone(here, operation, **params)
    key: Key = ("events", "created", context.stack_id, context.logical_id, context.suffix)
    await here.transact(lambda here: here.tx.delete(key))


def picked(properties: Mapping[str, Any], *names: str) -> Properties:
    """Those of the properties that an operation takes."""
    return {name: properties[name] for name in names if properties.get(name) is not None}
