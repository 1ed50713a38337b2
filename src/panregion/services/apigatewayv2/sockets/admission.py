"""Who may connect: a signature, a function that says so, an API key."""

import re
from typing import Any

import msgspec

from panregion.functions.web import parse_query
from panregion.services import Here
from panregion.services.apigatewayv2.authorizing import (
    BROKEN,
    FORBIDDEN,
    UNAUTHORIZED,
    Refused,
    function_of,
    verdict,
)
from panregion.services.apigatewayv2.model import Api, Authorizer, Route
from panregion.services.apigatewayv2.sockets.deployed import Deployed
from panregion.services.apigatewayv2.sockets.events import Caller
from panregion.services.callers import signer
from panregion.wire import AwsError
from panregion.world import Request

SOURCE = re.compile(r"route\.request\.(header|querystring)\.(.+)|(context|stageVariables)\.(.+)")


async def admit(
    here: Here, request: Request, api: Api, caller: Caller, serving: Deployed, route: Route, event: dict[str, Any]
) -> None:
    """Let the request pass, noting with the caller what was learnt of them. Raises Refused."""
    if route.authorization_type == "AWS_IAM" and signer(here, request) is None:
        raise Refused(403, "Missing Authentication Token")
    if route.authorization_type == "CUSTOM":
        authorizer = serving.authorizers.get(route.authorizer_id or "")
        if authorizer is None:
            raise Refused(*BROKEN)
        await _authorize(here, request, caller, authorizer, event)
    if route.api_key_required:
        await _key(here, request, api, caller)


async def _authorize(
    here: Here, request: Request, caller: Caller, authorizer: Authorizer, event: dict[str, Any]
) -> None:
    for source in authorizer.identity_source:
        if not identity(request, event, source):
            raise Refused(*UNAUTHORIZED)
    arn = here.arn("execute-api", f"{caller.api_id}/{caller.stage}/$connect")
    payload = msgspec.json.encode({"type": "REQUEST", "methodArn": arn, **event})
    params = {"FunctionName": function_of(authorizer.authorizer_uri, caller_variables(event)), "Payload": payload}
    started = here.world.clock.monotonic()
    try:
        answer = await here.request("lambda", "Invoke", params)
        said = msgspec.json.decode(answer.get("Payload") or b"null")
    except (AwsError, msgspec.DecodeError) as error:
        raise Refused(*BROKEN) from error
    if answer.get("FunctionError"):
        unauthorized = isinstance(said, dict) and said.get("errorMessage") == "Unauthorized"
        raise Refused(*(UNAUTHORIZED if unauthorized else BROKEN))
    found = verdict(said, authorizer, arn)
    if not found.allowed:
        raise Refused(*FORBIDDEN)
    latency_ms = int((here.world.clock.monotonic() - started) * 1000)
    caller.authorizer = {**found.context, "integrationLatency": latency_ms}
    if isinstance(said.get("usageIdentifierKey"), str):
        caller.authorizer["usageIdentifierKey"] = said["usageIdentifierKey"]


def caller_variables(event: dict[str, Any]) -> dict[str, str]:
    variables: dict[str, str] = event.get("stageVariables") or {}
    return variables


def identity(request: Request, event: dict[str, Any], source: str) -> Any:
    """The value of an identity source of a WebSocket's authorizer."""
    found = SOURCE.fullmatch(source)
    if found is None:
        return None
    if found[1] == "header":
        return request.header(found[2].lower())
    if found[1] == "querystring":
        return ",".join(parse_query(request.query).get(found[2], []))
    value: Any = event["requestContext"] if found[3] == "context" else caller_variables(event)
    for name in found[4].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


async def _key(here: Here, request: Request, api: Api, caller: Caller) -> None:
    """The key that the API asks for, and what its plan allows."""
    named = "usageIdentifierKey" in api.api_key_selection_expression
    value = (caller.authorizer or {}).get("usageIdentifierKey") if named else request.header("x-api-key")
    if not value:
        raise Refused(*FORBIDDEN)
    params = {"Value": value, "ApiId": caller.api_id, "Stage": caller.stage}
    metered = await here.request("apigateway", "panregion:MeterApiKey", params)
    if metered.get("Refused"):
        raise Refused(metered["Status"], metered["Refused"])
    caller.identity |= {"apiKey": value, "apiKeyId": metered["ApiKeyId"]}
