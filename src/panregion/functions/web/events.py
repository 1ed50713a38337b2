"""A web request as the event of a function: payload format 2.0, of HTTP APIs and function URLs. Pure."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from panregion.world import Request

TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml", "application/vnd.api+json")
NOT_SHOWN = frozenset({"connection", "cookie", "x-panregion-client", "transfer-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCall:
    """A request for a function, and what its event says of it."""

    request: Request
    account_id: str
    api_id: str
    stage: str
    domain: str
    raw_path: str
    request_id: str
    trace_id: str
    now: float
    route_key: str = "$default"
    parameters: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    authorizer: dict[str, Any] | None = None


def event(call: WebCall) -> dict[str, Any]:
    """Payload format 2.0: what is not there is left out."""
    request = call.request
    cookies = [
        cookie.strip() for name, value in request.headers if name.lower() == "cookie" for cookie in value.split(";")
    ]
    body, encoded = shown_body(request)
    query = {name: ",".join(many) for name, many in parse_query(request.query).items()}
    return {
        "version": "2.0",
        "routeKey": call.route_key,
        "rawPath": call.raw_path,
        "rawQueryString": request.query,
        **({"cookies": cookies} if cookies else {}),
        "headers": {name: ",".join(many) for name, many in shown_headers(call).items() if name != "cookie"},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": call.account_id,
            "apiId": call.api_id,
            **({} if call.authorizer is None else {"authorizer": call.authorizer}),
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
            "routeKey": call.route_key,
            "stage": call.stage,
            "time": time_text(call.now),
            "timeEpoch": int(call.now * 1000),
        },
        **({"pathParameters": call.parameters} if call.parameters else {}),
        **({"stageVariables": call.variables} if call.variables else {}),
        **({} if body is None else {"body": body}),
        "isBase64Encoded": encoded,
    }


def shown_headers(call: WebCall, *, cookies: bool = False) -> dict[str, list[str]]:
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
