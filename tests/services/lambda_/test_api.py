"""Lambda's control plane through boto3: described, versioned, aliased, refused as AWS does it."""

import io
import json
import urllib.request
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.functions import zipped
from tests.services.lambda_.conftest import ROLE, Deploy
from tests.support import ServedRegion

SOURCE = "def handler(e, c):\n    return 1\n"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


def refused(code: str, call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**params)
    assert error.value.response["Error"]["Code"] == code
    return error.value.response["Error"]["Message"]


def test_a_new_function_is_described(client: Any) -> None:
    made = client.create_function(
        FunctionName="described",
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": zipped({"app.py": SOURCE})},
        Description="what it does",
        Tags={"team": "a"},
    )
    assert (made["State"], made["LastUpdateStatus"]) == ("Pending", "InProgress")
    client.get_waiter("function_active_v2").wait(FunctionName="described", WaiterConfig={"Delay": 0})
    client.get_waiter("function_updated_v2").wait(FunctionName="described", WaiterConfig={"Delay": 0})
    found = client.get_function(FunctionName="described")
    config = found["Configuration"]
    assert config["FunctionArn"] == ARN + "described"
    assert (config["Timeout"], config["MemorySize"], config["Version"]) == (3, 128, "$LATEST")
    assert config["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/described"}
    assert config["CodeSha256"] == made["CodeSha256"]
    assert found["Tags"] == {"team": "a"}
    assert config["LastModified"].endswith("+0000")
    client.delete_function(FunctionName="described")
    refused("ResourceNotFoundException", client.get_function, FunctionName="described")


def test_the_code_can_be_downloaded(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    location = client.get_function(FunctionName=deploy(SOURCE))["Code"]["Location"]
    path = location.partition("/_panregion/")[2]
    with urllib.request.urlopen(f"{served.endpoint}/_panregion/{path}") as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).read("app.py").decode() == SOURCE


@pytest.mark.parametrize("form", ["{0}", "000000000000:function:{0}", ARN + "{0}", "{0}:$LATEST", ARN + "{0}:$LATEST"])
def test_a_function_has_many_names(client: Any, deploy: Deploy, form: str) -> None:
    name = deploy(SOURCE)
    assert client.get_function_configuration(FunctionName=form.format(name))["FunctionName"] == name


def test_two_qualifiers_that_differ_are_refused(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    message = refused("InvalidParameterValueException", client.get_function, FunctionName=f"{name}:1", Qualifier="2")
    assert message == "The derived qualifier from the function name does not match the specified qualifier."


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"Runtime": "ruby3.3"}, "InvalidParameterValueException", "panregion cannot run ruby3.3 on this machine"),
        ({"Handler": None}, "InvalidParameterValueException", "Handler is mandatory"),
        ({"Handler": ""}, "ValidationException", "'handler' failed to satisfy constraint"),
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException", "Could not unzip uploaded file"),
        ({"Code": {}}, "InvalidParameterValueException", "Please provide a source for function code."),
        ({"Code": {"ZipFile": zipped({"../x": "y"})}}, "InvalidParameterValueException", "outside of its folder"),
        ({"Code": {"S3Bucket": "nowhere-to-be-found", "S3Key": "k"}}, "InvalidParameterValueException", "NoSuchBucket"),
        ({"Timeout": 901}, "ValidationException", "'timeout' failed to satisfy constraint"),
        ({"Role": "me"}, "ValidationException", "'role' failed to satisfy constraint"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException", "reserved keys"),
        ({"Environment": {"Variables": {"BIG": "x" * 5000}}}, "InvalidParameterValueException", "4KB limit"),
        ({"PackageType": "Image"}, "InvalidParameterValueException", "container images"),
        ({"Layers": [f"{ARN}x"]}, "ValidationException", "layers"),
        (
            {"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:none:1"]},
            "InvalidParameterValueException",
            "does not exist",
        ),
    ],
)
def test_bad_functions_are_refused(client: Any, changes: dict[str, Any], code: str, message: str) -> None:
    given: dict[str, Any] = {"Runtime": "python3.11", "Role": ROLE, "Handler": "app.handler"}
    given |= {"Code": {"ZipFile": zipped({"app.py": SOURCE})}, **changes}
    params = {name: value for name, value in given.items() if value is not None}
    assert message in refused(code, client.create_function, FunctionName="bad", **params)


