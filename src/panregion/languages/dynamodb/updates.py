"""Update expressions: text -> actions -> changes of an item.

All actions see the item as it was: first every new value is computed, then values are put in place, and list
elements are removed last and from the end, so that every index means what it meant in the stored item. The item
is not changed in place; containers on the way to a change are copied.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from panregion.languages.dynamodb.conditions import FUNCTIONS, MAX_OPERATORS
from panregion.languages.dynamodb.drafts import Draft
from panregion.languages.dynamodb.errors import ExpressionError, UpdateFailed
from panregion.languages.dynamodb.numbers import add_numbers, subtract_numbers
from panregion.languages.dynamodb.paths import (
    Path,
    aliases_in,
    parse_path,
    read_path,
    refuse_overlaps,
    refuse_reserved,
    reserved_in,
    resolve_path,
)
from panregion.languages.dynamodb.tokens import Cursor
from panregion.languages.dynamodb.values import Item, Value, kind_of

Values = Mapping[str, Value]

WRONG_TYPE = "An operand in the update expression has an incorrect data type"
NO_ATTRIBUTE = "The provided expression refers to an attribute that does not exist in the item"

_SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")
_TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "NULL": "NULL",
    "BOOL": "BOOLEAN",
    "L": "LIST",
    "M": "MAP",
}
_OPERANDS = {"if_not_exists": 2, "list_append": 2, "+": 2, "-": 2}


@dataclass(frozen=True, slots=True)
class PathTerm:
    path: Path


@dataclass(frozen=True, slots=True)
class ValueTerm:
    name: str


@dataclass(frozen=True, slots=True)
class CallTerm:
    """if_not_exists, list_append, or an operator: + or -."""

    function: str
    arguments: "tuple[Term, ...]"


Term = PathTerm | ValueTerm | CallTerm


@dataclass(frozen=True, slots=True)
class Action:
    """One clause of a section; REMOVE has no term."""

    section: str
    path: Path
    term: Term | None


@lru_cache(maxsize=2048)
def parse_update(text: str) -> tuple[Action, ...]:
    """The actions of an update expression, aliases open. Raises ExpressionError."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.reserved: str | None = None
        self.unknown: str | None = None
        self.repeated: str | None = None
        self.operators = 0

    def parse(self) -> tuple[Action, ...]:
        actions: list[Action] = []
        seen: set[str] = set()
        while self.cursor.token.kind != "end":
            section = self.section()
            if section in seen:
                self.repeated = self.repeated or section
            seen.add(section)
            actions.append(self.action(section))
            while self.cursor.skip_sign(","):
                actions.append(self.action(section))
        self.complain()
        return tuple(actions)

    def complain(self) -> None:
        if self.reserved is not None:
            raise refuse_reserved(self.reserved)
        if self.unknown in FUNCTIONS:
            raise ExpressionError(f"The function is not allowed in an update expression; function: {self.unknown}")
        if self.unknown is not None:
            raise ExpressionError(f"Invalid function name; function: {self.unknown}")
        if self.repeated is not None:
            raise ExpressionError(f'The "{self.repeated}" section can only be used once in an update expression;')
        if self.operators > MAX_OPERATORS:
            raise ExpressionError(f"The expression contains too many operators; operator count: {self.operators}")

    def section(self) -> str:
        section = self.cursor.token.text.upper()
        if section not in _SECTIONS:
            self.cursor.fail()
        self.cursor.take()
        return section

    def action(self, section: str) -> Action:
        path = self.path()
        if section == "REMOVE":
            return Action(section, path, None)
        if section == "SET":
            self.cursor.expect_sign("=")
            return Action(section, path, self.sum())
        if self.cursor.token.kind != "value":
            self.cursor.fail()
        return Action(section, path, ValueTerm(self.cursor.take().text))

    def path(self) -> Path:
        path = parse_path(self.cursor)
        self.reserved = self.reserved or reserved_in(path)
        return path

    def sum(self) -> Term:
        left = self.term()
        for sign in "+-":
            if self.cursor.skip_sign(sign):
                self.operators += 1
                return CallTerm(sign, (left, self.term()))
        return left

    def term(self) -> Term:
        if self.cursor.skip_sign("("):
            with self.cursor.deeper():
                term = self.sum()
            self.cursor.expect_sign(")")
            return term
        if self.cursor.token.kind == "value":
            return ValueTerm(self.cursor.take().text)
        following = self.cursor.following
        if self.cursor.token.kind == "name" and following.kind == "sign" and following.text == "(":
            return self.call()
        return PathTerm(self.path())

    def call(self) -> Term:
        name = self.cursor.take().text
        self.operators += 1
        self.cursor.expect_sign("(")
        with self.cursor.deeper():
            arguments = [self.term()]
            while self.cursor.skip_sign(","):
                arguments.append(self.term())
        self.cursor.expect_sign(")")
        if name not in _OPERANDS:
            self.unknown = self.unknown or name
        return CallTerm(name, tuple(arguments))


