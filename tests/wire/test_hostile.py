"""Whatever arrives: an answer in AWS's form, never an exception of ours."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.wire import AwsError, check, identify, parse, protocol_of, serialize_error
from panregion.world import Request, Response

SERVICES = ["dynamodb", "sqs", "sts", "sns", "ec2", "s3", "route53", "lambda", "apigateway", "cloudwatch"]
TARGETS = ["DynamoDB_20120810.PutItem", "DynamoDB_20120810.", "AmazonSQS.SendMessage", "x", "", "....", "ü.x"]
PATHS = ["/", "//", "/b/k", "/%", "/%ff/%00", "/2015-03-31/functions/%2F/invocations",
         "/service/x/operation/PutMetricData", "/restapis/a/resources", "/2013-04-01/hostedzone/x/rrset/"]  # fmt: skip
QUERIES = [
    "",
    "&&&",
    "%",
    "list-type=2&max-keys=x",
    "Action=",
    "uploadId&partNumber=",
    "X-Amz-Credential=%2F%2F",
    "a=%ff",
]
BODIES = [b"", b"{}", b"[]", b"null", b'{"Item":{"a":{"M":', b"<a/>", b"<a><b></a>", b"Action=GetCallerIdentity",
          b"\xa1", b"Action=Publish&MessageAttributes.entry.1.Value.BinaryValue=%%%",
          b"Action=TagResource&Tags.member=x&Tags.member.1=y",
          b'{"TableName":{"a":[null]},"Item":[]}', b"\xbf\xbf\xbf"]  # fmt: skip
HEADERS = [("Content-Encoding", "gzip"), ("Content-Encoding", "aws-chunked"), ("Authorization", "AWS4-"),
           ("Authorization", "AWS4-HMAC-SHA256 Credential=////,"), ("Smithy-Protocol", "rpc-v2-cbor"), ("Host", "..:x"),
           ("Host", "b.s3.localhost"), ("Content-Type", "application/x-www-form-urlencoded"), ("X-Amz-Date", "soon"),
           ("x-amz-object-lock-retain-until-date", "soon"), ("X-Amz-Meta-", "")]  # fmt: skip

requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "NONSENSE"]),
    path=st.sampled_from(PATHS) | st.text(alphabet="/%abc.+{}0", max_size=20).map(lambda path: "/" + path),
    query=st.sampled_from(QUERIES) | st.text(alphabet="abc=&%+.;", max_size=20),
    headers=st.lists(
        st.sampled_from(HEADERS) | st.sampled_from(TARGETS).map(lambda target: ("X-Amz-Target", target)), max_size=4
    ),
    body=st.sampled_from(BODIES) | st.binary(max_size=40),
)


@settings(deadline=None)  # the first request of a service reads its model
@given(requests, st.sampled_from(SERVICES))
def test_nothing_but_aws_errors_comes_of_it(request: Request, service: str) -> None:
    identify(request)
    error = refusal(request, service)
    if error is not None:
        assert isinstance(serialize_error(service, error, "id", protocol_of(request, service)), Response)
        assert 400 <= error.status < 500


def refusal(request: Request, service: str) -> AwsError | None:
    try:
        call = parse(request, service)
        check(call.service, call.operation, call.params)
    except AwsError as error:
        return error
    return None


def nested(opening: bytes, closing: bytes, depth: int = 100_000) -> bytes:
    return opening * depth + closing * depth


@pytest.mark.parametrize(
    ("service", "request_"),
    [
        ("dynamodb", Request("POST", "/", "", [("X-Amz-Target", "DynamoDB_20120810.PutItem")], nested(b'{"a":', b"}"))),
        ("s3", Request("PUT", "/b", "acl", [], nested(b"<Grant>", b"</Grant>"))),
        ("cloudwatch", Request("POST", "/service/x/operation/PutMetricData", "", [], b"\x81" * 100_000)),
        ("sts", Request("POST", "/", "", [], b"Action=GetSessionToken&" + b"a." * 100_000 + b"=1")),
    ],
)
def test_depth_does_no_harm(service: str, request_: Request) -> None:
    error = refusal(request_, service)
    assert error is None or error.status < 500


def test_an_item_that_is_nested_deeply() -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(2_000):
        value = {"L": [value]}
    with pytest.raises(AwsError, match="nested too deeply"):
        check("dynamodb", "PutItem", {"TableName": "t", "Item": {"a": value}})