def test_a_name_is_given_once(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    code = {"ZipFile": zipped({"app.py": SOURCE})}
    params = {"FunctionName": name, "Runtime": "python3.11", "Role": ROLE, "Handler": "a.b", "Code": code}
    assert refused("ResourceConflictException", client.create_function, **params) == f"Function already exist: {name}"


def test_code_comes_from_s3(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    s3 = served.client("s3")
    s3.create_bucket(Bucket="code-for-lambda")
    s3.put_object(Bucket="code-for-lambda", Key="k.zip", Body=zipped({"app.py": SOURCE}))
    name = deploy(SOURCE, Code={"S3Bucket": "code-for-lambda", "S3Key": "k.zip"})
    assert client.invoke(FunctionName=name)["Payload"].read() == b"1"


def test_another_python_is_said_so(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE, Runtime="python3.13")
    assert (
        "python3.13 runs on this machine's Python 3."
        in client.get_function_configuration(FunctionName=name)["StateReason"]
    )


def test_a_version_is_published_once_per_change(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    client.update_function_configuration(FunctionName=name, Timeout=9)
    second = client.publish_version(FunctionName=name, Description="second")
    assert (second["Version"], second["FunctionArn"]) == ("2", f"{ARN}{name}:2")
    listed = client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [(each["Version"], each["Timeout"]) for each in listed] == [("$LATEST", 9), ("1", 3), ("2", 9)]
    client.delete_function(FunctionName=name, Qualifier="1")
    refused("ResourceNotFoundException", client.get_function, FunctionName=name, Qualifier="1")


def test_an_old_revision_is_refused(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    revision = client.get_function_configuration(FunctionName=name)["RevisionId"]
    client.update_function_configuration(FunctionName=name, Timeout=9, RevisionId=revision)
    refused(
        "PreconditionFailedException",
        client.update_function_configuration,
        FunctionName=name,
        Timeout=8,
        RevisionId=revision,
    )


def test_aliases(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    client.publish_version(FunctionName=name)
    client.update_function_configuration(FunctionName=name, Timeout=9)
    client.publish_version(FunctionName=name)
    made = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert made["AliasArn"] == f"{ARN}{name}:live"
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    changed = client.update_alias(FunctionName=name, Name="live", RoutingConfig=weights)
    assert changed["RoutingConfig"] == weights
    assert [each["Name"] for each in client.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
    refused("ResourceConflictException", client.delete_function, FunctionName=name, Qualifier="1")
    refused("ResourceNotFoundException", client.create_alias, FunctionName=name, Name="x", FunctionVersion="9")
    latest = {"FunctionName": name, "Name": "x", "FunctionVersion": "$LATEST", "RoutingConfig": weights}
    refused("InvalidParameterValueException", client.create_alias, **latest)
    client.delete_alias(FunctionName=name, Name="live")
    assert "Cannot find alias arn" in refused(
        "ResourceNotFoundException", client.get_alias, FunctionName=name, Name="live"
    )


def test_permissions_are_kept(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    refused("ResourceNotFoundException", client.get_policy, FunctionName=name)
    params = {"FunctionName": name, "StatementId": "api", "Action": "lambda:InvokeFunction"}
    params |= {"Principal": "apigateway.amazonaws.com", "SourceArn": "arn:aws:execute-api:us-east-1:000000000000:x/*"}
    client.add_permission(**params)
    refused("ResourceConflictException", client.add_permission, **params)
    (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    assert statement == {
        "Sid": "api",
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN + name,
        "Condition": {"ArnLike": {"AWS:SourceArn": params["SourceArn"]}},
    }
    client.remove_permission(FunctionName=name, StatementId="api")
    refused("ResourceNotFoundException", client.get_policy, FunctionName=name)


def test_concurrency_tags_and_account(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    assert client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 5
    limit = client.get_account_settings()["AccountLimit"]
    assert limit["UnreservedConcurrentExecutions"] <= limit["ConcurrentExecutions"] - 5
    refused(
        "InvalidParameterValueException",
        client.put_function_concurrency,
        FunctionName=name,
        ReservedConcurrentExecutions=100_000,
    )
    client.tag_resource(Resource=ARN + name, Tags={"a": "1", "b": "2"})
    client.untag_resource(Resource=ARN + name, TagKeys=["a"])
    assert client.list_tags(Resource=ARN + name)["Tags"] == {"b": "2"}


def test_functions_are_listed_in_pages(client: Any, deploy: Deploy) -> None:
    names = {deploy(SOURCE) for _ in range(3)}
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    assert names <= {each["FunctionName"] for page in pages for each in page["Functions"]}


def test_layers_are_published_listed_deleted(client: Any) -> None:
    content = {"ZipFile": zipped({"python/x.py": ""})}
    for version in (1, 2):
        made = client.publish_layer_version(LayerName="shared", Content=content, CompatibleRuntimes=["python3.11"])
        assert made["Version"] == version
    listed = client.list_layer_versions(LayerName="shared")["LayerVersions"]
    assert [each["Version"] for each in listed] == [2, 1]
    client.delete_layer_version(LayerName="shared", VersionNumber=2)
    (layer,) = [each for each in client.list_layers()["Layers"] if each["LayerName"] == "shared"]
    assert layer["LatestMatchingVersion"]["Version"] == 1
    refused("ResourceNotFoundException", client.get_layer_version, LayerName="shared", VersionNumber=2)


def test_event_invoke_configs(client: Any, deploy: Deploy) -> None:
    name = deploy(SOURCE)
    put = client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    assert put["FunctionArn"] == f"{ARN}{name}:$LATEST"
    changed = client.update_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60)
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 60)
    queue = {"OnFailure": {"Destination": "arn:aws:kinesis:us-east-1:000000000000:stream/q"}}
    message = refused(
        "InvalidParameterValueException",
        client.put_function_event_invoke_config,
        FunctionName=name,
        DestinationConfig=queue,
    )
    assert "does not support destinations of kinesis" in message
    client.delete_function_event_invoke_config(FunctionName=name)
    refused("ResourceNotFoundException", client.get_function_event_invoke_config, FunctionName=name)
