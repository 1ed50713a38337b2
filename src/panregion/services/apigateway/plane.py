"""The data plane: requests to an API's own name, to a custom domain, or by the path that emulators have.

    API.execute-api.REGION.amazonaws.com/STAGE/path
    API.execute-api.localhost[.anything]/STAGE/path
    api.hello.test/BASE/path                              a custom domain name with a base path mapping
    /restapis/API/STAGE/_user_request_/path               on any host
    /_aws/execute-api/API/STAGE/path                      on any host

A request finds its stage, the stage its deployment, the deployment the method; then come the guards, then the
integration. A deployment is compiled once and kept by its identifier, because it never changes.
"""

from panregion.services import Here
from panregion.services.apigateway import layout
from panregion.services.apigateway.answer import finish, refuse, usual_text
from panregion.services.apigateway.canary import chosen
from panregion.services.apigateway.guard import admit
from panregion.services.apigateway.integrate import integrate
from panregion.services.apigateway.invocation import Invocation, Target, begin
from panregion.services.apigateway.kept import kept
from panregion.services.apigateway.model import PAYLOAD_LIMIT_BYTES, BasePathMapping, RestApi, Stage
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.routing import Deployed
from panregion.world import Request, Response

EXECUTE_API = ".execute-api."
AWS_SUFFIX = ".amazonaws.com"
EMPTY_MAPPING = "(none)"


class RestPlane:
    """Serves the stages of a region's REST APIs."""

    def matches(self, here: Here, request: Request) -> bool:
        host, path = request.host, request.path
        if EXECUTE_API in host:
            return True
        if "/_user_request_" in path or path.startswith("/_aws/execute-api/"):
            return True
        if host.endswith(AWS_SUFFIX):
            return False
        return here.read(lambda here: layout.DOMAINS.find(here.tx, host)) is not None

    async def handle(self, here: Here, request: Request) -> Response:
        found = here.read(lambda here: self._find(here, request))
        if isinstance(found, Refusal):
            return _turned_away(here, found)
        target, deployed, stage, is_canary = found
        invocation = begin(here, request, target, deployed, stage)
        invocation.canary = is_canary
        try:
            return finish(invocation, await serve(invocation))
        except Refusal as refusal:
            return refuse(invocation, refusal)

    def _find(self, here: Here, request: Request) -> tuple[Target, Deployed, Stage, bool] | Refusal:
        """What the request is for; nobody is told why there is nothing."""
        target = locate(here, request)
        if target is None:
            return Refusal("DEFAULT_4XX", status=403)
        api = layout.APIS.find(here.tx, target.api_id)
        stage = layout.STAGES.find(here.tx, target.api_id, target.stage)
        if api is None or stage is None or _shut(api, target):
            return Refusal("DEFAULT_4XX", status=403)
        stage, is_canary = chosen(stage, 0.0 if stage.canary_settings is None else here.world.chance.random())
        return target, self._deployed(here, target.api_id, stage.deployment_id), stage, is_canary

    def _deployed(self, here: Here, api_id: str, deployment_id: str) -> Deployed:
        deployed = kept(here).deployments.get((api_id, deployment_id))
        if deployed is None:
            snapshot = layout.SNAPSHOTS.find(here.tx, api_id, deployment_id)
            assert snapshot is not None, f"the stage's deployment {deployment_id} is not there"
            deployed = kept(here).remember(api_id, Deployed(deployment_id, snapshot))
        return deployed


async def serve(invocation: Invocation) -> Response:
    """Route, guard, integrate. Raises Refusal."""
    if len(invocation.request.body) > PAYLOAD_LIMIT_BYTES:
        raise Refusal("REQUEST_TOO_LARGE")
    match = invocation.deployed.routes.match(invocation.target.path)
    if match is not None:
        invocation.match, invocation.method = match, match.method(invocation.request.method)
    if invocation.method is None:
        raise Refusal("MISSING_AUTHENTICATION_TOKEN")
    await admit(invocation, invocation.method)
    return await integrate(invocation, invocation.method)


def locate(here: Here, request: Request) -> Target | None:
    """Which API, stage and path a request means, or None."""
    host, path = request.host, request.path
    if "/_user_request_" in path and path.startswith("/restapis/"):
        head, _, rest = path.partition("/_user_request_")
        return _by_names(here, head.removeprefix("/restapis/").split("/"), rest)
    if path.startswith("/_aws/execute-api/"):
        names, rest = _first(path.removeprefix("/_aws/execute-api"))
        stage, rest = _first(rest)
        return _by_names(here, [names, stage], rest)
    if EXECUTE_API in host:
        api_id, _, rest = host.partition(EXECUTE_API)
        if not rest.startswith("localhost") and rest != here.region + AWS_SUFFIX:
            return None
        stage, rest = _first(path)
        return _target(here, api_id, stage, rest, domain=host)
    return _by_domain(here, host, path)


def _by_names(here: Here, names: list[str], rest: str) -> Target | None:
    if len(names) != 2:
        return None
    return _target(here, names[0], names[1], rest, domain=f"{names[0]}{EXECUTE_API}{here.region}{AWS_SUFFIX}")


def _target(here: Here, api_id: str, stage: str, path: str, *, domain: str) -> Target:
    del here
    path = _one_slash(path)
    return Target(api_id=api_id, stage=stage, path=path, public_path=f"/{stage}{path}", event_path=path, domain=domain)


def _by_domain(here: Here, host: str, path: str) -> Target | None:
    """The mapping of the first part of the path, or the one without a base path."""
    first, rest = _first(path)
    mapping = layout.MAPPINGS.find(here.tx, host, first) if first else None
    if mapping is None:
        mapping, rest = layout.MAPPINGS.find(here.tx, host, EMPTY_MAPPING), path
    if mapping is None:
        return None
    stage, rest = _mapped_stage(mapping, rest)
    whole = _one_slash(path)
    return Target(
        api_id=mapping.rest_api_id,
        stage=stage,
        path=_one_slash(rest),
        public_path=whole,
        event_path=whole,
        domain=host,
        custom=True,
    )


def _mapped_stage(mapping: BasePathMapping, rest: str) -> tuple[str, str]:
    """A mapping without a stage leaves it to the next part of the path."""
    return (mapping.stage, rest) if mapping.stage else _first(rest)


def _first(path: str) -> tuple[str, str]:
    """The first part of a path, and the rest with its slash."""
    first, slash, rest = path.lstrip("/").partition("/")
    return first, slash + rest


def _one_slash(path: str) -> str:
    return "/" + path.lstrip("/")


def _shut(api: RestApi, target: Target) -> bool:
    return api.disable_execute_api_endpoint and not target.custom


def _turned_away(here: Here, refusal: Refusal) -> Response:
    """There is no API to say how it answers."""
    headers = [
        ("Content-Type", "application/json"),
        ("x-amzn-RequestId", here.request_id),
        ("x-amzn-ErrorType", refusal.error_type),
    ]
    return Response(refusal.status, headers, usual_text(refusal).encode())
