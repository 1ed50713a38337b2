"""Every intrinsic function, as tables of template text and result."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.cloudformation import reader
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import NO_VALUE, Scope, evaluate

RESOURCES = {"Res": "physical"}
ATTRIBUTES = {("Res", "Arn"): "arn:x", ("Res", "Outputs.Url"): "http://u", ("Res", "List"): ["p", "q"]}
SCOPE = Scope(
    values={"P": "value", "N": "5", "L": ["a", "b", "c"], "AWS::Region": "eu-west-1", "AWS::StackName": "s"},
    mappings={"M": {"eu-west-1": {"Ami": "ami-1", "Zones": ["1a", "1b"]}}},
    conditions={"True1": True, "False1": False}.__getitem__,
    resource=RESOURCES.__getitem__,
    attribute=lambda name, attribute: ATTRIBUTES[name, attribute],
    export=lambda name: f"exported {name}",
    zones=lambda region: [f"{region}a", f"{region}b"],
)


def result(text: str) -> Any:
    return evaluate(reader.read(f"V: {text}")["V"], SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref P", "value"),
        ("!Ref Res", "physical"),
        ("!Ref L", ["a", "b", "c"]),
        ("{Ref: 'AWS::Region'}", "eu-west-1"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("{x: !Ref AWS::NoValue, y: 1}", {"y": 1}),
        ("!GetAtt Res.Arn", "arn:x"),
        ("!GetAtt Res.Outputs.Url", "http://u"),
        ("!GetAtt [Res, Arn]", "arn:x"),
        ("{Fn::GetAtt: Res.Arn}", "arn:x"),
        ("!Sub plain", "plain"),
        ('!Sub "${P}-${AWS::Region}-${Res}-${Res.Arn}"', "value-eu-west-1-physical-arn:x"),
        ('!Sub "${!Literal} and ${P}"', "${Literal} and value"),
        ('!Sub ["${own}/${P}", {own: !Ref N}]', "5/value"),
        ('!Sub ["${P}", {P: mine}]', "mine"),
        ('!Sub "${ P }"', "value"),
        ('!Sub "$P {P} $${P}"', "$P {P} $value"),
        ('!Join [",", [a, !Ref P, 3, true]]', "a,value,3,true"),
        ('!Join ["-", !Ref L]', "a-b-c"),
        ('!Join ["", []]', ""),
        ('!Join ["-", [a, !Ref AWS::NoValue, b]]', "a-b"),
        ("!Select [1, !Ref L]", "b"),
        ('!Select ["2", [x, y, z]]', "z"),
        ('!Split [",", "a,b,,c"]', ["a", "b", "", "c"]),
        ('!Select [0, !Split ["-", !Sub "${AWS::Region}"]]', "eu"),
        ("!FindInMap [M, !Ref AWS::Region, Ami]", "ami-1"),
        ("!Select [1, !FindInMap [M, eu-west-1, Zones]]", "1b"),
        ("!FindInMap [M, nowhere, Ami, {DefaultValue: !Ref P}]", "value"),
        ("!FindInMap [None, nowhere, Ami, {DefaultValue: d}]", "d"),
        ("!If [True1, a, b]", "a"),
        ("!If [False1, a, !Ref P]", "value"),
        ("!If [True1, a, !Ref Nobody]", "a"),
        ("{k: !If [False1, a, !Ref AWS::NoValue]}", {}),
        ("!Equals [!Ref P, value]", True),
        ("!Equals [!Ref N, 5]", True),
        ('!Equals [true, "true"]', True),
        ("!Equals [a, b]", False),
        ("!And [!Condition True1, !Not [!Condition False1]]", True),
        ("!And [!Condition True1, !Condition False1]", False),
        ("!Or [!Condition False1, !Equals [a, a]]", True),
        ("!Or [!Condition False1, !Condition False1]", False),
        ("!Base64 hello", "aGVsbG8="),
        ('!GetAZs ""', ["eu-west-1a", "eu-west-1b"]),
        ("!GetAZs us-east-1", ["us-east-1a", "us-east-1b"]),
        ("Fn::GetAZs: !Ref AWS::Region".join(("{", "}")), ["eu-west-1a", "eu-west-1b"]),
        ('!ImportValue {"Fn::Sub": "${AWS::StackName}-x"}', "exported s-x"),
        ("!Cidr [10.0.0.0/16, 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
        ("!Cidr [10.0.0.0/24, 2]", None),
        ("!Cidr ['fd00::/56', 2, 64]", ["fd00::/64", "fd00:0:0:1::/64"]),
        ("!Length [1, 2, 3]", 3),
        ("!Length {Ref: L}", 3),
        ("!ToJsonString {a: !Ref P, b: [1, true]}", '{"a":"value","b":[1,true]}'),
        ("{Fn::Contains: [[a, b], a]}", True),
        ("{Fn::EachMemberEquals: [[a, b], a]}", False),
        ("{Fn::EachMemberIn: [[a, b], [a, b, c]]}", True),
        ("{Condition: {StringEquals: {a: !Ref P}}}", {"Condition": {"StringEquals": {"a": "value"}}}),
        ("2012-10-17", "2012-10-17"),
        ("012345678901", "012345678901"),
        ("22:22", "22:22"),
        ("0755", 493),
        ("1.5", 1.5),
        ("~", None),
    ],
)
def test_result(text: str, expected: Any) -> None:
    if expected is None and text.startswith("!Cidr"):
        with pytest.raises(ValidationError, match="cannot hold 2 blocks"):
            result(text)
    else:
        assert result(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!Ref [a]", "every Ref object must have a single String value"),
        ("!GetAtt Res", "every Fn::GetAtt object requires two non-empty parameters"),
        ("!Sub [a, b, c]", "don't specify expected arguments"),
        ('!Sub "${a b}"', "variable names in Fn::Sub syntax"),
        ("!Sub '${L}'", "needs a string"),
        ("!Join a", "every Fn::Join object requires two parameters"),
        ("!Join [',', a]", "every Fn::Join object requires two parameters"),
        ("!Split [',']", "every Fn::Split object requires two parameters"),
        ("!Select [3, [a]]", "Fn::Select cannot select nonexistent value at index 3"),
        ("!Select [x, [a]]", "integer index"),
        ("!FindInMap [M, nowhere, Ami]", "Unable to get mapping for M::nowhere::Ami"),
        ("!FindInMap [X, a, b]", "Mapping named 'X' is not present"),
        ("!FindInMap [X, a]", "every Fn::FindInMap object requires three parameters"),
        ("!If [True1, a]", "Fn::If requires a list argument"),
        ("!Equals [a]", "every Fn::Equals object requires a list of 2"),
        ("!And [!Condition True1]", "at least 2 and at most 10"),
        ("!Not [a]", "must be true or false"),
        ("!Length abc", "Fn::Length requires a list"),
        ("{Fn::Magic: 1}", "unsupported function: Fn::Magic"),
        ("{Fn::Transform: {Name: 'AWS::Include'}}", "Fn::Transform with AWS::Include is not supported"),
    ],
)
def test_what_is_wrong_is_said_in_awss_words(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        result(text)


def test_no_value_alone_is_nothing() -> None:
    assert result("!Ref AWS::NoValue") is NO_VALUE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", r"YAML not well-formed. \(line 2, column 1\)"),
        ("a: !Magic x", r"YAML not well-formed. \(line 1, column 4\): unknown tag !Magic"),
        ('{"a": 1,}', "JSON not well-formed"),
        ("- a", "unsupported structure"),
        ("a: &x [*x]", "nested too deeply"),
    ],
)
def test_text_that_is_no_template(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        reader.read(text)


def test_lines_are_found_again() -> None:
    text = "Resources:\n  A:\n    Type: X\n    Properties:\n      L:\n        - a\n        - !Ref B\n"
    assert reader.line_of(text, ["Resources", "A", "Properties", "L", 1]) == 7
    assert reader.line_of(text, ["Resources", "A", "Properties", "None"]) == 4
    assert reader.line_of('{"Resources": {\n\t"A": {}}}', ["Resources", "A"]) == 2


_words = st.text("abc-/", min_size=1, max_size=5)


@given(st.lists(_words, min_size=1, max_size=6))
def test_split_undoes_join(words: list[str]) -> None:
    joined = evaluate({"Fn::Join": ["|", words]}, SCOPE)
    assert evaluate({"Fn::Split": ["|", joined]}, SCOPE) == words


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text("ab:{}[]!&*#,- ", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=12,
)


@given(_json)
def test_values_without_functions_stay_as_they_are(value: Any) -> None:
    assert evaluate(value, SCOPE) == value


@given(st.dictionaries(st.text("abc", min_size=1), _json, min_size=1, max_size=3))
def test_json_reads_the_same_as_yaml(value: dict[str, Any]) -> None:
    text = msgspec.json.encode(value).decode()
    assert reader.read(text) == value
    assert reader.read("# a comment makes it YAML\n" + text) == value
