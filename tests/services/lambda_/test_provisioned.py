"""Provisioned concurrency: its operations through boto3, and environments that are really kept."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.functions import zipped
from tests.services.lambda_.conftest import Deploy
from tests.services.lambda_.test_invoke import call, eventually
from tests.support import ServedRegion

TELLS = """
import os
def handler(event, context):
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], context.function_version, os.getpid()]
"""


def code_of(error: Any) -> str:
    return str(error.value.response["Error"]["Code"])


def ready(client: Any, name: str, qualifier: str) -> dict[str, Any]:
    """The configuration, once all of it is there."""

    def found() -> Any:
        config = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
        return config if config["Status"] == "READY" else None

    config: dict[str, Any] = eventually(found)
    return config


@pytest.fixture
def published(client: Any, deploy: Deploy) -> str:
    """A function with version 1, and an alias of it."""
    name = deploy(TELLS)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def test_a_version_is_kept_warm(client: Any, published: str) -> None:
    params = {"FunctionName": published, "Qualifier": "1"}
    put = client.put_provisioned_concurrency_config(**params, ProvisionedConcurrentExecutions=2)
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (put["Status"], put["RequestedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 2)
    config = ready(client, published, "1")
    assert config["AvailableProvisionedConcurrentExecutions"] == 2
    assert config["AllocatedProvisionedConcurrentExecutions"] == 2
    kind, version, _ = call(client, f"{published}:1")["Result"]
    assert (kind, version) == ("provisioned-concurrency", "1")
    assert call(client, published)["Result"][0] == "on-demand"
    (listed,) = client.list_provisioned_concurrency_configs(FunctionName=published)["ProvisionedConcurrencyConfigs"]
    assert listed["FunctionArn"].endswith(f":{published}:1")
    assert listed["Status"] == "READY"
    client.delete_provisioned_concurrency_config(**params)
    with pytest.raises(ClientError) as error:
        client.get_provisioned_concurrency_config(**params)
    assert code_of(error) == "ProvisionedConcurrencyConfigNotFoundException"
    eventually(lambda: call(client, f"{published}:1")["Result"][0] == "on-demand")


def test_one_that_ends_is_replaced(client: Any, deploy: Deploy) -> None:
    name = deploy("import os\ndef handler(event, context):\n    return os._exit(1) if event else os.getpid()\n")
    client.publish_version(FunctionName=name)
    client.put_provisioned_concurrency_config(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1)
    ready(client, name, "1")
    assert call(client, f"{name}:1", True)["FunctionError"] == "Unhandled"
    ready(client, name, "1")


def test_an_aliass_environments_move_with_it(client: Any, published: str) -> None:
    client.put_provisioned_concurrency_config(
        FunctionName=published, Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    ready(client, published, "live")
    assert call(client, f"{published}:live")["Result"][:2] == ["provisioned-concurrency", "1"]
    client.update_function_code(FunctionName=published, ZipFile=zipped({"app.py": TELLS + "# 2"}), Publish=True)
    client.update_alias(FunctionName=published, Name="live", FunctionVersion="2")
    eventually(lambda: call(client, f"{published}:live")["Result"][:2] == ["provisioned-concurrency", "2"])
    client.delete_alias(FunctionName=published, Name="live")
    assert client.list_provisioned_concurrency_configs(FunctionName=published)["ProvisionedConcurrencyConfigs"] == []


def test_a_function_that_does_not_start_says_so(client: Any, deploy: Deploy) -> None:
    name = deploy("import nosuchmodule\n")
    client.publish_version(FunctionName=name)
    params = {"FunctionName": name, "Qualifier": "1"}
    client.put_provisioned_concurrency_config(**params, ProvisionedConcurrentExecutions=1)

    def failed() -> Any:
        config = client.get_provisioned_concurrency_config(**params)
        return config if config["Status"] == "FAILED" else None

    assert "No module named 'nosuchmodule'" in eventually(failed)["StatusReason"]


def test_what_cannot_be_is_refused(client: Any, published: str) -> None:
    def put(qualifier: str, count: int = 1) -> str:
        with pytest.raises(ClientError) as error:
            client.put_provisioned_concurrency_config(
                FunctionName=published, Qualifier=qualifier, ProvisionedConcurrentExecutions=count
            )
        return f"{code_of(error)}: {error.value}"

    assert "cannot be applied to unpublished function versions" in put("$LATEST")
    assert put("7").startswith("ResourceNotFoundException")
    assert put("nobody").startswith("ResourceNotFoundException")
    assert "greater than account's unreserved concurrency" in put("1", 100_000)
    client.put_function_concurrency(FunctionName=published, ReservedConcurrentExecutions=2)
    assert "should not be greater than the reservedConcurrentExecution" in put("1", 3)
    client.put_provisioned_concurrency_config(FunctionName=published, Qualifier="1", ProvisionedConcurrentExecutions=2)
    assert "on an already Provisioned version" in put("live")
    with pytest.raises(ClientError, match="should not be lower than function's total provisioned concurrency"):
        client.put_function_concurrency(FunctionName=published, ReservedConcurrentExecutions=1)
    client.delete_provisioned_concurrency_config(FunctionName=published, Qualifier="1")
    client.put_provisioned_concurrency_config(
        FunctionName=published, Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    assert "Version is pointed by a Provisioned Concurrency alias" in put("1")
    with pytest.raises(ClientError, match="must be an alias or a published version"):
        client.get_provisioned_concurrency_config(FunctionName=published, Qualifier="$LATEST")


def test_sam_keeps_an_alias_warm(client: Any, served: ServedRegion) -> None:
    stacks = served.client("cloudformation")
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Kept": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "FunctionName": "kept-by-sam",
                    "Runtime": "python3.11",
                    "Handler": "index.handler",
                    "InlineCode": TELLS,
                    "AutoPublishAlias": "live",
                    "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1},
                },
            }
        },
    }
    stacks.create_stack(
        StackName="kept", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    )
    stacks.get_waiter("stack_create_complete").wait(StackName="kept", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    config = client.get_provisioned_concurrency_config(FunctionName="kept-by-sam", Qualifier="live")
    assert config["Status"] == "READY"
    assert call(client, "kept-by-sam:live")["Result"][0] == "provisioned-concurrency"
    stacks.delete_stack(StackName="kept")
    stacks.get_waiter("stack_delete_complete").wait(StackName="kept", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
