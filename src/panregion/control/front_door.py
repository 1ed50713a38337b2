"""One address for all regions: 127.0.0.1:4566, where AWS tools for local use expect AWS.

The region is the one in the request's credential scope (the world's first where there is none); the request goes
on to it as it came. Whoever stands here is at no place of the world: there is no link in between.
"""

from collections.abc import Awaitable, Callable

import msgspec

from panregion.wire import identify
from panregion.world import ClientError, HttpClient, Request, Response, WorldSettings

FORWARD_TIMEOUT_S = 70.0


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
        region = (addressed.region if addressed else None) or self._settings.regions[0]
        if region not in self._settings.regions:
            if addressed is None or region != "us-east-1":
                return self._unknown(region)
            region = self._settings.regions[0]
        url = self._settings.endpoint(region) + request.target
        try:
            return await self._client.send(
                request.method, url, request.headers, request.body, timeout_s=FORWARD_TIMEOUT_S
            )
        except ClientError:
            return _json(503, {"message": f"{region} does not answer; `panregion status` says how it is"})

    def _introduce(self) -> Response:
        regions = ", ".join(self._settings.regions)
        line = f"panregion: AWS for {regions}; the region is in the request's signature; state at /_panregion/health\n"
        return Response(200, [("Content-Type", "text/plain")], line.encode())

    def _unknown(self, region: str) -> Response:
        regions = ", ".join(self._settings.regions)
        return _json(400, {"message": f"{region} is not a region of this world; it has {regions}"})


def _json(status: int, value: object) -> Response:
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(value) + b"\n")
