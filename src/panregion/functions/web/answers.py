"""A function's answer as an HTTP response. Pure."""

import base64
import binascii
from typing import Any

import msgspec

from panregion.world import Headers, Response


class Malformed(Exception):
    """A function's answer cannot be a response; says why."""


def response(payload: bytes, version: str) -> Response:
    """A function's answer. Format 2.0 takes anything: without a statusCode it is the body. Raises Malformed."""
    try:
        answer = msgspec.json.decode(payload)
    except msgspec.DecodeError as error:
        raise Malformed("not JSON") from error
    if not isinstance(answer, dict) or "statusCode" not in answer:
        if version == "1.0":
            raise Malformed("no statusCode")
        body = answer.encode() if isinstance(answer, str) else payload
        return Response(200, [("Content-Type", "application/json")], body)
    return Response(_status(answer["statusCode"]), _headers(answer), _body(answer))


PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response"
PRELUDE_END = b"\0" * 8
PRELUDE_MAX_BYTES = 64 * 1024


def prelude(received: bytes) -> tuple[Response, bytes] | None:
    """The head of a streamed answer of PRELUDE_TYPE, and what of its body came with it; None: there is more to come.

    Raises Malformed.
    """
    head, end, rest = received.partition(PRELUDE_END)
    if not end:
        if len(received) > PRELUDE_MAX_BYTES:
            raise Malformed("no end of the prelude")
        return None
    try:
        answer = msgspec.json.decode(head, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Malformed("the prelude is not JSON") from error
    return Response(_status(answer.get("statusCode", 200)), _headers(answer, "application/octet-stream")), rest


def _status(value: Any) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError) as error:
        raise Malformed("statusCode is not a number") from error
    if not 100 <= status <= 599:
        raise Malformed("statusCode is not an HTTP status")
    return status


def _headers(answer: dict[str, Any], content_type: str = "text/plain;charset=UTF-8") -> Headers:
    single, multiple, cookies = (answer.get(name) or {} for name in ("headers", "multiValueHeaders", "cookies"))
    if not isinstance(single, dict) or not isinstance(multiple, dict) or not isinstance(cookies or [], list):
        raise Malformed("headers and cookies have a wrong form")
    many = {name.lower() for name in multiple}
    headers = [(name, _text(value)) for name, value in single.items() if name.lower() not in many]
    headers += [(name, _text(value)) for name, values in multiple.items() for value in values]
    headers += [("Set-Cookie", _text(cookie)) for cookie in cookies]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, ("Content-Type", content_type))
    return headers


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body")
    text = "" if body is None else body if isinstance(body, str) else msgspec.json.encode(body).decode()
    if answer.get("isBase64Encoded") is not True:
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("body is not base64") from error
