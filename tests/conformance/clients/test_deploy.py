"""`aws cloudformation deploy` and `sam deploy`: the ways in which people bring an application to AWS."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conformance.clients.conftest import Run
from tests.support import ServedRegion

PLAIN = """
Parameters:
  Greeting: {Type: String, Default: hello}
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
  Note:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !Sub ${Greeting} from ${Files}
Outputs:
  Files: {Value: !Ref Files}
  Note: {Value: !Ref Note}
"""

APPLICATION = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      EndpointConfiguration: {Type: REGIONAL}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Events:
        Get:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /hello, Method: GET}
Outputs:
  Hello: {Value: !Ref Hello}
  Api: {Value: !Ref Api}
"""

HANDLER = """
import os

def handler(event, context):
    return {"statusCode": 200, "body": "hello from " + os.environ["AWS_REGION"]}
"""

pytestmark = pytest.mark.timeout(300)  # a fresh machine installs sam within a test's time


@pytest.fixture
def stack(served: ServedRegion) -> Any:
    """A name for a stack; what was deployed under it goes when the test ends."""
    name = f"clients-{uuid4().hex[:8]}"
    yield name
    client = served.client("cloudformation")
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """A small SAM application."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(HANDLER)
    (tmp_path / "template.yaml").write_text(APPLICATION)
    return tmp_path


def outputs(aws: Run, stack: str) -> dict[str, str]:
    described = json.loads(aws("cloudformation", "describe-stacks", "--stack-name", stack, "--output", "json"))
    return {output["OutputKey"]: output["OutputValue"] for output in described["Stacks"][0]["Outputs"]}


def answer_of(aws: Run, function: str, folder: Path) -> str:
    aws("lambda", "invoke", "--function-name", function, "--payload", "{}", "answer.json")
    return str(json.loads((folder / "answer.json").read_text())["body"])


def test_a_stack_is_changed_and_left_alone(served: ServedRegion, aws: Run, stack: str, tmp_path: Path) -> None:
    # Made by boto3: `deploy` looks at a stack at once and then after 30 s, and one such wait is enough for a test.
    client = served.client("cloudformation")
    client.create_stack(StackName=stack, TemplateBody=PLAIN)
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    first = outputs(aws, stack)
    value = ("ssm", "get-parameter", "--name", first["Note"], "--query", "Parameter.Value", "--output", "text")
    assert aws(*value).strip() == f"hello from {first['Files']}"

    (tmp_path / "template.yaml").write_text(PLAIN)
    deploy = ("cloudformation", "deploy", "--template-file", "template.yaml", "--stack-name", stack)
    aws(*deploy, "--parameter-overrides", "Greeting=goodbye")
    assert outputs(aws, stack) == first
    assert aws(*value).strip() == f"goodbye from {first['Files']}"
    unchanged = aws(*deploy, "--parameter-overrides", "Greeting=goodbye", fails=True)  # 255, on AWS too
    assert "No changes to deploy" in unchanged


def test_code_is_packaged_and_deployed(aws: Run, bucket: str, stack: str, application: Path) -> None:
    aws(
        *("cloudformation", "package", "--template-file", "template.yaml"),
        *("--s3-bucket", bucket, "--output-template-file", "packaged.yaml"),
    )
    aws(
        *("cloudformation", "deploy", "--template-file", "packaged.yaml", "--stack-name", stack),
        *("--capabilities", "CAPABILITY_IAM"),
    )
    assert answer_of(aws, outputs(aws, stack)["Hello"], application) == "hello from us-east-1"


def test_sam_deploys_and_updates(aws: Run, sam: Run, stack: str, application: Path) -> None:
    deploy = (
        *("deploy", "--stack-name", stack, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
    )
    sam("build")
    sam(*deploy)
    function = outputs(aws, stack)["Hello"]
    assert answer_of(aws, function, application) == "hello from us-east-1"

    (application / "src" / "app.py").write_text(HANDLER.replace("hello from", "again from"))
    sam("build")
    sam(*deploy)
    assert answer_of(aws, function, application) == "again from us-east-1"
    assert "No changes to deploy" in sam(*deploy)
