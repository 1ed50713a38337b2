"""Streams of events in a reply: framed messages, as InvokeWithResponseStream and SubscribeToShard have them.

A service gives an asynchronous iterator of events, each `{"EventName": {members}}`. A message is

    length of it all (4) | length of headers (4) | CRC-32 of the two (4) | headers | payload | CRC-32 of all before (4)

and a header is its name, the type 7 (text) and its value. An AwsError that the iterator raises ends the stream with
an exception message, for the status of the response has long been sent by then.
"""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from panregion.wire import times
from panregion.wire.errors import AwsError
from panregion.wire.model import Shape

CONTENT_TYPE = "application/vnd.amazon.eventstream"

EncodeDocument = Callable[[Shape, dict[str, Any]], bytes]
"""A structure as the protocol of the response writes it."""

_TRUE, _FALSE, _LONG, _TEXT, _TIMESTAMP = 0, 1, 5, 7, 8


def message(headers: dict[str, Any], payload: bytes) -> bytes:
    packed = b"".join(_header(name, value) for name, value in headers.items())
    prelude = (len(packed) + len(payload) + 16).to_bytes(4, "big") + len(packed).to_bytes(4, "big")
    start = prelude + zlib.crc32(prelude).to_bytes(4, "big")
    whole = start + packed + payload
    return whole + zlib.crc32(whole).to_bytes(4, "big")


def _header(name: str, value: Any) -> bytes:
    encoded = name.encode()
    return bytes([len(encoded)]) + encoded + _header_value(value)


def _header_value(value: Any) -> bytes:
    if isinstance(value, bool):
        return bytes([_TRUE if value else _FALSE])
    if isinstance(value, int):
        return bytes([_LONG]) + value.to_bytes(8, "big", signed=True)
    if isinstance(value, str):
        text = value.encode()
        return bytes([_TEXT]) + len(text).to_bytes(2, "big") + text
    milliseconds = round(times.format_epoch(value) * 1000)
    return bytes([_TIMESTAMP]) + milliseconds.to_bytes(8, "big", signed=True)


async def messages(
    events: AsyncIterator[dict[str, Any]],
    stream: Shape,
    encode: EncodeDocument,
    document_type: str,
    initial: bytes | None = None,
) -> AsyncIterator[bytes]:
    """The frames of a stream. The RPC protocols send the reply's other members first, as an event of their own."""
    if initial is not None:
        headers = {":message-type": "event", ":event-type": "initial-response", ":content-type": document_type}
        yield message(headers, initial)
    try:
        async for event in events:
            yield _event(event, stream, encode, document_type)
    except AwsError as error:
        yield _exception(error, stream, encode, document_type)


def _event(event: dict[str, Any], stream: Shape, encode: EncodeDocument, document_type: str) -> bytes:
    ((name, members),) = event.items()
    shape = stream.members[name]
    headers: dict[str, Any] = {":message-type": "event", ":event-type": name}
    headers |= {key: members[key] for key, member in shape.members.items() if member.eventheader and key in members}
    payload_name = next((key for key, member in shape.members.items() if member.eventpayload), None)
    if payload_name is None:
        rest = {key: value for key, value in members.items() if key not in headers}
        content_type, payload = document_type, encode(shape, rest) if shape.members else b""
    else:
        content_type, payload = _payload(shape.members[payload_name], members.get(payload_name), encode, document_type)
    return message({**headers, ":content-type": content_type}, payload)


def _payload(shape: Shape, value: Any, encode: EncodeDocument, document_type: str) -> tuple[str, bytes]:
    if value is None:
        return "application/octet-stream", b""
    if isinstance(value, bytes):
        return "application/octet-stream", value
    if isinstance(value, str):
        return "text/plain", value.encode()
    return document_type, encode(shape, value)


def _exception(error: AwsError, stream: Shape, encode: EncodeDocument, document_type: str) -> bytes:
    modelled = stream.members.get(error.code) or stream.members.get(error.code[:1].lower() + error.code[1:])
    if modelled is None:
        headers = {":message-type": "error", ":error-code": error.code, ":error-message": error.message}
        return message(headers, b"")
    name = next(name for name, member in stream.members.items() if member is modelled)
    text = next((key for key in modelled.members if key.lower() == "message"), None)
    body = encode(modelled, {**error.fields, text: error.message} if text else error.fields)
    return message({":message-type": "exception", ":exception-type": name, ":content-type": document_type}, body)
