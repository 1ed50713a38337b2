"""Checks of a template's form and names, parameters, and loops: tables of text and complaint."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.cloudformation import foreach, parameters, reader
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.plan import in_order
from panregion.services.cloudformation.references import cyclic
from panregion.services.cloudformation.template import parse

THING = "Resources: {A: {Type: T}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Description: nothing", "At least one Resources member must be defined."),
        (THING + "Extra: 1", r"Invalid template property or properties \[Extra\]"),
        ("Resources: {A-b: {Type: T}}", "Resource name A-b is non alphanumeric."),
        ("Resources: {A: {}}", r"\[/Resources/A\] Every Resources object must contain a Type member."),
        ("Resources: {A: x}", r"\[/Resources/A\] 'Resources' member must be an object"),
        ("Resources: {A: {Type: T, Propertys: {}}}", "Invalid template resource property 'Propertys'"),
        ("Resources: {A: {Type: T, DeletionPolicy: Keep}}", "Unrecognized DeletionPolicy Keep for resource A"),
        (
            "Resources: {A: {Type: T, Properties: {P: !Ref B}}}",
            r"Unresolved resource dependencies \[B\] in the Resources block of the template",
        ),
        ("Resources: {A: {Type: T, DependsOn: B}}", r"Unresolved resource dependencies \[B\] in the Resources block"),
        (
            "Resources: {A: {Type: T, Properties: {P: !Sub '${B.Arn}'}}}",
            r"Unresolved resource dependencies \[B\] in the Resources block",
        ),
        (THING + "Outputs: {O: {Value: !Ref B}}", r"Unresolved resource dependencies \[B\] in the Outputs block"),
        (THING + "Outputs: {O: {Description: d}}", "Every Outputs member must contain a Value object"),
        ("Resources: {A: {Type: T, Condition: C}}", r"Unresolved dependencies \[C\]. Cannot reference conditions"),
        (THING + "Conditions: {C: !Equals [!Ref A, x]}", r"Unresolved dependencies \[A\]"),
        (
            THING + "Conditions: {C: !Not [!Condition D], D: !Not [!Condition C]}",
            r"Circular dependency between conditions: \[C, D\]",
        ),
        ("Resources: {A: {Type: T, Properties: {P: !Ref A}}}", r"Circular dependency between resources: \[A\]"),
        (
            "Resources:\n  A: {Type: T, Properties: {P: !Ref B}}\n  B: {Type: T, Properties: {P: !GetAtt C.X}}\n"
            "  C: {Type: T, DependsOn: A}\n  D: {Type: T, DependsOn: A}",
            r"Circular dependency between resources: \[A, B, C\]",
        ),
    ],
)
def test_a_template_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        parse(text)


def test_a_resource_that_its_condition_leaves_out_cannot_be_used() -> None:
    template = parse(
        "Conditions: {C: !Equals [a, b]}\nResources:\n  A: {Type: T, Condition: C}\n"
        "  B: {Type: T, Properties: {P: !If [C, !Ref A, none]}}\n  D: {Type: T, Properties: {P: !Ref A}}"
    )
    with pytest.raises(ValidationError, match=r"Unresolved resource dependencies \[A\]"):
        template.needs(lambda _name: False)
    assert template.needs(lambda _name: True)["B"] == {"A"}


@given(st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 7), max_size=3)))
def test_order_and_cycles(edges: dict[int, set[int]]) -> None:
    graph = {str(node): {str(need) for need in needs if need in edges} for node, needs in edges.items()}
    bad = cyclic(graph)
    if bad:
        assert all(graph[name] & set(bad) for name in bad), "each on a cycle needs another on it"
        return
    order = in_order(graph)
    assert sorted(order) == sorted(graph)
    for name, needs in graph.items():
        assert all(order.index(need) < order.index(name) for need in needs)


@pytest.mark.parametrize(
    ("declaration", "value", "message"),
    [
        ("{Type: String, AllowedValues: [a, b]}", "c", r"Parameter 'P' must be one of AllowedValues \[a, b\]"),
        ("{Type: Number}", "x", "Parameter 'P' must be a number."),
        ("{Type: Number, MinValue: 3}", "2", "Parameter 'P' must be a number not less than 3"),
        ("{Type: Number, MaxValue: 3}", "4", "Parameter 'P' must be a number not greater than 3"),
        ("{Type: String, MinLength: 3}", "ab", "Parameter 'P' must contain at least 3 characters"),
        ("{Type: String, MaxLength: 3}", "abcd", "Parameter 'P' must contain at most 3 characters"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "A1", r"Parameter 'P' must match pattern \[a-z\]\+"),
        (
            "{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: lower case}",
            "A",
            "Parameter P failed to satisfy constraint: lower case",
        ),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,c", "must be one of AllowedValues"),
        ("{Type: Strange}", "x", "Unrecognized parameter type: Strange"),
        ("{Default: x}", "x", "Every Parameters object must contain a Type member"),
    ],
)
def test_a_parameter_is_refused(declaration: str, value: str, message: str) -> None:
    declared = reader.read(f"P: {declaration}")
    with pytest.raises(ValidationError, match=message):
        parameters.resolve(declared, {"P": value})


def test_parameters_missing_and_unknown() -> None:
    declared = reader.read("P: {Type: String}\nQ: {Type: Number, Default: 3}")
    with pytest.raises(ValidationError, match=r"Parameters: \[P\] must have values"):
        parameters.resolve(declared, {})
    with pytest.raises(ValidationError, match=r"Parameters: \[X\] do not exist in the template"):
        parameters.resolve(declared, {"P": "a", "X": "b"})
    assert parameters.resolve(declared, {"P": "a"}) == {"P": "a", "Q": "3"}


@pytest.mark.parametrize(
    ("kind", "value", "typed"),
    [
        ("String", "a,b", "a,b"),
        ("Number", "5", "5"),
        ("CommaDelimitedList", "a, b", ["a", "b"]),
        ("List<Number>", "1,2", ["1", "2"]),
        ("AWS::SSM::Parameter::Value<List<String>>", "a,b", ["a", "b"]),
        ("AWS::EC2::VPC::Id", "vpc-1", "vpc-1"),
        ("List<AWS::EC2::Subnet::Id>", "s-1,s-2", ["s-1", "s-2"]),
    ],
)
def test_what_ref_gives(kind: str, value: str, typed: Any) -> None:
    assert parameters.typed({"Type": kind}, value) == typed


def test_loops_are_unrolled() -> None:
    body = reader.read("""
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - "Topic${Name}":
        Type: T
        Properties:
          Name: !Ref Name
          Text: "for ${Name}"
          Fn::ForEach::Inner: [K, [X, "Y.1"], {"&{K}": "${Name}${K}"}]
  Other: {Type: T}
""")
    resources = foreach.expand(body, {"Names": ["A", "B"]})["Resources"]
    assert sorted(resources) == ["Other", "TopicA", "TopicB"]
    assert resources["TopicB"]["Properties"] == {"Name": "B", "Text": "for B", "X": "BX", "Y1": "BY.1"}
