"""Events of payload formats 2.0 and 1.0, and a function's answer as a response. Pure."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from panregion.services.apigatewayv2.routing import Match
from panregion.world import Headers, Request, Response

TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml", "application/vnd.api+json")
NOT_SHOWN = frozenset({"connection", "cookie", "x-panregion-client", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has found its route, and what its event says of it."""

    request: Request
    match: Match
    account_id: str
    api_id: str
    stage: str
    domain: str
    raw_path: str
    request_id: str
    trace_id: str
    now: float
    variables: dict[str, str]


class Malformed(Exception):
    """A function's answer cannot be a response; says why."""


def event(call: Call) -> dict[str, Any]:
    """What the function is given."""
    return event_1(call) if call.match.integration.payload_format_version == "1.0" else event_2(call)


def event_2(call: Call) -> dict[str, Any]:
    """Payload format 2.0: what is not there is left out."""
    request = call.request
    cookies = [
        cookie.strip() for name, value in request.headers if name.lower() == "cookie" for cookie in value.split(";")
    ]
    body, encoded = shown_body(request)
    query = {name: ",".join(many) for name, many in parse_query(request.query).items()}
    return {
        "version": "2.0",
        "routeKey": call.match.route.route_key,
        "rawPath": call.raw_path,
        "rawQueryString": request.query,
        **({"cookies": cookies} if cookies else {}),
        "headers": {name: ",".join(many) for name, many in shown_headers(call).items() if name != "cookie"},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": call.account_id,
            "apiId": call.api_id,
            "domainName": call.domain,
            "domainPrefix": call.domain.split(".", 1)[0],
            "http": {
                "method": request.method,
                "path": call.raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.peer,
                "userAgent": request.header("user-agent") or "",
            },
            "requestId": call.request_id,
            "routeKey": call.match.route.route_key,
            "stage": call.stage,
            "time": time_text(call.now),
            "timeEpoch": int(call.now * 1000),
        },
        **({"pathParameters": call.match.parameters} if call.match.parameters else {}),
        **({"stageVariables": call.variables} if call.variables else {}),
        **({} if body is None else {"body": body}),
        "isBase64Encoded": encoded,
    }


def event_1(call: Call) -> dict[str, Any]:
    """Payload format 1.0, as HTTP APIs write it."""
    request, key = call.request, call.match.route.route_key
    headers, query = shown_headers(call, cookies=True), parse_query(request.query)
    body, encoded = shown_body(request)
    resource = key.partition(" ")[2] or key
    return {
        "version": "1.0",
        "resource": resource,
        "path": call.raw_path,
        "httpMethod": request.method,
        "headers": {name: many[-1] for name, many in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: many[-1] for name, many in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "accountId": call.account_id,
            "apiId": call.api_id,
            "domainName": call.domain,
            "domainPrefix": call.domain.split(".", 1)[0],
            "extendedRequestId": call.request_id,
            "httpMethod": request.method,
            "identity": {
                **dict.fromkeys(("accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider")),
                **dict.fromkeys(("cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId")),
                **dict.fromkeys(("principalOrgId", "user", "userArn")),
                "sourceIp": request.peer,
                "userAgent": request.header("user-agent") or "",
            },
            "path": call.raw_path,
            "protocol": "HTTP/1.1",
            "requestId": call.request_id,
            "requestTime": time_text(call.now),
            "requestTimeEpoch": int(call.now * 1000),
            "resourceId": key,
            "resourcePath": resource,
            "stage": call.stage,
        },
        "pathParameters": call.match.parameters or None,
        "stageVariables": call.variables or None,
        "body": body,
        "isBase64Encoded": encoded,
    }


def shown_headers(call: Call, *, cookies: bool = False) -> dict[str, list[str]]:
    """HTTP APIs write all names in lower case."""
    request = call.request
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        lower = name.lower()
        if lower not in NOT_SHOWN or (cookies and lower == "cookie"):
            values.setdefault(lower, []).append(value)
    forwarded = request.header("x-forwarded-for")
    values["host"] = [call.domain]
    values["content-length"] = [str(len(request.body))]
    values["x-amzn-trace-id"] = [call.trace_id]
    values["x-forwarded-for"] = [f"{forwarded}, {request.peer}" if forwarded else request.peer]
    values["x-forwarded-port"], values["x-forwarded-proto"] = ["443"], ["https"]
    return values


def parse_query(raw: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for pair in raw.split("&") if raw else ():
        if pair:
            name, _, value = pair.partition("=")
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


def shown_body(request: Request) -> tuple[str | None, bool]:
    """Text as text, anything else in base64."""
    if not request.body:
        return None, False
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    if kind.startswith(TEXT_TYPES):
        return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode(), True


def time_text(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


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


def _status(value: Any) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError) as error:
        raise Malformed("statusCode is not a number") from error
    if not 100 <= status <= 599:
        raise Malformed("statusCode is not an HTTP status")
    return status


def _headers(answer: dict[str, Any]) -> Headers:
    single, multiple, cookies = (answer.get(name) or {} for name in ("headers", "multiValueHeaders", "cookies"))
    if not isinstance(single, dict) or not isinstance(multiple, dict) or not isinstance(cookies or [], list):
        raise Malformed("headers and cookies have a wrong form")
    many = {name.lower() for name in multiple}
    headers = [(name, _text(value)) for name, value in single.items() if name.lower() not in many]
    headers += [(name, _text(value)) for name, values in multiple.items() for value in values]
    headers += [("Set-Cookie", _text(cookie)) for cookie in cookies]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, ("Content-Type", "text/plain;charset=UTF-8"))
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
