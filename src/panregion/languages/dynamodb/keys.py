"""Key conditions: which part of a table or index a Query reads; and the place of an item in its table.

A key condition is parsed by the grammar of conditions and then narrowed: conjunctions of one condition per key
attribute. The table places partition keys by a hash, as DynamoDB does: scans and parallel segments follow it.
"""

from binascii import a2b_base64
from dataclasses import dataclass
from hashlib import md5

from panregion.languages.dynamodb.compiled import Predicate, Values
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
from panregion.languages.dynamodb.errors import ExpressionError
from panregion.languages.dynamodb.numbers import number_key
from panregion.languages.dynamodb.paths import resolve_path
from panregion.languages.dynamodb.values import Value

HASH_BITS = 24
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_FIRST_OPERAND = "operator must have the key attribute as its first operand"

KeyPart = str | bytes


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """What one key attribute must satisfy: =, <, <=, >, >=, BETWEEN or begins_with."""

    operator: str
    values: tuple[Value, ...]


def key_part(kind: str, value: Value) -> KeyPart:
    """A key attribute's value in the form whose order is DynamoDB's."""
    content: str = value[kind]
    if kind == "S":
        return content
    return number_key(content) if kind == "N" else a2b_base64(content)


def key_hash(*parts: KeyPart) -> int:
    """Where DynamoDB puts a partition key in its hash space."""
    hashed = b"Outliers"
    for part in parts:
        hashed += part.encode() if isinstance(part, str) else part
    return int.from_bytes(md5(hashed, usedforsecurity=False).digest()[: HASH_BITS // 8])


def key_conditions(predicate: Predicate, names: dict[str, str], values: Values) -> dict[str, KeyCondition]:
    """The conditions by attribute name. Raises ExpressionError with the whole text of the complaint."""
    found: dict[str, KeyCondition] = {}
    _collect(predicate.condition, names, values, found)
    return found


def _collect(condition: Condition, names: dict[str, str], values: Values, found: dict[str, KeyCondition]) -> None:
    if isinstance(condition, Both):
        _collect(condition.left, names, values, found)
        _collect(condition.right, names, values, found)
        return
    operator, operands = _leaf(condition)
    if operator in ("BETWEEN", "begins_with") and not isinstance(operands[0], PathOperand):
        raise ExpressionError(f"Invalid condition in KeyConditionExpression: {operator} {_FIRST_OPERAND}")
    name, place = _attribute(operands, names)
    if name in found:
        raise ExpressionError("KeyConditionExpressions must only contain one condition per key")
    given = [values[operand.name] for operand in operands if isinstance(operand, ValueOperand)]
    found[name] = KeyCondition(_MIRRORED[operator] if place else operator, tuple(given))


def _leaf(condition: Condition) -> tuple[str, tuple[object, ...]]:
    if isinstance(condition, Either | Not):
        word = "OR" if isinstance(condition, Either) else "NOT"
        raise ExpressionError(f"Invalid operator used in KeyConditionExpression: {word}")
    if isinstance(condition, Call):
        if condition.name != "begins_with":
            raise ExpressionError(f"Invalid operator used in KeyConditionExpression: {condition.name}")
        return condition.name, condition.arguments
    assert isinstance(condition, Comparison), "conditions have no other form"
    if condition.operator in ("<>", "IN"):
        raise ExpressionError(f"Invalid operator used in KeyConditionExpression: {condition.operator}")
    return condition.operator, condition.operands


def _attribute(operands: tuple[object, ...], names: dict[str, str]) -> tuple[str, int]:
    """The one attribute a condition is about, and its place among the operands."""
    found: tuple[str, int] | None = None
    for place, operand in enumerate(operands):
        if isinstance(operand, Call):
            raise ExpressionError("KeyConditionExpressions cannot contain nested operations")
        if not isinstance(operand, PathOperand):
            continue
        if found is not None:
            raise ExpressionError(
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
            )
        path = resolve_path(operand.path, names)
        if len(path) > 1:
            raise ExpressionError("KeyConditionExpressions cannot have conditions on nested attributes")
        found = str(path[0]), place
    if found is None:
        raise ExpressionError("Invalid condition in KeyConditionExpression: No key attribute specified")
    return found
