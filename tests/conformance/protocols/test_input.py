"""What botocore's serializers are expected to send, our parser must understand."""

import base64
from typing import Any
from urllib.parse import urlsplit

import pytest

from panregion.wire.codec import PROTOCOLS
from panregion.world import Request
from tests.conformance.protocols.cases import Case, load, plain

_TOKEN = "the client makes the token, which is not among the parameters of the case"
_NO_BODY = "the case gives no body to read"
_EMPTY = "an empty list or map is not sent, and arrives as absent"
_REPEATED = "the map of the client repeats what has a member of its own; ours has only the rest"
_EMPTY_PAYLOAD = "an absent structure is sent as an empty one, and arrives as that"

NOT_APPLICABLE = {
    "ec2/SDKAppliedContentEncoding_ec2Query": _NO_BODY,
    "ec2/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query": _NO_BODY,
    "json/SDKAppliedContentEncoding_awsJson1_1": _NO_BODY,
    "json/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1": _NO_BODY,
    "json_1_0/SDKAppliedContentEncoding_awsJson1_0": _NO_BODY,
    "json_1_0/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0": _NO_BODY,
    "query/SDKAppliedContentEncoding_awsQuery": _NO_BODY,
    "query/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery": _NO_BODY,
    "rest-json/SDKAppliedContentEncoding_restJson1": _NO_BODY,
    "rest-json/SDKAppendedGzipAfterProvidedEncoding_restJson1": _NO_BODY,
    "rest-xml/SDKAppliedContentEncoding_restXml": _NO_BODY,
    "rest-xml/SDKAppendedGzipAfterProvidedEncoding_restXml": _NO_BODY,
    "ec2/Ec2ProtocolIdempotencyTokenAutoFill": _TOKEN,
    "query/QueryProtocolIdempotencyTokenAutoFill": _TOKEN,
    "rest-json/RestJsonQueryIdempotencyTokenAutoFill": _TOKEN,
    "rest-xml/QueryIdempotencyTokenAutoFill": _TOKEN,
    "ec2/Ec2EmptyQueryLists": _EMPTY,
    "query/QueryEmptyQueryMaps": _EMPTY,
    "rest-json/RestJsonHttpPrefixHeadersAreNotPresent": _EMPTY,
    "rest-xml/HttpPrefixHeadersAreNotPresent": _EMPTY,
    "rest-json/RestJsonOmitsEmptyListQueryValues": _EMPTY,
    "rest-json/RestJsonAllQueryStringTypes": _REPEATED,
    "rest-json/RestJsonQueryStringEscaping": _REPEATED,
    "rest-json/RestJsonSupportsNaNFloatQueryValues": _REPEATED,
    "rest-json/RestJsonSupportsInfinityFloatQueryValues": _REPEATED,
    "rest-json/RestJsonSupportsNegativeInfinityFloatQueryValues": _REPEATED,
    "rest-json/RestJsonZeroAndFalseQueryValues": _REPEATED,
    "rest-json/RestJsonQueryPrecedence": _REPEATED,
    "rest-xml/RestXmlQueryPrecedence": _REPEATED,
    "rest-json/RestJsonHttpWithEmptyStructurePayload": _EMPTY_PAYLOAD,
    "rest-json/RestJsonHttpWithHeadersButNoPayload": _EMPTY_PAYLOAD,
    "rest-json/RestJsonHostWithPath": "the path of the client's endpoint comes before the operation's",
    "rest-json/MediaTypeHeaderInputBase64": "botocore takes the JSON in a header as a value, not as text",
}

CASES = load("input")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_parses_what_botocore_sends(case: Case) -> None:
    if case.id in NOT_APPLICABLE:
        pytest.skip(NOT_APPLICABLE[case.id])
    model = case.model()
    request = request_of(case)
    call = PROTOCOLS[case.protocol].read(model, request, request.body)
    assert call.operation == case.operation
    assert plain(call.params) == expected(case)


def request_of(case: Case) -> Request:
    serialized = case.case["serialized"]
    url = urlsplit(serialized["uri"])
    headers = list(serialized.get("headers", {}).items())
    body = serialized.get("body", "").encode()
    if case.protocol == "smithy-rpc-v2-cbor":
        body = base64.b64decode(body)
    if case.protocol == "json" and "X-Amz-Target" not in serialized.get("headers", {}):
        headers.append(("X-Amz-Target", f"Service.{case.operation}"))
    return Request(serialized["method"], url.path, url.query, headers, body)


def expected(case: Case) -> Any:
    return plain(case.case["params"])


def test_every_exception_names_a_case() -> None:
    assert set(NOT_APPLICABLE) <= {case.id for case in CASES}
