"""Updates and projections: complaints, known results, and that nothing but the result changes."""

import copy
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.dynamodb import (
    DynamoDbLanguageError,
    ExpressionError,
    Item,
    UpdateFailed,
    Value,
    compile_projection,
    compile_update,
)
from tests.languages.dynamodb.values import items, values

NAMES = (("#a", "a"), ("#d", "dash-ed"))
VALUES: dict[str, Value] = {
    ":one": {"N": "1"},
    ":s": {"S": "s"},
    ":l": {"L": [{"S": "new"}]},
    ":ss": {"SS": ["q", "r"]},
    ":m": {"M": {}},
}
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
NO_PATH = "The document path provided in the update expression is invalid for update"


def update(text: str, item: Item) -> Item:
    compiled = compile_update(text, NAMES)
    compiled.check(VALUES)
    return compiled.apply(item, VALUES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "The expression can not be empty;"),
        ("INVALID SYNTAX HERE", 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'),
        ("ADD hits : incr", 'Syntax error; token: ":", near: "hits : incr"'),
        ("SET path1 = VALUE 1", 'Syntax error; token: "1", near: "VALUE 1"'),
        ("set {0}", 'Syntax error; token: "{", near: "set {0"'),
        ("REMOVE #a, #, #d", 'Syntax error; token: "#", near: ", #,"'),
        ("SET a = :s SET b = :s", 'The "SET" section can only be used once in an update expression;'),
        ("SET status = :s", "Attribute name is a reserved keyword; reserved keyword: status"),
        ("SET a = nope(b)", "Invalid function name; function: nope"),
        (
            "SET #x = :s",
            "An expression attribute name used in the document path is not defined; attribute name: #x",
        ),
        (
            "SET a = :v",
            "An expression attribute value used in expression is not defined; attribute value: :v",
        ),
        (
            "SET a = :s, a.b = :s",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            "path one: [a], path two: [a, b]",
        ),
        (
            "SET a.b = :s, #a[1] = :s",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; "
            "path one: [a, b], path two: [a, [1]]",
        ),
        (
            "ADD a :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
            "typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "DELETE a :one",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, "
            "typeSet: ALLOWED_FOR_DELETE_OPERAND",
        ),
        (
            "SET a = b + :s",
            "Incorrect operand type for operator or function; operator or function: +, operand type: S",
        ),
        (
            "SET a = list_append(b, :s)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: S",
        ),
        (
            "SET a = if_not_exists(:s, :s)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        (
            "SET a = list_append(b)",
            "Incorrect number of operands for operator or function; "
            "operator or function: list_append, number of operands: 1",
        ),
    ],
)
def test_complaints(text: str, complaint: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        update(text, {})
    assert str(refused.value) == complaint


ITEM: Item = {
    "n": {"N": "5"},
    "s": {"S": "text"},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]},
    "m": {"M": {"x": {"N": "1"}, "deep": {"L": [{"M": {"y": {"S": "y"}}}]}}},
    "ss": {"SS": ["p", "q"]},
}


