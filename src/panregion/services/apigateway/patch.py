"""PatchOperations: how API Gateway updates anything.

An operation is `op` (add, replace, remove, sometimes copy, move), a JSON pointer `path` and a `value` that is
always a string. Here a record's own description is the document: the rules say which paths of it may be
touched, `*` standing for one name, and the edited document is converted back, which turns the strings into the
types that the fields have.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.model import Record, describe

R = TypeVar("R", bound=Record)

Operations = list[dict[str, str]]
Rules = Mapping[str, frozenset[str]]
"""Path pattern -> the ops that may touch it."""

REPLACE = frozenset({"replace"})
ADD_REMOVE = frozenset({"add", "remove"})
ANY = frozenset({"add", "replace", "remove"})

LISTS = frozenset({"binaryMediaTypes", "cacheKeyParameters", "types", "providerARNs", "authorizationScopes"})
"""The members that are lists; an element is named in the path, or is the value."""


def rules(*, replace: str = "", add_remove: str = "", anyway: str = "") -> Rules:
    """Rules from lists of paths parted by spaces."""
    return {
        **dict.fromkeys(replace.split(), REPLACE),
        **dict.fromkeys(add_remove.split(), ADD_REMOVE),
        **dict.fromkeys(anyway.split(), ANY),
    }


def parts(path: str) -> list[str]:
    """The names in a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.removeprefix("/").split("/")]


def patched(record: R, operations: Operations | None, allowed: Rules) -> R:
    """The record after these operations. Raises BadRequestException for a path or value that it cannot have."""
    document = describe(record)
    for operation in operations or []:
        _check(operation, allowed)
        _apply(document, operation["op"], parts(operation["path"]), operation.get("value"))
    try:
        return msgspec.convert(document, type(record), strict=False)
    except msgspec.ValidationError as error:
        raise BadRequestException(f"Invalid patch value: {error}") from error


def _check(operation: dict[str, str], allowed: Rules) -> None:
    op, path = operation.get("op", ""), operation.get("path", "")
    names = path.removeprefix("/").split("/")
    for pattern, ops in allowed.items():
        wanted = pattern.removeprefix("/").split("/")
        if op in ops and len(wanted) == len(names) and all(map(_fits, wanted, names)):
            return
    legal = [pattern.replace("*", "{name}") for pattern, ops in allowed.items() if op in ops]
    raise BadRequestException(
        f"Invalid patch path  '{path}' specified for op '{op}'. Must be one of: [{', '.join(legal)}]"
    )


def _fits(wanted: str, name: str) -> bool:
    return wanted in ("*", name)


def _apply(document: dict[str, Any], op: str, names: list[str], value: str | None) -> None:
    *above, last = names
    holder: Any = document
    for name in above:
        holder = holder.setdefault(name, [] if name in LISTS else {})
    if isinstance(holder, list):
        _apply_to_list(holder, op, last, value)
    elif last in LISTS:
        _apply_to_member(holder.setdefault(last, []), op, value)
    elif op == "remove":
        holder.pop(last, None)
    else:
        holder[last] = value


def _apply_to_list(holder: list[Any], op: str, name: str, value: str | None) -> None:
    """`/binaryMediaTypes/image~1png`: the element is named in the path."""
    if op in ("remove", "replace"):
        if name not in holder:
            raise BadRequestException(f"Invalid patch path: {name} is not there")
        holder.remove(name)
    if op in ("add", "replace"):
        element = value if op == "replace" and value is not None else name
        if element not in holder:
            holder.append(element)


def _apply_to_member(holder: list[Any], op: str, value: str | None) -> None:
    """`/apiStages` with a value: the element is the value. A replaced list is a list of one."""
    if op == "replace":
        holder.clear()
    if op == "remove":
        if value in holder:
            holder.remove(value)
    elif value is not None and value not in holder:
        holder.append(value)
