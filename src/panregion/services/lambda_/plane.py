"""The data plane of function URLs: ID.lambda-url.REGION.on.aws

A URL whose authorization is AWS_IAM wants a signature, which is not verified, as everywhere here; permissions are kept
and not enforced.
"""

from typing import Any

import msgspec

from panregion.functions import PAYLOAD_MAX_BYTES
from panregion.functions.web import Malformed, WebCall, cors, event, response
from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.urls import DOMAIN
from panregion.services.lambda_.errors import TooManyRequestsException
from panregion.services.lambda_.model import FunctionUrl
from panregion.services.lambda_.running import trace_id
from panregion.wire import AwsError
from panregion.world import Request, Response


class UrlPlane:
    """Serves a region's function URLs."""

    def matches(self, _here: Here, request: Request) -> bool:
        return request.host.partition(".")[2].startswith(f"{DOMAIN}.")

    async def handle(self, here: Here, request: Request) -> Response:
        url = here.read(lambda here: layout.url_with(here.tx, request.host.partition(".")[0]))
        if url is None:
            return said(403, "Forbidden")
        answer = cors.preflight(url.cors, request)
        if answer is None:
            answer = cors.added(url.cors, request, await serve(here, request, url))
        answer.headers.append(("x-amzn-RequestId", here.request_id))
        return answer


def said(status: int, message: str) -> Response:
    """What Lambda itself says."""
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode({"Message": message}))


async def serve(here: Here, request: Request, url: FunctionUrl) -> Response:
    if url.auth == "AWS_IAM" and request.header("authorization") is None and "X-Amz-Signature=" not in request.query:
        return said(403, "Forbidden")
    if len(request.body) > PAYLOAD_MAX_BYTES:
        return said(413, "Request Entity Too Large")
    params: dict[str, Any] = {
        "FunctionName": url.function,
        "Payload": msgspec.json.encode(event(call_of(here, request, url))),
    }
    if url.qualifier is not None:
        params["Qualifier"] = url.qualifier
    try:
        answer = await here.request("lambda", "Invoke", params)
        if answer.get("FunctionError"):
            return said(502, "Internal Server Error")
        return response(answer.get("Payload") or b"", "2.0")
    except TooManyRequestsException:
        return said(429, "Too Many Requests")
    except (AwsError, Malformed):
        return said(502, "Internal Server Error")


def call_of(here: Here, request: Request, url: FunctionUrl) -> WebCall:
    return WebCall(
        request=request,
        account_id="anonymous" if url.auth == "NONE" else here.account_id,
        api_id=url.id,
        stage="$default",
        domain=request.host,
        raw_path="/" + request.path.lstrip("/"),
        request_id=here.request_id,
        trace_id=request.header("x-amzn-trace-id") or trace_id(here),
        now=here.now(),
    )