def n(*numbers: int) -> Value:
    return {"L": [{"N": str(number)} for number in numbers]}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("SET a = :s", {"a": {"S": "s"}}),
        ("SET n = n + :one", {"n": {"N": "6"}}),
        ("SET n = n - n", {"n": {"N": "0"}}),
        ("SET a = (n + :one)", {"a": {"N": "6"}}),
        ("SET a = if_not_exists(a, :one) + :one", {"a": {"N": "2"}}),
        ("SET a = if_not_exists(n, absent)", {"a": {"N": "5"}}),
        ("SET n = s, s = n", {"n": {"S": "text"}, "s": {"N": "5"}}),
        ("SET l = list_append(:l, l)", {"l": {"L": [{"S": "new"}, *n(0, 1, 2)["L"]]}}),
        ("SET l[1] = :s", {"l": {"L": [{"N": "0"}, {"S": "s"}, {"N": "2"}]}}),
        ("SET l[9] = :s, l[5] = :one", {"l": {"L": [*n(0, 1, 2)["L"], {"N": "1"}, {"S": "s"}]}}),
        ("SET l[1] = :one REMOVE l[0], l[2]", {"l": n(1)}),
        ("REMOVE l[7]", {}),
        ("REMOVE absent, s", {"s": None}),
        ("SET m.x = :s", {"m": {"M": {**ITEM["m"]["M"], "x": {"S": "s"}}}}),
        ("REMOVE m.deep[0].y", {"m": {"M": {"x": {"N": "1"}, "deep": {"L": [{"M": {}}]}}}}),
        ("ADD n :one, a :one", {"n": {"N": "6"}, "a": {"N": "1"}}),
        ("ADD ss :ss", {"ss": {"SS": ["p", "q", "r"]}}),
        ("ADD m.y :one", {"m": {"M": {**ITEM["m"]["M"], "y": {"N": "1"}}}}),
        ("DELETE ss :ss", {"ss": {"SS": ["p"]}}),
        ("delete absent :ss", {}),
        ("SET #d = :s", {"dash-ed": {"S": "s"}}),
    ],
)
def test_known_results(text: str, changed: dict[str, Value | None]) -> None:
    before = copy.deepcopy(ITEM)
    expected = {name: value for name, value in {**ITEM, **changed}.items() if value is not None}
    assert update(text, ITEM) == expected
    assert before == ITEM, "the item that was there is not changed in place"


def test_a_set_that_loses_its_last_member_is_removed() -> None:
    assert update("DELETE ss :ss", {"ss": {"SS": ["q"]}}) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SET a = absent", "The provided expression refers to an attribute that does not exist in the item"),
        ("SET a = s + :one", WRONG_TYPE),
        ("SET a = list_append(n, :l)", WRONG_TYPE),
        ("ADD s :one", WRONG_TYPE),
        ("ADD s :ss", WRONG_TYPE),
        ("DELETE n :ss", WRONG_TYPE),
        ("SET absent.x = :s", NO_PATH),
        ("SET s.x = :s", NO_PATH),
        ("SET m[0] = :s", NO_PATH),
        ("SET l.x = :s", NO_PATH),
        ("REMOVE absent.x", NO_PATH),
    ],
)
def test_failures(text: str, complaint: str) -> None:
    with pytest.raises(UpdateFailed) as failed:
        update(text, ITEM)
    assert str(failed.value) == complaint


@given(st.text("ab#:()=+- SETADDREMOV,.[]01", max_size=30), items, values)
def test_whatever_is_asked_is_done_or_refused(text: str, item: Item, value: Value) -> None:
    before = copy.deepcopy(item)
    given_values = {":a": value, ":b": value}
    with suppress(DynamoDbLanguageError):
        compiled = compile_update(text, (("#a", "a"),))
        compiled.check(given_values)
        compiled.apply(item, given_values)
    assert item == before


def project(text: str, item: Item) -> Item:
    return compile_projection(text, NAMES).project(item)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("n, absent", {"n": {"N": "5"}}),
        ("l[2], l[0]", {"l": n(0, 2)}),
        ("m.deep[0].y", {"m": {"M": {"deep": {"L": [{"M": {"y": {"S": "y"}}}]}}}}),
        ("m.x, m.deep[0]", {"m": {"M": {"x": {"N": "1"}, "deep": {"L": [{"M": {"y": {"S": "y"}}}]}}}}),
        ("l[9]", {}),
        ("l.x", {}),
    ],
)
def test_projections(text: str, result: Item) -> None:
    assert project(text, ITEM) == result


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a, ,b", 'Syntax error; token: ",", near: ", ,b"'),
        ("user-id", 'Syntax error; token: "-", near: "user-id"'),
        ("a, name", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "a, #a",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            "path one: [a], path two: [a]",
        ),
    ],
)
def test_refused_projections(text: str, complaint: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        project(text, ITEM)
    assert str(refused.value) == complaint
