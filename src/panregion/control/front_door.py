"""One address for all regions: 127.0.0.1:4566, where AWS tools for local use expect AWS.

The region is the one in the request's credential scope (the world's first where there is none), or, for events that
are put by way of a global endpoint, the one that the endpoint's name leads to; the request goes on to it as it came.
Whoever stands here is at no place of the world: there is no link in between.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import msgspec

from panregion.wire import Addressed, AwsError, identify, protocol_of, serialize_error
from panregion.world import ClientError, HttpClient, Request, Response, SystemChance, WorldSettings

FORWARD_TIMEOUT_S = 70.0
ASK_TIMEOUT_S = 2.0
ENDPOINTS = ".endpoint.events.amazonaws.com"


class ByEndpoint(msgspec.Struct):
    """What is read of a PutEvents."""

    EndpointId: str


class FrontDoor:
    """A handler that passes requests on to the region that they name."""

    def __init__(self, settings: WorldSettings, client: HttpClient, status: Callable[[], Awaitable[object]]) -> None:
        self._settings = settings
        self._client = client
        self._status = status

    async def __call__(self, request: Request) -> Response:
        if request.path == "/_panregion/health":
            return _json(200, await self._status())
        addressed = identify(request)
        if addressed is None and request.path == "/" and request.method in ("GET", "HEAD"):
            return self._introduce()
        region = (addressed.region if addressed else None) or await self._by_endpoint(addressed, request)
        region = region or self._settings.regions[0]
        if region not in self._settings.regions:
            if addressed is None or region != "us-east-1":
                message = f"{region} is not a region of this world; it has {', '.join(self._settings.regions)}"
                return _refusal(request, addressed, "InvalidRegion", message, 400)
            region = self._settings.regions[0]
        url = self._settings.endpoint(region) + request.target
        try:
            response = await self._client.pass_on(
                request.method, url, request.headers, request.body, timeout_s=FORWARD_TIMEOUT_S
            )
        except ClientError:
            message = f"{region} does not answer; `panregion status` says how it is"
            return _refusal(request, addressed, "ServiceUnavailable", message, 503)
        response.headers = [header for header in response.headers if header[0].lower() != "date"]  # the server adds one
        return response

    async def _by_endpoint(self, addressed: Addressed | None, request: Request) -> str | None:
        """The region that the global endpoint of a PutEvents leads to, as the edge answers it."""
        if addressed is None or addressed.service != "events" or b'"EndpointId"' not in request.body:
            return None
        try:
            name = f"{msgspec.json.decode(request.body, type=ByEndpoint).EndpointId}{ENDPOINTS}"
            url = f"http://127.0.0.1:{self._settings.ports.edge}/_panregion/answer?name={quote(name)}&type=A"
            response = await self._client.send("GET", url, timeout_s=ASK_TIMEOUT_S)
        except (ClientError, msgspec.DecodeError):
            return None
        assert isinstance(response.body, bytes)
        values = msgspec.json.decode(response.body).get("values") or [""]
        return self._settings.region_at(values[0])

    def _introduce(self) -> Response:
        regions = ", ".join(self._settings.regions)
        line = f"panregion: AWS for {regions}; the region is in the request's signature; state at /_panregion/health\n"
        return Response(200, [("Content-Type", "text/plain")], line.encode())


def _refusal(request: Request, addressed: Addressed | None, code: str, message: str, status: int) -> Response:
    """An error in the form that the client of the service expects."""
    if addressed is None:
        return _json(status, {"message": message})
    error, service = AwsError.of(code, message, status), addressed.service
    return serialize_error(service, error, SystemChance().uuid(), protocol_of(request, service))


def _json(status: int, value: object) -> Response:
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(value) + b"\n")
