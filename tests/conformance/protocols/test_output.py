"""What our serializer writes, botocore's own parser must read as the cases say."""

from typing import Any

import botocore.model
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from panregion.wire import AwsError
from panregion.wire.codec import PROTOCOLS
from panregion.world import Response
from tests.conformance.protocols.cases import Case, in_hand, load, plain

_TWO_FLAT_LISTS = "botocore reads a flattened list by its items' name, and here two lists share one"
_EMPTY_BLOB = "botocore reads an absent blob as an empty one"
_UNSET_UNION = "botocore refuses a union that has no member set"
_DATES = "botocore splits a list of HTTP dates at the comma inside each date"

NOT_APPLICABLE = {
    "ec2/Ec2XmlLists": _TWO_FLAT_LISTS,
    "query/QueryXmlLists": _TWO_FLAT_LISTS,
    "rest-xml/XmlLists": _TWO_FLAT_LISTS,
    "rest-json/RestJsonHttpPayloadTraitsWithNoBlobBody": _EMPTY_BLOB,
    "rest-xml/HttpPayloadTraitsWithNoBlobBody": _EMPTY_BLOB,
    "rest-json/RestJsonHttpPayloadWithUnsetUnion": _UNSET_UNION,
    "rest-xml/RestXmlHttpPayloadWithUnsetUnion": _UNSET_UNION,
    "rest-json/RestJsonInputAndOutputWithTimestampHeaders": _DATES,
    "rest-xml/InputAndOutputWithTimestampHeaders": _DATES,
    "rest-json/RestJsonInputAndOutputWithQuotedStringHeaders": "botocore does not take off the quotes",
    "rest-json/HttpPrefixHeadersResponse": "the prefix is empty, so that our request id is among the headers",
}

CASES = load("output")
RESULTS = [case for case in CASES if "error" not in case.case]
ERRORS = [case for case in CASES if "error" in case.case]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in RESULTS])
def test_botocore_reads_results(case: Case) -> None:
    if case.id in NOT_APPLICABLE:
        pytest.skip(NOT_APPLICABLE[case.id])
    model = case.model()
    operation = model.operation(case.operation)
    output = in_hand(operation.output, case.case["result"]) if operation.output else {}
    response = PROTOCOLS[case.protocol].write(operation, output, "request-id")
    parsed = parse(case, response, service_of(case).operation_model(case.operation).output_shape)
    assert parsed.pop("ResponseMetadata")["HTTPStatusCode"] == case.case["response"]["status_code"]
    assert plain(parsed) == plain(case.case["result"])


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in ERRORS])
def test_botocore_reads_errors(case: Case) -> None:
    if case.id in NOT_APPLICABLE:
        pytest.skip(NOT_APPLICABLE[case.id])
    model = case.model()
    code = case.case["errorCode"]
    shape = model.errors.get(code)
    fields = in_hand(shape, case.case["error"]) if shape else {}
    fields = {name: value for name, value in fields.items() if name.lower() != "message"}
    error = AwsError.of(code, case.case.get("errorMessage", ""), case.case["response"]["status_code"], **fields)
    response = PROTOCOLS[case.protocol].write_error(model, error, "request-id")
    assert response.status == case.case["response"]["status_code"]
    parsed = parse(case, response, None)
    assert parsed["Error"]["Code"] == code
    assert (parsed["Error"]["Message"] or "") == case.case.get("errorMessage", "")
    modelled = parse(case, response, service_of(case).shape_for_error_code(code))
    assert plain({**modelled, "ResponseMetadata": None}) == plain(case.case["error"])


def service_of(case: Case) -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(case.description, "conformance")


def parse(case: Case, response: Response, shape: Any) -> dict[str, Any]:
    """By botocore's parser, as its client would."""
    assert isinstance(response.body, bytes)
    parser = create_parser(case.protocol)
    answer = {
        "headers": HeadersDict(response.headers),
        "body": response.body,
        "status_code": response.status,
        "context": {"operation_name": case.operation},
    }
    parsed = parser.parse(answer, shape)
    assert isinstance(parsed, dict)
    return parsed


def test_every_exception_names_a_case() -> None:
    assert set(NOT_APPLICABLE) <= {case.id for case in CASES}
