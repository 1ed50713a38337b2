"""What a statement is, once it is read: DynamoDB's own conditions and update actions, with the values named.

Literals are values under names of their own (":0", ":1"); the n-th parameter is the value "?n". The bound values of
a statement are thus one mapping, as an expression's are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from panregion.languages.dynamodb import Value
from panregion.languages.dynamodb.conditions import Both, Call, Comparison, Condition, Either, Not, PathOperand
from panregion.languages.dynamodb.paths import Path
from panregion.languages.dynamodb.updates import Action, CallTerm, PathTerm, Term


@dataclass(frozen=True, slots=True)
class Column:
    """A path of a SELECT and the name under which it comes back."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Order:
    name: str
    descending: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Statement:
    table: str
    literals: Mapping[str, Value] = field(default_factory=dict)
    parameters: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Select(Statement):
    """`columns` is None for *."""

    index: str | None = None
    columns: tuple[Column, ...] | None = None
    where: Condition | None = None
    order: tuple[Order, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Exists(Statement):
    """A condition on one item, in a transaction."""

    index: str | None = None
    where: Condition | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Insert(Statement):
    """The attributes and the names of their values."""

    item: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Update(Statement):
    actions: tuple[Action, ...]
    where: Condition | None = None
    returning: str | None = None
    """As ReturnValues says it: ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Delete(Statement):
    where: Condition | None = None
    returning: str | None = None


def names_of(*parts: Condition | Action) -> dict[str, str]:
    """Names that look like aliases stand for themselves: a statement has no aliases."""
    steps = (step for part in parts for path in _paths(part) for step in path)
    return {step: step for step in steps if isinstance(step, str) and step[:1] == "#"}


def _paths(part: object) -> Iterator[Path]:
    match part:
        case PathOperand() | PathTerm():
            yield part.path
        case Both() | Either():
            yield from _paths(part.left)
            yield from _paths(part.right)
        case Not():
            yield from _paths(part.condition)
        case Comparison():
            for operand in part.operands:
                yield from _paths(operand)
        case Call() | CallTerm():
            for argument in part.arguments:
                yield from _paths(argument)
        case Action():
            yield part.path
            if part.term is not None:
                yield from _paths(part.term)


paths_of = _paths

__all__ = [
    "Action",
    "Column",
    "Delete",
    "Exists",
    "Insert",
    "Order",
    "Select",
    "Statement",
    "Term",
    "Update",
    "names_of",
    "paths_of",
]
