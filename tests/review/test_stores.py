"""Who may write what, by every way in which a template can say so."""

from pathlib import Path

import pytest

from panregion.review import Asked, Objectives, read_application
from panregion.review.scene import Scene
from tests.review.support import HOME, SECOND, WORLD

TEMPLATE = """
Resources:
  T: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: receipts}}
  Q: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {T: !Ref T, B: !Ref B, Q: !Ref Q}}, %s}
  R:
    Type: AWS::IAM::Role
    Properties: {%s}
%s
"""
WITH_ROLE = "Role: !GetAtt R.Arn"


def policy(action: str, resource: str, effect: str = "Allow") -> str:
    statement = f"{{Effect: {effect}, Action: {action}, Resource: {resource}}}"
    return f"Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{statement}]}}}}]"


async def written(folder: Path, role: str, policies: str, more: str = "") -> set[str]:
    path = folder / "template.yaml"
    path.write_text(TEMPLATE % (role, policies, more))
    scene = Scene(await read_application(WORLD, [Asked(path, (HOME,), "app", {})], Objectives()))
    return {access.store.logical_id for access in scene.writers}


@pytest.mark.parametrize(
    ("policies", "stores"),
    [
        (policy('"dynamodb:PutItem"', '"*"'), {"T"}),
        (policy('"dynamodb:*"', "!GetAtt T.Arn"), {"T"}),
        (policy('"dynamodb:Up*"', '!Sub "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"'), {"T"}),
        (policy('"dynamodb:UpdateItem"', '!Sub "arn:aws:dynamodb:${AWS::Region}:*:table/ord*"'), {"T"}),
        (policy('"dynamodb:UpdateItem"', '"arn:aws:dynamodb:*:*:table/others"'), set()),
        (policy('"dynamodb:GetItem"', '"*"'), set()),
        (policy('"dynamodb:PutItem"', '"*"', "Deny"), set()),
        (policy('"s3:PutObject"', '"arn:aws:s3:::receipts/*"'), {"B"}),
        (policy('["sqs:SendMessage", "s3:GetObject"]', '"*"'), {"Q"}),
        (policy('"*"', '"*"'), {"T", "B", "Q"}),
        ("ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess']", {"T"}),
        ("ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess']", set()),
        ("ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']", {"T", "B", "Q"}),
        ("ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole']", set()),
        ("Path: /", set()),
    ],
)
async def test_a_role_says_what_may_be_written(policies: str, stores: set[str], tmp_path: Path) -> None:
    assert await written(tmp_path, WITH_ROLE, policies) == stores


async def test_without_a_role_the_environment_says_it(tmp_path: Path) -> None:
    assert await written(tmp_path, "Role: 'arn:aws:iam::1:role/elsewhere'", "Path: /") == {"T", "B", "Q"}


async def test_a_policy_may_stand_beside_its_role(tmp_path: Path) -> None:
    more = """
  P:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref R]
      PolicyDocument: {Statement: {Effect: Allow, Action: "dynamodb:PutItem", Resource: "*"}}
"""
    assert await written(tmp_path, WITH_ROLE, "Path: /", more) == {"T"}


async def test_an_api_may_write_by_itself(tmp_path: Path) -> None:
    more = """
  Api: {Type: AWS::ApiGateway::RestApi}
  M:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      Integration: {Type: AWS, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:sqs:path/${Q.QueueName}"}
"""
    assert await written(tmp_path, WITH_ROLE, "Path: /", more) == {"Q"}


async def test_a_replica_is_used_by_the_name_of_its_table(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("""
Conditions: {IsHome: !Equals [!Ref AWS::Region, us-east-1]}
Resources:
  T:
    Type: AWS::DynamoDB::GlobalTable
    Condition: IsHome
    Properties: {TableName: orders, Replicas: [{Region: us-east-1}, {Region: eu-west-1}]}
  F:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {T: orders}}}
""")
    scene = Scene(await read_application(WORLD, [Asked(path, (HOME, SECOND), "app", {})], Objectives()))
    assert {(access.user.region, access.store.logical_id) for access in scene.writers} == {(HOME, "T"), (SECOND, "T")}
