"""Condition trees made into closures, and the checks that need the request's names and values.

Compiling resolves the names, so it is cached by the text and the names; the values stay open and are given at
every evaluation. What depends on them (is it defined, has it a type that the operator takes) is a list of checks,
one per leaf, that `Predicate.check` runs before anything is read.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from panregion.languages.dynamodb import functions
from panregion.languages.dynamodb.conditions import (
    FUNCTIONS,
    Both,
    Call,
    Comparison,
    Condition,
    Either,
    Not,
    Operand,
    PathOperand,
    ValueOperand,
    parse_condition,
)
from panregion.languages.dynamodb.errors import ExpressionError
from panregion.languages.dynamodb.paths import Path, aliases_in, reader, resolve_path, show_path
from panregion.languages.dynamodb.values import ORDERED_KINDS, Item, Value, kind_of

Values = Mapping[str, Value]
Evaluate = Callable[[Item, Values], bool]
Read = Callable[[Item, Values], Value | None]
Check = Callable[[Values], None]

NO_NAMES: tuple[tuple[str, str], ...] = ()
MAX_CANDIDATES = 100
TYPES = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")


class Predicate:
    """A condition with its names resolved. `paths` are the document paths it reads."""

    def __init__(self, condition: Condition, names: Mapping[str, str]) -> None:
        leaves = list(_leaves(condition))
        operands = [operand for leaf in leaves for operand in _operands(leaf)]
        aliased = [operand.path for operand in operands if isinstance(operand, PathOperand)]
        self.condition = condition
        self.names_used = frozenset(alias for path in aliased for alias in aliases_in(path))
        self.values_used = frozenset(op.name for op in operands if isinstance(op, ValueOperand))
        self._checks: list[Check] = []
        self.paths: list[Path] = []
        self.evaluate: Evaluate = _never
        if self._check_leaves(leaves, names):
            self.paths = [resolve_path(path, names) for path in aliased]
            self.evaluate = _compile(condition, names)

    def _check_leaves(self, leaves: list[Comparison | Call], names: Mapping[str, str]) -> bool:
        """Collect the leaves' checks; false if one can only fail."""
        for leaf in leaves:
            try:
                self._checks.extend(_checks_of(leaf, names))
            except ExpressionError as error:
                self._checks.append(_failing(leaf, str(error)))
                return False
        return True

    def check(self, values: Values) -> None:
        """Refuse values that are not defined or that the operators do not take. Raises ExpressionError."""
        for check in self._checks:
            check(values)


@lru_cache(maxsize=2048)
def compile_condition(text: str, names: tuple[tuple[str, str], ...]) -> Predicate:
    """The predicate of a text and the (sorted or not) items of ExpressionAttributeNames."""
    return Predicate(parse_condition(text), dict(names))


def _never(_item: Item, _values: Values) -> bool:
    raise AssertionError("its check fails first")


def _failing(leaf: Comparison | Call, text: str) -> Check:
    """A check that fails, with what the leaf's own undefined values would have said first."""

    def check(values: Values) -> None:
        if not text.startswith("An expression attribute name"):
            _require_values(leaf, values)
        raise ExpressionError(text)

    return check


def _leaves(condition: Condition) -> Iterator[Comparison | Call]:
    if isinstance(condition, Both | Either):
        yield from _leaves(condition.left)
        yield from _leaves(condition.right)
    elif isinstance(condition, Not):
        yield from _leaves(condition.condition)
    else:
        yield condition


def _operands(leaf: Comparison | Call) -> Iterator[Operand]:
    for operand in leaf.operands if isinstance(leaf, Comparison) else leaf.arguments:
        if isinstance(operand, Call):
            yield from _operands(operand)
        else:
            yield operand


def _require_values(leaf: Comparison | Call, values: Values) -> None:
    for operand in _operands(leaf):
        if isinstance(operand, ValueOperand) and operand.name not in values:
            raise ExpressionError(
                f"An expression attribute value used in expression is not defined; attribute value: {operand.name}"
            )


def _checks_of(leaf: Comparison | Call, names: Mapping[str, str]) -> list[Check]:
    """Raises what is wrong whatever the values are; returns what must be asked of them."""
    for operand in _operands(leaf):
        if isinstance(operand, PathOperand):
            resolve_path(operand.path, names)
    calls = list(_calls(leaf))
    for call in calls:
        _check_count(call)
    for call in calls:
        _check_distinct(call.name, call.arguments, names)
    if isinstance(leaf, Comparison):
        _check_comparison(leaf, names)
    if not any(isinstance(operand, ValueOperand) for operand in _operands(leaf)):
        for call in calls:
            _check_types(call, {})
        return []

    def check(values: Values) -> None:
        _require_values(leaf, values)
        for call in calls:
            _check_types(call, values)
        if isinstance(leaf, Comparison):
            _check_comparison_types(leaf, values)

    return [check]


def _calls(leaf: Comparison | Call) -> Iterator[Call]:
    """The functions of a leaf, inner ones first."""
    for operand in leaf.operands if isinstance(leaf, Comparison) else leaf.arguments:
        if isinstance(operand, Call):
            yield from _calls(operand)
    if isinstance(leaf, Call):
        yield leaf


