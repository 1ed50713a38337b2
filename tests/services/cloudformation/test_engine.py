"""Stacks from one state to the next, over resource types of our own."""

from dataclasses import replace
from typing import Any

import pytest

from panregion.services.cloudformation.errors import (
    AlreadyExistsException,
    InsufficientCapabilitiesException,
    ValidationError,
)
from panregion.services.cloudformation.steps import custom_name
from tests.services.cloudformation.bench import FIXED, Bench, Cloud

CHAIN = """
Parameters:
  V: {Type: String, Default: one}
Resources:
  A: {Type: Test::Thing, Properties: {Value: !Ref V}}
  B: {Type: Test::Thing, Properties: {Value: !Sub "b-${V}-${A}", Other: !GetAtt A.Arn}}
  C: {Type: Test::Thing, DependsOn: B, Properties: {Value: c}}
Outputs:
  Arn: {Value: !GetAtt B.Arn, Export: {Name: !Sub "${AWS::StackName}-arn"}}
  Size: {Value: !GetAtt B.Nested.Size}
"""


async def test_create_makes_resources_in_order_and_tells_of_each(bench: Bench) -> None:
    stack = await bench.create(CHAIN)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert bench.cloud.log == ["create A", "create B", "create C"]
    assert await bench.events() == [
        "s CREATE_IN_PROGRESS",
        *("A CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS", "A CREATE_COMPLETE"),
        *("B CREATE_IN_PROGRESS", "B CREATE_IN_PROGRESS", "B CREATE_COMPLETE"),
        *("C CREATE_IN_PROGRESS", "C CREATE_IN_PROGRESS", "C CREATE_COMPLETE"),
        "s CREATE_COMPLETE",
    ]
    [resource] = (await bench.ask("DescribeStackResources", StackName="s", LogicalResourceId="A"))["StackResources"]
    assert (await bench.outputs())["Size"] == "2"
    assert f"b-one-{resource['PhysicalResourceId']}" in bench.cloud.values


async def test_a_failed_creation_is_rolled_back(bench: Bench) -> None:
    bench.cloud.fails.add(("create", "B"))
    stack = await bench.create(CHAIN)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert bench.cloud.things == {}
    events = (await bench.ask("DescribeStackEvents", StackName="s"))["StackEvents"]
    [failed] = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert 'Resource handler returned message: "cannot create B"' in failed["ResourceStatusReason"]
    with pytest.raises(ValidationError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        await bench.update(CHAIN)


@pytest.mark.parametrize(
    ("how", "status", "left"),
    [
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED", 1),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE", 0),
        ({"DisableRollback": True}, "CREATE_FAILED", 1),
    ],
)
async def test_what_a_failure_leads_to_is_the_callers_choice(
    bench: Bench, how: dict[str, str], status: str, left: int
) -> None:
    bench.cloud.fails.add(("create", "B"))
    made = await bench.ask("CreateStack", StackName="s", TemplateBody=CHAIN, **how)
    await bench.settle()
    assert (await bench.stack(made["StackId"]))["StackStatus"] == status
    assert len(bench.cloud.things) == left


async def test_update_changes_replaces_adds_and_removes(bench: Bench) -> None:
    await bench.create(
        "Resources:\n  A: {Type: Test::Thing, Properties: {Name: x, Value: 1}}\n"
        "  B: {Type: Test::Thing, Properties: {Value: !Ref A}}\n  C: {Type: Test::Thing}"
    )
    bench.cloud.log.clear()
    stack = await bench.update(
        "Resources:\n  A: {Type: Test::Thing, Properties: {Name: y, Value: 1}}\n"
        "  B: {Type: Test::Thing, Properties: {Value: !Ref A}}\n  D: {Type: Test::Thing}"
    )
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    # Create the new before deleting the old, and what uses it in between.
    assert set(bench.cloud.log[:3]) == {"create A", "create D", "update B"}
    assert sorted(bench.cloud.log[3:]) == ["delete A", "delete C"]
    found = (await bench.ask("ListStackResources", StackName="s"))["StackResourceSummaries"]
    assert [one["LogicalResourceId"] for one in found] == ["A", "B", "D"]
    assert len(bench.cloud.things) == 3


