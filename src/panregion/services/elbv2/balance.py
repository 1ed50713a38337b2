"""Serving one request: which action, which group, which target, and what comes back.

What a load balancer answers by itself: 400 for a WebSocket to a function, 405 for TRACE, 413 for a body that is too
large for a function, 414 for a target longer than 16 KiB, 502 for a function that failed or answered in another form
and for a target that broke off, 503 where no target is registered, 504 for a target that did not answer in time.
"""

import base64
import email.utils
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panregion.services import Here
from panregion.services.elbv2 import attributes, functions, health
from panregion.services.elbv2.exchange import Refused, cookie, error, fixed, onward, redirect
from panregion.services.elbv2.model import TargetGroup
from panregion.services.elbv2.view import Port, View
from panregion.wire import AwsError
from panregion.world import Chance, ClientError, ClientTimeout, Headers, HttpClient, Request, Response
from panregion.world.whereabouts import PLACES_NETWORK

Json = dict[str, Any]

CLIENT_HEADER = "x-panregion-client"
LINK_NETWORK, USER_NETWORK = f"{PLACES_NETWORK}.", "198.18."
"""City n's users are 198.18.n.0/24; what comes from there over a link comes from 127.18.n.0/24."""
TARGET_LENGTH_MAX = 16 * 1024
CONNECT_TIMEOUT_S = 10.0
GROUP_COOKIE, TARGET_COOKIE = "AWSALBTG", "AWSALB"
HEX = "0123456789abcdef"


@dataclass
class Counts:
    """What the choice of targets remembers: whose turn it is, and who is busy with how much."""

    turns: dict[str, int] = field(default_factory=dict)
    outstanding: dict[health.Target, int] = field(default_factory=dict)


class Balance:
    """Serves the requests of all listeners of a region."""

    def __init__(self, here: Here, view: Callable[[], View], client: HttpClient) -> None:
        self._here = here
        self._view = view
        self._client = client
        self._counts = Counts()

    async def serve(self, listener_arn: str, request: Request) -> Response:
        view = self._view()
        port = view.ports.get(listener_arn)
        if port is None:
            return error(503)  # deleted a moment ago
        try:
            answer = await self._serve(view, port, _from_place(request))
        except Refused as refusal:
            answer = error(refusal.status)
        return _dressed(answer, port)

    async def _serve(self, view: View, port: Port, request: Request) -> Response:
        if request.method == "TRACE":
            raise Refused(405, "TRACE is refused")
        if len(request.target) > TARGET_LENGTH_MAX:
            raise Refused(414, "the target is too long")
        action = port.action(request)
        match action["Type"]:
            case "fixed-response":
                return fixed(action["FixedResponseConfig"])
            case "redirect":
                return redirect(action["RedirectConfig"], request, port.arrival)
        return await self._forward(view, port, action["ForwardConfig"], request)

    async def _forward(self, view: View, port: Port, config: Json, request: Request) -> Response:
        arn = _chosen_group(config, request, self._here.world.chance)
        group = view.groups[arn]
        if not group.targets:
            raise Refused(503, "no target is registered")
        headers = onward(request, port.arrival, self._trace_id())
        if group.kind == "lambda":
            answer = await self._invoke(group, request, headers)
        else:
            answer = await self._send(group, port, request, headers)
        sticky = config["TargetGroupStickinessConfig"]
        if sticky["Enabled"] and len(config["TargetGroups"]) > 1:
            answer.headers += self._cookies(GROUP_COOKIE, _mark(arn), sticky["DurationSeconds"])
        return answer

    def _trace_id(self) -> str:
        return f"1-{int(self._here.now()):08x}-{self._here.world.chance.token(24, HEX)}"

    def _cookies(self, name: str, value: str, duration_s: int) -> Headers:
        """The cookie, and its twin for requests from other sites."""
        expires = email.utils.formatdate(self._here.now() + duration_s, usegmt=True)
        return [
            ("Set-Cookie", f"{name}={value}; Expires={expires}; Path=/"),
            ("Set-Cookie", f"{name}CORS={value}; Expires={expires}; Path=/; SameSite=None; Secure"),
        ]

    async def _invoke(self, group: TargetGroup, request: Request, headers: Headers) -> Response:
        payload = functions.event(request, headers, group.arn, group.multi_value)
        answer = await invoked(self._here, group.targets[0][0], payload)
        return functions.response(answer, group.multi_value)

    async def _send(self, group: TargetGroup, port: Port, request: Request, headers: Headers) -> Response:
        kinds, own = attributes.GROUP_IP, group.attributes
        sticky = attributes.value(kinds, own, "stickiness.enabled") == "true"
        targets = health.usable(self._here, group)
        target = self._sticky_target(targets, request) if sticky else None
        if target is None:
            algorithm = attributes.value(kinds, own, "load_balancing.algorithm.type")
            target = self._next(group.arn, targets, algorithm)
        outstanding = self._counts.outstanding
        outstanding[target] = outstanding.get(target, 0) + 1
        try:
            answer = await self._exchange(group, target, request, headers, port.idle_timeout_s)
        finally:
            outstanding[target] -= 1
        if sticky:
            duration = int(attributes.value(kinds, own, "stickiness.lb_cookie.duration_seconds"))
            answer.headers += self._cookies(TARGET_COOKIE, _mark(f"{target[0]}:{target[1]}"), duration)
        return answer

    @staticmethod
    def _sticky_target(targets: list[health.Target], request: Request) -> health.Target | None:
        wanted = cookie(request, TARGET_COOKIE) or cookie(request, f"{TARGET_COOKIE}CORS")
        return next((target for target in targets if _mark(f"{target[0]}:{target[1]}") == wanted), None)

    def _next(self, group_arn: str, targets: list[health.Target], algorithm: str) -> health.Target:
        if algorithm == "weighted_random":
            return self._here.world.chance.choice(targets)
        turn = self._counts.turns[group_arn] = self._counts.turns.get(group_arn, -1) + 1
        first = turn % len(targets)
        order = targets[first:] + targets[:first]
        if algorithm == "least_outstanding_requests":
            return min(order, key=lambda target: self._counts.outstanding.get(target, 0))
        return order[0]

    async def _exchange(
        self, group: TargetGroup, target: health.Target, request: Request, headers: Headers, timeout_s: float
    ) -> Response:
        url = f"{group.protocol.lower()}://{target[0]}:{target[1]}{request.target}"
        try:
            answer = await self._client.send(
                request.method, url, headers, request.body, timeout_s=timeout_s, connect_timeout_s=CONNECT_TIMEOUT_S
            )
        except ClientTimeout as failure:
            raise Refused(504, str(failure)) from failure
        except ClientError as failure:
            raise Refused(502, str(failure)) from failure
        kept = [pair for pair in answer.headers if pair[0].lower() not in ("date", "content-length")]
        return Response(answer.status, kept, answer.body)


