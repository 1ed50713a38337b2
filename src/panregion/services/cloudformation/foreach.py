"""Fn::ForEach, of the AWS::LanguageExtensions transform: loops unrolled before the template is looked at."""

from collections.abc import Mapping
from typing import Any

from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import Scope, evaluate

TRANSFORM = "AWS::LanguageExtensions"
_PREFIX = "Fn::ForEach::"


def expand(body: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template without its loops. `values` are the parameters that a collection may refer to."""
    scope = Scope(values=values, mappings=body.get("Mappings") or {})
    expanded: dict[str, Any] = _expand(dict(body), scope)
    return expanded


def _expand(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        return [_expand(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key.startswith(_PREFIX):
            result.update(_loop(key, item, scope))
        else:
            result[key] = _expand(item, scope)
    return result


def _loop(key: str, item: Any, scope: Scope) -> dict[str, Any]:
    match item:
        case [str(variable), list() | dict() as collection, dict(block)]:
            members = evaluate(collection, scope)
        case _:
            raise ValidationError(f"Template error: {key} needs an identifier, a collection and a map")
    if not isinstance(members, list):
        raise ValidationError(f"Template error: the collection of {key} must be a list")
    result: dict[str, Any] = {}
    for member in members:
        result.update(_expand(_bind(block, variable, str(member)), scope))
    return result


def _bind(value: Any, variable: str, member: str) -> Any:
    """The value with the loop's variable put in: ${Variable}, &{Variable} (without what is not alphanumeric), Ref."""
    if isinstance(value, str):
        plain = "".join(letter for letter in member if letter.isalnum())
        return value.replace(f"${{{variable}}}", member).replace(f"&{{{variable}}}", plain)
    if isinstance(value, list):
        return [_bind(item, variable, member) for item in value]
    if isinstance(value, dict):
        if value == {"Ref": variable}:
            return member
        return {_bind(key, variable, member): _bind(item, variable, member) for key, item in value.items()}
    return value
