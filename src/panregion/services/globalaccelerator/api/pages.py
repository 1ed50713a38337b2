"""Lists in pages. A token is the position of what follows."""

from typing import Any

from panregion.services.globalaccelerator.errors import InvalidNextTokenException

PAGE = 10


def page(found: list[Any], token: str | None, size: int | None) -> tuple[list[Any], dict[str, str]]:
    """One page, and {"NextToken"} where more follow. Raises InvalidNextTokenException."""
    if token is not None and not token.isdigit():
        raise InvalidNextTokenException("The NextToken is not valid")
    start = int(token or 0)
    end = start + (size or PAGE)
    return found[start:end], {"NextToken": str(end)} if end < len(found) else {}
