"""DynamoDB's JSON as people write it and as AWS's client takes it: binary values are base64 in the one, bytes in the
other. Pure."""

import base64
import binascii
from typing import Any

import msgspec

Item = dict[str, dict[str, Any]]


class NotJson(Exception):
    """A field holds no JSON of the kind that is wanted; the text says which field, and what is wrong."""


def read(text: str, field: str) -> dict[str, Any]:
    """An object from a form's field, as AWS's client takes it. Raises NotJson."""
    try:
        value = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise NotJson(f'{field}: {error}; it is a JSON object, such as {{"id": {{"S": "a"}}}}') from error
    return {name: _taken(inner, f"{field}, {name}") for name, inner in value.items()}


def _taken(value: Any, where: str) -> Any:
    """One attribute value; what is none is AWS's to refuse."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((kind, inner),) = value.items()
    try:
        match kind:
            case "B" if isinstance(inner, str):
                return {kind: base64.b64decode(inner, validate=True)}
            case "BS" if isinstance(inner, list):
                return {kind: [base64.b64decode(each, validate=True) for each in inner]}
    except (binascii.Error, TypeError, ValueError) as error:
        raise NotJson(f"{where}: a binary value is written as base64 ({error})") from error
    match kind:
        case "M" if isinstance(inner, dict):
            return {kind: {name: _taken(each, where) for name, each in inner.items()}}
        case "L" if isinstance(inner, list):
            return {kind: [_taken(each, where) for each in inner]}
    return value


def written(value: Any, *, indent: int = 0) -> str:
    """JSON of what AWS's client gave, bytes as base64."""
    text: bytes = msgspec.json.encode(value)  # which writes bytes as base64
    return (msgspec.json.format(text, indent=indent) if indent else text).decode()


def short(value: dict[str, Any]) -> str:
    """An attribute value in few words: {"S": "a"} -> a; sets, lists and maps as plain JSON."""
    return _plain_text(_plain(value))


def _plain_text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _plain(value: Any) -> Any:
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((kind, inner),) = value.items()
    match kind:
        case "M":
            return {name: _plain(each) for name, each in inner.items()}
        case "L":
            return [_plain(each) for each in inner]
        case "NULL":
            return None
        case "N":
            return msgspec.Raw(inner.encode()) if _is_number(inner) else inner
    return inner


def _is_number(text: object) -> bool:
    try:
        return isinstance(msgspec.json.decode(str(text)), (int, float))
    except msgspec.DecodeError:
        return False
