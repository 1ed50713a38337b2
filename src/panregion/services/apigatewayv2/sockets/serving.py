"""The data plane of WebSocket APIs: a connection that begins, its messages, and its end.

The request for a connection passes the guards of `$connect` and then its integration; only a good answer lets it in,
and until then the connection does not exist for `@connections`. A message finds its route by the API's selection
expression. The end is told to `$disconnect`, as far as anybody is there to tell it.
"""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.authorizing import Refused
from panregion.services.apigatewayv2.model import CONNECT, DISCONNECT, Api, Route, Stage
from panregion.services.apigatewayv2.sockets import events
from panregion.services.apigatewayv2.sockets.admission import admit
from panregion.services.apigatewayv2.sockets.connections import Live, live
from panregion.services.apigatewayv2.sockets.deployed import Deployed, deployed
from panregion.services.apigatewayv2.sockets.events import Caller, Moment
from panregion.services.apigatewayv2.sockets.integrating import Asked, Broken, Outcome, integrate
from panregion.services.apigatewayv2.sockets.selection import route_of, selected
from panregion.services.apigatewayv2.throttling import throttled
from panregion.world import Request, Response, Switching
from panregion.world.websocket import SlowReader, handshake

HEX = "0123456789abcdef"
EXTENDED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
REASONS = {1000: "Connection Closed Normally", 1005: "Client-side close frame status not set"}
PROTOCOL_HEADER = "sec-websocket-protocol"


async def connect(here: Here, request: Request, api: Api, stage: Stage, path: str) -> Response:
    """The answer to a request for a connection: 101, or why not."""
    answer = handshake(request)
    if answer.status != 101:
        return answer
    now = here.now()
    caller = Caller(
        connection_id=events.connection_id(here.world.chance.bytes(11)),
        api_id=api.api_id,
        stage=stage.stage_name,
        domain=request.host,
        peer=request.peer,
        user_agent=request.header("user-agent") or "",
        connected_at=now,
    )
    serving = deployed(here, api.api_id, stage)
    if serving is None or path.strip("/"):
        return _said(here, caller, 403, "Forbidden")
    headers = answer.headers
    route = serving.routes.get(CONNECT)
    if route is not None:
        if throttled(here, api.api_id, stage, CONNECT):
            return _said(here, caller, 429, "Too Many Requests")
        try:
            outcome = await _connected(here, request, api, stage, caller, serving, route)
        except Refused as refusal:
            return _said(here, caller, refusal.status, refusal.message)
        except Broken:
            return _said(here, caller, 502, "Internal server error")
        if not 200 <= outcome.status < 300:
            return Response(outcome.status, [("Content-Type", "application/json")], outcome.body)
        headers = headers + [pair for pair in outcome.headers if pair[0].lower() == PROTOCOL_HEADER]
    opened = live(here).add(caller, _message, _ended)
    return Switching(headers=headers, successor=opened.socket)


async def _connected(
    here: Here, request: Request, api: Api, stage: Stage, caller: Caller, serving: Deployed, route: Route
) -> Outcome:
    """What the integration of `$connect` says. Raises Refused, Broken."""
    trace_id = f"Root=1-{int(caller.connected_at):08x}-{here.world.chance.token(24, HEX)}"
    told = events.connecting(request, caller.domain, trace_id)
    moment = _moment(here)
    about = events.context(caller, moment, CONNECT, events.CONNECT)
    await admit(here, request, api, caller, serving, route, events.event(told, about, stage.stage_variables, None))
    about = events.context(caller, moment, CONNECT, events.CONNECT)
    event = events.event(told, about, stage.stage_variables, None)
    integration = serving.integration(route)
    if integration is None:
        return Outcome(200)
    responses = serving.responses.get(integration.integration_id, [])
    return await integrate(here, Asked(integration, responses, event, b"", stage.stage_variables))


async def _message(opened: Live, text: str) -> None:
    """Serve one message of a connection."""
    caller = opened.caller
    here = live_here(opened)
    found = here.read(lambda here: _current(here, caller))
    serving = None if found is None else deployed(here, caller.api_id, found[1])
    if found is None or serving is None:
        _tell(here, opened, _error(here, caller, "Forbidden"))
        return
    api, stage = found
    moment, body = _moment(here), text.encode()
    about = events.context(caller, moment, "", events.MESSAGE)
    key = selected(api.route_selection_expression, body, about, stage.stage_variables)
    route = route_of(serving.routes.values(), key)
    integration = None if route is None else serving.integration(route)
    if route is None or integration is None:
        _tell(here, opened, _error(here, caller, "Forbidden" if route is None else "Internal server error"))
        return
    if throttled(here, caller.api_id, stage, route.route_key):
        _tell(here, opened, _error(here, caller, "Too Many Requests"))
        return
    about["routeKey"] = route.route_key
    event = events.event({}, about, stage.stage_variables, text)
    responses = serving.responses.get(integration.integration_id, [])
    try:
        outcome = await integrate(here, Asked(integration, responses, event, body, stage.stage_variables))
    except Broken:
        _tell(here, opened, _error(here, caller, "Internal server error"))
        return
    if serving.answers(route) and outcome.body:
        _tell(here, opened, outcome.body)


async def _ended(opened: Live, code: int, reason: str) -> None:
    """Tell `$disconnect` of a connection's end; what comes of it is told to nobody."""
    caller = opened.caller
    here = live_here(opened)
    found = here.read(lambda here: _current(here, caller))
    serving = None if found is None else deployed(here, caller.api_id, found[1])
    route = None if serving is None else serving.routes.get(DISCONNECT)
    if found is None or serving is None or route is None:
        return
    integration = serving.integration(route)
    if integration is None:
        return
    variables = found[1].stage_variables
    about = events.context(caller, _moment(here), DISCONNECT, events.DISCONNECT)
    about["disconnectStatusCode"], about["disconnectReason"] = code, reason or REASONS.get(code, "")
    event = events.event(events.disconnecting(caller.domain), about, variables, None)
    try:
        await integrate(here, Asked(integration, [], event, b"", variables))
    except Broken:
        return


def live_here(opened: Live) -> Here:
    """The region, for one more thing to do."""
    here = opened.here
    return here.serving(here.world.chance.uuid())


def _current(here: Here, caller: Caller) -> tuple[Api, Stage] | None:
    api = layout.APIS.find(here.tx, caller.api_id)
    stage = layout.STAGES.find(here.tx, caller.api_id, caller.stage)
    return None if api is None or stage is None else (api, stage)


def _moment(here: Here) -> Moment:
    chance = here.world.chance
    extended = chance.token(15, EXTENDED) + "="
    return Moment(request_id=here.request_id, extended_id=extended, message_id=extended, now=here.now())


def _tell(here: Here, opened: Live, body: bytes) -> None:
    """Send the client something; who has gone meanwhile, or does not listen, is not told."""
    try:
        opened.socket.send(body)
        opened.active()
    except (ConnectionError, SlowReader):
        del here


def _error(here: Here, caller: Caller, message: str) -> bytes:
    told: dict[str, Any] = {
        "message": message,
        "connectionId": caller.connection_id,
        "requestId": here.request_id,
    }
    return msgspec.json.encode(told)


def _said(here: Here, caller: Caller, status: int, message: str) -> Response:
    headers = [("Content-Type", "application/json"), ("x-amzn-RequestId", here.request_id)]
    return Response(status, headers, _error(here, caller, message))