async def invoked(here: Here, function_arn: str, payload: bytes) -> bytes:
    """A function's answer. Raises Refused where it failed or Lambda would not run it."""
    params = {"FunctionName": function_arn, "InvocationType": "RequestResponse", "Payload": payload}
    try:
        answer = await here.serving(here.world.chance.uuid()).request("lambda", "Invoke", params)
    except AwsError as failure:
        raise Refused(502, str(failure)) from failure
    if answer.get("FunctionError"):
        raise Refused(502, "the function failed")
    output: bytes = answer.get("Payload") or b""
    return output


def _chosen_group(config: Json, request: Request, chance: Chance) -> str:
    """The group that the request's cookie remembers, or one by weight. Raises Refused where none has a weight."""
    groups = config["TargetGroups"]
    if len(groups) == 1:
        only: str = groups[0]["TargetGroupArn"]
        return only
    if config["TargetGroupStickinessConfig"]["Enabled"]:
        wanted = cookie(request, GROUP_COOKIE) or cookie(request, f"{GROUP_COOKIE}CORS")
        for group in groups:
            if group["Weight"] and _mark(group["TargetGroupArn"]) == wanted:
                return str(group["TargetGroupArn"])
    total = sum(group["Weight"] for group in groups)
    if not total:
        raise Refused(503, "no target group has a weight")
    left = chance.random() * total
    for group in groups:
        left -= group["Weight"]
        if left < 0:
            break
    return str(group["TargetGroupArn"])


def _mark(what: str) -> str:
    """What a cookie says instead of a name."""
    return base64.urlsafe_b64encode(hashlib.sha256(what.encode()).digest()).decode().rstrip("=")


def _from_place(request: Request) -> Request:
    """A request that came from a city comes from the user there: by the proxy's header, or, where the proxy could not
    write into it (TLS), by the address that the link ended in."""
    client = request.header(CLIENT_HEADER)
    if client is None:
        if request.peer.startswith(LINK_NETWORK):
            request.peer = USER_NETWORK + request.peer.removeprefix(LINK_NETWORK)
        return request
    headers = [(name, value) for name, value in request.headers if name.lower() != CLIENT_HEADER]
    return Request(request.method, request.path, request.query, headers, request.body, client)


def _dressed(answer: Response, port: Port) -> Response:
    """The answer with the headers that the listener's attributes ask for."""
    if not port.server_header:
        answer.headers = [pair for pair in answer.headers if pair[0].lower() != "server"]
    if port.response_headers:
        own = {name for name, _ in port.response_headers}
        answer.headers = [pair for pair in answer.headers if pair[0].lower() not in own] + port.response_headers
    return answer
