"""Ids and ETags in AWS's forms, and the check of If-Match."""

import re

from panregion.services.cloudfront.errors import InvalidIfMatchVersion, PreconditionFailed
from panregion.services.here import Here

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def new_id(here: Here, letter: str, length: int = 13) -> str:
    """A letter that tells the kind, and capitals and digits."""
    return letter + here.world.chance.token(length, UPPER)


def new_etag(here: Here) -> str:
    return new_id(here, "E")


def require_match(if_match: str, etag: str) -> None:
    """Raises InvalidIfMatchVersion, PreconditionFailed."""
    if not re.fullmatch(r"E[A-Z0-9]{10,20}", if_match):
        raise InvalidIfMatchVersion
    if if_match != etag:
        raise PreconditionFailed
