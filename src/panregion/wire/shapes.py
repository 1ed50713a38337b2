"""What the service's model says of an operation's parameters: required, type, enum, min, max, pattern, union.

`check` is called for every request, and almost every request is right. So each shape is compiled once into a
predicate that only answers yes or no, and only where it says no does `shape_errors` look again, for AWS's words
about what is wrong and where. Both judge alike; a test holds them to it.
"""

from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

from panregion.wire import shape_errors
from panregion.wire.compiled import compiler
from panregion.wire.constraints import TYPES, blob_problem, constraints_of, set_count
from panregion.wire.errors import SerializationException
from panregion.wire.model import Shape, service_model


def check(service: str, operation: str, params: dict[str, Any]) -> None:
    """Raises SerializationException, or the service's validation error, if the parameters break the model."""
    shape = service_model(service).operation(operation).input
    try:
        if shape is not None and not predicate(shape)(params):
            shape_errors.explain(service, shape, params)
    except RecursionError as error:
        raise SerializationException("The request is nested too deeply") from error


Predicate = Callable[[Any], bool]


@cache
def predicate(shape: Shape) -> Predicate:
    return _compiled(shape)


def _build(shape: Shape, compiled: Callable[[Shape], Predicate]) -> Predicate:
    if shape.document or (shape.jsonvalue and shape.location) or shape.definition.eventstream:
        return _always
    if shape.type == "structure":
        return _structure(shape, compiled)
    if shape.type == "list":
        return _sized(shape, _list(shape, compiled))
    if shape.type == "map":
        return _sized(shape, _map(shape, compiled))
    if shape.type == "blob":
        return _blob(shape)
    return _scalar(shape)


_compiled = compiler(_build)


def _always(_value: Any) -> bool:
    return True


def _structure(shape: Shape, compiled: Callable[[Shape], Predicate]) -> Predicate:
    members = {name: compiled(member) for name, member in shape.members.items()}
    required = shape.required
    union = shape.definition.union

    def structure_is_right(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name in required:
            if value.get(name) is None:
                return False
        for name, item in value.items():
            if item is not None and name in members and not members[name](item):
                return False
        return not union or set_count(shape, value) == 1

    return structure_is_right


def _list(shape: Shape, compiled: Callable[[Shape], Predicate]) -> Predicate:
    inner = compiled(shape.member)
    sparse = shape.definition.sparse

    def list_is_right(value: Any) -> bool:
        if type(value) is not list:
            return False
        for item in value:  # noqa: SIM110 (a generator takes twice the time)
            if not (sparse if item is None else inner(item)):
                return False
        return True

    return list_is_right


def _map(shape: Shape, compiled: Callable[[Shape], Predicate]) -> Predicate:
    key_is_right, inner = compiled(shape.key), compiled(shape.value)

    def map_is_right(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for key, item in value.items():  # noqa: SIM110
            if not key_is_right(key) or (item is not None and not inner(item)):
                return False
        return True

    return map_is_right


def _sized(shape: Shape, inner: Predicate) -> Predicate:
    constraints = constraints_of(shape)
    if not constraints:
        return inner
    return lambda value: inner(value) and all(constraint.holds(value) for constraint in constraints)


def _blob(shape: Shape) -> Predicate:
    if shape.streaming:
        return lambda value: isinstance(value, (bytes, str, AsyncIterator))
    return _sized(shape, lambda value: isinstance(value, (bytes, str)) and blob_problem(value) is None)


def _scalar(shape: Shape) -> Predicate:
    types = TYPES[shape.type]
    constraints = constraints_of(shape)
    if not constraints:
        return lambda value: type(value) in types
    if len(constraints) == 1:
        only = constraints[0].holds
        return lambda value: type(value) in types and only(value)
    return lambda value: type(value) in types and all(constraint.holds(value) for constraint in constraints)
