"""PartiQL's WHERE against DynamoDB's own condition expressions: the same condition in both, the same answer."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.dynamodb import Item, Value, compile_condition
from panregion.languages.dynamodb.compiled import Predicate
from panregion.languages.partiql import KeyNames, PartiqlError, Select, branches, names_of, parse
from tests.languages.dynamodb.values import NAMES, items, small_numbers

KINDS = {"STRING": "S", "NUMERIC": "N", "BLOB": "B", "BOOLEAN": "BOOL", "STRUCT": "M", "LIST": "L", "NULL": "NULL"}
Pair = tuple[str, str]
"""One condition in PartiQL and as an expression; both share the values :v0, :v1, ... as parameters."""

names = st.sampled_from(NAMES)
scalars: st.SearchStrategy[Value] = st.one_of(
    st.builds(lambda text: {"S": text}, st.text("ab'", max_size=3)),
    st.builds(lambda number: {"N": number}, small_numbers),
)


def literal(value: Value) -> str:
    ((kind, content),) = value.items()
    return str(content) if kind == "N" else "'" + content.replace("'", "''") + "'"


class Pairs:
    """Builds pairs and collects the expression's values."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self.values: dict[str, Value] = {}

    def value(self) -> Pair:
        name = f":v{len(self.values)}"
        self.values[name] = value = self._draw(scalars)
        return literal(value), name

    def leaf(self) -> Pair:
        name = self._draw(names)
        match self._draw(st.sampled_from(["compare", "in", "is", "missing", "begins", "contains", "size"])):
            case "compare":
                operator = self._draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
                said, value = self.value()
                return f"{name} {operator} {said}", f"{name} {operator} {value}"
            case "in":
                pairs = [self.value() for _ in range(self._draw(st.integers(1, 3)))]
                said, given = ", ".join(one for one, _ in pairs), ", ".join(other for _, other in pairs)
                return f"{name} IN [{said}]", f"{name} IN ({given})"
            case "is":
                kind = self._draw(st.sampled_from(sorted(KINDS)))
                self.values[f":v{len(self.values)}"] = {"S": KINDS[kind]}
                return f"{name} IS {kind}", f"attribute_type({name}, :v{len(self.values) - 1})"
            case "missing":
                return f"{name} IS MISSING", f"attribute_not_exists({name})"
            case "begins":
                self.values[f":v{len(self.values)}"] = {"S": "a"}
                return f"begins_with({name}, 'a')", f"begins_with({name}, :v{len(self.values) - 1})"
            case "contains":
                said, value = self.value()
                return f"CONTAINS({name}, {said})", f"contains({name}, {value})"
            case _:
                self.values[f":v{len(self.values)}"] = {"N": "1"}
                return f"size({name}) > 1", f"size({name}) > :v{len(self.values) - 1}"

    def condition(self, depth: int) -> Pair:
        kind = self._draw(st.sampled_from(["leaf", "AND", "OR", "NOT"])) if depth else "leaf"
        if kind == "leaf":
            return self.leaf()
        one = self.condition(depth - 1)
        if kind == "NOT":
            return f"NOT ({one[0]})", f"NOT {one[1] if one[1][0] == '(' else f'({one[1]})'}"
        other = self.condition(depth - 1)
        return f"({one[0]} {kind} {other[0]})", f"({one[1]} {kind} {other[1]})"


@given(st.data(), items)
def test_where_is_the_condition_that_it_says(data: st.DataObject, item: Item) -> None:
    pairs = Pairs(data.draw)
    said, expression = pairs.condition(2)
    expression = expression[1:-1] if expression[0] == "(" and expression[-1] == ")" else expression
    statement = parse(f"SELECT * FROM t WHERE {said}")
    assert isinstance(statement, Select)
    assert statement.where is not None
    where = Predicate(statement.where, names_of(statement.where))
    where.check(statement.literals)
    condition = compile_condition(expression, ())
    condition.check(pairs.values)
    assert where.evaluate(item, dict(statement.literals)) == condition.evaluate(item, pairs.values)


