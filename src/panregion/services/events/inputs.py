"""What a target is given of an event: all of it, a part, a constant, or a text made of parts. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.languages.jsonpath import JsonPathError, find
from panregion.languages.placeholders import UNKNOWN, fill
from panregion.services.events.errors import ValidationException

Json = dict[str, Any]

_PLACE = re.compile(r"<([A-Za-z0-9_.-]+)>")


def input_for(target: Mapping[str, Any], event: Json, reserved: Mapping[str, Any]) -> str:
    """The input, as text. `reserved` are EventBridge's own variables (aws.events.rule-name and so on)."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        return _dumped(_at(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if transformer is None:
        return _dumped(event)
    variables = {name: _at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    known = {**reserved, "aws.events.event": event, "aws.events.event.json": event, **variables}
    return transformed(transformer["InputTemplate"], known)


def _dumped(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _at(path: str, event: Json) -> Any:
    try:
        return find(path, event)
    except JsonPathError:
        return None


def transformed(template: str, variables: Mapping[str, Any]) -> str:
    """A template with its places filled: within a string by text, elsewhere by JSON; by nothing where nothing is."""
    return fill(template, _PLACE, lambda name: variables.get(name, UNKNOWN))


def check(target: Mapping[str, Any]) -> None:
    """Raises ValidationException."""
    ways = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name) is not None]
    if len(ways) > 1:
        raise ValidationException(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}."
        )
    if target.get("Input") is not None:
        try:
            msgspec.json.decode(target["Input"])
        except msgspec.DecodeError as error:
            raise ValidationException(f"JSON syntax error in input for target {target['Id']}.") from error
    path = target.get("InputPath")
    if path is not None and not path.startswith("$"):
        raise ValidationException(f"Parameter InputPath is not valid for target {target['Id']}.")
    transformer = target.get("InputTransformer")
    if transformer is None:
        return
    names = transformer.get("InputPathsMap", {})
    for place in _PLACE.finditer(transformer["InputTemplate"]):
        if place[1] not in names and not place[1].startswith("aws.events."):
            raise ValidationException(
                f"InputTemplate for target {target['Id']} contains placeholder <{place[1]}> "
                "that is not in InputPathsMap."
            )
