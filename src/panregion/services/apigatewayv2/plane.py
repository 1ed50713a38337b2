"""The data plane of HTTP APIs, and the door of WebSocket APIs (sockets/).

    API.execute-api.REGION.amazonaws.com[/STAGE]/path     the stage, or $default where none is named
    API.execute-api.localhost[.anything][/STAGE]/path
    api.hello.test/KEY/path                               a custom domain name, by its longest mapping
    /_aws/execute-api/API/STAGE/path                      on any host
    .../@connections/ID                                   below a WebSocket API's stage: what is sent to its clients

A name that is no such API's is left to the REST service.
"""

import asyncio
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec

from panregion.functions.web import Malformed, WebCall, cors, event, response
from panregion.services import Here, web
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.authorizing import STAGE_VARIABLE, Refused, authorize, function_of, shown
from panregion.services.apigatewayv2.direct import ask
from panregion.services.apigatewayv2.managing import manage
from panregion.services.apigatewayv2.mapping import facts_of, mapped_request, mapped_response
from panregion.services.apigatewayv2.model import (
    DEFAULT,
    PAYLOAD_LIMIT_BYTES,
    WEBSOCKET,
    Api,
    ApiMapping,
    Integration,
    Stage,
)
from panregion.services.apigatewayv2.payload import event_1
from panregion.services.apigatewayv2.routing import Match, Routes
from panregion.services.apigatewayv2.sockets import connect
from panregion.services.apigatewayv2.throttling import throttled
from panregion.wire import AwsError
from panregion.world import ClientError, ClientTimeout, Request, Response

EXECUTE_API = ".execute-api."
AWS_SUFFIX = ".amazonaws.com"
PATH_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)\+?\}")
HEX = "0123456789abcdef"
NOT_FORWARDED = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect", "te", "upgrade"})
DEPLOYMENTS_MAX = 200
BY_PATH = "/_aws/execute-api/"
CONNECTIONS = "/@connections/"


class HttpPlane:
    """Serves the stages of a region's HTTP APIs."""

    def matches(self, here: Here, request: Request) -> bool:
        host = request.host
        if request.path.startswith(BY_PATH) or EXECUTE_API in host:
            by_path = request.path.startswith(BY_PATH)
            api_id = request.path[len(BY_PATH) :].partition("/")[0] if by_path else host.partition(EXECUTE_API)[0]
            return here.read(lambda here: layout.APIS.find(here.tx, api_id)) is not None
        if host.endswith(AWS_SUFFIX):
            return False
        return here.read(lambda here: _mapping(here, host, request.path)) is not None

    async def handle(self, here: Here, request: Request) -> Response:
        request = by_name(here, request)
        found = here.read(lambda here: _find(here, request))
        if found is None:
            return said(404, "Not Found", here.request_id)
        api, stage, path = found
        if api.protocol_type == WEBSOCKET:
            if path.startswith(CONNECTIONS):
                return await manage(here, request, api, stage, path)
            return await connect(here, request, api, stage, path)
        answer = cors.preflight(api.cors_configuration, request)
        if answer is None:
            answer = await _serve(here, request, api, stage, path)
        answer = cors.added(api.cors_configuration, request, answer) if request.method != "OPTIONS" else answer
        answer.headers.append(("apigw-requestid", here.request_id))
        return answer


def by_name(here: Here, request: Request) -> Request:
    """A request whose path names the API, as if it had come to the API's own name."""
    if not request.path.startswith(BY_PATH):
        return request
    api_id, _, rest = request.path[len(BY_PATH) :].partition("/")
    headers = [pair for pair in request.headers if pair[0].lower() != "host"]
    headers.insert(0, ("Host", f"{api_id}{EXECUTE_API}{here.region}{AWS_SUFFIX}"))
    return Request(request.method, f"/{rest}", request.query, headers, request.body, request.peer)


def said(status: int, message: str, request_id: str | None = None) -> Response:
    """What API Gateway itself says."""
    headers = [("Content-Type", "application/json")]
    if request_id:
        headers.append(("apigw-requestid", request_id))
    return Response(status, headers, msgspec.json.encode({"message": message}))


def _find(here: Here, request: Request) -> tuple[Api, Stage, str] | None:
    """The API, its stage, and the path without what names them."""
    host, path = request.host, request.path
    if EXECUTE_API not in host:
        mapping = _mapping(here, host, path)
        if mapping is None:
            return None
        rest = path.lstrip("/").removeprefix(mapping.api_mapping_key)
        api, stage = (
            layout.APIS.find(here.tx, mapping.api_id),
            layout.STAGES.find(here.tx, mapping.api_id, mapping.stage),
        )
        return None if api is None or stage is None else (api, stage, rest)
    api = layout.APIS.find(here.tx, host.partition(EXECUTE_API)[0])
    if api is None or api.disable_execute_api_endpoint:
        return None
    first, slash, rest = path.lstrip("/").partition("/")
    stage = layout.STAGES.find(here.tx, api.api_id, first) if first and first != DEFAULT else None
    if stage is not None:
        return api, stage, slash + rest
    stage = layout.STAGES.find(here.tx, api.api_id, DEFAULT)
    return None if stage is None else (api, stage, path)


