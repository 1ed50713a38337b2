"""What functions are given of queues and streams, and what they answer about single records."""

import base64

import pytest

from panregion.services.lambda_.sources.model import compiled
from panregion.services.sources import failed_items, queue_record, wanted
from panregion.wire import AwsError

ARN = "arn:aws:sqs:eu-west-1:000000000000:orders"


def test_a_message_as_a_function_is_given_it() -> None:
    message = {
        "MessageId": "m",
        "ReceiptHandle": "r",
        "Body": "b",
        "MD5OfBody": "92eb5ffee6ae2fec3ad71c777531578f",
        "Attributes": {"ApproximateReceiveCount": "1"},
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "order"}},
        "MD5OfMessageAttributes": "x",
    }
    assert queue_record(message, ARN) == {
        "messageId": "m",
        "receiptHandle": "r",
        "body": "b",
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {
            "kind": {"stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "order"}
        },
        "md5OfMessageAttributes": "x",
        "md5OfBody": "92eb5ffee6ae2fec3ad71c777531578f",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "eu-west-1",
    }


@pytest.mark.parametrize(
    ("pattern", "body", "through"),
    [
        ('{"body": {"kind": ["order"]}}', '{"kind": "order"}', True),
        ('{"body": {"kind": ["order"]}}', '{"kind": "bill"}', False),
        ('{"body": {"kind": ["order"]}}', "order", False),
        ('{"body": ["order"]}', "order", True),
        ('{"attributes": {"SenderId": [{"exists": false}]}}', "any", True),
    ],
)
def test_filters_look_into_bodies_that_are_json(pattern: str, body: str, through: bool) -> None:
    assert wanted({"body": body, "attributes": {}}, [compiled(pattern)]) == through


@pytest.mark.parametrize(
    ("pattern", "data", "through"),
    [
        ('{"data": {"kind": ["order"]}}', b'{"kind": "order"}', True),
        ('{"data": {"kind": ["order"]}}', b'{"kind": "bill"}', False),
        ('{"data": {"kind": ["order"]}}', b"order", False),
        ('{"data": ["order"]}', b"order", True),
        ('{"partitionKey": ["1"], "data": {"n": [{"numeric": [">", 3]}]}}', b'{"n": 4}', True),
        ('{"partitionKey": ["2"]}', b"{}", False),
        ('{"data": {"kind": ["order"]}}', b"\xff\xfe", False),
    ],
)
def test_filters_look_into_data_in_kinesis_form(pattern: str, data: bytes, through: bool) -> None:
    packed = base64.b64encode(data).decode()
    record = {"kinesis": {"partitionKey": "1", "data": packed}, "eventSource": "aws:kinesis"}
    assert wanted(record, [compiled(pattern)]) == through


def test_no_filter_lets_all_through_and_one_of_several_will_do() -> None:
    record = {"dynamodb": {"NewImage": {"n": {"N": "7"}}}, "eventName": "INSERT"}
    insert, remove = compiled('{"eventName": ["INSERT"]}'), compiled('{"eventName": ["REMOVE"]}')
    assert wanted(record, [])
    assert wanted(record, [remove, insert])
    assert not wanted(record, [remove])


@pytest.mark.parametrize("text", ["", "[", '{"eventName": "INSERT"}', '{"a": [{"near": 1}]}'])
def test_a_filter_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(AwsError, match="Invalid filter pattern definition"):
        compiled(text)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", []),
        (b"null", []),
        (b"{}", []),
        (b'{"batchItemFailures": []}', []),
        (b'{"batchItemFailures": null}', []),
        (b'{"batchItemFailures": [{"itemIdentifier": "c"}, {"itemIdentifier": "a"}]}', ["a", "c"]),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', None),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', None),
        (b'{"batchItemFailures": [{"item": "a"}]}', None),
        (b'{"batchItemFailures": [{"itemIdentifier": "unknown"}]}', None),
        (b'{"batchItemFailures": "a"}', None),
        (b"[]", None),
        (b"{", None),
    ],
)
def test_what_a_function_says_of_single_records(payload: bytes, expected: list[str] | None) -> None:
    assert failed_items(payload, ["a", "b", "c"]) == expected
