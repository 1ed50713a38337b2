"""The intrinsic functions: pure, one small function each, given their argument as it is written.

`evaluate` walks a value from the outside in. A function that wants its argument evaluated evaluates it; Fn::If
evaluates only the branch it takes, so the other one may name what does not exist. What a name means comes in
as a Scope. `AWS::NoValue` is a sentinel that its container leaves out.
"""

import ipaddress
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panregion.services.cloudformation.errors import ValidationError

Function = Callable[[Any, "Scope"], Any]

NO_VALUE = object()
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_.:]+")


def _nothing(*names: str) -> Any:
    raise ValidationError(f"Template error: {'.'.join(names)} is not known here")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What names mean. `values` are parameters and pseudo parameters, before resources are asked."""

    values: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Callable[[str], bool] = _nothing
    resource: Callable[[str], Any] = _nothing
    attribute: Callable[[str, str], Any] = _nothing
    export: Callable[[str], Any] = _nothing
    zones: Callable[[str], list[str]] = _nothing


def evaluate(value: Any, scope: Scope) -> Any:
    """The value with every intrinsic function replaced by its result."""
    if isinstance(value, list):
        return [item for item in (evaluate(item, scope) for item in value) if item is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    call = function_of(value)
    if call is not None:
        name, argument = call
        return FUNCTIONS[name](argument, scope)
    pairs = ((key, evaluate(item, scope)) for key, item in value.items())
    return {key: item for key, item in pairs if item is not NO_VALUE}


def function_of(value: dict[str, Any]) -> tuple[str, Any] | None:
    """The function call that a dict is, if it is one."""
    if len(value) != 1:
        return None
    [(name, argument)] = value.items()
    if name in FUNCTIONS:
        return name, argument
    if name.startswith("Fn::") and not name.startswith("Fn::ForEach"):
        raise ValidationError(f"Template error: Encountered unsupported function: {name} Supported functions are: "
                              f"[{', '.join(sorted(FUNCTIONS))}]")  # fmt: skip
    return None


def text(value: Any, where: str) -> str:
    """A scalar as CloudFormation writes it into text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValidationError(f"Template error: {where} needs a string, and got {_shown(value)}")


def _shown(value: Any) -> str:
    return "AWS::NoValue" if value is NO_VALUE else msgspec.json.encode(value).decode()


def _ref(name: Any, scope: Scope) -> Any:
    if not isinstance(name, str):
        raise ValidationError("Template error: every Ref object must have a single String value.")
    if name == "AWS::NoValue":
        return NO_VALUE
    return scope.values[name] if name in scope.values else scope.resource(name)


def get_att_parts(argument: Any, scope: Scope | None = None) -> tuple[str, str]:
    """(logical id, attribute name) of an Fn::GetAtt; the attribute's name may itself be a Ref."""
    if isinstance(argument, str) and "." in argument:
        argument = argument.split(".", 1)
    match argument:
        case [str(logical_id), str(attribute)] if logical_id and attribute:
            return logical_id, attribute
        case [str(logical_id), dict(computed)] if logical_id:
            return logical_id, text(evaluate(computed, scope), "Fn::GetAtt") if scope else ""
    raise ValidationError(
        "Template error: every Fn::GetAtt object requires two non-empty parameters, "
        "the resource name and the resource attribute"
    )


def _get_att(argument: Any, scope: Scope) -> Any:
    return scope.attribute(*get_att_parts(argument, scope))


def sub_variables(template: str) -> list[str]:
    """The names in ${...}, without the ${!Literal} ones."""
    names = [name.strip() for name in _VARIABLE.findall(template) if not name.startswith("!")]
    for name in names:
        if not _VARIABLE_NAME.fullmatch(name):
            raise ValidationError(
                "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, "
                "underscores, periods, and colons"
            )
    return names


def sub_parts(argument: Any) -> tuple[str, dict[str, Any]]:
    match argument:
        case str(template):
            return template, {}
        case [str(template), dict(own)]:
            return template, own
        case [str(template)]:
            return template, {}
    raise ValidationError(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string "
        "as first argument, and an optional second argument to specify a mapping of values to replace in the string"
    )


