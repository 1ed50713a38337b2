"""What a WHERE clause lets one read by key: the clause taken apart into branches, each of one partition.

A clause is a set of queries if each of its alternatives names the partition key: `pk IN ['a', 'b']` is two queries.
Alternatives that speak of no key attribute are not taken apart; they are left to the filter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from panregion.languages.dynamodb import KeyCondition, Value, equals
from panregion.languages.dynamodb.conditions import (
    Both,
    Call,
    Comparison,
    Condition,
    Either,
    Operand,
    PathOperand,
    ValueOperand,
)
from panregion.languages.partiql.errors import PartiqlError
from panregion.languages.partiql.statements import paths_of

MAX_READS = 50
MAX_BRANCHES = 5000
TOO_MANY = "Too many decomposed read operations for a given query."
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

Leaves = tuple[Condition, ...]
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The attributes of the partition key and of the sort key."""

    hashes: tuple[str, ...]
    ranges: tuple[str, ...]

    def __contains__(self, name: object) -> bool:
        return name in self.hashes or name in self.ranges


@dataclass(frozen=True, slots=True)
class Branch:
    """One query: the key's conditions, and the other leaves."""

    conditions: dict[str, KeyCondition]
    rest: Leaves
    consistent: bool
    """Whether no key attribute is given two different values."""


def conjuncts(condition: Condition | None) -> Leaves:
    """The parts that must all hold."""
    if condition is None:
        return ()
    if isinstance(condition, Both):
        return (*conjuncts(condition.left), *conjuncts(condition.right))
    return (condition,)


def joined(parts: Leaves) -> Condition | None:
    return reduce(Both, parts) if parts else None


def mentioned(condition: Condition | None) -> Iterator[str]:
    """The attributes that a condition reads, in its order."""
    if condition is not None:
        yield from (str(path[0]) for path in paths_of(condition))


def branches(condition: Condition | None, names: KeyNames, values: Values) -> list[Branch] | None:
    """The queries that together answer it; None if only a scan can. Raises PartiqlError for too many."""
    if condition is None:
        return None
    found = [_branch(leaves, names, values) for leaves in _apart(condition, names)]
    if not all(branch.consistent and _is_keyed(branch, names) for branch in found):
        return None
    if len(found) > MAX_READS:
        raise PartiqlError(TOO_MANY)
    return found


def _is_keyed(branch: Branch, names: KeyNames) -> bool:
    return all(name in branch.conditions for name in names.hashes)


def _apart(condition: Condition, names: KeyNames) -> list[Leaves]:
    if isinstance(condition, Both):
        left, right = _apart(condition.left, names), _apart(condition.right, names)
        if len(left) * len(right) > MAX_BRANCHES:
            raise PartiqlError(TOO_MANY)
        return [(*one, *other) for one in left for other in right]
    if isinstance(condition, Either) and any(name in names for name in mentioned(condition)):
        return [*_apart(condition.left, names), *_apart(condition.right, names)]
    if isinstance(condition, Comparison) and condition.operator == "IN":
        first, *candidates = condition.operands
        if _key_name(first, names) is not None and all(isinstance(one, ValueOperand) for one in candidates):
            return [(Comparison("=", (first, one)),) for one in candidates]
    return [(condition,)]


def _key_name(operand: object, names: KeyNames) -> str | None:
    if isinstance(operand, PathOperand) and len(operand.path) == 1 and operand.path[0] in names:
        return str(operand.path[0])
    return None


def _branch(leaves: Leaves, names: KeyNames, values: Values) -> Branch:
    conditions: dict[str, KeyCondition] = {}
    rest: list[Condition] = []
    consistent = True
    asked: dict[str, Condition] = {}
    for leaf in leaves:
        found = key_condition(leaf, names, values)
        if found is None:
            rest.append(leaf)
            continue
        name, condition = found
        known = conditions.get(name)
        if known is None:
            conditions[name], asked[name] = condition, leaf
        elif known.operator == "=" == condition.operator:
            consistent = consistent and equals(known.values[0], condition.values[0])
        elif condition.operator == "=":
            rest.append(asked[name])
            conditions[name], asked[name] = condition, leaf
        else:
            rest.append(leaf)
    for name in _out_of_reach(conditions, names):
        del conditions[name]
        rest.append(asked[name])
    return Branch(conditions, tuple(rest), consistent)


def _out_of_reach(conditions: Mapping[str, KeyCondition], names: KeyNames) -> list[str]:
    """Attributes of the sort key that one before them leaves open: a query can no longer ask for them."""
    for place, name in enumerate(names.ranges):
        if name not in conditions or conditions[name].operator != "=":
            return [later for later in names.ranges[place + 1 :] if later in conditions]
    return []


def key_condition(leaf: Condition, names: KeyNames, values: Values) -> tuple[str, KeyCondition] | None:
    """The key attribute and what a leaf asks of it, if a query can ask it; of the partition key only =."""
    operands: tuple[Operand, ...]
    if isinstance(leaf, Call):
        if leaf.name != "begins_with" or len(leaf.arguments) != 2:
            return None
        operator, operands = leaf.name, leaf.arguments
    elif isinstance(leaf, Comparison) and leaf.operator not in ("<>", "IN"):
        operator, operands = leaf.operator, leaf.operands
    else:
        return None
    if len(operands) == 2 and isinstance(operands[0], ValueOperand) and operator in _MIRRORED:
        operator, operands = _MIRRORED[operator], operands[::-1]
    name = _key_name(operands[0], names)
    given = [values[operand.name] for operand in operands[1:] if isinstance(operand, ValueOperand)]
    if name is None or len(given) != len(operands) - 1 or (name in names.hashes and operator != "="):
        return None
    return name, KeyCondition(operator, tuple(given))
