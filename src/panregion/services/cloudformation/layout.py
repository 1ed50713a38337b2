"""Where CloudFormation keeps things. All keys begin with "cloudformation".

("name", stack name)                       -> stack id        of the stack that has the name now
("stack", stack id)                        -> Stack
("blueprint", stack id, which)             -> Blueprint       "current", "next" (during an update)
("resource", stack id, logical id)         -> Resource
("leftover", stack id, logical id, suffix) -> Leftover        what the cleanup phase has to delete
("event", stack id, n)                     -> Event           n rises
("change-set", stack id, name)             -> ChangeSet
("change-blueprint", change set id)        -> Blueprint       what executing it would make of the stack
("export", name)                           -> Export
("import", name, stack id)                 -> stack name      who uses it
("token", client request token)            -> stack id
"""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from panregion.services.cloudformation.model import (
    Blueprint,
    ChangeSet,
    Event,
    Export,
    Leftover,
    Resource,
    Stack,
)
from panregion.store import Key, Transaction

_SPACE = "cloudformation"
_encode = msgspec.msgpack.encode
_T = TypeVar("_T")

CURRENT = "current"
NEXT = "next"


def _get(tx: Transaction, kind: type[_T], *key: str | int) -> _T | None:
    data = tx.get((_SPACE, *key))
    return None if data is None else msgspec.msgpack.decode(data, type=kind)


def _all(tx: Transaction, kind: type[_T], *key: str | int, reverse: bool = False) -> Iterator[_T]:
    for data in tx.values((_SPACE, *key), reverse=reverse):
        yield msgspec.msgpack.decode(data, type=kind)


def find_stack(tx: Transaction, name_or_id: str) -> Stack | None:
    """By id, or by name the one that is not deleted."""
    if name_or_id.startswith("arn:"):
        return _get(tx, Stack, "stack", name_or_id)
    stack_id = tx.get((_SPACE, "name", name_or_id))
    return None if stack_id is None else _get(tx, Stack, "stack", stack_id.decode())


def stacks(tx: Transaction) -> Iterator[Stack]:
    return _all(tx, Stack, "stack")


def put_stack(tx: Transaction, stack: Stack) -> Stack:
    tx.put((_SPACE, "stack", stack.stack_id), _encode(stack))
    if stack.status == "DELETE_COMPLETE":
        if tx.get((_SPACE, "name", stack.name)) == stack.stack_id.encode():
            tx.delete((_SPACE, "name", stack.name))
    else:
        tx.put((_SPACE, "name", stack.name), stack.stack_id.encode())
    return stack


def forget_stack(tx: Transaction, stack: Stack) -> None:
    """A stack that never was: one in REVIEW_IN_PROGRESS whose last change set is gone."""
    tx.delete((_SPACE, "stack", stack.stack_id))
    tx.delete((_SPACE, "name", stack.name))


def find_blueprint(tx: Transaction, stack_id: str, which: str = CURRENT) -> Blueprint | None:
    return _get(tx, Blueprint, "blueprint", stack_id, which)


def put_blueprint(tx: Transaction, stack_id: str, blueprint: Blueprint, which: str = CURRENT) -> None:
    tx.put((_SPACE, "blueprint", stack_id, which), _encode(blueprint))


def delete_blueprint(tx: Transaction, stack_id: str, which: str) -> None:
    tx.delete((_SPACE, "blueprint", stack_id, which))


def find_resource(tx: Transaction, stack_id: str, logical_id: str) -> Resource | None:
    return _get(tx, Resource, "resource", stack_id, logical_id)


def resources(tx: Transaction, stack_id: str) -> dict[str, Resource]:
    return {resource.logical_id: resource for resource in _all(tx, Resource, "resource", stack_id)}


def put_resource(tx: Transaction, stack_id: str, resource: Resource) -> Resource:
    tx.put((_SPACE, "resource", stack_id, resource.logical_id), _encode(resource))
    return resource


