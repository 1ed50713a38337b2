"""Mapping of parameters in HTTP APIs: what a source says, and what is done with it. Pure.

Sources: text, `$request.header.name`, `$request.querystring.name`, `$request.path[.name]`, `$request.body[.path]`,
`$response.header.name`, `$response.body[.path]`, `$context.name`, `$stageVariables.name`; `${...}` within a text.
Requests: `append|overwrite|remove:header.NAME` or `:querystring.NAME`, and `overwrite:path`.
Responses, by status: `append|overwrite|remove:header.NAME`, and `overwrite:statuscode`.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.functions.web import WebCall, parse_query, time_text
from panregion.languages.jsonpath import JsonPathError, find
from panregion.services.apigatewayv2.errors import BadRequestException
from panregion.world import Headers, Request, Response

EMBEDDED = re.compile(r"\$\{([^{}]+)\}")
SOURCE = re.compile(r"(?:request\.(?:header|querystring|path|body)|response\.(?:header|body)|context|stageVariables)\b")
TARGET = re.compile(r"(append|overwrite|remove):(header|querystring)\.(\S+)|overwrite:path")
ANSWER = re.compile(r"(append|overwrite|remove):header\.(\S+)|overwrite:statuscode")
STATUS = re.compile(r"[2-5]\d\d")
RESERVED = re.compile(
    r"(?i)access-control-.*|apigw-.*|x-amzn?-.*|authorization|connection|content-(?:encoding|length|location)|forwarded"
    r"|keep-alive|origin|proxy-authenticate|proxy-authorization|te|trailers?|transfer-encoding|upgrade|via|host"
    r"|x-forwarded-(?:for|host|proto)"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What sources speak of."""

    request: Request
    path: str
    parameters: dict[str, str] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    response: Response | None = None


def facts_of(call: WebCall, response: Response | None = None) -> Facts:
    """The facts of a call."""
    request = call.request
    context = {
        "accountId": call.account_id,
        "apiId": call.api_id,
        "authorizer": call.authorizer or {},
        "domainName": call.domain,
        "domainPrefix": call.domain.split(".", 1)[0],
        "extendedRequestId": call.request_id,
        "httpMethod": request.method,
        "identity": {"sourceIp": request.peer, "userAgent": request.header("user-agent") or ""},
        "path": call.raw_path,
        "protocol": "HTTP/1.1",
        "requestId": call.request_id,
        "requestTime": time_text(call.now),
        "requestTimeEpoch": int(call.now * 1000),
        "routeKey": call.route_key,
        "stage": call.stage,
    }
    return Facts(request, call.raw_path, call.parameters, context, call.variables, response)


def value_of(source: str, facts: Facts) -> str | None:
    """What a source says; None where what it names is not there."""
    if source.startswith("$") and not source.startswith("${") and SOURCE.match(source, 1):
        return _named(source[1:], facts)
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        value = _named(found[1], facts)
        missing = missing or value is None
        return value or ""

    filled = EMBEDDED.sub(fill, source)
    return None if missing and not filled else filled


def _named(name: str, facts: Facts) -> str | None:
    root, _, rest = name.partition(".")
    if root == "stageVariables":
        return facts.variables.get(rest)
    if root == "context":
        return _within(facts.context, rest)
    place, _, inner = rest.partition(".")
    if root == "response":
        return None if facts.response is None else _of_response(facts.response, place, inner)
    request = facts.request
    match place:
        case "header":
            return request.header(inner.lower())
        case "querystring":
            values = parse_query(request.query).get(inner)
            return None if values is None else ",".join(values)
        case "path":
            return facts.parameters.get(inner) if inner else facts.path
        case "body":
            return of_body(request.body, inner)
    return None


def _of_response(response: Response, place: str, name: str) -> str | None:
    if place == "header":
        found = [value for header, value in response.headers if header.lower() == name.lower()]
        return ",".join(found) if found else None
    return of_body(response.body, name) if isinstance(response.body, bytes) else None


def of_body(body: bytes, path: str) -> str | None:
    """A part of a JSON body, or all of it as text."""
    if not path:
        return body.decode("utf-8", "replace")
    try:
        found = find(f"$.{path}", msgspec.json.decode(body))
    except (msgspec.DecodeError, JsonPathError):
        return None
    return None if found is None else _text(found)


def _within(value: Any, path: str) -> str | None:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def check_request(parameters: dict[str, str]) -> None:
    """Raises BadRequestException for a target that is none, or that may not be touched."""
    for target in parameters:
        found = TARGET.fullmatch(target)
        if found is None:
            raise BadRequestException(f"Invalid mapping expression specified: {target}")
        _allowed(target, found[2], found[3])


def check_response(parameters: dict[str, dict[str, str]]) -> None:
    """The same for the mapping of responses."""
    for status, mapping in parameters.items():
        if not STATUS.fullmatch(status):
            raise BadRequestException(f"Invalid status code in ResponseParameters: {status}")
        for target in mapping:
            found = ANSWER.fullmatch(target)
            if found is None:
                raise BadRequestException(f"Invalid mapping expression specified: {target}")
            _allowed(target, "header", found[2])


def _allowed(target: str, place: str | None, name: str | None) -> None:
    if place == "header" and name is not None and RESERVED.fullmatch(name):
        raise BadRequestException(f"Invalid mapping expression specified: {target}. The header {name} is reserved")


def mapped_request(parameters: dict[str, str], facts: Facts) -> tuple[Request, str | None]:
    """The request after its mapping, and the path that it shall have, if one is set."""
    request, path = facts.request, None
    headers, query = list(request.headers), parse_query(request.query)
    for target, source in parameters.items():
        value = value_of(source, facts)
        if target == "overwrite:path":
            path = value
            continue
        action, _, rest = target.partition(":")
        place, _, name = rest.partition(".")
        if place == "header":
            headers = _changed(headers, action, name, value)
        elif action == "remove" or value is not None:
            before = query.pop(name, []) if action != "append" else query.get(name, [])
            if value is not None and action != "remove":
                query[name] = [*before, value] if action == "append" else [value]
    touched = any("querystring." in target for target in parameters)
    text = urlencode(query, doseq=True) if touched else request.query
    return Request(request.method, request.path, text, headers, request.body, request.peer), path


def _changed(headers: Headers, action: str, name: str, value: str | None) -> Headers:
    if action != "remove" and value is None:
        return headers
    kept = headers if action == "append" else [pair for pair in headers if pair[0].lower() != name.lower()]
    return kept if action == "remove" or value is None else [*kept, (name, value)]


def mapped_response(parameters: dict[str, dict[str, str]], facts: Facts) -> Response:
    """The response after the mapping for its status."""
    response = facts.response
    assert response is not None
    status, headers = response.status, list(response.headers)
    for target, source in parameters.get(str(response.status), {}).items():
        value = value_of(source, facts)
        if target == "overwrite:statuscode":
            status = int(value) if value is not None and STATUS.fullmatch(value) else status
        else:
            action, _, rest = target.partition(":")
            headers = _changed(headers, action, rest.partition(".")[2], value)
    return Response(status, headers, response.body)