def _sub(argument: Any, scope: Scope) -> str:
    template, own = sub_parts(argument)
    sub_variables(template)
    bound = {name: evaluate(value, scope) for name, value in own.items()}

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        name = name.strip()
        if name in bound:
            return text(bound[name], f"Fn::Sub variable {name}")
        value = _get_att(name, scope) if "." in name and name not in scope.values else _ref(name, scope)
        return text(value, f"Fn::Sub variable {name}")

    return _VARIABLE.sub(replacement, template)


def _join(argument: Any, scope: Scope) -> str:
    match evaluate(argument, scope) if isinstance(argument, list) and len(argument) == 2 else None:
        case [str(delimiter), list(items)]:
            return delimiter.join(text(item, "Fn::Join") for item in items)
    raise ValidationError(
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
        "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
    )


def _split(argument: Any, scope: Scope) -> list[str]:
    match evaluate(argument, scope):
        case [str(delimiter), str(whole)] if delimiter:
            return whole.split(delimiter)
    raise ValidationError(
        "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to "
        "be split or a function that returns a string to be split."
    )


def _select(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 2:
        raise ValidationError("Template error: Fn::Select requires a list argument with two elements: an integer "
                              "index and a list")  # fmt: skip
    index, items = evaluate(argument[0], scope), evaluate(argument[1], scope)
    if not isinstance(items, list):
        raise ValidationError("Template error: Fn::Select requires a list argument with a valid index")
    try:
        position = int(index)
    except (TypeError, ValueError) as error:
        raise ValidationError("Template error: Fn::Select requires an integer index") from error
    if not 0 <= position < len(items):
        raise ValidationError(f"Template error: Fn::Select cannot select nonexistent value at index {position}")
    return items[position]


def _find_in_map(argument: Any, scope: Scope) -> Any:
    match argument:
        case [name, top, second]:
            default = NO_VALUE
        case [name, top, second, {"DefaultValue": given}]:
            default = given
        case _:
            raise ValidationError(
                "Template error: every Fn::FindInMap object requires three parameters, "
                "the map name, map key and the attribute for return value"
            )
    keys = [text(evaluate(key, scope), "Fn::FindInMap") for key in (name, top, second)]
    found = scope.mappings.get(keys[0], {}).get(keys[1], {}).get(keys[2], NO_VALUE)
    if found is not NO_VALUE:
        return found
    if default is not NO_VALUE:
        return evaluate(default, scope)
    if keys[0] not in scope.mappings:
        raise ValidationError(f"Template error: Mapping named '{keys[0]}' is not present in the 'Mappings' section "
                              "of template.")  # fmt: skip
    raise ValidationError(f"Template error: Unable to get mapping for {'::'.join(keys)}")


def _if(argument: Any, scope: Scope) -> Any:
    name, yes, no = if_parts(argument)
    return evaluate(yes if scope.conditions(name) else no, scope)


def if_parts(argument: Any) -> tuple[str, Any, Any]:
    match argument:
        case [str(name), yes, no]:
            return name, yes, no
    raise ValidationError("Template error: Fn::If requires a list argument with the first element being a condition")


def _comparable(value: Any) -> Any:
    return value if isinstance(value, list | dict) else text(value, "Fn::Equals")


def _equals(argument: Any, scope: Scope) -> bool:
    match argument:
        case [left, right]:
            return bool(_comparable(evaluate(left, scope)) == _comparable(evaluate(right, scope)))
    raise ValidationError("Template error: every Fn::Equals object requires a list of 2 string parameters.")


def truth(value: Any, scope: Scope) -> bool:
    """A condition's value: a function of conditions, or true and false as text."""
    result = evaluate(value, scope)
    if isinstance(result, bool) or result in ("true", "false"):
        return result in (True, "true")
    raise ValidationError(f"Template error: a condition must be true or false, and is {_shown(result)}")


def _and_or(name: str, argument: Any, scope: Scope) -> list[bool]:
    if not isinstance(argument, list) or not 2 <= len(argument) <= 10:
        raise ValidationError(f"Template error: every {name} object requires a list of at least 2 and at most 10 "
                              "boolean parameters.")  # fmt: skip
    return [truth(item, scope) for item in argument]


def _not(argument: Any, scope: Scope) -> bool:
    if not isinstance(argument, list) or len(argument) != 1:
        raise ValidationError("Template error: every Fn::Not object requires a list of 1 boolean parameter.")
    return not truth(argument[0], scope)


def _condition(argument: Any, scope: Scope) -> Any:
    """Inside conditions `Condition: Name` is a function; elsewhere (IAM policies) it is an ordinary key."""
    if not isinstance(argument, str):
        return {"Condition": evaluate(argument, scope)}
    return scope.conditions(argument)


def _base64(argument: Any, scope: Scope) -> str:
    return b64encode(text(evaluate(argument, scope), "Fn::Base64").encode()).decode()


def _get_azs(argument: Any, scope: Scope) -> list[str]:
    region = evaluate(argument, scope)
    return scope.zones(text(region, "Fn::GetAZs") or scope.values["AWS::Region"])


def _import_value(argument: Any, scope: Scope) -> Any:
    return scope.export(text(evaluate(argument, scope), "Fn::ImportValue"))


def _cidr(argument: Any, scope: Scope) -> list[str]:
    evaluated = evaluate(argument, scope)
    if not isinstance(evaluated, list) or len(evaluated) not in (2, 3):
        raise ValidationError("Template error: every Fn::Cidr object requires two or three parameters, "
                              "an IP block, a count and cidr bits")  # fmt: skip
    try:
        block = ipaddress.ip_network(str(evaluated[0]))
        count, host_bits = int(evaluated[1]), int([*evaluated, 8][2])
        prefix = block.max_prefixlen - host_bits
        if not 1 <= count <= 256 or not block.prefixlen <= prefix or count > 2 ** (prefix - block.prefixlen):
            raise ValueError(f"{block} cannot hold {count} blocks with {host_bits} host bits")
    except ValueError as error:
        raise ValidationError(f"Template error: Fn::Cidr: {error}") from error
    step = 2**host_bits
    return [f"{block.network_address + n * step}/{prefix}" for n in range(count)]


def _length(argument: Any, scope: Scope) -> int:
    items = evaluate(argument, scope)
    if not isinstance(items, list):
        raise ValidationError("Template error: Fn::Length requires a list")
    return len(items)


def _to_json_string(argument: Any, scope: Scope) -> str:
    return msgspec.json.encode(evaluate(argument, scope)).decode()


def _contains(argument: Any, scope: Scope) -> bool:
    """Fn::Contains, of Rules."""
    match evaluate(argument, scope):
        case [list(items), value]:
            return text(value, "Fn::Contains") in [text(item, "Fn::Contains") for item in items]
    raise ValidationError("Template error: every Fn::Contains object requires a list of strings and a string")


def _each_equals(argument: Any, scope: Scope) -> bool:
    match evaluate(argument, scope):
        case [list(items), value]:
            return all(text(item, "rule") == text(value, "rule") for item in items)
    raise ValidationError("Template error: every Fn::EachMemberEquals object requires a list of strings and a string")


def _each_in(argument: Any, scope: Scope) -> bool:
    match evaluate(argument, scope):
        case [list(items), list(allowed)]:
            return {text(item, "rule") for item in items} <= {text(item, "rule") for item in allowed}
    raise ValidationError("Template error: every Fn::EachMemberIn object requires two lists of strings")


def _transform(argument: Any, _scope: Scope) -> Any:
    name = argument.get("Name") if isinstance(argument, dict) else argument
    raise ValidationError(f"Fn::Transform with {name} is not supported by panregion: macros run on AWS only.")


FUNCTIONS: dict[str, Function] = {
    "Ref": _ref,
    "Condition": _condition,
    "Fn::And": lambda argument, scope: all(_and_or("Fn::And", argument, scope)),
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_equals,
    "Fn::EachMemberIn": _each_in,
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Not": _not,
    "Fn::Or": lambda argument, scope: any(_and_or("Fn::Or", argument, scope)),
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Transform": _transform,
}
