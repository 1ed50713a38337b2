"""Conditions: AWS's complaints, known answers, and random ones against a naive interpreter."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.dynamodb import ExpressionError, Item, Value, compile_condition, same
from tests.languages.dynamodb.values import NAMES, items, scalars

REDUNDANT = "The expression has redundant parentheses;"
UNDEFINED_NAME = "An expression attribute name used in the document path is not defined; attribute name: "
UNDEFINED_VALUE = "An expression attribute value used in expression is not defined; attribute value: "
WRONG_TYPE = "Incorrect operand type for operator or function; operator or function: "


def ask(text: str, item: Item, names: dict[str, str] | None = None, **values: Value) -> bool:
    given_values = {f":{name}": value for name, value in values.items()}
    predicate = compile_condition(text, tuple((names or {}).items()))
    predicate.check(given_values)
    return predicate.evaluate(item, given_values)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "The expression can not be empty;"),
        ("  ", "The expression can not be empty;"),
        ("foo", 'Syntax error; token: "<EOF>", near: "foo"'),
        ("a = ", 'Syntax error; token: "<EOF>", near: "="'),
        ("a b", 'Syntax error; token: "b", near: "a b"'),
        ("a = :s and", 'Syntax error; token: "<EOF>", near: "and"'),
        ("a = {0}", 'Syntax error; token: "{", near: "= {0"'),
        ("a-b = :s", 'Syntax error; token: "-", near: "a-b"'),
        ("a = :s)", 'Syntax error; token: ")", near: ":s)"'),
        ("((a = :s))", REDUNDANT),
        ("((a)) = :s", REDUNDANT),
        ("nope(a)", "Invalid function name; function: nope"),
        ("Size(a) = :n", "Invalid function name; function: Size"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        (
            "contains(a, :s) = :s",
            "The function is not allowed to be used this way in an expression; function: contains",
        ),
        ("name = :s", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("a.Status = :s", "Attribute name is a reserved keyword; reserved keyword: Status"),
        ("#x = :s", UNDEFINED_NAME + "#x"),
        ("a = :nope", UNDEFINED_VALUE + ":nope"),
        ("a = :s AND b = :nope AND #x = :s", UNDEFINED_VALUE + ":nope"),
        (
            "attribute_exists(a, b)",
            "Incorrect number of operands for operator or function; "
            "operator or function: attribute_exists, number of operands: 2",
        ),
        (
            "attribute_exists(:s)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "a = a",
            "The first operand must be distinct from the remaining operands for this operator or function; "
            "operator: =, first operand: [a]",
        ),
        (
            "contains(a[1].b, a[1].b)",
            "The first operand must be distinct from the remaining operands for this operator or function; "
            "operator: contains, first operand: [a, [1], b]",
        ),
        ("begins_with(a, :n)", WRONG_TYPE + "begins_with, operand type: N"),
        ("size(:n) = :n", WRONG_TYPE + "size, operand type: N"),
        ("attribute_type(a, :n)", WRONG_TYPE + "attribute_type, operand type: N"),
        (
            "attribute_type(a, :s)",
            "Invalid attribute type name found; type: s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        ("a < :m", WRONG_TYPE + "<, operand type: M"),
        (
            "a BETWEEN :n AND :s",
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
            "AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:s}",
        ),
        (
            "a BETWEEN :n AND :z",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound "
            "operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {N:0}",
        ),
        ("a" * 4100 + " = :s", "Expression size has exceeded the maximum allowed size; expression size: 4105"),
    ],
)
def test_complaints(text: str, complaint: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        ask(text, {}, s={"S": "s"}, n={"N": "1"}, z={"N": "0"}, m={"M": {}})
    assert str(refused.value) == complaint


ITEM: Item = {
    "a": {"S": "hello"},
    "n": {"N": "5"},
    "l": {"L": [{"S": "x"}, {"M": {"k": {"N": "7"}}}]},
    "ss": {"SS": ["p", "q"]},
    "b": {"B": "AQID"},
    "t": {"BOOL": True},
    "dash-ed": {"S": "d"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = :hello", True),
        (":hello = a", True),
        ("a <> :five", True),
        ("absent <> :five", True),
        ("absent = :five", False),
        ("n < :ten and n > :one", True),
        ("n between :one and :ten", True),
        ("NOT n = :five", False),
        ("NOT (n = :one OR n = :ten)", True),
        ("n = :one OR n = :five AND a = :five", False),
        ("n IN (:one, :five)", True),
        ("(n) = (:five)", True),
        ("l[1].k > :five", True),
        ("l[7] = :five", False),
        ("attribute_exists(l[1].k)", True),
        ("attribute_not_exists(l.k)", True),
        ("attribute_type(l, :list)", True),
        ("begins_with(a, :he)", True),
        ("begins_with(b, :bytes)", True),
        ("contains(a, :he)", True),
        ("contains(ss, :p)", True),
        ("contains(ss, :five)", False),
        ("contains(l, :x)", True),
        ("size(a) = :five", True),
        ("size(l) < size(a)", True),
        ("size(n) = :five", False),
        ("size(absent) < :five", False),
        ("t = :true", True),
        ("#dash = :d", True),
        ("a > :five", False),
    ],
)
def test_known_answers(text: str, expected: bool) -> None:
    values: dict[str, Value] = {
        "hello": {"S": "hello"},
        "he": {"S": "he"},
        "p": {"S": "p"},
        "x": {"S": "x"},
        "d": {"S": "d"},
        "list": {"S": "L"},
        "one": {"N": "1"},
        "five": {"N": "5"},
        "ten": {"N": "10"},
        "bytes": {"B": "AQI="},
        "true": {"BOOL": True},
    }
    assert ask(text, ITEM, {"#dash": "dash-ed"}, **values) is expected


# A naive interpreter of nested tuples, written from the developer guide


def naive(tree: Any, item: Item, values: dict[str, Value]) -> bool:
    match tree:
        case ("AND", left, right):
            return naive(left, item, values) and naive(right, item, values)
        case ("OR", left, right):
            return naive(left, item, values) or naive(right, item, values)
        case ("NOT", inner):
            return not naive(inner, item, values)
        case ("exists", name):
            return name in item
        case ("contains", name, value):
            return naive_contains(item.get(name), values[value])
        case (operator, name, value):
            return naive_compare(operator, item.get(name), values[value])
    raise AssertionError(tree)


def naive_compare(operator: str, left: Value | None, right: Value) -> bool:
    equal = left is not None and same(left, right)
    if operator in ("=", "<>"):
        return equal if operator == "=" else not equal
    if left is None or left.keys() != right.keys():
        return False
    (kind,) = left
    if kind not in ("S", "N"):
        return False
    one: Any = int(left[kind]) if kind == "N" else left[kind].encode()
    other: Any = int(right[kind]) if kind == "N" else right[kind].encode()
    return bool({"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator])


def naive_contains(container: Value | None, part: Value) -> bool:
    match container, part:
        case {"S": text}, {"S": inner}:
            return inner in text
        case {"SS": members}, {"S": inner}:
            return inner in members
        case {"NS": members}, {"N": inner}:
            return inner in members
        case {"L": elements}, _:
            return any(same(element, part) for element in elements)
    return False


plain_values = st.sampled_from([{"S": "a"}, {"S": ""}, {"N": "0"}, {"N": "3"}])
leaves = st.one_of(
    st.tuples(
        st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.sampled_from(NAMES), st.sampled_from([":p", ":q"])
    ),
    st.tuples(st.just("exists"), st.sampled_from(NAMES)),
    st.tuples(st.just("contains"), st.sampled_from(NAMES), st.just(":p")),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.tuples(st.sampled_from(["AND", "OR"]), inner, inner), st.tuples(st.just("NOT"), inner)),
    max_leaves=6,
)


def show(tree: Any) -> str:
    match tree:
        case ("AND" | "OR" as word, left, right):
            return f"({show(left)}) {word} ({show(right)})"
        case ("NOT", inner):
            return f"NOT ({show(inner)})"
        case ("exists", name):
            return f"attribute_exists({name})"
        case ("contains", name, value):
            return f"contains({name}, {value})"
        case (operator, name, value):
            return f"{name} {operator} {value}"
    raise AssertionError(tree)


@given(trees, items, plain_values, plain_values)
def test_against_a_naive_interpreter(tree: Any, item: Item, p: Value, q: Value) -> None:
    assert ask(show(tree), item, p=p, q=q) is naive(tree, item, {":p": p, ":q": q})


@given(st.text("ab#:()=<> ANDORINTBEWsize,.[]0", max_size=30), items, scalars)
def test_whatever_is_asked_is_answered_or_refused(text: str, item: Item, value: Value) -> None:
    with suppress(ExpressionError):
        ask(text, item, {"#a": "a"}, a=value, b=value)
