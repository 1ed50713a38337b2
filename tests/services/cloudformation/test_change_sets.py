"""Change sets, parameters from elsewhere, queries: over resource types of our own."""

from typing import Any

import pytest

from panregion.services.cloudformation.errors import ChangeSetNotFound, InvalidChangeSetStatus, ValidationError
from tests.services.cloudformation.bench import Bench

ONE = "Resources:\n  A: {Type: Test::Thing, Properties: {Name: x, Value: 1}}\n"
USER = "  B: {Type: Test::Thing, Properties: {Value: !Ref A}}\n"


async def change(bench: Bench, template: str, kind: str = "UPDATE", **more: Any) -> dict[str, Any]:
    await bench.ask(
        "CreateChangeSet", StackName="s", ChangeSetName="c", TemplateBody=template, ChangeSetType=kind, **more
    )
    return await bench.ask("DescribeChangeSet", StackName="s", ChangeSetName="c")


def brief(found: dict[str, Any]) -> list[tuple[str, ...]]:
    changes = [one["ResourceChange"] for one in found["Changes"]]
    return [(one["Action"], one["LogicalResourceId"], one.get("Replacement", "")) for one in changes]


async def test_a_stack_made_by_change_set(bench: Bench) -> None:
    found = await change(bench, ONE + USER, "CREATE")
    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert brief(found) == [("Add", "A", ""), ("Add", "B", "")]
    assert (await bench.stack())["StackStatus"] == "REVIEW_IN_PROGRESS"
    await bench.ask("ExecuteChangeSet", StackName="s", ChangeSetName="c")
    await bench.settle()
    stack = await bench.stack()
    assert (stack["StackStatus"], stack["ChangeSetId"]) == ("CREATE_COMPLETE", found["ChangeSetId"])
    with pytest.raises(InvalidChangeSetStatus):
        await bench.ask("ExecuteChangeSet", ChangeSetName=found["ChangeSetId"])


async def test_what_would_change_and_how(bench: Bench) -> None:
    await bench.create(ONE + USER + "  C: {Type: Test::Thing}\n  F: {Type: Test::Fixed, Properties: {Value: 1}}")
    found = await change(
        bench, ONE.replace("Name: x", "Name: y") + USER + "  D: {Type: Test::Thing}\n  F: {Type: Test::Fixed, "
        "Properties: {Value: 1}, Metadata: {note: 1}}",
    )  # fmt: skip
    assert brief(found) == [
        ("Modify", "A", "True"), ("Modify", "B", "False"), ("Add", "D", ""), ("Modify", "F", "False"),
        ("Remove", "C", ""),
    ]  # fmt: skip
    a, b, _, f, _ = (one["ResourceChange"] for one in found["Changes"])
    assert a["Details"][0]["Target"] == {"Attribute": "Properties", "Name": "Name", "RequiresRecreation": "Always"}
    assert b["Details"][0]["Evaluation"] == "Dynamic"
    assert f["Scope"] == ["Metadata"]
    await bench.ask("ExecuteChangeSet", StackName="s", ChangeSetName="c")
    await bench.settle()
    assert (await bench.stack())["StackStatus"] == "UPDATE_COMPLETE"
    assert len(bench.cloud.things) == 4


async def test_no_changes_is_a_failed_change_set_in_awss_words(bench: Bench) -> None:
    await bench.create(ONE)
    found = await change(bench, ONE)
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"] == (
        "The submitted information didn't contain changes. Submit different information to create a change set."
    )


async def test_a_type_cannot_change(bench: Bench) -> None:
    await bench.create(ONE)
    with pytest.raises(ValidationError, match=r"Update of resource type is not permitted.*\[A\]"):
        await change(bench, "Resources: {A: {Type: Test::Fixed, Properties: {Value: 1}}}")


async def test_change_sets_are_listed_and_deleted(bench: Bench) -> None:
    await bench.create(ONE)
    await change(bench, ONE + USER)
    assert [one["ChangeSetName"] for one in (await bench.ask("ListChangeSets", StackName="s"))["Summaries"]] == ["c"]
    await bench.ask("DeleteChangeSet", StackName="s", ChangeSetName="c")
    with pytest.raises(ChangeSetNotFound, match=r"ChangeSet \[c\] does not exist"):
        await bench.ask("DescribeChangeSet", StackName="s", ChangeSetName="c")


async def test_an_update_needs_a_stack(bench: Bench) -> None:
    with pytest.raises(ValidationError, match="Stack with id s does not exist"):
        await change(bench, ONE)


