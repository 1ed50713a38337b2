"""Whose request is this?"""

import pytest

from panregion.wire import Addressed, identify
from panregion.wire.catalogue import (
    SERVICE_BY_QUERY_VERSION,
    SERVICE_BY_SIGNING_NAME,
    SERVICE_BY_TARGET,
    all_metadata,
    by_signing_name,
    by_target,
)
from panregion.world import Headers, Request

FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")


def signed(signing_name: str, region: str = "eu-west-1", **changes: str) -> Request:
    scope = f"AKIDEXAMPLE/20260102/{region}/{signing_name}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=abc"
    headers: Headers = [("Authorization", authorization)]
    for name in ("Host", "X-Amz-Target", "x-amz-account-id"):
        if name in changes:
            headers.append((name, changes[name]))
    return Request(changes.get("method", "POST"), changes.get("path", "/"), changes.get("query", ""), headers)


@pytest.mark.parametrize(
    ("request_", "service"),
    [
        (signed("dynamodb", **{"X-Amz-Target": "DynamoDB_20120810.PutItem"}), "dynamodb"),
        (signed("dynamodb", **{"X-Amz-Target": "DynamoDBStreams_20120810.ListStreams"}), "dynamodbstreams"),
        (signed("monitoring"), "cloudwatch"),
        (signed("states"), "stepfunctions"),
        (signed("apigateway", path="/restapis"), "apigateway"),
        (signed("apigateway", path="/v2/apis"), "apigatewayv2"),
        (signed("execute-api", path="/prod/@connections/abc"), "apigatewaymanagementapi"),
        (signed("s3", path="/bucket/key"), "s3"),
        (signed("s3", path="/v20180820/mrap/instances", **{"x-amz-account-id": "1"}), "s3control"),
        (signed("s3", path="/", Host="1.s3-control.eu-west-1.amazonaws.com"), "s3control"),
        (signed("s3", path="/v20180820/key"), "s3"),
        (signed("ses"), "ses"),
        (signed("ses", path="/v2/email/identities"), "sesv2"),
        (signed("es", path="/2021-01-01/opensearch/domain"), "opensearch"),
        (signed("rds"), "rds"),
        (signed("tagging"), "resourcegroupstaggingapi"),
        (signed("airflow"), "mwaa"),  # in no table: looked up in the models
        (signed("lambda", path="/2015-03-31/functions"), "lambda"),
    ],
)
def test_signed_requests(request_: Request, service: str) -> None:
    assert identify(request_) == Addressed(service, "eu-west-1", "AKIDEXAMPLE")


def test_a_users_signed_request_to_an_api_is_no_request_to_aws() -> None:
    assert identify(signed("execute-api", path="/prod/orders")) is None
    assert identify(signed("lambda", Host="abc.lambda-url.eu-west-1.on.aws")) is None
    assert identify(signed("appsync", path="/graphql", Host="abc.appsync-api.eu-west-1.amazonaws.com")) is None


def test_a_presigned_url() -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260102%2Fap-south-1%2Fs3%2Faws4_request"
    assert identify(Request("GET", "/bucket/key", query)) == Addressed("s3", "ap-south-1", "AKID")


def test_signature_version_2_is_s3s() -> None:
    query = "AWSAccessKeyId=AKID&Signature=x&Expires=1"
    assert identify(Request("GET", "/bucket/key", query)) == Addressed("s3", None, "AKID")
    old = Request("GET", "/bucket/key", "", [("Authorization", "AWS AKID:signature")])
    assert identify(old) == Addressed("s3", None, "AKID")


def test_sigv4a_takes_its_region_from_the_set() -> None:
    authorization = "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260102/s3/aws4_request, SignedHeaders=host, Signature=x"
    headers = [("Authorization", authorization), ("X-Amz-Region-Set", "us-east-1,us-west-2")]
    assert identify(Request("GET", "/bucket", "", headers)) == Addressed("s3", "us-east-1", "AKID")
    anywhere = [("Authorization", authorization), ("X-Amz-Region-Set", "*")]
    assert identify(Request("GET", "/bucket", "", anywhere)) == Addressed("s3", None, "AKID")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            Request("POST", "/", "", [FORM], b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15"),
            Addressed("sts", None, None),
        ),
        (
            Request("POST", "/", "", [("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")]),
            Addressed("cognito-idp", None, None),
        ),
        (
            Request("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData"),
            Addressed("cloudwatch", None, None),
        ),
        (
            Request("GET", "/key", "", [("Host", "bucket.s3.eu-west-1.amazonaws.com")]),
            Addressed("s3", "eu-west-1", None),
        ),
        (
            Request("GET", "/", "", [("Host", "states.us-gov-west-1.amazonaws.com")]),
            Addressed("stepfunctions", "us-gov-west-1", None),
        ),
        (Request("GET", "/", "", [("Host", "iam.amazonaws.com")]), Addressed("iam", None, None)),
    ],
)
def test_unsigned_requests(request_: Request, expected: Addressed) -> None:
    assert identify(request_) == expected


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/"),
        Request("GET", "/index.html", "", [("Host", "127.0.0.1:4566")]),
        Request("GET", "/get/1", "", [("Host", "abc.execute-api.us-east-1.amazonaws.com")]),
        Request("POST", "/", "", [FORM], b"name=value"),
        Request("POST", "/", "", [("X-Amz-Target", "NoSuchThing.Operation")]),
        Request("GET", "/", "", [("Authorization", "Bearer token")]),
        Request("GET", "/", "", [("Authorization", "AWS4-HMAC-SHA256 nonsense")]),
        Request("GET", "/", "", [("Authorization", "AWS4-HMAC-SHA256 Credential=too/short")]),
    ],
)
def test_what_is_no_request_to_aws(request_: Request) -> None:
    assert identify(request_) is None


def test_the_tables_agree_with_the_models() -> None:
    known = all_metadata()
    for name, service in SERVICE_BY_SIGNING_NAME.items():
        assert name in (known[service].signing_name, known[service].endpoint_prefix)
    for prefix, service in SERVICE_BY_TARGET.items():
        assert known[service].target_prefix == prefix
    for version, service in SERVICE_BY_QUERY_VERSION.items():
        assert known[service].api_version == version


def test_every_service_is_found_by_its_own_names() -> None:
    for service, metadata in all_metadata().items():
        found = by_signing_name(metadata.signing_name or metadata.endpoint_prefix)
        assert found is not None, service
        if metadata.target_prefix is not None and metadata.target_prefix != "Timestream_20181101":
            assert by_target(metadata.target_prefix) == service
