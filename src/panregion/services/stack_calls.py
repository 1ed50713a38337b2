"""What resource types of different services have in common: tags, and requests that may come a second time.

A step of a stack may be repeated after a crash: a deletion may find its thing gone, a creation may find its own, known
by the owner's tags. Tags are a mapping here, whatever shape a service's operations want them in.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.stack import Context, Properties
from panregion.wire import AwsError

GONE = ("NotFound", "NotFoundException")
"""How the error codes end by which most services say that something is not there."""


def as_text(value: Any) -> str:
    """A template's number or truth value as CloudFormation hands it to a string property."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def truth(value: Any) -> bool:
    """Templates may write truth values as text."""
    return as_text(value).lower() == "true"


def json_text(document: Any) -> str:
    """A policy or a pattern as the text that an operation takes."""
    return document if isinstance(document, str) else msgspec.json.encode(document).decode()


def tags_of(properties: Mapping[str, Any], context: Context) -> dict[str, str]:
    """The stack's tags and the resource's own, which win; `Tags` may be a list of pairs or a map."""
    given = properties.get("Tags") or {}
    pairs = given.items() if isinstance(given, dict) else ((tag["Key"], tag["Value"]) for tag in given)
    return {**context.tags, **{name: as_text(value) for name, value in pairs}}


def owner_tags(context: Context) -> dict[str, str]:
    """The tags that say whose a resource is."""
    return {
        "aws:cloudformation:stack-name": context.stack_name,
        "aws:cloudformation:stack-id": context.stack_id,
        "aws:cloudformation:logical-id": context.logical_id,
    }


def is_owner(held: Mapping[str, str], context: Context) -> bool:
    """Whether a resource with these tags was made by the same step."""
    return owner_tags(context).items() <= held.items()


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def picked(properties: Mapping[str, Any], *names: str) -> Properties:
    """Those of the properties that an operation takes, of the same names."""
    return {name: properties[name] for name in names if properties.get(name) is not None}


def uncapitalized(value: Any, keyed: Collection[str], *, is_map: bool = False) -> Any:
    """Properties as the API takes them where it writes its members' first letters small; the keys of the maps below the
    `keyed` properties are the user's, and stay."""
    if isinstance(value, dict):
        return {
            key if is_map else key[:1].lower() + key[1:]: uncapitalized(
                inner, keyed, is_map=not is_map and key in keyed
            )
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [uncapitalized(inner, keyed) for inner in value]
    return value


async def ask(here: Here, service: str, operation: str, **params: Any) -> Properties:
    """An operation's answer; parameters that are None are not sent. Raises the operation's errors."""
    given = {name: value for name, value in params.items() if value is not None}
    return await here.request(service, operation, given)


async def unless_gone(here: Here, service: str, operation: str, *, gone: tuple[str, ...] = GONE, **params: Any) -> None:
    """Ask for a deletion. Raises the operation's errors, except those whose code ends as one of `gone` does."""
    try:
        await ask(here, service, operation, **params)
    except AwsError as error:
        if not error.code.endswith(gone):
            raise


async def wait_until(here: Here, ready: Callable[[], Awaitable[bool]], *, limit_s: float, poll_s: float) -> bool:
    """Look again and again until it is ready; whether it came to be so within the limit."""
    ends = here.world.clock.monotonic() + limit_s
    while not await ready():
        if here.world.clock.monotonic() > ends:
            return False
        await here.world.clock.sleep(poll_s)
    return True


async def retag(
    here: Here,
    service: str,
    resource: Mapping[str, str],
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    keys: str = "TagKeys",
    tags: str = "Tags",
    listed: bool = True,
) -> None:
    """Take off the tags that are `old` alone, and put on all of `new`.

    `resource` is the member that names what is tagged, `keys` and `tags` are the members that say with what: services
    spell them in their own ways, and take tags as a list of pairs or (not `listed`) as a map.
    """
    gone = sorted(old.keys() - new.keys())
    if gone:
        await here.request(service, "UntagResource", {**resource, keys: gone})
    if new:
        await here.request(service, "TagResource", {**resource, tags: tag_list(new) if listed else dict(new)})