KEYED = {
    "pk = 'a'": 1,
    "'a' = pk": 1,
    "pk = 'a' AND sk > 1": 1,
    "pk IN ['a', 'b']": 2,
    "pk IN ('a', 'b') AND sk IN [1, 2]": 4,
    "pk = 'a' AND (sk = 1 OR other = 2)": 2,
    "pk = 'a' AND (x = 1 OR y = 2)": 1,
    "(pk = 'a' AND x = 1) OR pk = 'b'": 2,
    "pk = 'a' OR sk = 1": None,
    "pk > 'a'": None,
    "NOT pk = 'a'": None,
    "pk = 'a' AND pk = 'b'": None,
}


@pytest.mark.parametrize(("where", "count"), KEYED.items())
def test_what_can_be_queried(where: str, count: int | None) -> None:
    statement = parse(f"SELECT * FROM t WHERE {where}")
    assert isinstance(statement, Select)
    found = branches(statement.where, KeyNames(("pk",), ("sk",)), statement.literals)
    assert (None if found is None else len(found)) == count


MALFORMED = {
    "": "Statement wasn't well formed, can't be processed: Expected expression",
    "UPDATE t WHERE pk = 'a'": "Statement wasn't well formed, can't be processed: Expected data manipulation",
    "SELECT * FROM t WHERE pk = 'a' nonsense": (
        "Statement wasn't well formed, can't be processed: Unexpected token after expression"
    ),
    "SELECT *, a FROM t": "Other attributes should not be present in the projection when '*' is used.",
    "SELECT a, b.a FROM t": "Duplicate identifiers in select clause: a",
    "SELECT * FROM t LIMIT 5": "Unsupported clause: LIMIT at 1:17:5",
    "SELECT l[-1] FROM t": "List index is not within the allowable range; index: [-1] at 1:10:1",
    "SELECT * FROM t WHERE a = MISSING": "MISSING must be compared using IS operator",
    "SELECT * FROM t WHERE a IS DATE": (
        "Unsupported data type for IS operator: DATE. Supported data types are "
        "[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at 1:28:4"
    ),
    "INSERT INTO t << {'pk': 'a'} >>": (
        "Unsupported operation: Inserting multiple items in a single statement is not supported, "
        'use "INSERT INTO tableName VALUE item" instead'
    ),
    "INSERT INTO t VALUE {'pk': 'a', 'pk': 'b'}": "Duplicate keys in tuple. Key: pk under root",
    "UPDATE t SET a = <<>> WHERE pk = 'a'": "Empty bags are not supported",
    "UPDATE t SET a = set_add(b, <<1>>) WHERE pk = 'a'": (
        "The first argument to SET_ADD must equal the assignment value at 1:26:1"
    ),
    "UPDATE t SET a = set_add(a, 'x') WHERE pk = 'a'": (
        "The second argument to SET_ADD must be a value with type SET at 1:26:1"
    ),
    "UPDATE t SET a = [?] WHERE pk = 'a'": "Unsupported data type: Parameter under key root[0] at 1:19:1",
    "UPDATE t SET a = 1 WHERE pk = 'a' RETURNING ALL NEW": (
        "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause"
    ),
    "DELETE FROM t WHERE pk = 'a' RETURNING ALL NEW *": (
        "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."
    ),
}


@pytest.mark.parametrize(("text", "complaint"), MALFORMED.items())
def test_complaints(text: str, complaint: str) -> None:
    with pytest.raises(PartiqlError) as refused:
        parse(text)
    assert str(refused.value) == complaint


SIGNS = """* t " ' = 1 ? ( ) [ { , . - a << >> pk""".split()  # noqa: SIM905
KEYWORDS = "SELECT FROM WHERE SET UPDATE IN IS NOT INSERT INTO VALUE".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(SIGNS + KEYWORDS)))
def test_nothing_but_complaints(words: list[str]) -> None:
    with suppress(PartiqlError):
        parse(" ".join(words))
