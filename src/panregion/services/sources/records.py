"""What a taker is given of a source, what it answers about single records, and which records it wants. Pure."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec

from panregion.languages.patterns import Pattern

Json = dict[str, Any]


def queue_record(message: Json, arn: str) -> Json:
    """A message of ReceiveMessage as SQS hands it to a function."""
    record: Json = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _message_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record | {
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }


def _message_attribute(value: Json) -> Json:
    told: Json = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        told["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        told["binaryValue"] = value["BinaryValue"]
    return told


def stream_record(record: Json, arn: str) -> Json:
    """A record of GetRecords as a function is given it."""
    return {**record, "eventSourceARN": arn}


def wanted(record: Json, patterns: Sequence[Pattern]) -> bool:
    """Whether any filter lets the record through; no filters let all through.

    A message's body is compared as JSON where it is JSON, as text where it is not. Of a record in Kinesis's form, what
    lies in its `kinesis` is compared, with its `data` out of base64 and then as a message's body.
    """
    if not patterns:
        return True
    if "body" in record:
        record = {**record, "body": _decoded(record["body"])}
    elif "kinesis" in record:
        record = {**record, **record["kinesis"], "data": _decoded(_unpacked(record["kinesis"].get("data", "")))}
    return any(pattern.matches(record) for pattern in patterns)


def _unpacked(data: str) -> str:
    """The text in base64; where it is none, what stands there."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return data


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def failed_items(payload: bytes, known: Sequence[str]) -> list[str] | None:
    """The identifiers in a `batchItemFailures` answer, in the batch's order; None: the whole batch counts as failed.

    As AWS has it: no answer or an empty list is success; an identifier that is empty, none, or not of this batch, or
    an answer of another form, fails all of it.
    """
    try:
        answer = msgspec.json.decode(payload or b"null")
    except msgspec.DecodeError:
        return None
    if answer is None or answer == {} or answer == "":
        return []
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures")
    if failures is None:
        return []
    if not isinstance(failures, list):
        return None
    found = {each.get("itemIdentifier") if isinstance(each, dict) else None for each in failures}
    return [item for item in known if item in found] if found <= set(known) else None
