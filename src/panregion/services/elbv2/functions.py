"""A function as a target: a request as the event that AWS documents, and the function's answer as a response. Pure.

Names of headers are written in lower case; a header or query parameter that comes more than once shows its last
value, or all of them where the target group has multi-value headers, which then count alone in the answer, too.
Query strings are not decoded. A body that is not text by its type, or has a content encoding, is base64.
"""

import base64
import binascii
from typing import Any

import msgspec

from panregion.services.elbv2.exchange import SERVER, Refused
from panregion.world import Headers, Request, Response

LIMIT_BYTES = 1024 * 1024
TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
BAD_GATEWAY = 502
CHECKER = "ELB-HealthChecker/2.0"


def event(request: Request, headers: Headers, group_arn: str, multi_value: bool) -> bytes:
    """What the function is given. Raises Refused for a body that is too large."""
    if len(request.body) > LIMIT_BYTES:
        raise Refused(413, "the body is larger than a function may be sent")
    if request.header("upgrade") and "upgrade" in (request.header("connection") or "").lower():
        raise Refused(400, "functions have no WebSockets")
    lower: dict[str, list[str]] = {}
    for name, value in headers:
        lower.setdefault(name.lower(), []).append(value)
    query: dict[str, list[str]] = {}
    for pair in request.query.split("&") if request.query else ():
        if pair:
            key, _, text = pair.partition("=")
            query.setdefault(key, []).append(text)
    body, encoded = _shown(request)
    return msgspec.json.encode(
        {
            "requestContext": {"elb": {"targetGroupArn": group_arn}},
            "httpMethod": request.method,
            "path": request.path,
            **_values("queryStringParameters", "multiValueQueryStringParameters", query, multi_value),
            **_values("headers", "multiValueHeaders", lower, multi_value),
            "body": body,
            "isBase64Encoded": encoded,
        }
    )


def check_event(path: str, group_arn: str, multi_value: bool) -> bytes:
    """What a health check sends to a function."""
    agent = {"user-agent": [CHECKER]}
    path, _, query = path.partition("?")
    del query
    return msgspec.json.encode(
        {
            "requestContext": {"elb": {"targetGroupArn": group_arn}},
            "httpMethod": "GET",
            "path": path,
            **_values("queryStringParameters", "multiValueQueryStringParameters", {}, multi_value),
            **_values("headers", "multiValueHeaders", agent, multi_value),
            "body": "",
            "isBase64Encoded": False,
        }
    )


def _values(single: str, multiple: str, values: dict[str, list[str]], multi_value: bool) -> dict[str, Any]:
    return {multiple: values} if multi_value else {single: {name: many[-1] for name, many in values.items()}}


def _shown(request: Request) -> tuple[str, bool]:
    if not request.body:
        return "", False
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    if kind.startswith(TEXT_TYPES) and request.header("content-encoding") is None:
        return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode(), True


def response(payload: bytes, multi_value: bool) -> Response:
    """A function's answer as a response. Raises Refused, with what is wrong with it."""
    if len(payload) > LIMIT_BYTES:
        raise Refused(BAD_GATEWAY, "the function's answer is larger than 1 MB")
    try:
        answer = msgspec.json.decode(payload)
    except msgspec.DecodeError as error:
        raise Refused(BAD_GATEWAY, "the function's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise Refused(BAD_GATEWAY, "the function's answer is no object")
    headers = _headers(answer, multi_value)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/octet-stream"))
    return Response(_status(answer.get("statusCode")), [SERVER, *headers], _body(answer))


def _status(value: Any) -> int:
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise Refused(BAD_GATEWAY, "statusCode is no HTTP status")
    return value


def _headers(answer: dict[str, Any], multi_value: bool) -> Headers:
    given = answer.get("multiValueHeaders" if multi_value else "headers") or {}
    if not isinstance(given, dict):
        raise Refused(BAD_GATEWAY, "the answer's headers are no object")
    headers: Headers = []
    for name, value in given.items():
        many = value if multi_value else [value]
        if not isinstance(many, list):
            raise Refused(BAD_GATEWAY, "a value of multiValueHeaders is no list")
        headers += [(name, _text(each)) for each in many]
    dropped = ("connection", "content-length", "transfer-encoding", "keep-alive", "date", "server")
    return [pair for pair in headers if pair[0].lower() not in dropped]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float) or "\n" in str(value) or "\r" in str(value):
        raise Refused(BAD_GATEWAY, "a header's value is not text of one line")
    return str(value)


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Refused(BAD_GATEWAY, "body is not text")
    if answer.get("isBase64Encoded") is not True:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(BAD_GATEWAY, "body is not base64") from error
