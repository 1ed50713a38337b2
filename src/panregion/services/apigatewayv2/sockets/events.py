"""What a function is told of a WebSocket: the connection that begins, its messages, its end. Pure."""

import base64
from dataclasses import dataclass, field
from typing import Any

from panregion.functions.web import parse_query, time_text
from panregion.world import Request

NOT_SHOWN = frozenset({"connection", "upgrade", "x-panregion-client"})
SPELLED = {
    "host": "Host",
    "user-agent": "User-Agent",
    "sec-websocket-key": "Sec-WebSocket-Key",
    "sec-websocket-version": "Sec-WebSocket-Version",
    "sec-websocket-extensions": "Sec-WebSocket-Extensions",
    "sec-websocket-protocol": "Sec-WebSocket-Protocol",
}
CONNECT, MESSAGE, DISCONNECT = "CONNECT", "MESSAGE", "DISCONNECT"


@dataclass(slots=True, kw_only=True)
class Caller:
    """A connection as events speak of it."""

    connection_id: str
    api_id: str
    stage: str
    domain: str
    peer: str
    user_agent: str
    connected_at: float
    authorizer: dict[str, Any] | None = None
    identity: dict[str, Any] = field(default_factory=dict)
    """What else is known of who asks: an API key, or who signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something happened, and the identifiers given to it."""

    request_id: str
    extended_id: str
    message_id: str
    now: float


def context(caller: Caller, moment: Moment, route_key: str, kind: str) -> dict[str, Any]:
    """The requestContext, in AWS's order of names."""
    told: dict[str, Any] = {"routeKey": route_key}
    if caller.authorizer is not None:
        told["authorizer"] = caller.authorizer
    if kind == MESSAGE:
        told["messageId"] = moment.message_id
    return {
        **told,
        "eventType": kind,
        "extendedRequestId": moment.extended_id,
        "requestTime": time_text(moment.now),
        "messageDirection": "IN",
        "stage": caller.stage,
        "connectedAt": int(caller.connected_at * 1000),
        "requestTimeEpoch": int(moment.now * 1000),
        "identity": {**caller.identity, "userAgent": caller.user_agent, "sourceIp": caller.peer},
        "requestId": moment.request_id,
        "domainName": caller.domain,
        "connectionId": caller.connection_id,
        "apiId": caller.api_id,
    }


def connecting(request: Request, domain: str, trace_id: str) -> dict[str, Any]:
    """The headers and the query string of the request that a connection began with."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name.lower() not in NOT_SHOWN:
            headers.setdefault(SPELLED.get(name.lower(), name), []).append(value)
    forwarded = request.header("x-forwarded-for")
    headers["Host"] = [domain]
    headers["X-Amzn-Trace-Id"] = [request.header("x-amzn-trace-id") or trace_id]
    headers["X-Forwarded-For"] = [f"{forwarded}, {request.peer}" if forwarded else request.peer]
    headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"] = ["443"], ["https"]
    told: dict[str, Any] = {"headers": {name: many[-1] for name, many in headers.items()}, "multiValueHeaders": headers}
    query = parse_query(request.query)
    if query:
        told["queryStringParameters"] = {name: many[-1] for name, many in query.items()}
        told["multiValueQueryStringParameters"] = query
    return told


def disconnecting(domain: str) -> dict[str, Any]:
    """The headers that a $disconnect event has, of which nothing can be learnt."""
    headers = {"Host": domain, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    return {"headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()}}


def event(told: dict[str, Any], about: dict[str, Any], variables: dict[str, str], body: str | None) -> dict[str, Any]:
    """A whole event: what is told of the request, its context, and the message."""
    whole = {**told, "requestContext": about}
    if variables:
        whole["stageVariables"] = variables
    if body is not None:
        whole["body"] = body
    return {**whole, "isBase64Encoded": False}


def connection_id(chance_bytes: bytes) -> str:
    """As AWS's: eleven bytes in base64 that may stand in a URL, an equals sign at the end."""
    return base64.urlsafe_b64encode(chance_bytes[:11]).decode()
