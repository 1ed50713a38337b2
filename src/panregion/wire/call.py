"""A request once it has been read."""

from typing import Any, NamedTuple


class Call(NamedTuple):
    service: str
    operation: str
    params: dict[str, Any]
    """By AWS's names; timestamps are timezone-aware datetimes, blobs bytes (but see json_body.TEXT_BLOBS)."""
    protocol: str
    """What the request came in, and so what the reply has to go out in."""
