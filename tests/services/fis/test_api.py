"""Experiment templates and what FIS knows, through boto3, against what AWS documents; errors included."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

ROLE = "arn:aws:iam::000000000000:role/fis"
ALARM = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:too-many-errors"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:orders"


def minimal(**changes: Any) -> dict[str, Any]:
    return {
        "description": "wait a minute",
        "roleArn": ROLE,
        "stopConditions": [{"source": "none"}],
        "actions": {"wait": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}}},
        **changes,
    }


def with_function(**parameters: str) -> dict[str, Any]:
    given = {"duration": "PT1M", "preventExecution": "true", **parameters}
    return minimal(
        targets={"f": {"resourceType": "aws:lambda:function", "resourceArns": [FUNCTION], "selectionMode": "ALL"}},
        actions={
            "fail": {"actionId": "aws:lambda:invocation-error", "parameters": given, "targets": {"Functions": "f"}}
        },
    )


@pytest.fixture
def fis(served: ServedRegion) -> Any:
    return served.client("fis")


def refused(fis: Any, template: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as raised:
        fis.create_experiment_template(**template)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(raised.value.response["Error"]["Message"])


def test_a_template_comes_changes_and_goes(fis: Any) -> None:
    made = fis.create_experiment_template(**with_function(), tags={"team": "food"})["experimentTemplate"]
    assert made["id"].startswith("EXT")
    assert made["arn"] == f"arn:aws:fis:us-east-1:000000000000:experiment-template/{made['id']}"
    assert made["experimentOptions"] == {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"}
    assert fis.get_experiment_template(id=made["id"])["experimentTemplate"] == made
    listed = fis.list_experiment_templates()["experimentTemplates"]
    assert made["id"] in [template["id"] for template in listed]

    conditions = [{"source": "aws:cloudwatch:alarm", "value": ALARM}]
    changed = fis.update_experiment_template(
        id=made["id"], stopConditions=conditions, experimentOptions={"emptyTargetResolutionMode": "skip"}
    )["experimentTemplate"]
    assert changed["stopConditions"] == conditions
    assert changed["experimentOptions"]["emptyTargetResolutionMode"] == "skip"
    assert (changed["actions"], changed["targets"]) == (made["actions"], made["targets"])

    fis.delete_experiment_template(id=made["id"])
    for operation in (fis.get_experiment_template, fis.delete_experiment_template, fis.update_experiment_template):
        with pytest.raises(fis.exceptions.ResourceNotFoundException):
            operation(id=made["id"])


def test_a_client_token_makes_one_template(fis: Any) -> None:
    first = fis.create_experiment_template(clientToken="token-1", **minimal())["experimentTemplate"]
    assert fis.create_experiment_template(clientToken="token-1", **minimal())["experimentTemplate"] == first
    with pytest.raises(fis.exceptions.ConflictException, match="other parameters"):
        fis.create_experiment_template(clientToken="token-1", **minimal(description="another"))


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (minimal(actions={}), "at least one action"),
        (minimal(actions={"a": {"actionId": "aws:ec2:stop-instances"}}), "aws:ec2:stop-instances is not supported"),
        (minimal(actions={"a": {"actionId": "aws:fis:wait"}}), "duration is required"),
        (
            minimal(actions={"a": {"actionId": "aws:fis:wait", "parameters": {"duration": "5m"}}}),
            "5m is not a duration",
        ),
        (
            minimal(actions={"a": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT13H"}}}),
            "from PT1M to PT12H",
        ),
        (
            minimal(
                actions={
                    name: {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}, "startAfter": [other]}
                    for name, other in (("a", "b"), ("b", "a"))
                }
            ),
            "The actions a, b wait for one another",
        ),
        (
            minimal(
                actions={
                    "a": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}, "startAfter": ["nobody"]}
                }
            ),
            "no action nobody to start after",
        ),
        (with_function(invocationPercentage="101"), "101 is not a percentage"),
        (with_function(colour="red"), "has no parameter colour"),
        (with_function(preventExecution="perhaps"), "preventExecution is true or false"),
        ({**with_function(), "targets": {}}, "there is no target f"),
        (
            minimal(
                targets={"t": {"resourceType": "aws:ec2:instance", "resourceArns": [ROLE], "selectionMode": "ALL"}}
            ),
            "aws:ec2:instance is not supported",
        ),
        (
            minimal(targets={"t": {"resourceType": "aws:iam:role", "resourceArns": [ROLE], "selectionMode": "MOST"}}),
            "ALL, COUNT",
        ),
        (minimal(targets={"t": {"resourceType": "aws:iam:role", "selectionMode": "ALL"}}), "either resourceArns or"),
        (
            minimal(targets={"t": {"resourceType": "aws:iam:role", "resourceArns": [ROLE], "selectionMode": "ALL"}}),
            "No action has the target t",
        ),
        (
            minimal(
                stopConditions=[{"source": "aws:cloudwatch:alarm", "value": "arn:aws:sns:us-east-1:000000000000:bell"}]
            ),
            "ARN of a CloudWatch alarm",
        ),
        (minimal(stopConditions=[{"source": "moon"}]), "none or aws:cloudwatch:alarm"),
        (minimal(experimentOptions={"accountTargeting": "multi-account"}), "multi-account is not supported"),
        (
            minimal(experimentReportConfiguration={"dataSources": {"cloudWatchDashboards": []}}),
            "The report needs an S3 bucket",
        ),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(fis: Any, template: dict[str, Any], message: str) -> None:
    assert message in refused(fis, template)


def test_scopes_and_services_that_there_are_not(fis: Any) -> None:
    subnet = {"resourceType": "aws:ec2:subnet", "resourceTags": {"a": "b"}, "selectionMode": "ALL"}
    for scope, message in (("vpc", "does not carry out the scope vpc"), ("moon", "there is no the scope moon")):
        action = {
            "actionId": "aws:network:disrupt-connectivity",
            "parameters": {"duration": "PT1M", "scope": scope},
            "targets": {"Subnets": "s"},
        }
        assert message in refused(fis, minimal(targets={"s": subnet}, actions={"a": action}))
    cross = {
        "actionId": "aws:network:route-table-disrupt-cross-region-connectivity",
        "parameters": {"duration": "PT1M", "region": "us-east-1"},
        "targets": {"Subnets": "s"},
    }
    assert "us-east-1 is not another Region" in refused(fis, minimal(targets={"s": subnet}, actions={"a": cross}))
    role = {"resourceType": "aws:iam:role", "resourceArns": [ROLE], "selectionMode": "ALL"}
    error = {
        "actionId": "aws:fis:inject-api-internal-error",
        "parameters": {"duration": "PT1M", "service": "moon", "operations": "Rise", "percentage": "100"},
        "targets": {"Roles": "r"},
    }
    assert "moon is not a service" in refused(fis, minimal(targets={"r": role}, actions={"a": error}))


def test_actions_and_resource_types_are_listed(fis: Any) -> None:
    actions = {action["id"]: action for action in fis.list_actions()["actions"]}
    assert {
        "aws:dynamodb:global-table-pause-replication",
        "aws:network:disrupt-connectivity",
        "aws:network:route-table-disrupt-cross-region-connectivity",
        "aws:network:transit-gateway-disrupt-cross-region-connectivity",
        "aws:lambda:invocation-error",
        "aws:lambda:invocation-add-delay",
        "aws:fis:inject-api-internal-error",
        "aws:fis:inject-api-throttle-error",
        "aws:fis:inject-api-unavailable-error",
        "aws:fis:wait",
    } == actions.keys()
    first = fis.list_actions(maxResults=3)
    assert len(first["actions"]) == 3
    assert fis.list_actions(nextToken=first["nextToken"])["actions"][0]["id"] not in [a["id"] for a in first["actions"]]
    found = fis.get_action(id="aws:lambda:invocation-error")["action"]
    assert found["targets"] == {"Functions": {"resourceType": "aws:lambda:function"}}
    assert found["parameters"]["duration"]["required"] is True
    assert found["parameters"]["invocationPercentage"]["required"] is False
    with pytest.raises(fis.exceptions.ResourceNotFoundException):
        fis.get_action(id="aws:moon:rise")
    types = [each["resourceType"] for each in fis.list_target_resource_types()["targetResourceTypes"]]
    assert "aws:dynamodb:global-table" in types
    assert fis.get_target_resource_type(resourceType=types[0])["targetResourceType"]["resourceType"] == types[0]
    with pytest.raises(fis.exceptions.ResourceNotFoundException):
        fis.get_target_resource_type(resourceType="aws:moon:crater")
    with pytest.raises(fis.exceptions.ValidationException):
        fis.list_actions(nextToken="nonsense")


def test_target_accounts_are_refused(fis: Any) -> None:
    template = fis.create_experiment_template(**minimal())["experimentTemplate"]["id"]
    account = {"experimentTemplateId": template, "accountId": "111111111111"}
    with pytest.raises(fis.exceptions.ValidationException, match="a world has one account"):
        fis.create_target_account_configuration(**account, roleArn=ROLE)
    for operation in (
        fis.get_target_account_configuration,
        fis.update_target_account_configuration,
        fis.delete_target_account_configuration,
    ):
        with pytest.raises(fis.exceptions.ResourceNotFoundException):
            operation(**account)
    assert fis.list_target_account_configurations(experimentTemplateId=template)["targetAccountConfigurations"] == []
    with pytest.raises(fis.exceptions.ResourceNotFoundException):
        fis.list_target_account_configurations(experimentTemplateId="EXTnone")


def test_tags(fis: Any) -> None:
    arn = fis.create_experiment_template(**minimal(tags={"a": "1"}))["experimentTemplate"]["arn"]
    fis.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert fis.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "2"}
    fis.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert fis.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    with pytest.raises(ClientError, match="does not exist"):
        fis.tag_resource(resourceArn=arn + "x", tags={"b": "2"})


def test_the_safety_lever_is_the_default_one(fis: Any) -> None:
    with pytest.raises(fis.exceptions.ResourceNotFoundException):
        fis.get_safety_lever(id="spare")
    assert fis.get_safety_lever(id="default")["safetyLever"]["state"] == {"status": "disengaged"}
