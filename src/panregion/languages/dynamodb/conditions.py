"""Condition and filter expressions: text -> tree -> closure.

A hand-written recursive descent parser: it imports nothing, parses a typical condition in about 20 us (a generated
LALR parser took several times that, and cannot quote AWS's complaints), and runs once per text: trees are cached.

DynamoDB finds faults in this order, over the whole expression: syntax; redundant parentheses; unknown functions;
functions in the wrong place; reserved words; and then, leaf by leaf from the left: names and values that are not
defined, numbers of operands, operands that are not distinct, operand types. `parse_condition` finds the first
five, `compile.py` turns the rest into checks of its leaves.
"""

from dataclasses import dataclass
from functools import lru_cache

from panregion.languages.dynamodb.errors import ExpressionError
from panregion.languages.dynamodb.paths import Path, parse_path, refuse_reserved, reserved_in
from panregion.languages.dynamodb.tokens import Cursor

UPDATE_FUNCTIONS = frozenset({"if_not_exists", "list_append"})
FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
MAX_OPERATORS = 300


@dataclass(frozen=True, slots=True)
class PathOperand:
    path: Path


@dataclass(frozen=True, slots=True)
class ValueOperand:
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function; of all functions only `size` gives something to compare."""

    name: str
    arguments: "tuple[Operand, ...]"


Operand = PathOperand | ValueOperand | Call


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator and its operands: =, <>, <, <=, >, >=, BETWEEN, IN."""

    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Both:
    left: "Condition"
    right: "Condition"


@dataclass(frozen=True, slots=True)
class Either:
    left: "Condition"
    right: "Condition"


Condition = Comparison | Call | Not | Both | Either
Node = Condition | Operand


@lru_cache(maxsize=2048)
def parse_condition(text: str) -> Condition:
    """The tree of a condition or filter expression. Raises ExpressionError."""
    return _Parser(text).parse()


class _Parser:
    """Faults that AWS reports only once the whole has been read are remembered, the first of each kind."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.operators = 0
        self.redundant = False
        self.unknown: str | None = None
        self.misused: str | None = None
        self.reserved: str | None = None

    def parse(self) -> Condition:
        node, _ = self.either()
        self.cursor.expect_end()
        condition = self.as_condition(node)
        self.complain()
        return condition

    def complain(self) -> None:
        if self.redundant:
            raise ExpressionError("The expression has redundant parentheses;")
        if self.unknown in UPDATE_FUNCTIONS:
            raise ExpressionError(f"The function is not allowed in a condition expression; function: {self.unknown}")
        if self.unknown is not None:
            raise ExpressionError(f"Invalid function name; function: {self.unknown}")
        if self.misused is not None:
            raise ExpressionError(
                f"The function is not allowed to be used this way in an expression; function: {self.misused}"
            )
        if self.reserved is not None:
            raise refuse_reserved(self.reserved)
        if self.operators > MAX_OPERATORS:
            raise ExpressionError(f"The expression contains too many operators; operator count: {self.operators}")

    # Each step returns what it read and whether that was exactly one pair of parentheses.

    def either(self) -> tuple[Node, bool]:
        node, bare = self.both()
        while self.cursor.is_word("OR"):
            left = self.as_condition(node)
            self.take_operator()
            right, _ = self.both()
            node, bare = Either(left, self.as_condition(right)), False
        return node, bare

    def both(self) -> tuple[Node, bool]:
        node, bare = self.negation()
        while self.cursor.is_word("AND"):
            left = self.as_condition(node)
            self.take_operator()
            right, _ = self.negation()
            node, bare = Both(left, self.as_condition(right)), False
        return node, bare

    def negation(self) -> tuple[Node, bool]:
        negations = 0
        while self.cursor.is_word("NOT"):
            self.take_operator()
            negations += 1
        node, bare = self.comparison()
        for _ in range(negations):
            node, bare = Not(self.as_condition(node)), False
        return node, bare

    def comparison(self) -> tuple[Node, bool]:
        node, bare = self.primary()
        token = self.cursor.token
        if token.kind == "sign" and token.text in COMPARATORS:
            left = self.as_operand(node)
            self.take_operator()
            return Comparison(token.text, (left, self.operand())), False
        if self.cursor.is_word("BETWEEN"):
            left = self.as_operand(node)
            self.take_operator()
            lower = self.operand()
            if not self.cursor.skip_word("AND"):
                self.cursor.fail()
            return Comparison("BETWEEN", (left, lower, self.operand())), False
        if self.cursor.is_word("IN"):
            left = self.as_operand(node)
            self.take_operator()
            return Comparison("IN", (left, *self.candidates())), False
        if isinstance(node, Call):
            self.operators += 1
        return node, bare

    def take_operator(self) -> None:
        self.cursor.take()
        self.operators += 1

    def candidates(self) -> list[Operand]:
        self.cursor.expect_sign("(")
        operands = [self.operand()]
        while self.cursor.skip_sign(","):
            operands.append(self.operand())
        self.cursor.expect_sign(")")
        return operands

    def primary(self) -> tuple[Node, bool]:
        if self.cursor.skip_sign("("):
            with self.cursor.deeper():
                node, bare = self.either()
            self.cursor.expect_sign(")")
            self.redundant |= bare
            return node, True
        if self.cursor.token.kind == "value":
            return ValueOperand(self.cursor.take().text), False
        following = self.cursor.following
        if self.cursor.token.kind == "name" and following.kind == "sign" and following.text == "(":
            return self.call(), False
        return self.path(), False

    def path(self) -> PathOperand:
        path = parse_path(self.cursor)
        self.reserved = self.reserved or reserved_in(path)
        return PathOperand(path)

    def call(self) -> Call:
        name = self.cursor.take().text
        with self.cursor.deeper():
            arguments = tuple(self.candidates())
        if name not in FUNCTIONS:  # told of the innermost first
            self.unknown = self.unknown or name
        return Call(name, arguments)

    def operand(self) -> Operand:
        node, _ = self.primary()
        return self.as_operand(node)

    def as_operand(self, node: Node) -> Operand:
        if isinstance(node, Call) and node.name != "size":
            self.misused = self.misused or node.name
        if not isinstance(node, PathOperand | ValueOperand | Call):
            self.cursor.fail()
        return node

    def as_condition(self, node: Node) -> Condition:
        if isinstance(node, PathOperand | ValueOperand):
            self.cursor.fail()
        if isinstance(node, Call) and node.name == "size":
            self.misused = self.misused or node.name
        return node
