"""A queue's attributes: which there are, what they may be, and what a queue becomes by them. Pure.

They are strings on the wire and kept as such, beside the values that follow from them.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.services.sqs.errors import (
    InvalidAttributeName,
    InvalidAttributeValue,
    InvalidParameterValue,
    QueueNameExists,
)
from panregion.services.sqs.model import Queue, Tally
from panregion.services.sqs.redrive import parse_allow_policy, parse_redrive

RANGES = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
CHOICES = {
    "FifoQueue": ("true", "false"),
    "ContentBasedDeduplication": ("true", "false"),
    "SqsManagedSseEnabled": ("true", "false"),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
TEXTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId")
FIFO_ONLY = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
SETTABLE = {*RANGES, *CHOICES, *TEXTS}
READABLE = {*SETTABLE, *COUNTS, "All", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"}

_DEFAULTS = {
    "VisibilityTimeout": "30",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
}
_FIFO_DEFAULTS = {
    "FifoQueue": "true",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
    "ContentBasedDeduplication": "false",
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_CHARACTERS = "can only include alphanumeric characters, hyphens, or underscores"


def check_name(name: str, fifo: bool) -> None:
    """Raises InvalidParameterValue."""
    stem = name.removesuffix(".fifo") if fifo else name
    if fifo and (stem == name or not _NAME.fullmatch(stem) or len(name) > 80):
        raise InvalidParameterValue(
            f"The name of a FIFO queue {_CHARACTERS}, must end with .fifo suffix and be 1 to 80 in length"
        )
    if not _NAME.fullmatch(stem):
        raise InvalidParameterValue(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def checked(given: Mapping[str, str], *, fifo: bool, created: bool) -> dict[str, str]:
    """Attributes as they will be kept. Raises InvalidAttributeName, InvalidAttributeValue."""
    kept = {}
    for name, value in given.items():
        if name not in SETTABLE:
            raise InvalidAttributeName(f"Unknown Attribute {name}.")
        if name in FIFO_ONLY and not fifo:
            raise InvalidAttributeName(f"You can specify the {name} only when FifoQueue is set to true.")
        kept[name] = _checked(name, value)
    if "FifoQueue" in kept and not fifo:
        raise InvalidAttributeName("Unknown Attribute FifoQueue.")
    if kept.get("FifoQueue") == "false" and not created:
        raise InvalidAttributeValue(
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
        )
    return kept


def _checked(name: str, value: str) -> str:
    if name in RANGES:
        least, most = RANGES[name]
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise InvalidAttributeValue(f"Invalid value for the parameter {name}.")
        return str(int(value))
    if name in CHOICES:
        choice = value if name in ("DeduplicationScope", "FifoThroughputLimit") else value.lower()
        if choice not in CHOICES[name]:
            raise InvalidAttributeValue(f"Invalid value for the parameter {name}.")
        return choice
    if name == "Policy" and value:
        _check_json(value)
    return value


def _check_json(value: str) -> None:
    try:
        document = msgspec.json.decode(value)
    except msgspec.DecodeError:
        document = None
    if not isinstance(document, dict):
        raise InvalidAttributeValue("Invalid value for the parameter Policy.")


def with_attributes(queue: Queue, given: Mapping[str, str]) -> Queue:
    """The queue once these, which were checked, are set. Raises where they do not go together."""
    attributes = {name: value for name, value in {**queue.attributes, **given}.items() if value != ""}
    _check_encryption(given, attributes)
    scope = attributes.get("DeduplicationScope", "queue")
    if attributes.get("FifoThroughputLimit") == "perMessageGroupId" and scope != "messageGroup":
        raise InvalidAttributeValue(
            "Invalid value for the parameter FifoThroughputLimit. Reason: perMessageGroupId is only allowed when "
            "DeduplicationScope is set to messageGroup."
        )
    if allow := given.get("RedriveAllowPolicy"):
        parse_allow_policy(allow)
    redrive = attributes.get("RedrivePolicy")
    whole = {**_DEFAULTS, **attributes}
    return msgspec.structs.replace(
        queue,
        attributes=attributes,
        delay_s=int(whole["DelaySeconds"]),
        message_bytes_max=int(whole["MaximumMessageSize"]),
        retention_s=int(whole["MessageRetentionPeriod"]),
        wait_s=int(whole["ReceiveMessageWaitTimeSeconds"]),
        visibility_s=int(whole["VisibilityTimeout"]),
        content_deduplication=attributes.get("ContentBasedDeduplication") == "true",
        deduplication_by_group=scope == "messageGroup",
        redrive=None if redrive is None else parse_redrive(redrive),
    )


def _check_encryption(given: Mapping[str, str], attributes: dict[str, str]) -> None:
    """A key of KMS and SQS's own encryption exclude each other; setting the one ends the other."""
    key, own = given.get("KmsMasterKeyId"), given.get("SqsManagedSseEnabled") == "true"
    if own and attributes.get("KmsMasterKeyId"):
        raise InvalidAttributeName(
            "You can use one type of server-side encryption (SSE) at one time. "
            "You can either enable KMS SSE or SQS SSE."
        )
    if key:
        attributes["SqsManagedSseEnabled"] = "false"


def check_same(queue: Queue, given: Mapping[str, str]) -> None:
    """Creating a queue that exists is fine if it would be the same. Raises QueueNameExists."""
    shown = all_set(queue)
    for name, value in given.items():
        if not _equal(name, shown.get(name, ""), value):
            raise QueueNameExists(
                f"A queue already exists with the same name and a different value for attribute {name}"
            )


def _equal(name: str, one: str, other: str) -> bool:
    if name in TEXTS[:3] and one and other:
        try:
            return bool(msgspec.json.decode(one) == msgspec.json.decode(other))
        except msgspec.DecodeError:
            return one == other
    return one == other


def all_set(queue: Queue) -> dict[str, str]:
    """What was set, and the defaults of what was not."""
    shown = {**_DEFAULTS, **(_FIFO_DEFAULTS if queue.fifo else {}), **queue.attributes}
    if "KmsMasterKeyId" in shown:
        shown.setdefault("KmsDataKeyReusePeriodSeconds", "300")
    return shown


def described(queue: Queue, arn: str, names: list[str], tally: Tally | None) -> dict[str, Any]:
    """The attributes that were asked for. Raises InvalidAttributeName."""
    for name in names:
        if name not in READABLE:
            raise InvalidAttributeName(f"Unknown Attribute {name}.")
    shown = {
        "QueueArn": arn,
        "CreatedTimestamp": str(queue.created_s),
        "LastModifiedTimestamp": str(queue.modified_s),
        **all_set(queue),
    }
    if tally is not None:
        shown |= dict(zip(COUNTS, map(str, tally.counts), strict=True))
    return shown if "All" in names else {name: value for name, value in shown.items() if name in names}