def _mapping(here: Here, host: str, path: str) -> ApiMapping | None:
    """The longest mapping of the domain that the path begins with."""
    inner = path.strip("/") + "/"
    fitting = [
        mapping
        for mapping in layout.MAPPINGS.all(here.tx, host)
        if not mapping.api_mapping_key or inner.startswith(mapping.api_mapping_key + "/")
    ]
    return max(fitting, key=lambda mapping: len(mapping.api_mapping_key), default=None)


def _routes(here: Here, api_id: str, deployment_id: str) -> Routes:
    kept: dict[tuple[str, str], Routes] = here.running.setdefault("apigatewayv2", {})
    found = kept.get((api_id, deployment_id))
    if found is None:
        snapshot = here.read(lambda here: layout.SNAPSHOTS.require(here.tx, api_id, deployment_id))
        if len(kept) >= DEPLOYMENTS_MAX:
            kept.clear()
        found = kept[api_id, deployment_id] = Routes(snapshot)
    return found


async def _serve(here: Here, request: Request, api: Api, stage: Stage, path: str) -> Response:
    if len(request.body) > PAYLOAD_LIMIT_BYTES:
        return said(413, "Request Entity Too Large")
    match = _routes(here, api.api_id, stage.deployment_id).match(request.method, path) if stage.deployment_id else None
    if match is None:
        return said(404, "Not Found")
    if throttled(here, api.api_id, stage, match.route.route_key):
        return said(429, "Too Many Requests")
    now = here.now()
    call = WebCall(
        request=request,
        route_key=match.route.route_key,
        parameters=match.parameters,
        account_id=here.account_id,
        api_id=api.api_id,
        stage=stage.stage_name,
        domain=request.host,
        raw_path="/" + request.path.lstrip("/"),
        request_id=here.request_id,
        trace_id=request.header("x-amzn-trace-id") or f"Root=1-{int(now):08x}-{here.world.chance.token(24, HEX)}",
        now=now,
        variables=stage.stage_variables,
    )
    try:
        found = await authorize(here, call, match)
    except Refused as refusal:
        refused = said(refusal.status, refusal.message)
        if refusal.challenge is not None:
            refused.headers.append(("www-authenticate", refusal.challenge))
        return refused
    integration = match.integration
    if integration.integration_subtype:
        return _mapped(call, integration, await ask(here, replace(call, authorizer=shown(found, "1.0")), integration))
    set_path = None
    if integration.request_parameters:
        facts = facts_of(replace(call, authorizer=shown(found, "1.0")))
        request, set_path = mapped_request(integration.request_parameters, facts)
        call = replace(call, request=request)
    call = replace(call, authorizer=shown(found, integration.payload_format_version))
    if integration.integration_type == "HTTP_PROXY":
        return _mapped(call, integration, await _forward(here, call, match, set_path))
    return _mapped(call, integration, await _invoke(here, call, integration))


def _mapped(call: WebCall, integration: Integration, response: Response) -> Response:
    parameters = integration.response_parameters
    return mapped_response(parameters, facts_of(call, response)) if parameters else response


async def _invoke(here: Here, call: WebCall, integration: Integration) -> Response:
    """The function's answer; what is wrong with it is told to nobody."""
    name = function_of(integration.integration_uri or "", call.variables)
    arn = name.split(":")
    given = event_1(call) if integration.payload_format_version == "1.0" else event(call)
    params = {"FunctionName": name, "Payload": msgspec.json.encode(given)}
    region = arn[3] if len(arn) > 6 else here.region
    asked = asyncio.ensure_future(here.request("lambda", "Invoke", params, region=region))
    done, _ = await asyncio.wait({asked}, timeout=integration.timeout_in_millis / 1000)
    if not done:
        asked.add_done_callback(_forget)
        return said(503, "Service Unavailable")
    try:
        answer: dict[str, Any] = asked.result()
        if answer.get("FunctionError"):
            return said(500, "Internal Server Error")
        return response(answer.get("Payload") or b"", integration.payload_format_version)
    except (AwsError, Malformed):
        return said(500, "Internal Server Error")


def _forget(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()  # looked at, or asyncio would complain that nobody did


async def _forward(here: Here, call: WebCall, match: Match, path: str | None) -> Response:
    """Everything as it came to a web server, at a path that was perhaps set, and its answer back."""
    integration, request = match.integration, call.request
    uri = STAGE_VARIABLE.sub(lambda found: call.variables.get(found[1], ""), integration.integration_uri or "")
    uri = PATH_VARIABLE.sub(lambda found: quote(match.parameters.get(found[1], found[0]), safe="/"), uri)
    parts = urlsplit(uri)
    query = "&".join(part for part in (parts.query, request.query) if part)
    url = urlunsplit(parts._replace(query=query, path=path or parts.path or "/"))
    method = integration.integration_method or "ANY"
    headers = [(name, value) for name, value in request.headers if name.lower() not in NOT_FORWARDED]
    try:
        return await web.ask(
            here,
            request.method if method == "ANY" else method,
            url,
            headers,
            request.body,
            timeout_s=integration.timeout_in_millis / 1000,
        )
    except ClientTimeout:
        return said(504, "Gateway Timeout")
    except ClientError:
        return said(502, "Bad Gateway")