Compute = Callable[[Item, Values], Value | None]


class Update:
    """An update with its names resolved."""

    def __init__(self, actions: tuple[Action, ...], names: Mapping[str, str]) -> None:
        self.actions = tuple(_resolve_action(action, names) for action in actions)
        terms = [term for action in actions if action.term for term in _terms(action.term)]
        aliased = [action.path for action in actions]
        aliased += [term.path for term in terms if isinstance(term, PathTerm)]
        self.names_used = frozenset(alias for path in aliased for alias in aliases_in(path))
        self.values_used = frozenset(term.name for term in terms if isinstance(term, ValueTerm))
        self.value_order = tuple(dict.fromkeys(term.name for term in terms if isinstance(term, ValueTerm)))
        self.paths = [action.path for action in self.actions]
        self.paths_read = [
            term.path
            for action in self.actions
            if action.term
            for term in _terms(action.term)
            if isinstance(term, PathTerm)
        ]
        self.computes = [_compute(action) for action in self.actions]
        self.names_given = frozenset(
            str(action.path[0])
            for action in self.actions
            if action.section == "SET" and len(action.path) == 1 and isinstance(action.term, ValueTerm)
        )
        self.only_removes = all(action.section in ("REMOVE", "DELETE") for action in self.actions)

    def check(self, values: Values) -> None:
        """Refuse what is wrong whatever the item is, in AWS's order. Raises ExpressionError."""
        for name in self.value_order:
            if name not in values:
                raise ExpressionError(
                    f"An expression attribute value used in expression is not defined; attribute value: {name}"
                )
        refuse_overlaps(self.paths)
        for action in self.actions:
            _check_operand(action, values)
        for action in self.actions:
            if action.section == "SET" and action.term is not None:
                _check_term(action.term, values)

    def apply(self, item: Item, values: Values) -> Item:
        """The item after the update. Raises UpdateFailed."""
        changes = [compute(item, values) for compute in self.computes]
        draft = Draft(item)
        removals: list[Path] = []
        for action, new in zip(self.actions, changes, strict=True):
            if new is not None:
                draft.put(action.path, new)
            else:
                removals.append(action.path)
        draft.close_up()
        for path in sorted(removals, key=_last_index, reverse=True):
            draft.remove(path)
        return draft.item


@lru_cache(maxsize=2048)
def compile_update(text: str, names: tuple[tuple[str, str], ...]) -> Update:
    """Raises ExpressionError for what does not parse or uses names that are not defined."""
    return Update(parse_update(text), dict(names))


def _resolve_action(action: Action, names: Mapping[str, str]) -> Action:
    path = resolve_path(action.path, names)
    return Action(action.section, path, action.term and _resolve_term(action.term, names))


def _resolve_term(term: Term, names: Mapping[str, str]) -> Term:
    if isinstance(term, PathTerm):
        return PathTerm(resolve_path(term.path, names))
    if isinstance(term, CallTerm):
        return CallTerm(term.function, tuple(_resolve_term(inner, names) for inner in term.arguments))
    return term


def _terms(term: Term) -> list[PathTerm | ValueTerm]:
    if isinstance(term, CallTerm):
        return [leaf for inner in term.arguments for leaf in _terms(inner)]
    return [term]


def _check_operand(action: Action, values: Values) -> None:
    """ADD takes numbers and sets, DELETE sets."""
    if action.section not in ("ADD", "DELETE"):
        return
    assert isinstance(action.term, ValueTerm), "the grammar has no other operand here"
    kind = kind_of(values[action.term.name])
    if kind in _TYPE_NAMES and not (action.section == "ADD" and kind == "N"):
        raise ExpressionError(
            "Incorrect operand type for operator or function; "
            f"operator: {action.section}, operand type: {_TYPE_NAMES[kind]}, "
            f"typeSet: ALLOWED_FOR_{action.section}_OPERAND"
        )