async def test_a_failed_update_is_undone(bench: Bench) -> None:
    await bench.create("Resources:\n  A: {Type: Test::Thing, Properties: {Value: 1}}\n"
                       "  R: {Type: Test::Thing, Properties: {Name: x, Value: r}}")  # fmt: skip
    before = dict(bench.cloud.things)
    bench.cloud.fails.add(("create", "Z"))
    stack = await bench.update(
        "Resources:\n  A: {Type: Test::Thing, Properties: {Value: 2}}\n"
        "  R: {Type: Test::Thing, Properties: {Name: y, Value: r}}\n"
        "  N: {Type: Test::Thing, DependsOn: [A, R]}\n  Z: {Type: Test::Thing, DependsOn: N}"
    )
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert bench.cloud.things == before
    found = (await bench.ask("ListStackResources", StackName="s"))["StackResourceSummaries"]
    assert [one["LogicalResourceId"] for one in found] == ["A", "R"]
    assert (await bench.update("Resources:\n  A: {Type: Test::Thing, Properties: {Value: 3}}"))["StackStatus"] == (
        "UPDATE_COMPLETE"
    )


async def test_nothing_to_update_is_refused_in_awss_words(bench: Bench) -> None:
    await bench.create(CHAIN)
    with pytest.raises(ValidationError, match=r"^ValidationError: No updates are to be performed\.$"):
        await bench.update(CHAIN)
    assert (await bench.update(CHAIN.replace("Size:", "Big:")))["StackStatus"] == "UPDATE_COMPLETE"


async def test_a_parameter_may_keep_its_value(bench: Bench) -> None:
    await bench.create(CHAIN, Parameters=[{"ParameterKey": "V", "ParameterValue": "two"}])
    stack = await bench.update(
        CHAIN.replace("Value: c", "Value: d"), Parameters=[{"ParameterKey": "V", "UsePreviousValue": True}]
    )
    assert stack["Parameters"] == [{"ParameterKey": "V", "ParameterValue": "two"}]
    assert "two" in bench.cloud.values


async def test_delete_goes_backwards_and_keeps_what_is_to_be_kept(bench: Bench) -> None:
    await bench.create(CHAIN.replace("C: {", "C: {DeletionPolicy: Retain, "))
    bench.cloud.log.clear()
    stack = await bench.delete()
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    assert bench.cloud.log == ["delete B", "delete A"]
    assert bench.cloud.values == ["c"]
    with pytest.raises(ValidationError, match="Stack with id s does not exist"):
        await bench.stack("s")


async def test_a_deletion_that_fails_can_be_taken_up_again(bench: Bench) -> None:
    await bench.create(CHAIN)
    bench.cloud.fails.add(("delete", "B"))
    assert (await bench.delete())["StackStatus"] == "DELETE_FAILED"
    assert len(bench.cloud.things) == 2, "A is needed by B and stays"
    await bench.ask("DeleteStack", StackName="s", RetainResources=["B"])
    await bench.settle()
    assert len(bench.cloud.things) == 1


async def test_an_export_in_use_stays(bench: Bench) -> None:
    await bench.create(CHAIN)
    user = "Resources:\n  U: {Type: Test::Thing, Properties: {Value: !ImportValue s-arn}}"
    await bench.create(user, "user")
    assert (await bench.outputs())["Arn"] in bench.cloud.values
    assert (await bench.ask("ListImports", ExportName="s-arn"))["Imports"] == ["user"]
    with pytest.raises(ValidationError, match="Export s-arn cannot be deleted as it is in use by user"):
        await bench.ask("DeleteStack", StackName="s")
    assert (await bench.update(CHAIN.split("Outputs")[0]))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    await bench.delete("user")
    assert (await bench.delete())["StackStatus"] == "DELETE_COMPLETE"
    assert (await bench.ask("ListExports"))["Exports"] == []


async def test_an_export_belongs_to_one_stack(bench: Bench) -> None:
    template = "Resources: {A: {Type: Test::Thing}}\nOutputs: {O: {Value: !Ref A, Export: {Name: n}}}"
    await bench.create(template)
    assert (await bench.create(template, "t"))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("Export with name n is already exported by stack s" in str(event) for event in
               (await bench.ask("DescribeStackEvents", StackName="t"))["StackEvents"])  # fmt: skip


