"""What the operations share: names that are taken, parents that are not ready, pages."""

from typing import Any

from panregion.services.here import Here
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.errors import (
    ConflictException,
    ServiceQuotaExceededException,
    ValidationException,
)
from panregion.services.route53_recovery_control_config.model import PAGE_SIZE, Kind, Row


def made_before(here: Here, kind: Kind, token: str | None, name: str) -> Row | None:
    """What an earlier request with this client token made. Raises ConflictException where that was another one."""
    row = layout.of_token(here, kind, token)
    if row is not None and row.name != name:
        raise ConflictException(f"The client token {token} was used for another {layout.WORDS[kind]}")
    return row


def free(name: str, others: list[Row], exception: type[Exception] = ConflictException) -> None:
    """Raises where one of the others has the name."""
    for row in others:
        if row.name == name:
            raise exception(f"A {layout.WORDS[row.kind]} with the name {name} exists already")


def ready(row: Row) -> Row:
    """Raises ConflictException where it cannot be built upon, or changed, now."""
    if row.status != "DEPLOYED":
        raise ConflictException(f"The {layout.WORDS[row.kind]} {row.name} is {row.status}: it has to be DEPLOYED")
    return row


def room(count: int, limit: int, what: str) -> None:
    """Raises ServiceQuotaExceededException."""
    if count >= limit:
        raise ServiceQuotaExceededException(f"{what}: there can be at most {limit}")


def page(member: str, found: list[Any], next_token: str | None, max_results: int = PAGE_SIZE) -> dict[str, Any]:
    """A page of a list. Raises ValidationException."""
    first = 0
    if next_token is not None:
        if not next_token.isdigit():
            raise ValidationException("The NextToken is not valid")
        first = int(next_token)
    shown: dict[str, Any] = {member: found[first : first + max_results]}
    if len(found) > first + max_results:
        shown["NextToken"] = str(first + max_results)
    return shown
