"""AWS::IAM::* and AWS::SSM::Parameter in stacks, by AWS's own client."""

from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.support import ServedRegion

TEMPLATE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
      Policies:
        - PolicyName: own
          PolicyDocument: {Version: 2012-10-17, Statement: []}
  Inline:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: more, Roles: [!Ref Role], PolicyDocument: {Statement: []}}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: [{Effect: %s}]}}
  Profile:
    Type: AWS::IAM::InstanceProfile
    Properties: {Roles: [!Ref Role]}
  Group: {Type: AWS::IAM::Group}
  User:
    Type: AWS::IAM::User
    Properties: {Groups: [!Ref Group]}
  Note:
    Type: AWS::SSM::Parameter
    Properties: {Name: /stack/note, Type: String, Value: !GetAtt Role.Arn}
Outputs:
  Role: {Value: !Ref Role}
  Arn: {Value: !GetAtt Role.Arn}
  Managed: {Value: !Ref Managed}
  Note: {Value: !GetAtt Note.Value}
"""


def _outputs(cloudformation: Any, name: str) -> dict[str, str]:
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def test_everything_of_iam_comes_and_goes_with_its_stack(served: ServedRegion) -> None:
    cloudformation, iam = served.client("cloudformation"), served.client("iam")
    waiter = {"Delay": 0, "MaxAttempts": 500}
    cloudformation.create_stack(StackName="iam", TemplateBody=TEMPLATE % "Allow", Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName="iam", WaiterConfig=waiter)
    outputs = _outputs(cloudformation, "iam")
    assert outputs["Role"].startswith("iam-Role-")
    assert outputs["Note"] == outputs["Arn"] == f"arn:aws:iam::000000000000:role/{outputs['Role']}"
    assert sorted(iam.list_role_policies(RoleName=outputs["Role"])["PolicyNames"]) == ["more", "own"]
    assert len(iam.list_attached_role_policies(RoleName=outputs["Role"])["AttachedPolicies"]) == 2
    cloudformation.update_stack(StackName="iam", TemplateBody=TEMPLATE % "Deny", Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_update_complete").wait(StackName="iam", WaiterConfig=waiter)
    assert iam.get_policy(PolicyArn=outputs["Managed"])["Policy"]["DefaultVersionId"] == "v2"
    cloudformation.delete_stack(StackName="iam")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="iam", WaiterConfig=waiter)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=outputs["Role"])
    assert served.client("ssm").get_parameters(Names=["/stack/note"])["InvalidParameters"] == ["/stack/note"]


def test_a_role_that_fails_halfway_leaves_nothing(served: ServedRegion) -> None:
    cloudformation = served.client("cloudformation")
    template = TEMPLATE[: TEMPLATE.index("  Inline:")].replace("iam::aws:policy/service-role", "iam::1:policy")
    cloudformation.create_stack(StackName="half", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="half", WaiterConfig={"Delay": 0, "MaxAttempts": 500}
        )
    roles = served.client("iam").list_roles()["Roles"]
    assert [role for role in roles if role["RoleName"].startswith("half-")] == []
