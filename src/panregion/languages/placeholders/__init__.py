"""Texts with places in angle brackets, as EventBridge's input transformers have them: {"id": <id>, "to": "Dr. <name>"}.

Within a JSON string a place is filled with text, elsewhere with JSON, so that a template that is JSON stays JSON.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

UNKNOWN: Final = object()
"""What `value_of` says of a name that it does not know: the place is left as it is."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def fill(template: str, place: re.Pattern[str], value_of: Callable[[str], Any]) -> str:
    """The template with its places filled; by nothing where there is nothing (None).

    `place` finds a place; its first group is the name.
    """
    whole = _whole(template.strip())
    if whole is not None:
        return json.dumps(place.sub(lambda found: _text(found, value_of), whole))
    pieces, position = [], 0
    for string in _STRING.finditer(template):
        pieces.append(place.sub(lambda found: _json(found, value_of), template[position : string.start()]))
        pieces.append(place.sub(lambda found: _escaped(_text(found, value_of)), string[0]))
        position = string.end()
    pieces.append(place.sub(lambda found: _json(found, value_of), template[position:]))
    return "".join(pieces)


def _whole(text: str) -> str | None:
    """The string that all of a template is; None where it is more, or less."""
    if not _STRING.fullmatch(text):
        return None
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return None


def _json(found: re.Match[str], value_of: Callable[[str], Any]) -> str:
    value = value_of(found[1])
    if value is UNKNOWN:
        return found[0]
    return '""' if value is None else msgspec.json.encode(value).decode()


def _text(found: re.Match[str], value_of: Callable[[str], Any]) -> str:
    value = value_of(found[1])
    if value is UNKNOWN:
        return found[0]
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


__all__ = ["UNKNOWN", "fill"]
