"""Lambda's and Logs' resource types, through CloudFormation itself."""

import json
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from panregion.functions import zipped
from tests.support import ServedRegion

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Group": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Function}"}, "RetentionInDays": 7},
        },
        "Layer": {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {"Content": {"S3Bucket": "stack-code", "S3Key": "layer.zip"}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "index.handler",
                "Runtime": "python3.11",
                "Role": "arn:aws:iam::000000000000:role/r",
                "Timeout": "5",
                "Layers": [{"Ref": "Layer"}],
                "Environment": {"Variables": {"NUMBER": 7, "TRUTH": True}},
                "ReservedConcurrentExecutions": 3,
                "Code": {
                    "ZipFile": "import os, shared\n"
                    "def handler(event, context):\n"
                    "    return [os.environ['NUMBER'], os.environ['TRUTH'], shared.NAME]\n"
                },
                "Tags": [{"Key": "team", "Value": "a"}],
            },
        },
        "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "Name": "live",
                "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
        "Retries": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": "1"},
        },
    },
    "Outputs": {
        "Name": {"Value": {"Ref": "Function"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
        "Alias": {"Value": {"Ref": "Alias"}},
    },
}


@pytest.fixture
def stacks(served: ServedRegion) -> Any:
    s3 = served.client("s3")
    s3.create_bucket(Bucket="stack-code")
    s3.put_object(Bucket="stack-code", Key="layer.zip", Body=zipped({"python/shared.py": "NAME = 'layer'\n"}))
    return served.client("cloudformation")


def wait(stacks: Any, event: str) -> None:
    try:
        stacks.get_waiter(event).wait(StackName="functions", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    except WaiterError as error:
        events = stacks.describe_stack_events(StackName="functions")["StackEvents"]
        raise AssertionError([each.get("ResourceStatusReason") for each in events]) from error


def test_a_stack_of_functions(stacks: Any, served: ServedRegion) -> None:
    functions = served.client("lambda")
    stacks.create_stack(StackName="functions", TemplateBody=json.dumps(TEMPLATE))
    wait(stacks, "stack_create_complete")
    (stack,) = stacks.describe_stacks(StackName="functions")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    name = outputs["Name"]
    assert name.startswith("functions-Function-")
    assert outputs["Arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert json.load(functions.invoke(FunctionName=outputs["Alias"])["Payload"]) == ["7", "true", "layer"]
    described = functions.get_function(FunctionName=name)
    assert described["Tags"]["team"] == "a"
    assert described["Tags"]["aws:cloudformation:logical-id"] == "Function"
    assert described["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert described["Configuration"]["Timeout"] == 5
    assert functions.get_policy(FunctionName=name)["Policy"]
    assert functions.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1
    (group,) = served.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    assert group["retentionInDays"] == 7

    changed = json.loads(json.dumps(TEMPLATE))
    properties = changed["Resources"]["Function"]["Properties"]
    properties["Code"] = {"ZipFile": "def handler(event, context):\n    return 'changed'\n"}
    del properties["Timeout"], properties["ReservedConcurrentExecutions"]
    stacks.update_stack(StackName="functions", TemplateBody=json.dumps(changed))
    wait(stacks, "stack_update_complete")
    assert json.load(functions.invoke(FunctionName=name)["Payload"]) == "changed"
    described = functions.get_function(FunctionName=name)
    assert described["Configuration"]["Timeout"] == 3
    assert "Concurrency" not in described

    stacks.delete_stack(StackName="functions")
    wait(stacks, "stack_delete_complete")
    assert name not in {each["FunctionName"] for each in functions.list_functions()["Functions"]}
