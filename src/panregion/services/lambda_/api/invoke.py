"""Invoke: the one operation that everything else is for, with its answer whole or as a stream."""

import base64
from collections.abc import AsyncIterator, Awaitable

import msgspec

from panregion.functions import PAYLOAD_MAX_BYTES, Outcome, ResponseStream
from panregion.services import Here
from panregion.services.lambda_.errors import InvalidRequestContentException, RequestTooLargeException
from panregion.services.lambda_.model import Json
from panregion.services.lambda_.names import parse
from panregion.services.lambda_.running import begin, found, run
from panregion.services.lambda_.work import accept

EVENT_MAX_BYTES = 1024 * 1024
RAW: msgspec.json.Decoder[object] = msgspec.json.Decoder()


async def invoke(
    here: Here,
    function_name: str,
    invocation_type: str = "RequestResponse",
    log_type: str = "None",
    client_context: str = "",
    payload: bytes = b"",
    qualifier: str | None = None,
) -> Json:
    name, qualifier = parse(function_name, qualifier, here.region)
    check_payload(payload, EVENT_MAX_BYTES if invocation_type == "Event" else PAYLOAD_MAX_BYTES)
    chance = here.world.chance.random() if qualifier else 1.0
    config, reserved = here.read(lambda here: found(here, name, qualifier, chance))
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    if invocation_type == "Event":
        await here.transact(lambda here: accept(here, name, qualifier, payload or b"{}", client_context))
        return {"StatusCode": 202, "Payload": b""}
    outcome = await run(here, config, reserved, qualifier, payload or b"{}", client_context)
    answer: Json = {"StatusCode": 200, "ExecutedVersion": config.version_name, "Payload": outcome.payload}
    if outcome.error:
        answer["FunctionError"] = outcome.error
    if log_type == "Tail":
        answer["LogResult"] = base64.b64encode(outcome.log_tail).decode()
    return answer


async def invoke_with_response_stream(
    here: Here,
    function_name: str,
    invocation_type: str = "RequestResponse",
    log_type: str = "None",
    client_context: str = "",
    qualifier: str | None = None,
    payload: bytes = b"",
) -> Json:
    name, qualifier = parse(function_name, qualifier, here.region)
    check_payload(payload, PAYLOAD_MAX_BYTES)
    chance = here.world.chance.random() if qualifier else 1.0
    config, reserved = here.read(lambda here: found(here, name, qualifier, chance))
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    stream = ResponseStream()
    outcome = begin(here, config, reserved, qualifier, payload or b"{}", client_context, stream=stream)
    events = stream_events(stream, outcome, tail=log_type == "Tail")
    return {"StatusCode": 200, "ExecutedVersion": config.version_name, "EventStream": events}


async def stream_events(stream: ResponseStream, outcome: Awaitable[Outcome], *, tail: bool) -> AsyncIterator[Json]:
    """What InvokeWithResponseStream answers: the pieces, and what came of it all."""
    async for piece in stream.pieces():
        yield {"PayloadChunk": {"Payload": piece}}
    ended = await outcome
    complete: Json = {}
    if ended.error:
        complete |= {"ErrorCode": ended.error, "ErrorDetails": ended.payload.decode(errors="replace")}
    if tail:
        complete["LogResult"] = base64.b64encode(ended.log_tail).decode()
    yield {"InvokeComplete": complete}


def check_payload(payload: bytes, limit: int) -> None:
    """Raises RequestTooLargeException, InvalidRequestContentException."""
    if len(payload) > limit:
        raise RequestTooLargeException(
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation", Type="User"
        )
    if payload:
        try:
            RAW.decode(payload)
        except msgspec.DecodeError as error:
            raise InvalidRequestContentException(
                f"Could not parse request body into json: Could not parse payload into json: {error}", Type="User"
            ) from error
