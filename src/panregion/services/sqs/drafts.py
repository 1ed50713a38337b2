"""A message as a producer sends it: what AWS checks of it, and what is kept."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from panregion.services.sqs.digests import attributes_digest, body_digest, value_bytes
from panregion.services.sqs.errors import (
    InvalidMessageContents,
    InvalidParameterValue,
    UnsupportedOperation,
    invalid,
    missing,
)
from panregion.services.sqs.model import Message, Queue

ATTRIBUTES_MAX = 10
ATTRIBUTE_NAME_MAX = 256
DELAY_MAX_S = 900
Attributes = Mapping[str, Mapping[str, Any]]

_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_FIFO_ID = re.compile(r"[A-Za-z0-9!-/:-@\[-`{-~]{1,128}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WRONG_TYPE = "The request include parameter that is not valid for this queue type."
_encode = msgspec.json.Encoder().encode


def draft(
    queue: Queue,
    message_id: str,
    now_us: int,
    body: str,
    attributes: Attributes | None,
    system: Attributes | None,
    group: str | None,
    deduplication: str | None,
) -> Message:
    """The message as it will be kept. Raises what AWS raises of a message that cannot be sent to this queue."""
    check_body(body)
    if attributes:
        check_attributes(attributes)
    if size_of(body, attributes) > queue.message_bytes_max:
        raise InvalidParameterValue(
            f"One or more parameters are invalid. Reason: Message must be shorter than {queue.message_bytes_max} bytes."
        )
    if group is not None or deduplication is not None or queue.fifo:
        deduplication = _fifo_ids(queue, body, group, deduplication)
    return Message(
        id=message_id,
        body=body,
        body_md5=body_digest(body),
        sent_us=now_us,
        expires_from_us=now_us,
        attributes=_encode(attributes) if attributes else b"",
        attributes_md5=attributes_digest(attributes) if attributes else "",
        group=group,
        deduplication=deduplication,
        trace=_trace(system) if system else None,
    )


def check_body(body: str) -> None:
    if not body:
        raise missing("MessageBody")
    found = None if body.isascii() and body.isprintable() else _FORBIDDEN.search(body)
    if found is not None:
        raise InvalidMessageContents(
            f"Invalid binary character '#x{ord(found[0]):X}' was found in the message body, the set of allowed "
            "characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."
        )


def size_of(body: str, attributes: Attributes | None) -> int:
    """Bytes of the body and of the names, types and values of the attributes."""
    size = len(body) if body.isascii() else len(body.encode())
    for name, attribute in (attributes or {}).items():
        size += len(name.encode()) + len(attribute["DataType"].encode()) + len(value_bytes(attribute))
    return size


def check_attributes(attributes: Attributes) -> None:
    """Raises InvalidParameterValue, UnsupportedOperation."""
    if len(attributes) > ATTRIBUTES_MAX:
        raise InvalidParameterValue(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{ATTRIBUTES_MAX}]."
        )
    for name, attribute in attributes.items():
        _check_attribute_name(name)
        _check_attribute(name, attribute)


def _check_attribute_name(name: str) -> None:
    if len(name.encode()) > ATTRIBUTE_NAME_MAX:
        raise InvalidParameterValue("Message (user) attribute names must be shorter than 256 Bytes")
    if not _ATTRIBUTE_NAME.fullmatch(name):
        raise InvalidParameterValue(
            "Message (user) attributes name can only contain upper and lower score characters, digits, periods, "
            "hyphens and underscores. "
        )
    if name.lower().startswith(("aws.", "amazon.")) or name.startswith(".") or name.endswith(".") or ".." in name:
        raise InvalidParameterValue(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
            "These strings are reserved for internal use. Additionally, they cannot start or end with '.'."
        )


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> None:
    if attribute.get("StringListValues") or attribute.get("BinaryListValues"):
        raise UnsupportedOperation("Message attribute list values in SendMessage operation are not supported.")
    kind = attribute["DataType"].partition(".")[0]
    if kind not in ("String", "Number", "Binary"):
        raise InvalidParameterValue(
            f"The type of message (user) attribute '{name}' is invalid. You must use only the following supported "
            "type prefixes: Binary, Number, String."
        )
    if len(attribute["DataType"].encode()) > ATTRIBUTE_NAME_MAX:
        raise InvalidParameterValue("Message (user) attribute types must be shorter than 256 Bytes")
    if not value_bytes(attribute) or (attribute.get("BinaryValue") is not None) != (kind == "Binary"):
        raise InvalidParameterValue(
            f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
        )
    if kind == "Number" and not _NUMBER.fullmatch(attribute["StringValue"]):
        raise InvalidParameterValue(f"Can't cast the value of message (user) attribute '{name}' to a number.")
    if kind == "String":
        check_body(attribute["StringValue"])


def _trace(system: Attributes) -> str | None:
    for name, attribute in system.items():
        if name != "AWSTraceHeader":
            raise InvalidParameterValue(f"Message system attribute name '{name}' is invalid.")
        if attribute["DataType"] != "String" or not attribute.get("StringValue"):
            raise InvalidParameterValue(f"Message system attribute '{name}' must be of type 'String'.")
    value: str = system["AWSTraceHeader"]["StringValue"]
    return value


def _fifo_ids(queue: Queue, body: str, group: str | None, deduplication: str | None) -> str | None:
    """The deduplication id. Raises where an id that is needed is not there, or one is not what it may be."""
    for name, given in (("MessageGroupId", group), ("MessageDeduplicationId", deduplication)):
        if given is not None and not _FIFO_ID.fullmatch(given):
            raise invalid(
                name, given, f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            )
    if not queue.fifo:
        if deduplication is not None:
            raise invalid("MessageDeduplicationId", deduplication, _WRONG_TYPE)
        return None
    if group is None:
        raise missing("MessageGroupId")
    if deduplication is None and not queue.content_deduplication:
        raise InvalidParameterValue(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
    return sha256(body.encode()).hexdigest() if deduplication is None else deduplication


def delay_of(queue: Queue, delay_s: int | None) -> int:
    """How long this message is delayed. Raises InvalidParameterValue."""
    if delay_s is None or (queue.fifo and delay_s == 0):
        return queue.delay_s
    if queue.fifo:
        raise invalid("DelaySeconds", delay_s, _WRONG_TYPE)
    if not 0 <= delay_s <= DELAY_MAX_S:
        raise invalid("DelaySeconds", delay_s, f"DelaySeconds must be >= 0 and <= {DELAY_MAX_S}.")
    return delay_s
