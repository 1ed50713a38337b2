"""Lists in pages. A token is the number of what was given already."""

from typing import Any

from panregion.services.fis.errors import ValidationException

PAGE_SIZE = 100


def page(member: str, found: list[Any], next_token: str | None, max_results: int) -> dict[str, Any]:
    """Up to `max_results` of what was found, and where to go on. Raises ValidationException."""
    if next_token is not None and not next_token.isdigit():
        raise ValidationException("The next token is not valid.")
    begin = int(next_token or 0)
    end = begin + max_results
    more = {"nextToken": str(end)} if end < len(found) else {}
    return {member: found[begin:end], **more}