def delete_resource(tx: Transaction, stack_id: str, logical_id: str) -> None:
    tx.delete((_SPACE, "resource", stack_id, logical_id))


def leftovers(tx: Transaction, stack_id: str) -> list[Leftover]:
    return list(_all(tx, Leftover, "leftover", stack_id))


def put_leftover(tx: Transaction, stack_id: str, leftover: Leftover) -> None:
    tx.put((_SPACE, "leftover", stack_id, leftover.logical_id, leftover.made.suffix), _encode(leftover))


def delete_leftover(tx: Transaction, stack_id: str, leftover: Leftover) -> None:
    tx.delete((_SPACE, "leftover", stack_id, leftover.logical_id, leftover.made.suffix))


def add_event(tx: Transaction, stack_id: str, event: Event) -> None:
    last = next(iter(tx.prefix((_SPACE, "event", stack_id), reverse=True)), None)
    number = 1
    if last is not None:
        previous = last[0][-1]
        assert isinstance(previous, int)
        number = previous + 1
    tx.put((_SPACE, "event", stack_id, number), _encode(event))


def events(tx: Transaction, stack_id: str) -> list[Event]:
    """The newest first."""
    return list(_all(tx, Event, "event", stack_id, reverse=True))


def find_change_set(tx: Transaction, stack_id: str, name_or_id: str) -> ChangeSet | None:
    name = name_or_id.split(":changeSet/", 1)[-1].split("/", 1)[0]
    found = _get(tx, ChangeSet, "change-set", stack_id, name)
    if found is not None and name_or_id.startswith("arn:") and found.change_set_id != name_or_id:
        return None
    return found


def change_sets(tx: Transaction, stack_id: str) -> list[ChangeSet]:
    return list(_all(tx, ChangeSet, "change-set", stack_id))


def all_change_sets(tx: Transaction) -> Iterator[ChangeSet]:
    return _all(tx, ChangeSet, "change-set")


def put_change_set(tx: Transaction, change_set: ChangeSet, blueprint: Blueprint | None = None) -> None:
    tx.put((_SPACE, "change-set", change_set.stack_id, change_set.name), _encode(change_set))
    if blueprint is not None:
        tx.put((_SPACE, "change-blueprint", change_set.change_set_id), _encode(blueprint))


def find_change_blueprint(tx: Transaction, change_set: ChangeSet) -> Blueprint | None:
    return _get(tx, Blueprint, "change-blueprint", change_set.change_set_id)


def delete_change_set(tx: Transaction, change_set: ChangeSet) -> None:
    tx.delete((_SPACE, "change-set", change_set.stack_id, change_set.name))
    tx.delete((_SPACE, "change-blueprint", change_set.change_set_id))


def find_export(tx: Transaction, name: str) -> Export | None:
    return _get(tx, Export, "export", name)


def exports(tx: Transaction) -> list[Export]:
    return list(_all(tx, Export, "export"))


def put_export(tx: Transaction, export: Export) -> None:
    tx.put((_SPACE, "export", export.name), _encode(export))


def delete_export(tx: Transaction, name: str) -> None:
    tx.delete((_SPACE, "export", name))


def importers(tx: Transaction, name: str) -> dict[str, str]:
    """Stack id -> stack name of those that use an export."""
    key: Key = (_SPACE, "import", name)
    return {str(found[-1]): value.decode() for found, value in tx.prefix(key)}


def put_import(tx: Transaction, name: str, stack: Stack) -> None:
    tx.put((_SPACE, "import", name, stack.stack_id), stack.name.encode())


def delete_import(tx: Transaction, name: str, stack_id: str) -> None:
    tx.delete((_SPACE, "import", name, stack_id))


def find_token(tx: Transaction, token: str) -> str | None:
    found = tx.get((_SPACE, "token", token))
    return None if found is None else found.decode()


def put_token(tx: Transaction, token: str, stack_id: str) -> None:
    tx.put((_SPACE, "token", token), stack_id.encode())
