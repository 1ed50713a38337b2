"""Where an operation is carried out, and pages.

What makes plans lives in one region; the rest works in each of a plan's two regions without it. An execution's id
begins with the region that it runs in, so whichever region is asked passes the request on to there.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from panregion.services.arc_region_switch.errors import ResourceNotFoundException, ValidationException
from panregion.services.here import Here
from panregion.services.service import is_read

SERVICE = "arc-region-switch"
HOME = "us-east-1"
PAGE_SIZE = 100

Operation = Callable[..., dict[str, Any]]
Waiting = Callable[..., Awaitable[dict[str, Any]]]


def at_home(operation: Operation) -> Waiting:
    """Have a plain operation run in the home region, whichever was asked."""

    @functools.wraps(operation)
    async def elsewhere(here: Here, **params: Any) -> dict[str, Any]:
        return await _in(here, here.settings.home(HOME), operation, params)

    return elsewhere


def where_it_runs(operation: Operation) -> Waiting:
    """Have a plain operation on an execution run in the region that its id names."""

    @functools.wraps(operation)
    async def elsewhere(here: Here, **params: Any) -> dict[str, Any]:
        region = params["execution_id"].partition("/")[0]
        if region not in here.settings.regions:
            raise ResourceNotFoundException(f"The plan has no execution {params['execution_id']}")
        return await _in(here, region, operation, params)

    return elsewhere


async def _in(here: Here, region: str, operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
    if region == here.region:
        run = here.read if is_read(operation) else None
        if run is not None:
            return run(lambda here: operation(here, **params))
        return await here.transact(lambda here: operation(here, **params))
    name = "".join(word.capitalize() for word in operation.__name__.split("_"))
    given = {_camel(member): value for member, value in params.items()}
    return await here.request(SERVICE, name, given, region=region)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def page(member: str, found: list[Any], next_token: str | None, max_results: int) -> dict[str, Any]:
    """A page of a list. Raises ValidationException."""
    if next_token is not None and not next_token.isdigit():
        raise ValidationException("The nextToken is not valid")
    first = int(next_token or 0)
    shown: dict[str, Any] = {member: found[first : first + max_results]}
    if len(found) > first + max_results:
        shown["nextToken"] = str(first + max_results)
    return shown