def _check_count(call: Call) -> None:
    if len(call.arguments) != FUNCTIONS[call.name]:
        raise ExpressionError(
            "Incorrect number of operands for operator or function; "
            f"operator or function: {call.name}, number of operands: {len(call.arguments)}"
        )


def _check_distinct(operator: str, operands: tuple[Operand, ...], names: Mapping[str, str]) -> None:
    first = operands[0]
    if not isinstance(first, PathOperand):
        return
    path = resolve_path(first.path, names)
    for operand in operands[1:]:
        if isinstance(operand, PathOperand) and resolve_path(operand.path, names) == path:
            raise ExpressionError(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {operator}, first operand: {show_path(path)}"
            )


def _check_comparison(leaf: Comparison, names: Mapping[str, str]) -> None:
    if leaf.operator == "IN" and len(leaf.operands) > MAX_CANDIDATES + 1:
        raise ExpressionError(
            f"The IN operator is provided with too many operands; number of operands: {len(leaf.operands) - 1}"
        )
    if leaf.operator not in ("BETWEEN", "IN"):
        _check_distinct(leaf.operator, leaf.operands, names)


def _wrong_type(name: str, kind: str) -> ExpressionError:
    return ExpressionError(
        f"Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
    )


def _kind(operand: Operand, values: Values) -> str | None:
    """The type of an operand as far as it is known before an item is read."""
    if isinstance(operand, ValueOperand):
        return kind_of(values[operand.name])
    return ("N" if operand.name == "size" else "BOOL") if isinstance(operand, Call) else None


def _check_types(call: Call, values: Values) -> None:
    kinds = [_kind(argument, values) for argument in call.arguments]
    if call.name in ("attribute_exists", "attribute_not_exists"):
        if not isinstance(call.arguments[0], PathOperand):
            raise ExpressionError(f"Operator or function requires a document path; operator or function: {call.name}")
    elif call.name == "begins_with":
        for kind in kinds:
            if kind not in (None, "S", "B"):
                raise _wrong_type(call.name, str(kind))
    elif call.name == "size":
        if kinds[0] in ("N", "BOOL", "NULL"):
            raise _wrong_type(call.name, str(kinds[0]))
    elif call.name == "attribute_type":
        _check_type_name(call.arguments[1], kinds[1], values)


def _check_type_name(operand: Operand, kind: str | None, values: Values) -> None:
    if kind != "S":
        raise _wrong_type("attribute_type", kind or "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
    assert isinstance(operand, ValueOperand), "only a value is known to be a text"
    name = values[operand.name]["S"]
    if name not in TYPES:
        raise ExpressionError(
            f"Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
        )


def _check_comparison_types(leaf: Comparison, values: Values) -> None:
    if leaf.operator in ("=", "<>", "IN"):
        return
    kinds = [_kind(operand, values) for operand in leaf.operands]
    for kind in kinds:
        if kind is not None and kind not in ORDERED_KINDS:
            raise _wrong_type(leaf.operator, kind)
    if leaf.operator == "BETWEEN":
        _check_bounds(leaf.operands[1], leaf.operands[2], values)


def _check_bounds(lower: Operand, upper: Operand, values: Values) -> None:
    if not isinstance(lower, ValueOperand) or not isinstance(upper, ValueOperand):
        return
    low, high = values[lower.name], values[upper.name]
    bounds = f"lower bound operand: {_show_value(low)}, upper bound operand: {_show_value(high)}"
    if kind_of(low) != kind_of(high):
        raise ExpressionError(f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}")
    if functions.greater(low, high):
        raise ExpressionError(
            f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {bounds}"
        )


def _show_value(value: Value) -> str:
    kind = kind_of(value)
    return f"AttributeValue: {{{kind}:{value[kind]}}}"


def _compile(condition: Condition, names: Mapping[str, str]) -> Evaluate:
    if isinstance(condition, Both):
        left, right = _compile(condition.left, names), _compile(condition.right, names)
        return lambda item, values: left(item, values) and right(item, values)
    if isinstance(condition, Either):
        left, right = _compile(condition.left, names), _compile(condition.right, names)
        return lambda item, values: left(item, values) or right(item, values)
    if isinstance(condition, Not):
        inner = _compile(condition.condition, names)
        return lambda item, values: not inner(item, values)
    if isinstance(condition, Call):
        return _compile_leaf(functions.CALLS[condition.name], condition.arguments, names)
    return _compile_leaf(functions.COMPARISONS[condition.operator], condition.operands, names)


def _compile_leaf(function: Callable[..., bool], operands: tuple[Operand, ...], names: Mapping[str, str]) -> Evaluate:
    reads = [_compile_operand(operand, names) for operand in operands]
    if len(reads) == 1:
        only = reads[0]
        return lambda item, values: function(only(item, values))
    if len(reads) == 2:
        left, right = reads
        return lambda item, values: function(left(item, values), right(item, values))
    return lambda item, values: function(*[read(item, values) for read in reads])


def _compile_operand(operand: Operand, names: Mapping[str, str]) -> Read:
    if isinstance(operand, ValueOperand):
        name = operand.name
        return lambda _item, values: values[name]
    if isinstance(operand, PathOperand):
        read = reader(resolve_path(operand.path, names))
        return lambda item, _values: read(item)
    inner = _compile_operand(operand.arguments[0], names)
    return lambda item, values: functions.size(inner(item, values))
