"""Every operation of the services we care for, there and back through botocore's own serializers and parsers."""

import base64
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from panregion.wire import AwsError, identify, parse, serialize_error, serialize_output
from panregion.wire.model import Operation, Shape, service_model
from panregion.world import Request, Response
from tests.conformance.protocols.samples import HEADER_TEXT, MOMENT, sample

SERVICES = [
    "acm", "apigateway", "apigatewaymanagementapi", "apigatewayv2", "appsync", "arc-region-switch", "cloudformation",
    "cloudfront", "cloudwatch", "cognito-idp", "dynamodb", "dynamodbstreams", "ec2", "events", "firehose", "fis",
    "globalaccelerator", "iam", "kinesis", "kms", "lambda", "logs", "pipes", "rds", "rds-data", "route53",
    "route53-recovery-cluster", "route53-recovery-control-config", "s3", "s3control", "scheduler", "secretsmanager",
    "sns", "sqs", "ssm", "stepfunctions", "sts", "xray",
]  # fmt: skip
PROTOCOLS = [(service, protocol) for service in SERVICES for protocol in service_model(service).protocols]
each_service = pytest.mark.parametrize(("service", "protocol"), PROTOCOLS)

DYNAMODB = ("dynamodb", "dynamodbstreams")
"""Their request ids have a form of their own."""
TEXT_BLOBS = ("dynamodb", "dynamodbstreams", "sqs")


def shown_id(service: str) -> str:
    return "THEIDSO5AEMVJF66Q9ASUAAJG" if service in DYNAMODB else "the-id"


@each_service
def test_requests_arrive_as_they_were_meant(service: str, protocol: str) -> None:
    wrong = []
    for operation in operations(service):
        params = sample_input(operation)
        request = sent_by_botocore(service, operation.name, params, protocol)
        addressed = identify(request)
        assert addressed is not None, operation.name
        assert (addressed.service, addressed.region, addressed.access_key_id) == (service, "eu-west-1", "test")
        call = parse(request, service)
        assert call.protocol == protocol
        if (call.operation, call.params) != (operation.name, arrived(operation, params)):
            wrong.append((operation.name, call))
    assert not wrong


@each_service
def test_results_arrive_as_they_were_meant(service: str, protocol: str) -> None:
    wrong = []
    for operation in operations(service):
        if operation.output is None or operation.output.event_stream:
            continue
        output = sample(operation.output)
        if service == "s3" and "Expires" in output:
            output["Expires"] = EXPIRES
        response = serialize_output(service, operation.name, output, "the-id", protocol)
        parsed = read_by_botocore(service, response, botocore_operation(service, operation.name).output_shape, protocol)
        metadata = parsed.pop("ResponseMetadata")
        assert metadata["RequestId"] == shown_id(service), operation.name
        if parsed != expected_output(operation, output):
            wrong.append((operation.name, parsed, output))
    assert not wrong


@each_service
def test_errors_arrive_as_they_were_meant(service: str, protocol: str) -> None:
    model = service_model(service)
    for code, shape in model.errors.items():
        fields = {
            name: value for name, value in sample(shape).items() if name.lower() not in ("message", "code", "type")
        }
        response = serialize_error(service, AwsError.of(code, "What <went> wrong", **fields), "the-id", protocol)
        parsed = read_by_botocore(service, response, None, protocol)
        assert parsed["Error"]["Message"] == "What <went> wrong", code
        assert parsed["ResponseMetadata"]["RequestId"] == shown_id(service)
        found = botocore_model(service).shape_for_error_code(parsed["Error"]["Code"])
        if len([other for other in model.errors.values() if other.definition.error == shape.definition.error]) == 1:
            assert found.name == shape.name
        modelled = read_by_botocore(service, response, botocore_model(service).shape_for(shape.name), protocol)
        assert {name: modelled.get(name) for name in fields} == expected_members(shape, fields)


