"""Where Global Accelerator keeps things.

("globalaccelerator", "accelerator", arn)              -> Accelerator
("globalaccelerator", "listener", accelerator, arn)    -> Listener
("globalaccelerator", "group", listener, arn)          -> EndpointGroup
("globalaccelerator", "told", accelerator)             -> the feed's number of its last change
("globalaccelerator", "token", operation, token)       -> ARN of what a request with that token created
("globalaccelerator", "tags", arn)                     -> {key: value}

Whatever changes below an accelerator, the whole of it is told in the feed, in the same transaction.
"""

from collections.abc import Iterator

import msgspec

from panregion.services import Here
from panregion.services.globalaccelerator.errors import (
    AcceleratorNotFoundException,
    EndpointGroupNotFoundException,
    ListenerNotFoundException,
)
from panregion.services.globalaccelerator.model import FEED, Accelerator, EndpointGroup, Listener, Tree
from panregion.services.records import Table

SPACE = "globalaccelerator"
ACCELERATORS = Table(
    *(SPACE, "accelerator", Accelerator),
    missing=lambda arn: AcceleratorNotFoundException(f"The accelerator {arn} does not exist"),
)
LISTENERS = Table(
    *(SPACE, "listener", Listener),
    missing=lambda _owner, arn: ListenerNotFoundException(f"The listener {arn} does not exist"),
)
GROUPS = Table(
    *(SPACE, "group", EndpointGroup),
    missing=lambda _owner, arn: EndpointGroupNotFoundException(f"The endpoint group {arn} does not exist"),
)
TOLD = Table(SPACE, "told", int)
TOKENS = Table(SPACE, "token", str)
TAGS = Table(SPACE, "tags", dict[str, str])


def accelerator_of(arn: str) -> str:
    """The accelerator that a listener's or group's ARN begins with."""
    return arn.split("/listener/", 1)[0]


def listener_of(arn: str) -> str:
    return arn.split("/endpoint-group/", 1)[0]


def accelerator(here: Here, arn: str) -> Accelerator:
    """Raises AcceleratorNotFoundException."""
    return ACCELERATORS.require(here.tx, arn)


def accelerators(here: Here) -> Iterator[Accelerator]:
    return ACCELERATORS.all(here.tx)


def put_accelerator(here: Here, accelerator: Accelerator) -> None:
    ACCELERATORS.put(here.tx, accelerator, accelerator.arn)
    _tell(here, accelerator)


def delete_accelerator(here: Here, accelerator: Accelerator) -> None:
    ACCELERATORS.delete(here.tx, accelerator.arn)
    TOLD.delete(here.tx, accelerator.arn)
    put_tags(here, accelerator.arn, {})
    here.publish(FEED, msgspec.msgpack.encode(Tree(accelerator, gone=True)))


def tree(here: Here, accelerator: Accelerator) -> Tree:
    own = list(listeners(here, accelerator.arn))
    return Tree(accelerator, own, [group for listener in own for group in groups(here, listener.arn)])


def trees(here: Here) -> list[Tree]:
    return [tree(here, each) for each in accelerators(here)]


def _tell(here: Here, accelerator: Accelerator) -> None:
    sequence = here.publish(FEED, msgspec.msgpack.encode(tree(here, accelerator)))
    TOLD.put(here.tx, sequence, accelerator.arn)


def told(here: Here, arn: str) -> int:
    """The feed's number of an accelerator's last change."""
    return TOLD.find(here.tx, arn) or 0


def touched(here: Here, arn: str) -> None:
    """Something below the accelerator has changed."""
    changed = msgspec.structs.replace(accelerator(here, arn), modified_at=here.now())
    put_accelerator(here, changed)


# Listeners


def listener(here: Here, arn: str) -> Listener:
    """Raises ListenerNotFoundException."""
    return LISTENERS.require(here.tx, accelerator_of(arn), arn)


def listeners(here: Here, accelerator_arn: str) -> Iterator[Listener]:
    return LISTENERS.all(here.tx, accelerator_arn)


def put_listener(here: Here, listener: Listener) -> None:
    LISTENERS.put(here.tx, listener, listener.accelerator_arn, listener.arn)
    touched(here, listener.accelerator_arn)


def delete_listener(here: Here, listener: Listener) -> None:
    LISTENERS.delete(here.tx, listener.accelerator_arn, listener.arn)
    touched(here, listener.accelerator_arn)


# Endpoint groups


def group(here: Here, arn: str) -> EndpointGroup:
    """Raises EndpointGroupNotFoundException."""
    return GROUPS.require(here.tx, listener_of(arn), arn)


def groups(here: Here, listener_arn: str) -> Iterator[EndpointGroup]:
    return GROUPS.all(here.tx, listener_arn)


def put_group(here: Here, group: EndpointGroup) -> None:
    GROUPS.put(here.tx, group, group.listener_arn, group.arn)
    touched(here, accelerator_of(group.arn))


def delete_group(here: Here, group: EndpointGroup) -> None:
    GROUPS.delete(here.tx, group.listener_arn, group.arn)
    touched(here, accelerator_of(group.arn))


# Tokens and tags


def created(here: Here, operation: str, token: str) -> str | None:
    """What an earlier request with the token created, wherever it is now."""
    return TOKENS.find(here.tx, operation, token)


def put_created(here: Here, operation: str, token: str, arn: str) -> None:
    TOKENS.put(here.tx, arn, operation, token)


def tags(here: Here, arn: str) -> dict[str, str]:
    return TAGS.find(here.tx, arn) or {}


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    if tags:
        TAGS.put(here.tx, tags, arn)
    else:
        TAGS.delete(here.tx, arn)