async def test_parameters_from_ssm_and_dynamic_references(bench: Bench) -> None:
    for name, value, kind in (
        ("/v", "looked up", "String"),
        ("/v:2", "second", "String"),
        ("/s", "pw", "SecureString"),
    ):
        bench.dispatch.answers["ssm", "GetParameter", name] = {"Parameter": {"Value": value, "Type": kind}}
    await bench.create("""
Parameters:
  P: {Type: "AWS::SSM::Parameter::Value<String>", Default: /v}
  Secret: {Type: String, NoEcho: true, Default: hush}
Resources:
  A:
    Type: Test::Thing
    Properties: {Value: !Ref P, Name: "{{resolve:ssm:/v:2}}!", Other: ["{{resolve:ssm-secure:/s}}"]}
""")
    [thing] = bench.cloud.things.values()
    assert thing == {"Value": "looked up", "Name": "second!", "Other": ["pw"]}
    shown = (await bench.stack())["Parameters"]
    assert shown[0] == {"ParameterKey": "P", "ParameterValue": "/v", "ResolvedValue": "looked up"}
    assert shown[1]["ParameterValue"] == "****"
    with pytest.raises(ValidationError, match=r"\[ssm:/none\] could not be resolved"):
        await bench.create("Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /none}}\n" + ONE, "t")


async def test_a_reference_that_cannot_be_resolved_fails_the_resource(bench: Bench) -> None:
    stack = await bench.create(
        "Resources: {A: {Type: Test::Thing, Properties: {Value: '{{resolve:secretsmanager:x}}'}}}"
    )
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = (await bench.ask("DescribeStackEvents", StackName="s"))["StackEvents"]
    assert any("resolve:secretsmanager:x" in event.get("ResourceStatusReason", "") for event in events)


async def test_rules_are_held(bench: Bench) -> None:
    rules = "Rules: {R: {RuleCondition: !Equals [!Ref P, prod], Assertions: [{Assert: !Contains [[a], !Ref Q], "
    rules += "AssertDescription: not in prod}]}}\nParameters: {P: {Type: String}, Q: {Type: String, Default: b}}\n"
    given: dict[str, Any] = {"Parameters": [{"ParameterKey": "P", "ParameterValue": "prod"}]}
    with pytest.raises(ValidationError, match="Template Validation Error: not in prod"):
        await bench.create(rules + ONE, **given)
    given["Parameters"][0]["ParameterValue"] = "test"
    assert (await bench.create(rules + ONE, **given))["StackStatus"] == "CREATE_COMPLETE"


async def test_templates_can_be_asked_for(bench: Bench) -> None:
    text = (
        "Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::L': [I, [A, B], {'${I}': {Type: Test::Thing}}]}"
    )
    await bench.create(text, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert (await bench.ask("GetTemplate", StackName="s"))["TemplateBody"] == text
    processed = (await bench.ask("GetTemplate", StackName="s", TemplateStage="Processed"))["TemplateBody"]
    assert processed == '{"Resources":{"A":{"Type":"Test::Thing"},"B":{"Type":"Test::Thing"}}}'
    summary = await bench.ask("GetTemplateSummary", TemplateBody="Parameters: {P: {Type: Number, Default: 3}}\n" + ONE)
    assert summary["Parameters"][0]["DefaultValue"] == "3"
    assert summary["ResourceTypes"] == ["Test::Thing"]
    assert (await bench.ask("ValidateTemplate", TemplateBody=ONE))["Capabilities"] == []


async def test_a_template_from_s3(bench: Bench) -> None:
    bench.dispatch.answers["s3", "GetObject", "k/t.yaml"] = {"Body": ONE.encode()}
    for url in (
        "https://s3.us-east-1.amazonaws.com/b/k/t.yaml",
        "https://b.s3.amazonaws.com/k/t.yaml",
        "http://127.0.0.1:4566/b/k/t.yaml",
    ):
        assert (await bench.ask("ValidateTemplate", TemplateURL=url))["Parameters"] == []
    with pytest.raises(ValidationError, match="S3 error"):
        await bench.ask("ValidateTemplate", TemplateURL="https://s3.amazonaws.com/b/none")


async def test_a_stack_in_review_can_be_deleted(bench: Bench) -> None:
    await change(bench, ONE, "CREATE")
    assert (await bench.delete())["StackStatus"] == "DELETE_COMPLETE"