EXCEPTED = {
    "ListDirectoryBuckets": "the host alone tells it from ListBuckets, and directory buckets are not served",
    "GetBucketLocation": "botocore reads it by hand, not by its parser; tests/wire/test_rest_xml.py has it",
}


def operations(service: str) -> list[Operation]:
    model = service_model(service)
    names = (name for name in model.operation_names if not model.definition(name).deprecated)
    return [model.operation(name) for name in names if name not in EXCEPTED]


def sample_input(operation: Operation) -> dict[str, Any]:
    if operation.input is None:
        return {}
    params = sample(operation.input)
    for name, member in operation.input.members.items():
        if member.location == "uri":
            params[name] = params[name].replace("\n", "") if isinstance(params[name], str) else params[name]
        if name in ("AccountId", "RequestRoute"):  # labels of host names
            params[name] = "123456789012"
        if (operation.service.name, name) == ("s3", "Expires"):
            params[name] = EXPIRES
    return dict(params)


EXPIRES = "Fri, 02 Jan 2026 03:04:05 GMT"
"""S3 keeps this header as any text; only botocore makes a timestamp of it."""


@cache
def session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def botocore_model(service: str) -> Any:
    return session().get_service_model(service)


def botocore_operation(service: str, operation: str) -> Any:
    return botocore_model(service).operation_model(operation)


def sent_by_botocore(service: str, operation: str, params: dict[str, Any], protocol: str) -> Request:
    serializer = create_serializer(protocol, include_validation=False)
    prepared = serializer.serialize_to_request(params, botocore_operation(service, operation))
    prepare_request_dict(prepared, "http://127.0.0.1:4566")
    sent = create_request_object(prepared).prepare()
    url = urlsplit(sent.url)
    metadata = service_model(service).metadata
    scope = f"test/20260102/eu-west-1/{metadata.signing_name or metadata.endpoint_prefix}/aws4_request"
    headers = [(name, value if isinstance(value, str) else value.decode()) for name, value in sent.headers.items()]
    headers.append(("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"))
    body = sent.body or b""
    return Request(sent.method, url.path, url.query, headers, body.encode() if isinstance(body, str) else body)


def arrived(operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
    """What of the parameters differs at our side of the wire, and why."""
    if operation.service.name in TEXT_BLOBS and operation.input is not None:
        return dict(as_text_blobs(operation.input, params))  # the service asked for blobs as base64 text
    return params


def as_text_blobs(shape: Shape, value: Any) -> Any:
    if shape.type == "blob":
        return base64.b64encode(value).decode()
    if shape.type == "structure":
        return {name: as_text_blobs(shape.members[name], item) for name, item in value.items()}
    if shape.type == "list":
        return [as_text_blobs(shape.member, item) for item in value]
    return {key: as_text_blobs(shape.value, item) for key, item in value.items()} if shape.type == "map" else value


def read_by_botocore(service: str, response: Response, shape: Any, protocol: str) -> dict[str, Any]:
    assert isinstance(response.body, bytes)
    answer = {
        "headers": HeadersDict(response.headers),
        "body": response.body,
        "status_code": response.status,
        "context": {},
    }
    parsed = create_parser(protocol).parse(answer, shape)
    assert isinstance(parsed, dict)
    return parsed


def expected_output(operation: Operation, output: dict[str, Any]) -> dict[str, Any]:
    assert operation.output is not None
    return expected_members(operation.output, output)


def expected_members(shape: Shape, output: dict[str, Any]) -> dict[str, Any]:
    found = dict(output)
    for name, member in shape.members.items():
        if name in found and shape.payload is member and member.type == "blob":
            found[name] = found[name].decode()  # botocore's parser makes text of a body that is no stream
        if found.get(name) == EXPIRES:
            found[name] = MOMENT
    return found


def test_the_header_sample_has_no_comma() -> None:
    assert "," not in HEADER_TEXT  # botocore's parser would split lists at it
