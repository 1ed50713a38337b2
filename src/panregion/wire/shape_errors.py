"""What exactly is wrong with parameters that break the model, in AWS's words.

AWS's order of failures is kept: a wrong type anywhere (SerializationException) comes before any broken constraint,
and broken constraints are told together, ten at most.
"""

from collections.abc import Iterator
from typing import Any

from panregion.wire import json_body, wordings
from panregion.wire.constraints import TYPES, Constraint, blob_problem, constraints_of, set_count
from panregion.wire.errors import AwsError, SerializationException
from panregion.wire.java_types import java_text, token, truncate, type_problems
from panregion.wire.model import Shape

ERRORS_MAX = 10

_CODES = {
    "apigateway": "BadRequestException",
    "apigatewayv2": "BadRequestException",
    "appsync": "BadRequestException",
    "autoscaling": "ValidationError",
    "cloudformation": "ValidationError",
    "cloudfront": "InvalidArgument",
    "cloudwatch": "ValidationError",
    "cognito-idp": "InvalidParameterException",
    "ec2": "InvalidParameterValue",
    "elbv2": "ValidationError",
    "globalaccelerator": "InvalidArgumentException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "rds": "InvalidParameterValue",
    "rds-data": "BadRequestException",
    "route53": "InvalidInput",
    "s3": "InvalidArgument",
    "s3control": "InvalidRequest",
    "sns": "ValidationError",
    "sqs": "InvalidParameterValue",
    "sts": "ValidationError",
}
"""The code for broken constraints where it is not ValidationException."""

_MISSING_PARAMETER = frozenset({"ec2", "sqs"})
"""Services that have a code and a wording of their own for a required member that is not there."""


def explain(service: str, shape: Shape, params: dict[str, Any]) -> None:
    """Finds what is wrong and raises it; returns if nothing is, or nothing any more."""
    in_java = service in json_body.TEXT_BLOBS
    if in_java:
        truncate(shape, params)
    for problem in type_problems(shape, params) if in_java else _type_errors(shape, params):
        raise SerializationException(problem)
    own = wordings.of_its_own(service, shape.name, params)
    if own is not None:
        raise AwsError.of("ValidationException", own, 400)
    broken = []
    for found in _broken(shape, params, ()):
        broken.append(found)
        if len(broken) == ERRORS_MAX:
            break
    if broken:
        raise _validation_error(service, broken)


class Broken:
    """One constraint that a value does not satisfy. `path` is in AWS's form: tableName, keySchema.1.member."""

    def __init__(self, shape: Shape, value: Any, path: tuple[str, ...], constraint: str) -> None:
        self.shape = shape
        self.value = value
        self.path = path
        self.constraint = constraint

    def __str__(self) -> str:
        shown = "null" if self.value is None else f"'{java_text(self.shape, self.value)}'"
        where = ".".join(self.path)
        return f"Value {shown} at '{where}' failed to satisfy constraint: {self.constraint}"


def _validation_error(service: str, broken: list[Broken]) -> AwsError:
    if service in _MISSING_PARAMETER and broken[0].value is None:
        name = broken[0].path[-1]
        name = name[:1].upper() + name[1:]
        return AwsError.of("MissingParameter", f"The request must contain the parameter {name}")
    plural = "s" if len(broken) > 1 else ""
    message = f"{len(broken)} validation error{plural} detected: {'; '.join(map(str, broken))}"
    return AwsError.of(_CODES.get(service, "ValidationException"), message, 400)


# Types (DynamoDB's own words: java_types.py)


def _type_errors(shape: Shape, value: Any) -> Iterator[str]:
    if value is None or shape.document or (shape.jsonvalue and shape.location) or shape.definition.eventstream:
        return
    problem = _type_problem(shape, value)
    if problem is not None:
        yield problem
        return
    if shape.type == "structure":
        for name, member in shape.members.items():
            yield from _type_errors(member, value.get(name))
    elif shape.type == "list":
        for item in value:
            yield from _type_errors(shape.member, item)
    elif shape.type == "map":
        for item in value.values():
            yield from _type_errors(shape.value, item)


_JAVA_NAMES = {
    "string": "String",
    "character": "String",
    "boolean": "Boolean",
    "integer": "Integer",
    "long": "Long",
    "short": "Short",
    "byte": "Byte",
    "float": "Float",
    "double": "Double",
    "timestamp": "Date",
}


