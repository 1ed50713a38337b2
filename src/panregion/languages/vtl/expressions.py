"""Expressions and references, parsed from their text straight into closures."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from panregion.languages.vtl.errors import VtlError
from panregion.languages.vtl.state import Expression, State
from panregion.languages.vtl.values import call, get_index, get_property, set_in, text, truth

if TYPE_CHECKING:
    from panregion.languages.vtl.template import Reader

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
SPACE = re.compile(r"\s*")
SINGLE = re.compile(r"'([^']*)'")
DOUBLE = re.compile(r'"((?:\\.|""|[^"\\])*)"', re.S)
OPERATOR = re.compile(r"\|\||&&|==|!=|<=|>=|<|>|\+|-|\*|/|%|(?:or|and|eq|ne|le|ge|lt|gt)\b")

PRECEDENCE = {
    **dict.fromkeys(("||", "or"), 1),
    **dict.fromkeys(("&&", "and"), 2),
    **dict.fromkeys(("==", "!=", "eq", "ne"), 3),
    **dict.fromkeys(("<", ">", "<=", ">=", "lt", "gt", "le", "ge"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
SPELLED = {"or": "||", "and": "&&", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}

Step = Callable[[Any, State], Any]


class Reference:
    """$name with its properties, methods and indices."""

    def __init__(self, name: str, steps: list[Step], last: tuple[str, Any] | None, source: str, quiet: bool) -> None:
        self._name = name
        self._steps = steps
        self._last = last
        self._source = source
        self._quiet = quiet

    def __call__(self, state: State) -> Any:
        value = state.variables.get(self._name)
        for step in self._steps:
            if value is None:
                return None
            value = step(value, state)
        return value

    def write(self, state: State) -> None:
        """The value's text; the reference itself where there is none, unless it is a quiet one."""
        value = self(state)
        if value is not None:
            state.out.append(text(value))
        elif not self._quiet:
            state.out.append(self._source)

    def assign(self, state: State, value: Any) -> None:
        if not self._steps:
            state.variables[self._name] = value
            return
        if self._last is None:
            raise VtlError(f"{self._source} cannot be set")
        holder = state.variables.get(self._name)
        for step in self._steps[:-1]:
            holder = None if holder is None else step(holder, state)
        kind, key = self._last
        set_in(holder, key if kind == "property" else key(state), value)


def read_reference(reader: "Reader") -> Reference | None:
    """A reference at the reader's place, which is a dollar; None where the dollar is only a dollar."""
    start = reader.at
    reader.at += 1
    quiet = reader.take("!")
    braced = reader.take("{")
    name = reader.match(NAME)
    if name is None:
        reader.at = start
        return None
    steps: list[Step] = []
    last: tuple[str, Any] | None = None
    while (step := _read_step(reader)) is not None:
        steps.append(step[0])
        last = step[1]
    if braced and not reader.take("}"):
        reader.at = start
        return None
    return Reference(name[0].rstrip("-") or name[0], steps, last, reader.source[start : reader.at], quiet)


def _read_step(reader: "Reader") -> tuple[Step, tuple[str, Any] | None] | None:
    """`.name`, `.name(...)` or `[index]`, with how to set it."""
    before = reader.at
    if reader.take("."):
        found = reader.match(NAME)
        if found is None:
            reader.at = before
            return None
        name = found[0]
        if reader.take("("):
            arguments = read_list(reader, ")")
            return (lambda value, state: call(value, name, [argument(state) for argument in arguments])), None
        return (lambda value, _state: get_property(value, name)), ("property", name)
    if reader.take("["):
        index = read_expression(reader)
        reader.space()
        reader.expect("]")
        return (lambda value, state: get_index(value, index(state))), ("index", index)
    return None


def read_list(reader: "Reader", end: str) -> list[Expression]:
    """Expressions parted by commas (or, in macro calls, spaces) up to `end`."""
    values: list[Expression] = []
    reader.space()
    while not reader.take(end):
        values.append(read_expression(reader))
        reader.space()
        reader.take(",")
        reader.space()
    return values


def read_expression(reader: "Reader", floor: int = 1) -> Expression:
    """An expression whose operators bind at least as tightly as `floor`."""
    left = _read_value(reader)
    while True:
        before = reader.at
        reader.space()
        found = reader.match(OPERATOR)
        if found is None or PRECEDENCE[found[0]] < floor:
            reader.at = before
            return left
        operator = SPELLED.get(found[0], found[0])
        left = _binary(operator, left, read_expression(reader, PRECEDENCE[found[0]] + 1))


