"""Lists in pages. A marker is the position of what follows."""

from typing import Any

from panregion.services.elbv2.errors import ValidationError

PAGE_MAX = 400


def page(found: list[Any], marker: str | None, size: int | None) -> tuple[list[Any], dict[str, str]]:
    """One page, and {"NextMarker"} where more follow. Raises ValidationError."""
    if marker is not None and not marker.isdigit():
        raise ValidationError(f"Invalid marker '{marker}'")
    start = int(marker or 0)
    end = start + (size or PAGE_MAX)
    return found[start:end], {"NextMarker": str(end)} if end < len(found) else {}
