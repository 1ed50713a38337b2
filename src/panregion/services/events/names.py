"""Buses and rules by name or ARN. Pure."""

import re
from typing import Any

from panregion.services.events.errors import ResourceNotFoundException, ValidationException
from panregion.services.events.model import DEFAULT
from panregion.services.here import Here

BUS_NAME = re.compile(r"[/.A-Za-z0-9_-]{1,256}")


def bus_of(here: Here, given: str | None) -> str:
    """A bus's name from its name or ARN. Raises ResourceNotFoundException for another region's or account's."""
    if given is None:
        return DEFAULT
    if not given.startswith("arn:"):
        return given
    prefix = here.arn("events", "event-bus/")
    if not given.startswith(prefix):
        raise ResourceNotFoundException(f"Event bus {given} does not exist.")
    return given.removeprefix(prefix)


def tagged_of(here: Here, arn: str) -> tuple[str, str | None]:
    """The bus, and the rule if the ARN is one's. Raises ValidationException."""
    kind, _, rest = arn.removeprefix(here.arn("events", "")).partition("/")
    if kind == "event-bus" and rest:
        return rest, None
    if kind == "rule" and rest:
        bus, found, name = rest.rpartition("/")
        return (bus, name) if found else (DEFAULT, rest)
    raise ValidationException(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")


def page(found: list[Any], names: list[str], member: str, next_token: str | None, limit: int | None) -> dict[str, Any]:
    """A page of what is in the order of `names`; the token is the last name given."""
    kept = [(name, one) for name, one in zip(names, found, strict=True) if next_token is None or name > next_token]
    size = limit or 100
    answer: dict[str, Any] = {member: [one for _, one in kept[:size]]}
    return answer | ({"NextToken": kept[size - 1][0]} if len(kept) > size else {})
