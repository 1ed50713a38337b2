"""Running a version of a function once: what synchronous and asynchronous invocations have in common."""

import asyncio
import base64
from collections.abc import Awaitable
from functools import partial

from panregion.functions import Invocation, Outcome, ResponseStream, Throttled
from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.engine import engine_of
from panregion.services.lambda_.errors import TooManyRequestsException, invalid
from panregion.services.lambda_.model import Config
from panregion.services.tracing import Recording, Step, begin_step


def found(here: Here, name: str, qualifier: str | None, chance: float) -> tuple[Config, int | None]:
    """The version that a name and qualifier mean, and the function's reserved concurrency."""
    return layout.resolve(here, name, qualifier, chance), layout.require_function(here, name).reserved


async def run(
    here: Here,
    config: Config,
    reserved: int | None,
    qualifier: str | None,
    payload: bytes,
    client_context: str = "",
    request_id: str = "",
) -> Outcome:
    """Run a version once. Raises TooManyRequestsException."""
    return await begin(here, config, reserved, qualifier, payload, client_context, request_id)


def begin(
    here: Here,
    config: Config,
    reserved: int | None,
    qualifier: str | None,
    payload: bytes,
    client_context: str = "",
    request_id: str = "",
    stream: ResponseStream | None = None,
) -> Awaitable[Outcome]:
    """Have a version run once; a stream is written as it answers. Raises TooManyRequestsException at once."""
    context = base64.b64decode(client_context).decode() if client_context else ""
    followed = begin_step(here, "function", config.name)
    invocation = Invocation(
        request_id=request_id or own_request_id(here),
        payload=payload,
        arn=layout.arn_of(here, config.name, qualifier),
        client_context=context,
        trace_id=trace_id(here) if followed is None else followed[0].header(followed[1]),
    )
    engine = engine_of(here)
    try:
        outcome = engine.functions.begin(engine.spec(config), invocation, reserved, stream)
    except Throttled as error:
        engine.meter.throttled(config.name)
        if followed is not None:
            followed[0].end(followed[1], error="TooManyRequestsException")
        raise TooManyRequestsException("Rate Exceeded.", Reason=error.reason, Type="User") from error
    except FileNotFoundError as error:
        raise invalid(f"The code of {config.name} is missing on disk: deploy it again ({error})") from error
    outcome.add_done_callback(partial(engine.meter.ended, config.name))
    if followed is not None:
        outcome.add_done_callback(partial(_told, *followed, invocation.request_id, config.log_group))
    return outcome


def _told(recording: Recording, step: Step, request_id: str, log_group: str, ended: "asyncio.Future[Outcome]") -> None:
    """What the function's REPORT line says, to whoever follows the request."""
    outcome = None if ended.cancelled() or ended.exception() is not None else ended.result()
    told = {} if outcome is None else {"duration_ms": outcome.duration_ms, "init_ms": outcome.init_ms}
    error = outcome.error or None if outcome is not None else "Unhandled"
    recording.end(step, request_id=request_id, log_group=log_group, error=error, **told)


def own_request_id(here: Here) -> str:
    """AWS gives the function the id of the request that invoked it; work that nobody asked for gets a fresh one."""
    return here.request_id if here.request_id.strip("0-") else here.world.chance.uuid()


def trace_id(here: Here) -> str:
    """An X-Ray header; nothing is sampled."""
    bits = here.world.chance.bits
    return f"Root=1-{int(here.now()):08x}-{bits(96):024x};Parent={bits(64):016x};Sampled=0"