def _check_term(term: Term, values: Values) -> None:
    if not isinstance(term, CallTerm):
        return
    for inner in term.arguments:
        _check_term(inner, values)
    name = term.function
    if len(term.arguments) != _OPERANDS[name]:
        raise ExpressionError(
            "Incorrect number of operands for operator or function; "
            f"operator or function: {name}, number of operands: {len(term.arguments)}"
        )
    if name == "if_not_exists":
        if not isinstance(term.arguments[0], PathTerm):
            raise ExpressionError(f"Operator or function requires a document path; operator or function: {name}")
        return
    wanted = "L" if name == "list_append" else "N"
    for inner in term.arguments:
        kind = _known_kind(inner, values)
        if kind not in (None, wanted):
            raise ExpressionError(
                f"Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
            )


def _known_kind(term: Term, values: Values) -> str | None:
    return kind_of(values[term.name]) if isinstance(term, ValueTerm) else None


def _compute(action: Action) -> Compute:
    """What gives the new value of the action's path; None removes it (or leaves it missing)."""
    path = action.path
    if action.term is None:
        return lambda _item, _values: None
    if action.section == "SET":
        return _compile_term(action.term)
    assert isinstance(action.term, ValueTerm), "the grammar has no other operand here"
    name = action.term.name
    change = _add if action.section == "ADD" else _delete
    return lambda item, values: change(read_path(path, item), values[name])


def _compile_term(term: Term) -> Callable[[Item, Values], Value]:
    if isinstance(term, ValueTerm):
        name = term.name
        return lambda _item, values: values[name]
    if isinstance(term, PathTerm):
        path = term.path
        return lambda item, _values: _existing(path, item)
    compiled = [_compile_term(inner) for inner in term.arguments]
    if term.function == "if_not_exists":
        first = term.arguments[0]
        return _if_not_exists(first, compiled)
    left, right = compiled[0], compiled[-1]
    if term.function == "list_append":
        return lambda item, values: _list_append(left(item, values), right(item, values))
    combine = add_numbers if term.function == "+" else subtract_numbers
    return lambda item, values: _combine(combine, left(item, values), right(item, values))


def _if_not_exists(first: Term, compiled: list[Callable[[Item, Values], Value]]) -> Callable[[Item, Values], Value]:
    path = first.path if isinstance(first, PathTerm) else ()
    fallback = compiled[-1]

    def compute(item: Item, values: Values) -> Value:
        existing = read_path(path, item)
        return fallback(item, values) if existing is None else existing

    return compute


def _existing(path: Path, item: Item) -> Value:
    value = read_path(path, item)
    if value is None:
        raise UpdateFailed(NO_ATTRIBUTE)
    return value


def _list_append(left: Value, right: Value) -> Value:
    if "L" not in left or "L" not in right:
        raise UpdateFailed(WRONG_TYPE)
    return {"L": left["L"] + right["L"]}


def _combine(combine: Callable[[str, str], str], left: Value, right: Value) -> Value:
    if "N" not in left or "N" not in right:
        raise UpdateFailed(WRONG_TYPE)
    return {"N": combine(left["N"], right["N"])}


def _add(existing: Value | None, given: Value) -> Value:
    if existing is None:
        return given
    kind = kind_of(given)
    if kind not in existing:
        raise UpdateFailed(WRONG_TYPE)
    if kind == "N":
        return {"N": add_numbers(existing["N"], given["N"])}
    return {kind: list(dict.fromkeys(existing[kind] + given[kind]))}


def _delete(existing: Value | None, given: Value) -> Value | None:
    if existing is None:
        return None
    kind = kind_of(given)
    if kind not in existing:
        raise UpdateFailed(WRONG_TYPE)
    gone = set(given[kind])
    rest = [member for member in existing[kind] if member not in gone]
    return {kind: rest} if rest else None


def _last_index(path: Path) -> tuple[int, ...]:
    """Orders removals so that those from lists come from the end."""
    return tuple(step if isinstance(step, int) else 0 for step in path)
