"""The json protocol: what the conformance cases do not say."""

import zlib

import msgspec
import pytest

from panregion.wire import AwsError, SerializationException, parse, serialize_error, serialize_output
from panregion.world import Request, Response

SCOPE = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/dynamodb/aws4_request"


def request(body: bytes, target: str = "DynamoDB_20120810.PutItem") -> Request:
    headers = [("X-Amz-Target", target), ("Authorization", f"{SCOPE}, SignedHeaders=host, Signature=0")]
    return Request("POST", "/", "", headers, body)


def test_dynamodb_keeps_blobs_as_text() -> None:
    call = parse(request(b'{"TableName":"t","Item":{"b":{"B":"YWJj"}}}'), "dynamodb")
    assert call.params["Item"] == {"b": {"B": "YWJj"}}
    response = serialize_output("dynamodb", "GetItem", {"Item": {"b": {"B": "YWJj"}}}, "id")
    assert response.body == b'{"Item":{"b":{"B":"YWJj"}}}'


def test_an_item_that_is_json_already_passes_through() -> None:
    item = msgspec.Raw(b'{"a":{"NULL":true},"b":{"S":":null"}}')
    response = serialize_output("dynamodb", "GetItem", {"Item": item, "ConsumedCapacity": None}, "id")
    assert response.body == b'{"Item":{"a":{"NULL":true},"b":{"S":":null"}}}'


def test_nulls_are_absent_and_unknown_members_are_dropped() -> None:
    body = b'{"TableName":"t","Item":{"a":{"S":"x","N":null}},"ReturnValues":null,"Surprise":1}'
    assert parse(request(body), "dynamodb").params == {"TableName": "t", "Item": {"a": {"S": "x"}}}
    assert parse(request(b'{"TableName":"t","Surprise":1}'), "dynamodb").params == {"TableName": "t"}


def test_an_empty_body_is_an_empty_document() -> None:
    assert parse(request(b"", "DynamoDB_20120810.ListTables"), "dynamodb").params == {}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_what_is_no_document(body: bytes) -> None:
    with pytest.raises(SerializationException):
        parse(request(body), "dynamodb")


def test_a_request_without_an_operation() -> None:
    with pytest.raises(AwsError, match="UnknownOperationException"):
        parse(Request("POST", "/"), "sqs")
    with pytest.raises(AwsError, match="SQS has no operation Nonsense"):
        parse(request(b"{}", "AmazonSQS.Nonsense"), "sqs")


def header(response: Response, name: str) -> str | None:
    return dict(response.headers).get(name)


def test_dynamodbs_replies_are_summed() -> None:
    response = serialize_output("dynamodb", "ListTables", {"TableNames": ["a"]}, "1a13fd99-e899-4d7a-8bf1-968444be8222")
    assert isinstance(response.body, bytes)
    assert header(response, "x-amz-crc32") == str(zlib.crc32(response.body))
    assert header(response, "Content-Type") == "application/x-amz-json-1.0"
    assert header(response, "x-amzn-RequestId") == "1A13FD99E8994D7A8BF1968444BE8222SO5AEMVJF66Q9ASUAAJG"
    assert header(serialize_output("logs", "DescribeLogGroups", {}, "id"), "x-amzn-RequestId") == "id"


class ResourceNotFoundException(AwsError):
    pass


class ValidationException(AwsError):
    pass


def test_errors_have_the_namespaces_that_aws_gives_them() -> None:
    def kind(service: str, error: AwsError) -> str:
        body = serialize_error(service, error, "id").body
        assert isinstance(body, bytes)
        return str(msgspec.json.decode(body)["__type"])

    missing = ResourceNotFoundException("Requested resource not found")
    assert kind("dynamodb", missing) == "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"
    assert kind("dynamodb", ValidationException("x")) == "com.amazon.coral.validate#ValidationException"
    assert kind("dynamodb", SerializationException("x")) == "com.amazon.coral.service#SerializationException"
    assert kind("logs", missing) == "ResourceNotFoundException"


def test_sqs_tells_the_codes_of_its_query_days() -> None:
    response = serialize_error("sqs", AwsError.of("QueueDoesNotExist", "x"), "id")
    assert header(response, "x-amzn-query-error") == "AWS.SimpleQueueService.NonExistentQueue;Sender"


def test_the_status_is_the_classs_own_or_else_the_models() -> None:
    class ResourceNotFoundException(AwsError):
        pass

    class TooManyRequestsException(AwsError):
        status = 418

    assert serialize_error("lambda", ResourceNotFoundException("x"), "id").status == 404
    assert serialize_error("lambda", TooManyRequestsException("x"), "id").status == 418
    assert serialize_error("lambda", AwsError.of("Unheard", "x"), "id").status == 400
    assert serialize_error("lambda", AwsError.of("ServiceException", "x"), "id").status == 500
