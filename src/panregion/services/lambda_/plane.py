"""The data plane of function URLs: ID.lambda-url.REGION.on.aws

A URL whose authorization is AWS_IAM wants a signature, which is not verified, as everywhere here; permissions are kept
and not enforced.
"""

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import msgspec

from panregion.functions import PAYLOAD_MAX_BYTES, Outcome, ResponseStream
from panregion.functions.web import PRELUDE_TYPE, Malformed, WebCall, cors, event, prelude, response
from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.urls import DOMAIN
from panregion.services.lambda_.errors import TooManyRequestsException
from panregion.services.lambda_.model import FunctionUrl
from panregion.services.lambda_.running import begin, found, trace_id
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
    payload = msgspec.json.encode(event(call_of(here, request, url)))
    try:
        if url.mode == "RESPONSE_STREAM":
            return await streamed(here, url, payload)
        return await whole(here, url, payload)
    except TooManyRequestsException:
        return said(429, "Too Many Requests")
    except (AwsError, Malformed):
        return said(502, "Internal Server Error")


async def whole(here: Here, url: FunctionUrl, payload: bytes) -> Response:
    """Invoke mode BUFFERED. Raises AwsError, Malformed."""
    params: dict[str, Any] = {"FunctionName": url.function, "Payload": payload}
    if url.qualifier is not None:
        params["Qualifier"] = url.qualifier
    answer = await here.request("lambda", "Invoke", params)
    if answer.get("FunctionError"):
        return said(502, "Internal Server Error")
    return response(answer.get("Payload") or b"", "2.0")


async def streamed(here: Here, url: FunctionUrl, payload: bytes) -> Response:
    """Invoke mode RESPONSE_STREAM: what a function answers in one piece is its body as it stands. Raises as `whole`."""
    chance = here.world.chance.random() if url.qualifier else 1.0
    config, reserved = here.read(lambda here: found(here, url.function, url.qualifier, chance))
    stream = ResponseStream()
    outcome = begin(here, config, reserved, url.qualifier, payload, stream=stream)
    if not await stream.opened():
        return said(502, "Internal Server Error")
    pieces = stream.pieces()
    if stream.content_type != PRELUDE_TYPE:
        return Response(200, [("Content-Type", str(stream.content_type))], until_end(b"", pieces, outcome))
    received = b""
    async for piece in pieces:
        received += piece
        if (head := prelude(received)) is not None:
            answer, rest = head
            answer.body = until_end(rest, pieces, outcome)
            return answer
    raise Malformed("the answer ended before its prelude did")


class BrokenOff(ConnectionError):
    """The function failed in the middle of its answer: the connection ends, so that a part is not taken for all."""


async def until_end(first: bytes, pieces: AsyncIterator[bytes], outcome: Awaitable[Outcome]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for piece in pieces:
        yield piece
    ended = await outcome
    if ended.error:
        raise BrokenOff(ended.payload.decode(errors="replace"))


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
