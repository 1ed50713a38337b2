"""Ranges and conditions: what If-Match and its kin, and Range, make of a request. Pure.

Reading follows RFC 9110 13.2.2: an entity tag outranks a date. Writing knows entity tags alone.
"""

import re
from datetime import datetime
from math import floor

from panregion.services.s3.errors import InvalidRange, NoSuchKey, NotImplementedHere, NotModified, PreconditionFailed
from panregion.services.s3.model import Version

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def tag_matches(given: str, version: Version) -> bool:
    """Whether a list of entity tags, or a star, names this version."""
    return any(tag.strip().removeprefix("W/").strip('"') in ("*", version.etag) for tag in given.split(","))


def check_read(
    version: Version,
    if_match: str | None,
    if_none_match: str | None,
    if_modified_since: datetime | None,
    if_unmodified_since: datetime | None,
) -> None:
    """Raises PreconditionFailed, NotModified."""
    modified = floor(version.modified)  # HTTP dates have whole seconds
    if if_match is not None:
        if not tag_matches(if_match, version):
            raise failed("If-Match")
    elif if_unmodified_since is not None and modified > if_unmodified_since.timestamp():
        raise failed("If-Unmodified-Since")
    if if_none_match is not None:
        if tag_matches(if_none_match, version):
            raise NotModified("Not Modified")
    elif if_modified_since is not None and modified <= if_modified_since.timestamp():
        raise NotModified("Not Modified")


def check_write(current: Version | None, key: str, if_match: str | None, if_none_match: str | None) -> None:
    """Raises PreconditionFailed, NoSuchKey. `current` is None where there is no object."""
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise NotImplementedHere(
                "A header you provided implies functionality that is not implemented: If-None-Match"
            )
        if current is not None:
            raise failed("If-None-Match")
    if if_match is not None:
        if current is None:
            raise NoSuchKey("The specified key does not exist.", Key=key)
        if not tag_matches(if_match, current):
            raise failed("If-Match")


def failed(condition: str) -> PreconditionFailed:
    return PreconditionFailed("At least one of the pre-conditions you specified did not hold", Condition=condition)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes (start, end) that a Range header asks for; None for all of them: no header, several ranges, or one
    that makes no sense. Raises InvalidRange.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if header is None or match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise InvalidRange("The requested range is not satisfiable", ActualObjectSize=str(size), RangeRequested=header)
    return start, end
