"""STS by AWS's own client."""

from base64 import urlsafe_b64encode

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion


def test_everybody_is_the_accounts_root(served: ServedRegion) -> None:
    identity = served.client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == ("000000000000", "arn:aws:iam::000000000000:root")


def test_assumed_credentials_work(served: ServedRegion) -> None:
    answer = served.client("sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/path/app", RoleSessionName="me")
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/app/me"
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_a_role_must_be_one(served: ServedRegion) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        served.client("sts").assume_role(RoleArn="arn:aws:s3:::a-bucket/thing", RoleSessionName="me")


def test_session_token_and_key(served: ServedRegion) -> None:
    assert served.client("sts").get_session_token()["Credentials"]["SessionToken"]
    assert served.client("sts").get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"] == "000000000000"


def test_web_identity(served: ServedRegion) -> None:
    payload = urlsafe_b64encode(b'{"sub": "ada", "iss": "https://login.test"}').decode().rstrip("=")
    client = served.client("sts")
    asked = {"RoleArn": "arn:aws:iam::000000000000:role/app", "RoleSessionName": "me"}
    answer = client.assume_role_with_web_identity(WebIdentityToken=f"head.{payload}.sign", **asked)
    assert answer["SubjectFromWebIdentityToken"] == "ada"
    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        client.assume_role_with_web_identity(WebIdentityToken="nothing at all", **asked)
