"""Which parameters a listing asks for: ParameterFilters, old Filters, and paths. Pure."""

from collections.abc import Callable
from typing import Any

from panregion.services.ssm.errors import InvalidFilterKey
from panregion.services.ssm.model import Version

Tags = Callable[[str], dict[str, str]]


def below(path: str, name: str, *, recursive: bool) -> bool:
    prefix = path if path.endswith("/") else f"{path}/"
    if not name.startswith("/"):
        return path == "/" and (recursive or "/" not in name)
    return name.startswith(prefix) and (recursive or "/" not in name[len(prefix) :])


def passes(found: Version, tags: Tags, filters: list[dict[str, Any]]) -> bool:
    return all(_passes(found, tags, one) for one in filters)


def _passes(found: Version, tags: Tags, one: dict[str, Any]) -> bool:
    key, option, values = one["Key"], one.get("Option"), one.get("Values", [])
    if key == "Path":
        return any(below(value, found.name, recursive=option == "Recursive") for value in values)
    if key.startswith("tag:"):
        value = tags(found.name).get(key[4:])
        return value is not None and (not values or value in values)
    return any(_matches(have, value, option or "Equals") for value in values for have in _texts(found, key))


def _texts(found: Version, key: str) -> list[str]:
    texts = {
        "Name": [found.name],
        "Type": [found.type],
        "KeyId": [found.key_id or ""],
        "Label": found.labels,
        "Tier": [found.tier],
        "DataType": [found.data_type],
    }.get(key)
    if texts is None:
        raise InvalidFilterKey(f"The filter key {key} is not supported by panregion.")
    return texts


def _matches(have: str, value: str, option: str) -> bool:
    if option == "BeginsWith":
        return have.removeprefix("/").startswith(value.removeprefix("/"))
    return value in have if option == "Contains" else have == value
