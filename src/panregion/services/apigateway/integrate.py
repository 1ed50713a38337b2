"""From a method to its integration, within its time."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from panregion.services.apigateway import aws, mock, proxy, web
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.kept import kept
from panregion.services.apigateway.model import Integration, Method
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.transform import transformed
from panregion.world import Response


async def integrate(invocation: Invocation, method: Method) -> Response:
    """The integration's response. Raises Refusal."""
    integration = method.method_integration
    assert integration is not None, "a deployment has only methods with an integration"
    if integration.type == "MOCK":
        return await transformed(invocation, integration, mock.send)
    return await _in_time(invocation, _call(invocation, integration), integration.timeout_in_millis / 1000)


async def _call(invocation: Invocation, integration: Integration) -> Response:
    match integration.type:
        case "AWS_PROXY":
            return await proxy.call(invocation, integration.uri or "")
        case "AWS":
            return await transformed(invocation, integration, lambda sent: aws.send(invocation, integration, sent))
        case "HTTP":
            return await transformed(invocation, integration, lambda sent: web.send(invocation, integration, sent))
        case "HTTP_PROXY":
            return await web.proxied(invocation, integration)
    raise Refusal("API_CONFIGURATION_ERROR")


async def _in_time(invocation: Invocation, call: Coroutine[Any, Any, Response], timeout_s: float) -> Response:
    """The call's response. One that takes too long goes on by itself, as a function does on AWS."""
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait({task}, timeout=timeout_s)
    if done:
        return task.result()
    unawaited = kept(invocation.here).unawaited
    unawaited.add(task)
    task.add_done_callback(lambda task: _forget(unawaited, task))
    raise Refusal("INTEGRATION_TIMEOUT")


def _forget(unawaited: set[asyncio.Task[Any]], task: asyncio.Task[Any]) -> None:
    unawaited.discard(task)
    if not task.cancelled():
        task.exception()  # looked at, or asyncio would complain that nobody did
