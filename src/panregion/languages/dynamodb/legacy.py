"""The parameters that expressions replaced: Expected, KeyConditions, QueryFilter, ScanFilter, AttributeUpdates,
AttributesToGet. Each is checked with AWS's complaints and becomes the form that an expression compiles to.

A map of conditions becomes a condition tree over the names `#0`, `#1`... and values `:0`, `:1`..., so that it is
evaluated by the same closures as a ConditionExpression, whatever its attributes are called.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from panregion.languages.dynamodb.compiled import Predicate
from panregion.languages.dynamodb.conditions import (
    Both,
    Call,
    Comparison,
    Condition,
    Either,
    Not,
    PathOperand,
    ValueOperand,
)
from panregion.languages.dynamodb.errors import UpdateFailed, ValueRejected
from panregion.languages.dynamodb.functions import greater
from panregion.languages.dynamodb.keys import KeyCondition
from panregion.languages.dynamodb.numbers import add_numbers
from panregion.languages.dynamodb.paths import Path
from panregion.languages.dynamodb.projections import Projection
from panregion.languages.dynamodb.values import Item, Value, kind_of, measure_value

Parameters = dict[str, Any]
Join = Callable[[Condition, Condition], Condition]

INVALID = "One or more parameter values were invalid: "
TYPE_MISMATCH = "Type mismatch for attribute to update"

_SIGNS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "BETWEEN": "BETWEEN", "IN": "IN"}
_SCALARS = ("S", "N", "B")
_KINDS = {"BEGINS_WITH": ("S", "B"), "EQ": None, "NE": None}
_SETS = ("SS", "NS", "BS")


class Clause(NamedTuple):
    """A condition, and the values to evaluate it with."""

    predicate: Predicate
    values: dict[str, Value]


# Conditions


def check_operator(operator: str | None, conditions: Parameters | None) -> None:
    """ConditionalOperator joins two conditions or more."""
    if operator is None:
        return
    if not conditions:
        raise ValueRejected("ConditionalOperator cannot be used without Filter or Expected")
    if len(conditions) < 2:
        raise ValueRejected("ConditionalOperator can only be used when Filter or Expected has two or more elements")


def compile_expected(expected: Parameters, operator: str | None) -> Clause | None:
    """Expected and its ConditionalOperator. Raises ValueRejected."""
    return _clause([_expectation(name, given) for name, given in expected.items()], operator)


def compile_filter(conditions: Parameters, operator: str | None) -> Clause | None:
    """QueryFilter or ScanFilter. Raises ValueRejected."""
    return _clause([(name, *_condition(given)) for name, given in conditions.items()], operator)


def compile_key_conditions(conditions: Parameters) -> dict[str, KeyCondition]:
    """KeyConditions by attribute; an operator that no key takes keeps its name. Raises ValueRejected."""
    found = {}
    for name, given in conditions.items():
        operator, values = _condition(given)
        sign = "begins_with" if operator == "BEGINS_WITH" else _SIGNS.get(operator, operator)
        found[name] = KeyCondition(sign, tuple(values))
    return found


def _expectation(name: str, given: Parameters) -> tuple[str, str, list[Value]]:
    """(attribute, operator, values) of one entry of Expected."""
    value, values, operator = given.get("Value"), given.get("AttributeValueList"), given.get("ComparisonOperator")
    exists = given.get("Exists")
    for each in [*([] if value is None else [value]), *(values or [])]:
        measure_value(each)
    if value is not None and values is not None:
        raise ValueRejected(f"{INVALID}Value and AttributeValueList cannot be used together for Attribute: {name}")
    if operator is not None:
        if exists is not None:
            raise ValueRejected(f"{INVALID}Exists and ComparisonOperator cannot be used together for Attribute: {name}")
        if operator not in ("NULL", "NOT_NULL") and value is None and values is None:
            raise ValueRejected(
                f"{INVALID}Value or AttributeValueList must be used with ComparisonOperator: {operator} "
                f"for Attribute: {name}"
            )
        listed = values if values is not None else [] if value is None else [value]
        _check_comparison(operator, listed)
        return name, operator, listed
    if values is not None:
        raise ValueRejected(
            f"{INVALID}AttributeValueList can only be used with a ComparisonOperator for Attribute: {name}"
        )
    if exists is False:
        if value is not None:
            raise ValueRejected(f"{INVALID}Value cannot be used when Exists is false for Attribute: {name}")
        return name, "NULL", []
    if value is None:
        shown = "null" if exists is None else "true"
        raise ValueRejected(f"{INVALID}Value must be provided when Exists is {shown} for Attribute: {name}")
    return name, "EQ", [value]


def _condition(given: Parameters) -> tuple[str, list[Value]]:
    """(operator, values) of one entry of a filter or of KeyConditions."""
    operator: str = given["ComparisonOperator"]
    values: list[Value] = given.get("AttributeValueList") or []
    for value in values:
        measure_value(value)
    _check_comparison(operator, values)
    return operator, values


def _check_comparison(operator: str, values: list[Value]) -> None:
    """Numbers and types of the operator's arguments."""
    least, most = {"NULL": (0, 0), "NOT_NULL": (0, 0), "BETWEEN": (2, 2), "IN": (1, 100)}.get(operator, (1, 1))
    if not least <= len(values) <= most:
        raise ValueRejected(f"{INVALID}Invalid number of argument(s) for the {operator} ComparisonOperator")
    kinds = [kind_of(value) for value in values]
    if len(set(kinds)) > 1:
        raise ValueRejected(f"{INVALID}AttributeValues inside AttributeValueList must be of same type")
    allowed = _KINDS.get(operator, _SCALARS)
    if allowed is not None and kinds and kinds[0] not in allowed:
        raise ValueRejected(f"{INVALID}ComparisonOperator {operator} is not valid for {kinds[0]} AttributeValue type")
    if operator == "BETWEEN" and greater(values[0], values[1]):
        raise ValueRejected(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
        )


