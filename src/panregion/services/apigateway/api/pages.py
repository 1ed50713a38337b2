"""Lists in pages, as API Gateway gives them: `limit` items from after `position`."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from panregion.services.apigateway.errors import BadRequestException

PAGE_SIZE = 25
PAGE_SIZE_MAX = 500


def page(items: Iterable[dict[str, Any]], position: str | None, limit: int | None) -> dict[str, Any]:
    """One page of items; `position` is there when more follow."""
    everything = list(items)
    start = _offset(position)
    end = start + min(PAGE_SIZE if limit is None or limit <= 0 else limit, PAGE_SIZE_MAX)
    answer: dict[str, Any] = {"items": everything[start:end]}
    if end < len(everything):
        answer["position"] = base64.b64encode(str(end).encode()).decode()
    return answer


def _offset(position: str | None) -> int:
    if not position:
        return 0
    try:
        return int(base64.b64decode(position, validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadRequestException("Invalid position parameter") from error
