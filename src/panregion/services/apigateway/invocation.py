"""One request of a user on its way through an API: what came in, what it matched, and what templates see of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from panregion.services import Here
from panregion.services.apigateway.model import Method, Stage
from panregion.services.apigateway.routing import Deployed, Match
from panregion.services.callers import Signer
from panregion.world import Request

Values = dict[str, list[str]]

HEX = "0123456789abcdef"
EXTENDED_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NOT_SHOWN = frozenset({"content-length", "connection", "x-panregion-client"})
SPELLED = {"host": "Host", "user-agent": "User-Agent", "authorization": "Authorization"}
"""Headers that API Gateway spells its own way; the others keep the client's spelling."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which stage of which API a request is for. `path` is raw and without stage and base path."""

    api_id: str
    stage: str
    path: str
    public_path: str
    """As in requestContext.path: with the stage, or with the base path on a custom domain."""
    event_path: str
    """As in the event's path: without the stage, with the base path."""
    domain: str
    custom: bool = False


@dataclass(slots=True)
class Invocation:
    """A request with everything that is known about it; the authorizer's findings come in later."""

    here: Here
    request: Request
    target: Target
    deployed: Deployed
    stage: Stage
    request_id: str
    extended_id: str
    trace_id: str
    started: float
    match: Match | None = None
    method: Method | None = None
    authorizer: dict[str, Any] | None = None
    signer: Signer | None = None
    canary: bool = False
    """Whether the stage's canary serves it."""
    api_key: tuple[str, str] | None = None
    """Value and identifier of the key that came with the request."""
    error: dict[str, Any] = field(default_factory=dict)
    _headers: Values | None = None
    _query: Values | None = None
    _context: dict[str, Any] | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """Path parameters."""
        return self.match.parameters if self.match else {}

    @property
    def variables(self) -> dict[str, str]:
        """Stage variables."""
        return self.stage.variables or {}

    @property
    def headers(self) -> Values:
        """The client's headers as the integration is shown them, with those that the gateway adds."""
        if self._headers is None:
            self._headers = shown_headers(self.request, self.target.domain, self.trace_id)
        return self._headers

    @property
    def query(self) -> Values:
        """The query string, decoded."""
        if self._query is None:
            self._query = parse_query(self.request.query)
        return self._query

    @property
    def context(self) -> dict[str, Any]:
        """What AWS calls requestContext, and templates $context."""
        if self._context is None:
            self._context = request_context(self)
        return self._context

    def forget_context(self) -> None:
        """Once the authorizer or the key is known."""
        self._context = None


def begin(here: Here, request: Request, target: Target, deployed: Deployed, stage: Stage) -> Invocation:
    """A request that has found its stage."""
    chance = here.world.chance
    now = here.now()
    return Invocation(
        here=here,
        request=request,
        target=target,
        deployed=deployed,
        stage=stage,
        request_id=here.request_id,
        extended_id=chance.token(15, EXTENDED_ID_ALPHABET) + "=",
        trace_id=request.header("x-amzn-trace-id") or f"Root=1-{int(now):08x}-{chance.token(24, HEX)}",
        started=now,
    )


def shown_headers(request: Request, domain: str, trace_id: str) -> Values:
    """Name to values, in the client's order and spelling."""
    values: Values = {}
    spelling: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        if lower not in NOT_SHOWN:
            name = spelling.setdefault(lower, SPELLED.get(lower, name))
            values.setdefault(name, []).append(value)
    values[spelling.get("host", "Host")] = [domain]
    values.setdefault(spelling.get("x-amzn-trace-id", "X-Amzn-Trace-Id"), [trace_id])
    forwarded = request.header("x-forwarded-for")
    values[spelling.get("x-forwarded-for", "X-Forwarded-For")] = [
        f"{forwarded}, {request.peer}" if forwarded else request.peer
    ]
    values[spelling.get("x-forwarded-port", "X-Forwarded-Port")] = ["443"]
    values[spelling.get("x-forwarded-proto", "X-Forwarded-Proto")] = ["https"]
    return values


def parse_query(raw: str) -> Values:
    """A query string to its values by name, decoded, in order."""
    values: Values = {}
    for pair in raw.split("&") if raw else ():
        if pair:
            name, _, value = pair.partition("=")
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


def last(values: Values) -> dict[str, str]:
    """One value for each name: API Gateway takes the last."""
    return {name: many[-1] for name, many in values.items()}


def request_context(invocation: Invocation) -> dict[str, Any]:
    """The requestContext of payload format 1.0, in AWS's order of names."""
    here, request, target = invocation.here, invocation.request, invocation.target
    match = invocation.match
    context: dict[str, Any] = {
        "resourceId": match.resource.id if match else "",
        "resourcePath": match.resource.path if match else "",
        "httpMethod": request.method,
        "extendedRequestId": invocation.extended_id,
        "requestTime": datetime.fromtimestamp(invocation.started, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "path": target.public_path,
        "accountId": here.account_id,
        "protocol": "HTTP/1.1",
        "stage": target.stage,
        "domainPrefix": target.domain.split(".", 1)[0],
        "requestTimeEpoch": int(invocation.started * 1000),
        "requestId": invocation.request_id,
        "identity": identity(invocation),
        "domainName": target.domain,
        "deploymentId": invocation.deployed.id,
        "apiId": target.api_id,
    }
    if invocation.method is not None and invocation.method.operation_name:
        context["operationName"] = invocation.method.operation_name
    if invocation.authorizer is not None:
        context["authorizer"] = invocation.authorizer
    return context


def identity(invocation: Invocation) -> dict[str, Any]:
    """Who asks, as far as it is known."""
    shown: dict[str, Any] = {
        "cognitoIdentityPoolId": None,
        "accountId": None,
        "cognitoIdentityId": None,
        "caller": None,
        "sourceIp": invocation.request.peer,
        "principalOrgId": None,
        "accessKey": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None,
        "userAgent": invocation.request.header("user-agent"),
        "user": None,
    }
    who = invocation.signer
    if who is not None:
        shown |= {"accountId": who.account_id, "caller": who.account_id, "accessKey": who.access_key}
        shown |= {"userArn": who.arn, "user": who.account_id}
    if invocation.api_key is not None:
        shown["apiKey"], shown["apiKeyId"] = invocation.api_key
    return shown