def _read_value(reader: "Reader") -> Expression:
    reader.space()
    head = reader.peek()
    if head == "$":
        reference = read_reference(reader)
        if reference is None:
            raise reader.error("a reference")
        return reference
    if head == "!" or reader.match(re.compile(r"not\b")):
        reader.take("!")
        inner = _read_value(reader)
        return lambda state: not truth(inner(state))
    if reader.take("("):
        inner = read_expression(reader)
        reader.space()
        reader.expect(")")
        return inner
    if reader.take("["):
        return _read_array(reader)
    if reader.take("{"):
        return _read_map(reader)
    return _read_literal(reader)


def _read_literal(reader: "Reader") -> Expression:
    number = reader.match(NUMBER)
    if number is not None:
        constant: Any = float(number[0]) if number[1] or number[2] else int(number[0])
        return lambda _state: constant
    single = reader.match(SINGLE)
    if single is not None:
        literal = single[1]
        return lambda _state: literal
    double = reader.match(DOUBLE)
    if double is not None:
        return _interpolated(reader, double[1].replace('""', '"').replace('\\"', '"'))
    word = reader.match(NAME)
    if word is not None and word[0] in ("true", "false", "null"):
        constant = {"true": True, "false": False, "null": None}[word[0]]
        return lambda _state: constant
    raise reader.error("a value")


def _interpolated(reader: "Reader", literal: str) -> Expression:
    """A string in double quotes is a template of its own."""
    if "$" not in literal and "#" not in literal:
        return lambda _state: literal
    node = reader.within(literal)
    return lambda state: state.captured(node)


def _read_array(reader: "Reader") -> Expression:
    """`[1, 2]` or `[1..3]`."""
    reader.space()
    if reader.take("]"):
        return lambda _state: []
    first = read_expression(reader)
    reader.space()
    if reader.take(".."):
        end = read_expression(reader)
        reader.space()
        reader.expect("]")
        return lambda state: _range(first(state), end(state))
    reader.take(",")
    values = [first, *read_list(reader, "]")]
    return lambda state: [value(state) for value in values]


def _range(first: Any, last: Any) -> list[int]:
    if not isinstance(first, int) or not isinstance(last, int):
        raise VtlError(f"[{text(first)}..{text(last)}] is not a range of integers")
    return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))


def _read_map(reader: "Reader") -> Expression:
    pairs: list[tuple[Expression, Expression]] = []
    reader.space()
    while not reader.take("}"):
        name = read_expression(reader)
        reader.space()
        reader.expect(":")
        pairs.append((name, read_expression(reader)))
        reader.space()
        reader.take(",")
        reader.space()
    return lambda state: {name(state): value(state) for name, value in pairs}


def _binary(operator: str, left: Expression, right: Expression) -> Expression:
    if operator == "&&":
        return lambda state: truth(left(state)) and truth(right(state))
    if operator == "||":
        return lambda state: truth(left(state)) or truth(right(state))
    if operator == "==":
        return lambda state: _equal(left(state), right(state))
    if operator == "!=":
        return lambda state: not _equal(left(state), right(state))
    if operator in ("<", ">", "<=", ">="):
        return lambda state: _compare(operator, left(state), right(state))
    return lambda state: _calculate(operator, left(state), right(state))


def _equal(left: Any, right: Any) -> bool:
    """Of one type, or as they print: 1 == "1" holds, as in Velocity."""
    if left is None or right is None:
        return left is right
    if type(left) is type(right) or (_is_number(left) and _is_number(right)):
        return bool(left == right)
    return text(left) == text(right)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _compare(operator: str, left: Any, right: Any) -> bool:
    if not (_is_number(left) and _is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        return False
    match operator:
        case "<":
            return bool(left < right)
        case ">":
            return bool(left > right)
        case "<=":
            return bool(left <= right)
    return bool(left >= right)


def _calculate(operator: str, left: Any, right: Any) -> Any:
    """Arithmetic as in Java: whole numbers divide to whole ones, text adds to anything, null makes null."""
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return text(left) + text(right)
    if not (_is_number(left) and _is_number(right)):
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        return None
    whole = isinstance(left, int) and isinstance(right, int)
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1) if whole else left / right
    return quotient if operator == "/" else left - right * quotient if whole else left % right