def _clause(given: list[tuple[str, str, list[Value]]], operator: str | None) -> Clause | None:
    if not given:
        return None
    names: dict[str, str] = {}
    values: dict[str, Value] = {}
    parts: list[Condition] = []
    for place, (name, comparison, listed) in enumerate(given):
        names[f"#{place}"] = name
        operands = []
        for value in listed:
            operands.append(ValueOperand(f":{len(values)}"))
            values[operands[-1].name] = value
        parts.append(_leaf(comparison, PathOperand((f"#{place}",)), operands))
    join: Join = Either if operator == "OR" else Both
    return Clause(Predicate(_joined(parts, join), names), values)


def _joined(parts: list[Condition], join: Join) -> Condition:
    """One condition of many. A balanced tree: their number has no limit, but the depth of a tree has."""
    while len(parts) > 1:
        pairs = [join(left, right) for left, right in zip(parts[::2], parts[1::2], strict=False)]
        parts = pairs + parts[len(pairs) * 2 :]
    return parts[0]


def _leaf(operator: str, path: PathOperand, operands: list[ValueOperand]) -> Condition:
    exists = Call("attribute_exists", (path,))
    match operator:
        case "NULL":
            return Call("attribute_not_exists", (path,))
        case "NOT_NULL":
            return exists
        case "CONTAINS":
            return Call("contains", (path, *operands))
        case "NOT_CONTAINS":
            return Both(exists, Not(Call("contains", (path, *operands))))
        case "BEGINS_WITH":
            return Call("begins_with", (path, *operands))
        case _:
            return Comparison(_SIGNS[operator], (path, *operands))


# Projections


def compile_attributes(names: list[str]) -> Projection:
    """AttributesToGet: names of whole attributes, whatever characters they have. Raises ValueRejected."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueRejected(f"{INVALID}Duplicate value in attribute name: {name}")
        seen.add(name)
    return Projection([(name,) for name in names], frozenset())


# Updates


class AttributeUpdates:
    """AttributeUpdates, checked; what an operation asks of an Update."""

    def __init__(self, updates: Parameters) -> None:
        for update in updates.values():
            _check_update(update)
        self._updates = updates
        self.paths: list[Path] = [(name,) for name in updates]
        self.paths_read: list[Path] = []
        self.only_removes = bool(updates) and all(update.get("Action") == "DELETE" for update in updates.values())

    def apply(self, item: Item, _values: object = None) -> Item:
        """The item after the update. Raises UpdateFailed."""
        changed = dict(item)
        for name, update in self._updates.items():
            new = _changed(changed.get(name), update.get("Action", "PUT"), update.get("Value"))
            if new is None:
                changed.pop(name, None)
            else:
                changed[name] = new
        return changed


def _check_update(update: Parameters) -> None:
    value, action = update.get("Value"), update.get("Action")
    if value is None:
        if action != "DELETE":
            raise ValueRejected(f"{INVALID}Only DELETE action is allowed when no attribute value is specified")
        return
    measure_value(value)
    kind = kind_of(value)
    if action == "DELETE" and kind not in _SETS:
        raise ValueRejected(f"{INVALID}DELETE action with value is not supported for the type {kind}")
    if action == "ADD" and kind not in ("N", "L", *_SETS):
        raise ValueRejected(f"{INVALID}ADD action is not supported for the type {kind}")


def _changed(existing: Value | None, action: str, value: Value | None) -> Value | None:
    """The attribute after one action; None where it is gone."""
    if action == "PUT" or value is None:
        return value
    kind = kind_of(value)
    if existing is None:
        return value if action == "ADD" else None
    if kind not in existing:
        raise UpdateFailed(TYPE_MISMATCH)
    old, given = existing[kind], value[kind]
    if action == "DELETE":
        rest = _without(old, given)
        return {kind: rest} if rest else None
    if kind == "N":
        return {"N": add_numbers(old, given)}
    return {kind: [*old, *(given if kind == "L" else _without(given, old))]}


def _without(members: Iterable[str], gone: Iterable[str]) -> list[str]:
    out = set(gone)
    return [member for member in members if member not in out]
