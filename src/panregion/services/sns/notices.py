"""A message as a publisher sends it: what AWS checks of it, and what becomes of it. Pure."""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from panregion.services.sns.errors import InvalidParameterValueException, invalid
from panregion.services.sns.model import Topic

Attributes = dict[str, dict[str, Any]]

MESSAGE_BYTES_MAX = 262_144
SUBJECT_MAX = 100
_FIFO_ID = re.compile(r"[A-Za-z0-9!-/:-@\[-`{-~]{1,128}")
_ATTRIBUTE_NAME = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f]+")


def texts_of(message: str, structure: str | None) -> dict[str, str]:
    """What each protocol gets, `default` for the others. Raises InvalidParameterException."""
    if not message:
        raise invalid("Empty message")
    if structure is None or structure == "":
        return {"default": message}
    if structure != "json":
        raise invalid("MessageStructure")
    try:
        document = msgspec.json.decode(message)
    except msgspec.DecodeError as error:
        raise invalid("Message Structure - JSON message body failed to parse") from error
    texts = (
        {name: text for name, text in document.items() if isinstance(text, str)} if isinstance(document, dict) else {}
    )
    if "default" not in texts:
        raise invalid("Message Structure - No default entry in JSON message body")
    return texts


def check_subject(subject: str | None) -> None:
    """Raises InvalidParameterException."""
    if subject is not None and not (len(subject) <= SUBJECT_MAX and _SUBJECT.fullmatch(subject)):
        raise invalid("Subject")


def checked_attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> Attributes:
    """Attributes as they are carried: binary values as base64. Raises InvalidParameterValueException."""
    return {name: _checked_attribute(name, attribute) for name, attribute in (attributes or {}).items()}


def _checked_attribute(name: str, attribute: Mapping[str, Any]) -> dict[str, Any]:
    if not _ATTRIBUTE_NAME.fullmatch(name) or name.lower().startswith(("aws.", "amazon.")):
        raise InvalidParameterValueException(f"The message attribute name '{name}' is invalid.")
    kind = attribute["DataType"]
    if not kind:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' must contain non-empty message attribute type."
        )
    if kind.partition(".")[0] not in ("Binary", "Number", "String"):
        raise InvalidParameterValueException(
            f"The message attribute '{name}' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String."
        )
    member = "BinaryValue" if kind.startswith("Binary") else "StringValue"
    value = attribute.get(member)
    if not value:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
            f"type '{kind}'."
        )
    if kind.startswith("Number") and not _NUMBER.fullmatch(value):
        raise InvalidParameterValueException(f"Could not cast message attribute '{name}' value to number.")
    return {"DataType": kind, member: base64.b64encode(value).decode() if isinstance(value, bytes) else value}


def size_of(message: str, attributes: Attributes) -> int:
    size = len(message.encode())
    for name, attribute in attributes.items():
        size += len(name.encode()) + len(attribute["DataType"].encode())
        binary = attribute.get("BinaryValue")
        size += len(attribute["StringValue"].encode()) if binary is None else len(base64.b64decode(binary))
    return size


def fifo_ids(topic: Topic, message: str, group: str | None, deduplication: str | None) -> str | None:
    """The deduplication id that holds. Raises InvalidParameterException."""
    for name, given in (("MessageGroupId", group), ("MessageDeduplicationId", deduplication)):
        if given is not None and not _FIFO_ID.fullmatch(given):
            raise invalid(
                f"{name} Reason: Value {given} for parameter {name} is invalid. Reason: {name} can only include "
                "alphanumeric and punctuation characters. 1 to 128 in length."
            )
    if not topic.fifo:
        if deduplication is not None:
            raise invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not "
                "valid for this topic type"
            )
        return None
    if group is None:
        raise invalid("The MessageGroupId parameter is required for FIFO topics")
    if deduplication is None and not topic.content_deduplication:
        raise invalid(
            "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
    return sha256(message.encode()).hexdigest() if deduplication is None else deduplication
