"""What DynamoDB says of requests that name no operation of its own or are not signed."""

from typing import Any

import msgspec
import pytest

from panregion.wire import AwsError, parse, serialize_error
from panregion.world import Request

SIGNED = "AWS4-HMAC-SHA256 Credential=a/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
CORAL = "com.amazon.coral.service#"
PREFIX = "Authorization header requires "
INCOMPLETE = (
    f"{PREFIX}'Credential' parameter. {PREFIX}'Signature' parameter. {PREFIX}'SignedHeaders' parameter. "
    "Authorization=AWS4-"
)
BOTH = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
NAMED = "DynamoDB_20120810.ListTables"


@pytest.mark.parametrize(
    ("target", "authorization", "query", "body", "answer"),
    [
        (None, SIGNED, "", b"{}", {"__type": f"{CORAL}UnknownOperationException"}),
        ("ListTables", SIGNED, "", b"{}", {"__type": f"{CORAL}UnknownOperationException"}),
        ("DynamoDB_20120810.Nope", SIGNED, "", b"{}", {"__type": f"{CORAL}UnknownOperationException"}),
        ("DynamoDB_20111205.ListTables", SIGNED, "", b"{}", {"__type": f"{CORAL}UnknownOperationException"}),
        ("DynamoDB_20120810.Nope", None, "", b"{}", {"__type": f"{CORAL}UnknownOperationException"}),
        ("DynamoDB_20120810.Nope", None, "", b"hello", {"__type": f"{CORAL}SerializationException"}),
        (NAMED, SIGNED, "", b"hello", {"__type": f"{CORAL}SerializationException"}),
        (
            NAMED,
            None,
            "",
            b"{}",
            {
                "__type": f"{CORAL}MissingAuthenticationTokenException",
                "message": "Request is missing Authentication Token",
            },
        ),
        (
            NAMED,
            "Basic abc",
            "",
            b"{}",
            {
                "__type": f"{CORAL}MissingAuthenticationTokenException",
                "message": "Request is missing Authentication Token",
            },
        ),
        (NAMED, "AWS4-", "", b"{}", {"__type": f"{CORAL}IncompleteSignatureException", "message": INCOMPLETE}),
        (NAMED, SIGNED, "X-Amz-Algorithm=", b"{}", {"__type": f"{CORAL}InvalidSignatureException", "message": BOTH}),
        (
            NAMED,
            None,
            "X-Amz-Algorithm=A&X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c",
            b"{}",
            {
                "__type": f"{CORAL}IncompleteSignatureException",
                "message": "AWS query-string parameters must include 'X-Amz-Date'. "
                "Re-examine the query-string parameters.",
            },
        ),
    ],
)
def test_who_does_not_get_in(
    target: str | None, authorization: str | None, query: str, body: bytes, answer: dict[str, Any]
) -> None:
    headers = [("X-Amz-Target", target)] if target else []
    headers += [("Authorization", authorization)] if authorization else []
    with pytest.raises(AwsError) as refused:
        parse(Request("POST", "/", query, headers, body), "dynamodb")
    response = serialize_error("dynamodb", refused.value, "id")
    assert isinstance(response.body, bytes)
    assert (response.status, msgspec.json.decode(response.body)) == (400, answer)


def test_a_presigned_request_gets_in() -> None:
    query = "X-Amz-Algorithm=A&X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d"
    assert parse(Request("POST", "/", query, [("X-Amz-Target", NAMED)], b"{}"), "dynamodb").operation == "ListTables"


def test_a_request_has_an_end() -> None:
    headers = [("X-Amz-Target", NAMED), ("Authorization", SIGNED)]
    for body in (b'{"a":"' + b"x" * (16 * 1024 * 1024) + b'"}', b" " * (16 * 1024 * 1024 + 1)):
        with pytest.raises(AwsError) as refused:
            parse(Request("POST", "/", "", headers, body), "dynamodb")
        assert serialize_error("dynamodb", refused.value, "id").status == 413
    assert parse(Request("POST", "/", "", headers, b"{}" + b" " * 1000), "dynamodb").params == {}
