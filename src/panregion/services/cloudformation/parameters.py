"""Template parameters: what the user gave against what the template declares."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.services.cloudformation.errors import ValidationError

SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LISTS = re.compile(r"CommaDelimitedList|List<.+>")
_TYPES = re.compile(
    r"String|Number|CommaDelimitedList|List<(Number|String|AWS::.+)>|AWS::(EC2|Route53|SSM)::.+|AWS::SSM::Parameter::Name"
)
MASK = "****"


def resolve(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Each parameter's text: given or default, checked. SSM parameters still hold the name to look up."""
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    for name, declaration in declared.items():
        _check_declaration(name, declaration)
    missing = [name for name, declaration in declared.items() if name not in given and "Default" not in declaration]
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    values = {
        name: given[name] if name in given else as_text(declaration["Default"])
        for name, declaration in declared.items()
    }
    for name, declaration in declared.items():
        if not SSM_VALUE.fullmatch(declaration["Type"]):
            _check_value(name, declaration, values[name])
    return values


def typed(declaration: Mapping[str, Any], value: str) -> Any:
    """What Ref gives: a list for the list types, text for all others."""
    kind = declaration["Type"]
    inner = SSM_VALUE.fullmatch(kind)
    if _LISTS.fullmatch(inner[1] if inner else kind):
        return [item.strip() for item in value.split(",")] if value else []
    return value


def hidden(declaration: Mapping[str, Any]) -> bool:
    return declaration.get("NoEcho") in (True, "true")


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(as_text(item) for item in value)
    return str(value)


def _check_declaration(name: str, declaration: Mapping[str, Any]) -> None:
    kind = declaration.get("Type")
    if not isinstance(kind, str):
        raise ValidationError(
            f"Template format error: [/Parameters/{name}] Every Parameters object must contain a Type member."
        )
    inner = SSM_VALUE.fullmatch(kind)
    if not _TYPES.fullmatch(inner[1] if inner else kind):
        raise ValidationError(f"Template format error: Unrecognized parameter type: {kind} ({name})")


def _check_value(name: str, declaration: Mapping[str, Any], value: str) -> None:
    kind = declaration["Type"]
    items = typed(declaration, value) if _LISTS.fullmatch(kind) else [value]
    if kind in ("Number", "List<Number>"):
        for item in items:
            _check_number(name, declaration, item)
    allowed = declaration.get("AllowedValues")
    if allowed is not None and not set(items) <= {as_text(choice) for choice in allowed}:
        listed = ", ".join(as_text(choice) for choice in allowed)
        raise _constraint(name, declaration, f"Parameter '{name}' must be one of AllowedValues", f"[{listed}]")
    if kind == "String":
        _check_string(name, declaration, value)


def _check_number(name: str, declaration: Mapping[str, Any], value: str) -> None:
    try:
        number = float(value)
    except ValueError as error:
        raise ValidationError(f"Parameter '{name}' must be a number.") from error
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        raise _constraint(name, declaration, f"Parameter '{name}' must be a number not less than "
                          f"{declaration['MinValue']}")  # fmt: skip
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        raise _constraint(name, declaration, f"Parameter '{name}' must be a number not greater than "
                          f"{declaration['MaxValue']}")  # fmt: skip


def _check_string(name: str, declaration: Mapping[str, Any], value: str) -> None:
    if "MinLength" in declaration and len(value) < int(declaration["MinLength"]):
        raise _constraint(name, declaration, f"Parameter '{name}' must contain at least "
                          f"{declaration['MinLength']} characters")  # fmt: skip
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        raise _constraint(name, declaration, f"Parameter '{name}' must contain at most "
                          f"{declaration['MaxLength']} characters")  # fmt: skip
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not _matches(name, str(pattern), value):
        raise _constraint(name, declaration, f"Parameter '{name}' must match pattern {pattern}")


def _matches(name: str, pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error as error:
        raise ValidationError(
            f"Template format error: AllowedPattern of {name} is no regular expression: {error}"
        ) from error


def _constraint(name: str, declaration: Mapping[str, Any], message: str, listed: str = "") -> ValidationError:
    described = declaration.get("ConstraintDescription")
    if described:
        message = f"Parameter {name} failed to satisfy constraint: {described}"
    return ValidationError(f"{message} {listed}".strip() if not described else message)


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