def _type_problem(shape: Shape, value: Any) -> str | None:
    if shape.type in ("structure", "map"):
        return None if type(value) is dict else _not_a_container(shape, value)
    if shape.type == "list":
        return None if type(value) is list else _not_a_container(shape, value)
    if type(value) is dict:
        return "Start of structure or map found where not expected."
    if type(value) is list:
        return "Start of list found where not expected"
    if shape.type == "blob":
        if shape.streaming or (isinstance(value, (bytes, str)) and blob_problem(value) is None):
            return None
        return "only base-64-encoded strings are convertible to bytes"
    if type(value) in TYPES[shape.type]:
        return None
    return f"{token(value)} cannot be converted to {_JAVA_NAMES.get(shape.type, shape.type)}"


def _not_a_container(shape: Shape, value: Any) -> str:
    if type(value) is list:
        return "Start of list found where not expected"
    if type(value) is dict:
        return "Start of structure or map found where not expected."
    return "Unexpected value type in payload" if shape.type == "structure" else "Unexpected field type"


# Constraints


def _broken(shape: Shape, value: Any, path: tuple[str, ...]) -> Iterator[Broken]:
    if shape.document or (shape.jsonvalue and shape.location) or shape.definition.eventstream or shape.streaming:
        return
    for constraint in constraints_of(shape):
        if not constraint.holds(value):
            yield Broken(shape, value, path, constraint.words)
    if shape.type == "structure":
        yield from _broken_members(shape, value, path)
    elif shape.type == "list":
        yield from _broken_list(shape, value, path)
    elif shape.type == "map":
        yield from _broken_map(shape, value, path)


def _broken_members(shape: Shape, value: dict[str, Any], path: tuple[str, ...]) -> Iterator[Broken]:
    for name, member in shape.members.items():
        item = value.get(name)
        where = (*path, name[:1].lower() + name[1:])
        if item is not None:
            yield from _broken(member, item, where)
        elif name in shape.required:
            yield Broken(shape, None, where, "Member must not be null")
    if shape.definition.union and set_count(shape, value) != 1:
        yield Broken(shape, value, path, "Member must have exactly one of its members set")


def _broken_list(shape: Shape, value: list[Any], path: tuple[str, ...]) -> Iterator[Broken]:
    """Simple items are told together, at the list; structures each at its own place."""
    inner = constraints_of(shape.member)
    if shape.member.type not in ("structure", "list", "map"):
        wrong = [item for item in value if item is not None and not _all_hold(inner, item)]
        if wrong:
            yield Broken(shape, value, path, f"Member must satisfy constraint: [{_words(inner)}]")
    for index, item in enumerate(value, start=1):
        where = (*path, str(index), "member")
        if item is None:
            if not shape.definition.sparse:
                yield Broken(shape, None, where, "Member must not be null")
        elif shape.member.type in ("structure", "list", "map"):
            yield from _broken(shape.member, item, where)


def _broken_map(shape: Shape, value: dict[str, Any], path: tuple[str, ...]) -> Iterator[Broken]:
    keys, inner = constraints_of(shape.key), constraints_of(shape.value)
    if not all(_all_hold(keys, key) for key in value):
        yield Broken(shape, value, path, f"Map keys must satisfy constraint: [{_words(keys)}]")
    if shape.value.type in ("structure", "list", "map"):
        if not all(item is None or _all_hold(inner, item) for item in value.values()):
            yield Broken(shape, value, path, f"Map value must satisfy constraint: [{_words(inner)}]")
        for key, item in value.items():
            if item is not None and _all_hold(inner, item):
                yield from _broken(shape.value, item, (*path, key, "member"))
    elif not all(item is None or _all_hold(inner, item) for item in value.values()):
        yield Broken(shape, value, path, f"Map value must satisfy constraint: [{_words(inner)}]")


def _all_hold(constraints: tuple[Constraint, ...], value: Any) -> bool:
    return all(constraint.holds(value) for constraint in constraints)


def _words(constraints: tuple[Constraint, ...]) -> str:
    """AWS lists lengths before patterns here, the other way round than it reports them one by one."""
    return ", ".join(constraint.words for constraint in reversed(constraints))
