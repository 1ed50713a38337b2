"""An item of several regions attribute by attribute. Pure."""

from typing import Any

from panregion.console.data.forms import short, written


def matrix(row: dict[str, Any], key: list[str]) -> list[dict[str, Any]]:
    """A line for each attribute that any region's image has: {name, is_key, cells: {region: text or None}, differs}.

    Regions that do not answer have no cell.
    """
    images = {region: image["item"] for region, image in row["images"].items() if image["state"] != "unknown"}
    names = dict.fromkeys([*key, *(name for item in images.values() if item is not None for name in item)])
    return [_line(name, images, name in key) for name in names]


def _line(name: str, images: dict[str, Any], is_key: bool) -> dict[str, Any]:
    values = {region: None if item is None else item.get(name) for region, item in images.items()}
    some = [value for value in values.values() if value is not None]
    return {
        "name": name,
        "is_key": is_key,
        "cells": {region: None if value is None else short(value) for region, value in values.items()},
        "kind": next(iter(some[0]), "") if some else "",
        "differs": len({written(value) for value in values.values()}) > 1,
    }


def changed(one: dict[str, Any] | None, other: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Two images of one item: {name, one, other, differs} for each attribute of either."""
    names = dict.fromkeys([*(one or {}), *(other or {})])
    return [
        {
            "name": name,
            "one": _shown(one, name),
            "other": _shown(other, name),
            "differs": (one or {}).get(name) != (other or {}).get(name),
        }
        for name in names
    ]


def _shown(item: dict[str, Any] | None, name: str) -> str | None:
    return None if item is None or name not in item else short(item[name])