async def test_a_delete_overtakes_a_create(bench: Bench) -> None:
    async def interrupt(action: str, name: str) -> None:
        if (action, name) == ("create", "B"):
            await bench.ask("DeleteStack", StackName="s")

    bench.cloud.pause = interrupt
    made = await bench.ask("CreateStack", StackName="s", TemplateBody=CHAIN)
    await bench.settle()
    assert (await bench.stack(made["StackId"]))["StackStatus"] == "DELETE_COMPLETE"
    assert bench.cloud.things == {}
    assert "create C" not in bench.cloud.log


async def test_an_update_can_be_cancelled(bench: Bench) -> None:
    await bench.create(CHAIN)
    before = dict(bench.cloud.things)

    async def interrupt(action: str, name: str) -> None:
        if (action, name) == ("update", "A"):
            bench.cloud.pause = None
            await bench.ask("CancelUpdateStack", StackName="s")

    bench.cloud.pause = interrupt
    stack = await bench.update(CHAIN, Parameters=[{"ParameterKey": "V", "ParameterValue": "two"}])
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert bench.cloud.things == before


async def test_a_rollback_that_fails_can_be_continued(bench: Bench) -> None:
    template = "Resources:\n  A: {Type: Test::Thing, Properties: {Value: %s}}\n  Z: {Type: Test::Thing, DependsOn: A, "
    template += "Properties: {Value: %s}}"
    await bench.create(template % (1, 1))
    bench.cloud.fails.add(("update", "Z"))
    stack = await bench.update(template % (2, 2))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    bench.cloud.fails.clear()
    await bench.ask("ContinueUpdateRollback", StackName="s")
    await bench.settle()
    assert (await bench.stack())["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert bench.cloud.values == ["1", "1"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "Resources:\n  A:\n    Type: AWS::Foo::Bar",
            r"Template format error: Unrecognized resource types: \[AWS::Foo::Bar\]. A is AWS::Foo::Bar \(line 3\)"
            r".*Types that exist here: .*Test::Thing",
        ),
        ("Resources:\n  A:\n    Type: Test::Thing\n    Properties:\n      Speling: 1", r"unsupported property Speling. "
         r"Resource A \(line 5\) is Test::Thing"),
        ("Resources: {A: {Type: Test::Fixed}}", r"resource A with message: #: required key \[Value\] not found"),
        ("Resources: {A: {Type: Test::Thing, DependsOn: B}, B: {Type: Test::Thing, DependsOn: A}}",
         r"Circular dependency between resources: \[A, B\]"),
        ("Transform: My::Macro\nResources: {A: {Type: Test::Thing}}", r"Transform My::Macro \(line 1\)"),
    ],
)  # fmt: skip
async def test_a_bad_template_creates_nothing(bench: Bench, template: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        await bench.create(template)
    assert (await bench.ask("ListStacks"))["StackSummaries"] == []


async def test_a_name_is_used_once(bench: Bench) -> None:
    await bench.create(CHAIN)
    with pytest.raises(AlreadyExistsException, match=r"Stack \[s\] already exists"):
        await bench.create(CHAIN)


async def test_iam_wants_to_be_acknowledged(bench: Bench) -> None:
    template = "Resources: {R: {Type: AWS::IAM::Role}}"
    with pytest.raises(InsufficientCapabilitiesException, match=r"Requires capabilities : \[CAPABILITY_IAM\]"):
        await bench.create(template)
    assert (await bench.create(template, Capabilities=["CAPABILITY_NAMED_IAM"]))["StackStatus"] == "CREATE_COMPLETE"


async def test_termination_protection_holds(bench: Bench) -> None:
    await bench.create(CHAIN, EnableTerminationProtection=True)
    with pytest.raises(ValidationError, match="TerminationProtection is enabled"):
        await bench.ask("DeleteStack", StackName="s")
    await bench.ask("UpdateTerminationProtection", StackName="s", EnableTerminationProtection=False)
    assert (await bench.delete())["StackStatus"] == "DELETE_COMPLETE"


async def test_the_same_token_asks_for_the_same_stack(bench: Bench) -> None:
    first = await bench.ask("CreateStack", StackName="s", TemplateBody=CHAIN, ClientRequestToken="t")
    second = await bench.ask("CreateStack", StackName="s", TemplateBody=CHAIN, ClientRequestToken="t")
    assert first == second


async def test_a_failed_stack_that_stayed_can_be_rolled_back(bench: Bench) -> None:
    bench.cloud.fails.add(("create", "C"))
    await bench.create(CHAIN, DisableRollback=True)
    await bench.ask("RollbackStack", StackName="s")
    await bench.settle()
    assert (await bench.stack())["StackStatus"] == "ROLLBACK_COMPLETE"
    assert bench.cloud.things == {}


async def test_a_failed_update_that_stayed_can_be_rolled_back_or_repaired(bench: Bench) -> None:
    template = "Resources:\n  A: {Type: Test::Thing, Properties: {Value: %s}}\n  Z: {Type: Test::Thing, DependsOn: A, "
    template += "Properties: {Value: %s}}"
    await bench.create(template % (1, 1))
    bench.cloud.fails.add(("update", "Z"))
    for end, value in (("UPDATE_ROLLBACK_COMPLETE", "1"), ("UPDATE_COMPLETE", "2")):
        bench.cloud.fails.add(("update", "Z"))
        stack = await bench.update(template % (2, 2), DisableRollback=True)
        assert stack["StackStatus"] == "UPDATE_FAILED"
        bench.cloud.fails.clear()
        if end == "UPDATE_COMPLETE":
            await bench.update(template % (2, 2))
        else:
            await bench.ask("RollbackStack", StackName="s")
            await bench.settle()
        assert (await bench.stack())["StackStatus"] == end
        assert bench.cloud.values == [value, value]


async def test_a_creation_has_its_time(bench: Bench) -> None:
    async def linger(action: str, name: str) -> None:
        if (action, name) == ("create", "B"):
            await bench.clock.advance(61)

    bench.cloud.pause = linger
    assert (await bench.create(CHAIN, TimeoutInMinutes=1))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert bench.cloud.things == {}
    events = (await bench.ask("DescribeStackEvents", StackName="s"))["StackEvents"]
    assert any("exceeded the specified timeout" in event.get("ResourceStatusReason", "") for event in events)


ANY = Cloud().types[FIXED]


@pytest.mark.parametrize(
    ("kind", "physical_id", "old", "new", "taken"),
    [
        ("AWS::DynamoDB::Table", "t", {"TableName": "t", "KeySchema": 1}, {"TableName": "t", "KeySchema": 2}, "t"),
        ("AWS::DynamoDB::GlobalTable", "t", {"TableName": "t", "KeySchema": 1},
         {"TableName": "t", "KeySchema": 2}, "t"),
        ("AWS::DynamoDB::Table", "s-T-AB", {"KeySchema": 1}, {"KeySchema": 2}, None),
        ("AWS::DynamoDB::Table", "t", {"TableName": "t"}, {"TableName": "u"}, None),
        ("AWS::IAM::ManagedPolicy", "arn:aws:iam::0:policy/p", {"ManagedPolicyName": "p", "Path": "/"},
         {"ManagedPolicyName": "p", "Path": "/x/"}, "p"),
        ("AWS::ApiGateway::Stage", "prod", {"StageName": "prod", "RestApiId": "a"},
         {"StageName": "prod", "RestApiId": "b"}, None),
        ("AWS::Route53::RecordSet", "n", {"Name": "n", "Type": "A"}, {"Name": "n", "Type": "AAAA"}, None),
        ("AWS::Lambda::Alias", "arn:aws:lambda:r:0:function:f:live", {"Name": "live", "FunctionName": "e"},
         {"Name": "live", "FunctionName": "f"}, None),
    ],
)  # fmt: skip
def test_what_the_user_named_cannot_be_replaced(
    kind: str, physical_id: str, old: dict[str, Any], new: dict[str, Any], taken: str | None
) -> None:
    assert custom_name(replace(ANY, type_name=kind), physical_id, old, new) == taken


@pytest.mark.parametrize("name", ["no_underscore", "1st", "", "a" * 129])
async def test_a_stacks_name_has_awss_form(bench: Bench, name: str) -> None:
    with pytest.raises(ValidationError, match="at 'stackName' failed to satisfy constraint"):
        await bench.ask("CreateStack", StackName=name, TemplateBody="{}")
