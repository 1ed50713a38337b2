"""Describing: by ids, by filters, in pages. Pure."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from panregion.services.ec2.errors import invalid_value

Json = dict[str, Any]
Values = Callable[[Json], list[str]]

PAGE_MAX = 1000


def members(*names: str) -> Values:
    """A filter on a member of the thing itself, or of the things in a list of it."""

    def values(thing: Json) -> list[str]:
        found: list[Any] = [thing]
        for name in names:
            found = [
                inner
                for each in found
                for inner in (each.get(name) if isinstance(each.get(name), list) else [each.get(name)])
            ]
        return [str(value).lower() if isinstance(value, bool) else str(value) for value in found if value is not None]

    return values


def passing(things: list[Json], filters: list[Json] | None, known: dict[str, Values]) -> list[Json]:
    """Those that every filter lets through; values may have wildcards. Raises InvalidParameterValue."""
    for each in filters or []:
        name, wanted = each.get("Name", ""), each.get("Values") or []
        things = [thing for thing in things if any(_meant(value, wanted) for value in _values(name, thing, known))]
    return things


def _values(name: str, thing: Json, known: dict[str, Values]) -> list[str]:
    tags = {tag["Key"]: tag.get("Value", "") for tag in thing.get("Tags", [])}
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return [tags[key]] if key in tags else []
    if name == "tag-key":
        return list(tags)
    if name not in known:
        raise invalid_value("Filter", name, "The filter is not supported")
    return known[name](thing)


def _meant(value: str, wanted: list[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in wanted)


def paged(things: list[Json], token: str | None, size: int | None) -> tuple[list[Json], dict[str, str]]:
    """One page, and {"NextToken"} where more follow."""
    if token is not None and not token.isdigit():
        raise invalid_value("NextToken", token)
    start = int(token or 0)
    end = start + (size or PAGE_MAX)
    return things[start:end], {"NextToken": str(end)} if end < len(things) else {}
