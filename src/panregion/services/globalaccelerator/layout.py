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
from typing import Any, TypeVar

import msgspec

from panregion.services import Here
from panregion.services.globalaccelerator.errors import (
    AcceleratorNotFoundException,
    EndpointGroupNotFoundException,
    ListenerNotFoundException,
)
from panregion.services.globalaccelerator.model import FEED, Accelerator, EndpointGroup, Listener, Tree
from panregion.store import Key

SPACE = "globalaccelerator"
T = TypeVar("T")


def _get(here: Here, key: Key, kind: type[T]) -> T | None:
    value = here.tx.get(key)
    return None if value is None else msgspec.msgpack.decode(value, type=kind, strict=False)


def _put(here: Here, key: Key, value: Any) -> None:
    here.tx.put(key, msgspec.msgpack.encode(value))


def _all(here: Here, prefix: Key, kind: type[T]) -> Iterator[T]:
    for value in here.tx.values(prefix):
        yield msgspec.msgpack.decode(value, type=kind, strict=False)


def accelerator_of(arn: str) -> str:
    """The accelerator that a listener's or group's ARN begins with."""
    return arn.split("/listener/", 1)[0]


def listener_of(arn: str) -> str:
    return arn.split("/endpoint-group/", 1)[0]


def accelerator(here: Here, arn: str) -> Accelerator:
    """Raises AcceleratorNotFoundException."""
    found = _get(here, (SPACE, "accelerator", arn), Accelerator)
    if found is None:
        raise AcceleratorNotFoundException(f"The accelerator {arn} does not exist")
    return found


def accelerators(here: Here) -> Iterator[Accelerator]:
    return _all(here, (SPACE, "accelerator"), Accelerator)


def put_accelerator(here: Here, accelerator: Accelerator) -> None:
    _put(here, (SPACE, "accelerator", accelerator.arn), accelerator)
    _tell(here, accelerator)


def delete_accelerator(here: Here, accelerator: Accelerator) -> None:
    here.tx.delete((SPACE, "accelerator", accelerator.arn))
    here.tx.delete((SPACE, "told", accelerator.arn))
    put_tags(here, accelerator.arn, {})
    here.publish(FEED, msgspec.msgpack.encode(Tree(accelerator, gone=True)))


def tree(here: Here, accelerator: Accelerator) -> Tree:
    own = list(listeners(here, accelerator.arn))
    return Tree(accelerator, own, [group for listener in own for group in groups(here, listener.arn)])


def trees(here: Here) -> list[Tree]:
    return [tree(here, each) for each in accelerators(here)]


def _tell(here: Here, accelerator: Accelerator) -> None:
    sequence = here.publish(FEED, msgspec.msgpack.encode(tree(here, accelerator)))
    _put(here, (SPACE, "told", accelerator.arn), sequence)


def told(here: Here, arn: str) -> int:
    """The feed's number of an accelerator's last change."""
    return _get(here, (SPACE, "told", arn), int) or 0


def touched(here: Here, arn: str) -> None:
    """Something below the accelerator has changed."""
    changed = msgspec.structs.replace(accelerator(here, arn), modified_at=here.now())
    put_accelerator(here, changed)


# Listeners


def listener(here: Here, arn: str) -> Listener:
    """Raises ListenerNotFoundException."""
    found = _get(here, (SPACE, "listener", accelerator_of(arn), arn), Listener)
    if found is None:
        raise ListenerNotFoundException(f"The listener {arn} does not exist")
    return found


def listeners(here: Here, accelerator_arn: str) -> Iterator[Listener]:
    return _all(here, (SPACE, "listener", accelerator_arn), Listener)


def put_listener(here: Here, listener: Listener) -> None:
    _put(here, (SPACE, "listener", listener.accelerator_arn, listener.arn), listener)
    touched(here, listener.accelerator_arn)


def delete_listener(here: Here, listener: Listener) -> None:
    here.tx.delete((SPACE, "listener", listener.accelerator_arn, listener.arn))
    touched(here, listener.accelerator_arn)


# Endpoint groups


def group(here: Here, arn: str) -> EndpointGroup:
    """Raises EndpointGroupNotFoundException."""
    found = _get(here, (SPACE, "group", listener_of(arn), arn), EndpointGroup)
    if found is None:
        raise EndpointGroupNotFoundException(f"The endpoint group {arn} does not exist")
    return found


def groups(here: Here, listener_arn: str) -> Iterator[EndpointGroup]:
    return _all(here, (SPACE, "group", listener_arn), EndpointGroup)


def put_group(here: Here, group: EndpointGroup) -> None:
    _put(here, (SPACE, "group", group.listener_arn, group.arn), group)
    touched(here, accelerator_of(group.arn))


def delete_group(here: Here, group: EndpointGroup) -> None:
    here.tx.delete((SPACE, "group", group.listener_arn, group.arn))
    touched(here, accelerator_of(group.arn))


# Tokens and tags


def created(here: Here, operation: str, token: str) -> str | None:
    """What an earlier request with the token created, wherever it is now."""
    return _get(here, (SPACE, "token", operation, token), str)


def put_created(here: Here, operation: str, token: str, arn: str) -> None:
    _put(here, (SPACE, "token", operation, token), arn)


def tags(here: Here, arn: str) -> dict[str, str]:
    return _get(here, (SPACE, "tags", arn), dict[str, str]) or {}


def put_tags(here: Here, arn: str, tags: dict[str, str]) -> None:
    if tags:
        _put(here, (SPACE, "tags", arn), tags)
    else:
        here.tx.delete((SPACE, "tags", arn))
