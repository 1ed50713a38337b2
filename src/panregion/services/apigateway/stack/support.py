"""What the resource types of this folder share: deleting what may be gone, and names in AWS's two cases."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from panregion.services import Context, Here
from panregion.services.apigateway.errors import BadRequestException, NotFoundException
from panregion.services.once import note_of
from panregion.services.stack_calls import as_text, tags_of, truth
from panregion.wire import check

Params = dict[str, Any]
Properties = Mapping[str, Any]

SERVICE = "apigateway"


async def gone(here: Here, context: Context, remove: Callable[[Here], object]) -> None:
    """Run `remove`; what is not there is gone already."""

    def step(here: Here) -> None:
        here.tx.delete(note_of(SERVICE, context))
        with contextlib.suppress(NotFoundException):
            remove(here)

    await here.transact(step)


def call(here: Here, operation: str, **params: Any) -> Params:
    """One of API Gateway's own operations in this transaction, its parameters checked; None is left out."""
    given = {name: value for name, value in params.items() if value is not None}
    check(SERVICE, operation, given)
    return here.call(SERVICE, operation, given)


def camel(name: str) -> str:
    """CloudFormation's name of a member as API Gateway spells it."""
    return name[:1].lower() + name[1:]


def members(properties: Properties, names: str) -> Params:
    """Those of the properties, under API Gateway's names."""
    return {camel(name): properties[name] for name in names.split() if properties.get(name) is not None}


def number(value: Any) -> int | None:
    """Templates may write numbers as text."""
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError) as error:
        raise BadRequestException(f"Not a number: {value}") from error


def truths(values: Mapping[str, Any] | None) -> dict[str, bool] | None:
    return None if values is None else {name: truth(value) for name, value in values.items()}


def texts(values: Mapping[str, Any] | None) -> dict[str, str] | None:
    return None if values is None else {name: str(value) for name, value in values.items()}


def tags(properties: Properties, context: Context) -> dict[str, str] | None:
    """The stack's tags and the resource's own, as a map."""
    return tags_of(properties, context) or None


def patch(path: str, value: Any, op: str = "replace") -> dict[str, str]:
    """One patch operation; values are text."""
    return {"op": op, "path": path, "value": as_text(value)} if op != "remove" else {"op": op, "path": path}


def escaped(name: str) -> str:
    """A name as a part of a patch path."""
    return name.replace("~", "~0").replace("/", "~1")
