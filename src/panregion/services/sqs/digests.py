"""MD5 digests as SQS makes them, of bodies and of attributes, by which clients check what was sent and received."""

import base64
import struct
from collections.abc import Mapping
from hashlib import md5
from typing import Any

_length = struct.Struct(">I").pack
STRING, BINARY = b"\x01", b"\x02"


def body_digest(body: str) -> str:
    return md5(body.encode(), usedforsecurity=False).hexdigest()


def attributes_digest(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """Of attributes in the order of their names: each its name, type and value, with their lengths in front."""
    digest = md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        for text in (name, attribute["DataType"]):
            raw = text.encode()
            digest.update(_length(len(raw)) + raw)
        value = value_bytes(attribute)
        kind = BINARY if attribute.get("BinaryValue") is not None else STRING
        digest.update(kind + _length(len(value)) + value)
    return digest.hexdigest()


def value_bytes(attribute: Mapping[str, Any]) -> bytes:
    """An attribute's value; a binary one comes as bytes or, as JSON has it, as base64 text."""
    binary = attribute.get("BinaryValue")
    if binary is None:
        text: str = attribute.get("StringValue") or ""
        return text.encode()
    return bytes(binary) if isinstance(binary, bytes) else base64.b64decode(binary)
