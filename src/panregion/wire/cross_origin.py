"""Pages of other origins: AWS's JSON services let any page call them, as browsers ask it of a server (CORS).

A browser asks first whether it may send X-Amz-Target; that question names no service, so it is answered for all.
"""

from panregion.world.http import Request, Response

_ANY = ("Access-Control-Allow-Origin", "*")
_EXPOSED = (
    "Access-Control-Expose-Headers",
    "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date",
)
MAX_AGE_S = 172_800


def preflight(request: Request) -> Response | None:
    """The answer to a browser that asks; None for any other request."""
    if request.method != "OPTIONS":
        return None
    asked = request.header("access-control-request-headers") or ""
    if "x-amz-target" not in asked.lower():
        return None
    method = request.header("access-control-request-method") or "POST"
    allowed = [("Access-Control-Allow-Headers", asked), ("Access-Control-Allow-Methods", method)]
    return Response(200, [_ANY, *allowed, ("Access-Control-Max-Age", str(MAX_AGE_S))])


def opened(request: Request, response: Response) -> Response:
    """The response to a call of a JSON service, so that the page that made it may read it."""
    if b"origin" in request.raw_headers and b"x-amz-target" in request.raw_headers:
        response.headers += [_ANY, _EXPOSED]
    return response
