"""Template text to plain values, and from a path in those values back to a line of the text.

YAML's short tags become the long form (`!Ref X` is `{"Ref": "X"}`), as CloudFormation does it. Scalars follow the
part of YAML 1.1 that templates rely on: no dates (2012-10-17 is text), no base-60 numbers, keys are always text.
Lines are looked up by composing the text again, only when there is an error to report, so that the values
themselves stay ordinary dicts and lists.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import yaml

from panregion.services.cloudformation.errors import ValidationError

Path = Sequence[str | int]

_DEPTH_MAX = 200
_BOOLEANS = {
    word: value
    for lower, value in (("true", True), ("yes", True), ("on", True), ("false", False), ("no", False), ("off", False))
    for word in (lower, lower.title(), lower.upper())
}
_NULLS = {"", "~", "null", "Null", "NULL"}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OCTAL = re.compile(r"0[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_SHORT = {
    "Base64", "Cidr", "FindInMap", "GetAZs", "If", "ImportValue", "Join", "Select", "Split", "Sub", "And", "Equals",
    "Not", "Or", "Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll", "Transform",
    "ToJsonString", "Length", "ForEach",
}  # fmt: skip


class _Composer(yaml.CSafeLoader):
    """Composes nodes and resolves nothing: every plain scalar stays text until `_scalar` looks at it."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own class table


def read(text: str) -> dict[str, Any]:
    """The template as a dict, or AWS's complaint about its form."""
    if text.lstrip().startswith("{"):
        try:
            value = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise ValidationError(f"Template format error: JSON not well-formed. ({error})") from error
    else:
        value = _read_yaml(text)
    if not isinstance(value, dict):
        raise ValidationError("Template format error: unsupported structure.")
    return value


def line_of(text: str, path: Path) -> int | None:
    """The line, from 1, where `path` is written; of its nearest ancestor where the rest is not in the text."""
    node = compose(text)
    line = node.start_mark.line + 1 if node is not None else None
    for step in path:
        found = _step(node, step)
        if found is None:
            return line
        mark, node = found
        line = mark.line + 1
    return line


def _step(node: yaml.Node | None, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        pairs = node.value
        return next(((key.start_mark, value) for key, value in pairs if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def compose(text: str) -> yaml.Node | None:
    """The text's nodes with their places, tags unresolved. JSON is read as the YAML that it nearly is."""
    return _compose(text.replace("\t", " ") if text.lstrip().startswith("{") else text)


def _compose(text: str) -> yaml.Node | None:
    composer = _Composer(text)
    try:
        node: yaml.Node | None = composer.get_single_node()
        return node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"(line {mark.line + 1}, column {mark.column + 1})" if mark else f"({error.problem})"
        raise ValidationError(f"Template format error: YAML not well-formed. {where}") from error
    except yaml.YAMLError as error:
        raise ValidationError(f"Template format error: YAML not well-formed. ({error})") from error
    finally:
        composer.dispose()


def _read_yaml(text: str) -> Any:
    node = _compose(text)
    return None if node is None else _value(node, 0)


def _value(node: yaml.Node, depth: int) -> Any:
    if depth > _DEPTH_MAX:  # an alias that contains itself ends here too
        raise _malformed(node, "nested too deeply")
    plain = _untagged(node, depth)
    tag = node.tag
    if not tag.startswith("!"):
        return plain
    name = tag[1:]
    if name in ("Ref", "Condition"):
        return {name: plain}
    if name == "GetAtt":
        return {"Fn::GetAtt": plain.split(".", 1) if isinstance(plain, str) else plain}
    if name in _SHORT:
        return {f"Fn::{name}": plain}
    raise _malformed(node, f"unknown tag {tag}")


def _malformed(node: yaml.Node, why: str) -> ValidationError:
    mark = node.start_mark
    where = f"(line {mark.line + 1}, column {mark.column + 1})"
    return ValidationError(f"Template format error: YAML not well-formed. {where}: {why}")


def _untagged(node: yaml.Node, depth: int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, depth + 1) for item in node.value]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, depth: int) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, item in node.value:
        value = _value(item, depth + 1)
        if key.value == "<<" and isinstance(value, dict):
            merged.update(value)
        else:
            own[str(key.value)] = value
    return merged | own


def _scalar(node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    text = node.value
    if node.style or node.tag.startswith("!"):  # quoted, or the text of a function
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    return float(text) if _FLOAT.fullmatch(text) else text
