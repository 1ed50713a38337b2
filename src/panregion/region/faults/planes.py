"""Users' requests to what is deployed (APIs, websites, function URLs), while their service has faults.

They are the operation "plane" of that service, and fail as its front door says it to users, who know of no AWS.
"""

from typing import Protocol

import msgspec

from panregion.region.faults.decide import PLANE
from panregion.services import Here, Plane
from panregion.wire import AwsError
from panregion.world import Request, Response

SAID = {429: "Too Many Requests", 500: "Internal server error", 502: "Bad Gateway", 503: "Service Unavailable"}
THROTTLED = 429


class Suffering(Protocol):
    """What calls suffer (keeper.py)."""

    async def suffer(self, service: str, operation: str) -> None: ...


class SufferingPlane:
    """A data plane behind the faults of its service."""

    def __init__(self, service: str, plane: Plane, faults: Suffering) -> None:
        self._service = service
        self._plane = plane
        self._faults = faults

    def matches(self, here: Here, request: Request) -> bool:
        """As the plane itself."""
        return self._plane.matches(here, request)

    async def handle(self, here: Here, request: Request) -> Response:
        """The plane's answer, perhaps later, or an error in its place."""
        try:
            await self._faults.suffer(self._service, PLANE)
        except AwsError as error:
            return told(self._service, error)
        return await self._plane.handle(here, request)


def told(service: str, error: AwsError) -> Response:
    """An error as a user is told it. Pure."""
    status = error.status
    if status == 400 or "Thrott" in error.code or "TooMany" in error.code:
        status = THROTTLED  # what an API's client is told by 400 and a code, users of what it deployed are told so
    said = SAID.get(status, error.message or error.code)
    if service == "s3":
        return _page(status, "Slow Down" if error.code == "SlowDown" else said, error)
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)]
    return Response(status, headers, msgspec.json.encode({"message": said}))


def _page(status: int, said: str, error: AwsError) -> Response:
    """As S3's websites say it."""
    head = f"<head><title>{status} {said}</title></head>"
    why = f"<ul>\n<li>Code: {error.code}</li>\n<li>Message: {error.message}</li>\n</ul>"
    html = f"<html>\n{head}\n<body>\n<h1>{status} {said}</h1>\n{why}\n</body>\n</html>\n"
    return Response(status, [("Content-Type", "text/html; charset=utf-8")], html.encode())
