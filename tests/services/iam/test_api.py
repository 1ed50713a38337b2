"""IAM by AWS's own client."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(served: ServedRegion) -> Any:
    return served.client("iam")


def test_a_roles_life(iam: Any) -> None:
    made = iam.create_role(RoleName="Life", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "1"}])["Role"]
    assert made["Arn"] == "arn:aws:iam::000000000000:role/Life"
    assert iam.get_role(RoleName="life")["Role"]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        iam.create_role(RoleName="LIFE", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="Life", PolicyName="p", PolicyDocument=DOCUMENT)
    assert iam.get_role_policy(RoleName="Life", PolicyName="p")["PolicyDocument"] == json.loads(DOCUMENT)
    iam.attach_role_policy(RoleName="Life", PolicyArn=BASIC)
    attached = iam.list_attached_role_policies(RoleName="Life")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_role(RoleName="Life")
    iam.detach_role_policy(RoleName="Life", PolicyArn=BASIC)
    iam.delete_role_policy(RoleName="Life", PolicyName="p")
    iam.delete_role(RoleName="Life")
    with pytest.raises(ClientError, match="The role with name Life cannot be found"):
        iam.get_role(RoleName="Life")


def test_a_document_must_be_one(iam: Any) -> None:
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        iam.create_role(RoleName="Bad", AssumeRolePolicyDocument="{not json}")


def test_a_managed_policys_versions(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="Versions", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=TRUST, SetAsDefault=True)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    found = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert found["Document"] == json.loads(TRUST)
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


def test_an_own_policy_must_exist_to_be_attached(iam: Any) -> None:
    iam.create_role(RoleName="Attached", AssumeRolePolicyDocument=TRUST)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.attach_role_policy(RoleName="Attached", PolicyArn="arn:aws:iam::000000000000:policy/none")
    iam.delete_role(RoleName="Attached")


def test_instance_profiles(iam: Any) -> None:
    iam.create_role(RoleName="Profiled", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="P")
    iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName="Profiled")
    [role] = iam.get_instance_profile(InstanceProfileName="P")["InstanceProfile"]["Roles"]
    assert role["RoleName"] == "Profiled"
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_role(RoleName="Profiled")
    iam.remove_role_from_instance_profile(InstanceProfileName="P", RoleName="Profiled")
    iam.delete_instance_profile(InstanceProfileName="P")
    iam.delete_role(RoleName="Profiled")


def test_users_groups_and_keys(iam: Any) -> None:
    iam.create_group(GroupName="Staff")
    iam.create_user(UserName="ada")
    iam.add_user_to_group(GroupName="Staff", UserName="ada")
    assert [user["UserName"] for user in iam.get_group(GroupName="Staff")["Users"]] == ["ada"]
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    iam.create_access_key(UserName="ada")
    with pytest.raises(ClientError, match="LimitExceeded"):
        iam.create_access_key(UserName="ada")
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    statuses = {one["Status"] for one in iam.list_access_keys(UserName="ada")["AccessKeyMetadata"]}
    assert statuses == {"Active", "Inactive"}
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_user(UserName="ada")


def test_service_linked_roles(iam: Any) -> None:
    role = iam.create_service_linked_role(AWSServiceName="replication.dynamodb.amazonaws.com")["Role"]
    assert role["Path"] == "/aws-service-role/replication.dynamodb.amazonaws.com/"
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def test_paging(iam: Any) -> None:
    for number in range(5):
        iam.create_role(RoleName=f"Page{number}", Path="/pages/", AssumeRolePolicyDocument=TRUST)
    pages = iam.get_paginator("list_roles").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2})
    assert [role["RoleName"] for page in pages for role in page["Roles"]] == [f"Page{n}" for n in range(5)]
