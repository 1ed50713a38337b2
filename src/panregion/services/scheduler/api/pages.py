"""Lists, a page at a time."""

from typing import Any

from panregion.services.scheduler.errors import ValidationException

Json = dict[str, Any]

PAGE = 100


def page(found: list[Json], names: list[str], member: str, next_token: str | None, size: int) -> Json:
    """A page; the token is the last name given."""
    first = 0
    if next_token is not None:
        if next_token not in names:
            raise ValidationException("Invalid NextToken.")
        first = names.index(next_token) + 1
    answer: Json = {member: found[first : first + size]}
    return answer | ({"NextToken": names[first + size - 1]} if len(found) > first + size else {})
