"""Parameter Store by AWS's own client."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion


@pytest.fixture
def ssm(served: ServedRegion) -> Any:
    return served.client("ssm")


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    """A path that no other test uses."""
    return "/" + str(request.node.name).replace("[", "-").replace("]", "")


def test_put_get_and_versions(ssm: Any, path: str) -> None:
    assert ssm.put_parameter(Name=path, Value="one", Type="String")["Version"] == 1
    with pytest.raises(ClientError, match="ParameterAlreadyExists"):
        ssm.put_parameter(Name=path, Value="two", Type="String")
    assert ssm.put_parameter(Name=path, Value="two", Overwrite=True)["Version"] == 2
    found = ssm.get_parameter(Name=path)["Parameter"]
    assert (found["Value"], found["Version"], found["Type"]) == ("two", 2, "String")
    assert found["ARN"] == f"arn:aws:ssm:us-east-1:000000000000:parameter{path}"
    assert ssm.get_parameter(Name=f"{path}:1")["Parameter"]["Value"] == "one"
    assert ssm.get_parameter(Name=found["ARN"])["Parameter"]["Value"] == "two"
    history = ssm.get_parameter_history(Name=path)["Parameters"]
    assert [one["Value"] for one in history] == ["one", "two"]
    with pytest.raises(ClientError, match="ParameterVersionNotFound"):
        ssm.get_parameter(Name=f"{path}:3")


def test_labels_move(ssm: Any, path: str) -> None:
    for value in ("one", "two"):
        ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
    labelled = ssm.label_parameter_version(Name=path, ParameterVersion=1, Labels=["live", "1st"])
    assert labelled["InvalidLabels"] == ["1st"]
    assert ssm.get_parameter(Name=f"{path}:live")["Parameter"]["Value"] == "one"
    ssm.label_parameter_version(Name=path, Labels=["live"])
    assert ssm.get_parameter(Name=f"{path}:live")["Parameter"]["Value"] == "two"
    ssm.unlabel_parameter_version(Name=path, ParameterVersion=2, Labels=["live"])
    with pytest.raises(ClientError, match="ParameterVersionNotFound"):
        ssm.get_parameter(Name=f"{path}:live")


def test_by_path(ssm: Any, path: str) -> None:
    for name in ("a", "b", "deep/c"):
        ssm.put_parameter(Name=f"{path}/{name}", Value=name, Type="String")
    flat = ssm.get_parameters_by_path(Path=path)["Parameters"]
    assert [one["Value"] for one in flat] == ["a", "b"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, PaginationConfig={"PageSize": 2}
    )
    assert [one["Value"] for page in pages for one in page["Parameters"]] == ["a", "b", "deep/c"]


def test_several_at_once(ssm: Any, path: str) -> None:
    ssm.put_parameter(Name=path, Value="x,y", Type="StringList")
    found = ssm.get_parameters(Names=[path, f"{path}/none"])
    assert [one["Value"] for one in found["Parameters"]] == ["x,y"]
    assert found["InvalidParameters"] == [f"{path}/none"]
    deleted = ssm.delete_parameters(Names=[path, "none"])
    assert (deleted["DeletedParameters"], deleted["InvalidParameters"]) == ([path], ["none"])
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.get_parameter(Name=path)


def test_a_secure_string_is_shown_only_on_demand(ssm: Any, path: str) -> None:
    ssm.put_parameter(Name=path, Value="secret", Type="SecureString")
    assert "secret" not in ssm.get_parameter(Name=path)["Parameter"]["Value"]
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "secret"
    [described] = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [path]}])["Parameters"]
    assert described["KeyId"] == "alias/aws/ssm"
    assert "Value" not in described


def test_tags(ssm: Any, path: str) -> None:
    ssm.put_parameter(Name=path, Value="v", Type="String", Tags=[{"Key": "a", "Value": "1"}])
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=path, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=path, TagKeys=["a"])
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path)["TagList"]
    assert found == [{"Key": "b", "Value": "2"}]
    tagged = ssm.describe_parameters(ParameterFilters=[{"Key": "tag:b", "Values": ["2"]}])["Parameters"]
    assert path in [one["Name"] for one in tagged]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Name": "/aws/x", "Value": "v", "Type": "String"}, "ValidationException"),
        ({"Name": "a b", "Value": "v", "Type": "String"}, "ValidationException"),
        ({"Name": "/untyped", "Value": "v"}, "ValidationException"),
        ({"Name": "/long", "Value": "v" * 4097, "Type": "String"}, "ValidationException"),
        (
            {"Name": "/pattern", "Value": "v", "Type": "String", "AllowedPattern": "^[0-9]+$"},
            "ParameterPatternMismatchException",
        ),
    ],
)
def test_what_is_refused(ssm: Any, asked: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        ssm.put_parameter(**asked)
