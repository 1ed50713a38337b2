"""New ids, and changes on their way to the name servers."""

from typing import Any

from panregion.services.here import Here
from panregion.services.route53 import describe, layout

UPPERCASE_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def new_id(here: Here, prefix: str) -> str:
    """An id in the form that AWS gives to zones (Z...), changes (C...) and delegation sets (N...)."""
    return prefix + here.world.chance.token(20, UPPERCASE_AND_DIGITS)


def submitted(here: Here, sequence: int, comment: str = "") -> dict[str, Any]:
    """Keep a change whose last record in the feed has that number; it is in sync once the edge has seen it."""
    change_id = new_id(here, "C")
    layout.put_change(here, change_id, sequence)
    return describe.change(change_id, here.now(), "PENDING", comment)
