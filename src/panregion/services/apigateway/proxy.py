"""Lambda proxy integration: a request as an event of payload format 1.0, and a function's answer as a response."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from panregion.services.apigateway.invocation import Invocation, last
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.routing import MediaTypes
from panregion.wire import AwsError
from panregion.world import Headers, Response

FUNCTION_URI = re.compile(
    r"arn:aws[\w-]*:apigateway:(?P<region>[^:]+):lambda:path/\d{4}-\d{2}-\d{2}/functions/(?P<function>.+)/invocations"
)
STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")

PROXY_MEMBERS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})

BAD_GATEWAY = 502


class Malformed(Exception):
    """A function's answer does not have the form that a proxy integration needs; says why."""


def event(invocation: Invocation) -> dict[str, Any]:
    """What the function is given, in AWS's order of names."""
    headers, query, target = invocation.headers, invocation.query, invocation.target
    body, encoded = shown_body(invocation)
    assert invocation.match is not None
    return {
        "resource": invocation.match.resource.path,
        "path": target.event_path,
        "httpMethod": invocation.request.method,
        "headers": last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": invocation.parameters or None,
        "stageVariables": invocation.stage.variables or None,
        "requestContext": invocation.context,
        "body": body,
        "isBase64Encoded": encoded,
    }


def shown_body(invocation: Invocation) -> tuple[str | None, bool]:
    """The body as text, and whether that text is base64: it is for the API's binary media types."""
    body = invocation.request.body
    if not body:
        return None, False
    if invocation.deployed.media_types.binary(invocation.request.header("content-type")):
        return base64.b64encode(body).decode(), True
    return body.decode("utf-8", "replace"), False


async def invoke(invocation: Invocation, uri: str, payload: bytes, *, asynchronous: bool = False) -> Any:
    """Invoke the function of an integration's URI; its answer as Lambda's Invoke gives it. Raises Refusal."""
    uri = STAGE_VARIABLE.sub(lambda found: invocation.variables.get(found[1], ""), uri)
    found = FUNCTION_URI.fullmatch(uri)
    if found is None:
        raise Refusal("API_CONFIGURATION_ERROR")
    params = {
        "FunctionName": found["function"],
        "InvocationType": "Event" if asynchronous else "RequestResponse",
        "Payload": payload,
    }
    arn = found["function"].split(":")
    region = arn[3] if len(arn) > 6 else found["region"]
    try:
        return await invocation.here.request("lambda", "Invoke", params, region=region)
    except AwsError as error:
        # Lambda refused the invocation itself, as it does a function that is not there or is throttled.
        raise Refusal("API_CONFIGURATION_ERROR") from error


async def call(invocation: Invocation, uri: str) -> Response:
    """A whole Lambda proxy integration. Raises Refusal."""
    answer = await invoke(invocation, uri, msgspec.json.encode(event(invocation)))
    if answer.get("FunctionError"):
        raise Refusal("DEFAULT_5XX", status=BAD_GATEWAY)
    try:
        return response(answer.get("Payload") or b"", invocation.deployed.media_types, accept_of(invocation))
    except Malformed as error:
        raise Refusal("DEFAULT_5XX", status=BAD_GATEWAY) from error


def accept_of(invocation: Invocation) -> str | None:
    return invocation.request.header("accept")


def response(payload: bytes, media_types: MediaTypes, accept: str | None) -> Response:
    """A function's answer as a response. Raises Malformed."""
    try:
        answer = msgspec.json.decode(payload)
    except msgspec.DecodeError as error:
        raise Malformed("not JSON") from error
    if not isinstance(answer, dict) or not PROXY_MEMBERS.issuperset(answer):
        raise Malformed("not an object of statusCode, headers, multiValueHeaders, body and isBase64Encoded")
    status = _status(answer.get("statusCode"))
    headers = response_headers(answer.get("headers"), answer.get("multiValueHeaders"))
    body = answer.get("body")
    if body is not None and not isinstance(body, str):
        raise Malformed("body is not text")
    content = (body or "").encode()
    if answer.get("isBase64Encoded") is True and media_types.binary(accept):
        try:
            content = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Malformed("body is not base64") from error
    return Response(status, headers, content)


def response_headers(single: Any, multiple: Any) -> Headers:
    """Both kinds of headers in one list, a pair that both have only once. Raises Malformed."""
    headers: Headers = []
    for name, many in _members(multiple):
        if not isinstance(many, list):
            raise Malformed("multiValueHeaders has a value that is not a list")
        headers += [(name, _header_value(value)) for value in many if value is not None]
    seen = {(name.lower(), value) for name, value in headers}
    for name, value in _members(single):
        if value is not None and (name.lower(), _header_value(value)) not in seen:
            headers.append((name, _header_value(value)))
    return headers


def _members(given: Any) -> Iterable[tuple[str, Any]]:
    if given is None:
        return ()
    if not isinstance(given, dict):
        raise Malformed("headers are not an object")
    return given.items()


def _header_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Malformed("a header's value is not text")


def _status(value: Any) -> int:
    if value is None:
        return 200
    try:
        status = int(value)
    except (TypeError, ValueError) as error:
        raise Malformed("statusCode is not a number") from error
    if isinstance(value, (bool, float)) or not 100 <= status <= 599:
        raise Malformed("statusCode is not an HTTP status")
    return status
