"""From a route of a WebSocket API to what it leads to."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panregion.functions.web import Malformed, response
from panregion.services import Here, web
from panregion.services.apigatewayv2.authorizing import function_of
from panregion.services.apigatewayv2.mapping import of_body
from panregion.services.apigatewayv2.model import DEFAULT, Integration, IntegrationResponse
from panregion.services.apigatewayv2.sockets.selection import response_of, selected
from panregion.services.service_calls import ServiceUriError, ask_service
from panregion.services.templating import Scope, TemplateError, render
from panregion.wire import AwsError
from panregion.world import ClientError, Headers


class Broken(Exception):
    """The integration failed, or answered what makes no sense."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An integration, and what it is asked."""

    integration: Integration
    responses: list[IntegrationResponse]
    event: dict[str, Any]
    body: bytes
    variables: dict[str, str]

    @property
    def context(self) -> dict[str, Any]:
        about: dict[str, Any] = self.event["requestContext"]
        return about


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an integration said."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)


async def integrate(here: Here, asked: Asked) -> Outcome:
    """The integration's answer, within its time. Raises Broken."""
    task = asyncio.ensure_future(_call(here, asked))
    done, _ = await asyncio.wait({task}, timeout=asked.integration.timeout_in_millis / 1000)
    if not done:
        task.add_done_callback(_forget)
        raise Broken
    return task.result()


def _forget(task: "asyncio.Task[Outcome]") -> None:
    if not task.cancelled():
        task.exception()  # looked at, or asyncio would complain that nobody did


def _call(here: Here, asked: Asked) -> Coroutine[Any, Any, Outcome]:
    match asked.integration.integration_type:
        case "AWS_PROXY":
            return _function(here, asked)
        case "HTTP_PROXY":
            return _web(here, asked, asked.body)
        case "MOCK":
            return _mock(here, asked)
    return _transformed(here, asked)


async def _function(here: Here, asked: Asked) -> Outcome:
    name = function_of(asked.integration.integration_uri or "", asked.variables)
    params = {"FunctionName": name, "Payload": msgspec.json.encode(asked.event)}
    try:
        answer = await here.request("lambda", "Invoke", params, region=_region_of(name))
        if answer.get("FunctionError"):
            raise Broken
        said = response(answer.get("Payload") or b"", "1.0")
    except (AwsError, Malformed) as error:
        raise Broken from error
    assert isinstance(said.body, bytes)
    return Outcome(said.status, said.body, said.headers)


def _region_of(function: str) -> str | None:
    """The region that a function's ARN names; None for a mere name."""
    parts = function.split(":")
    return parts[3] if len(parts) > 6 else None


async def _web(here: Here, asked: Asked, body: bytes) -> Outcome:
    integration = asked.integration
    uri = selected(integration.integration_uri or "", asked.body, asked.context, asked.variables)
    uri = uri if "${" in (integration.integration_uri or "") else integration.integration_uri
    method = integration.integration_method or "POST"
    headers = [("Content-Type", "application/json")]
    timeout_s = integration.timeout_in_millis / 1000
    method = "POST" if method == "ANY" else method
    try:
        said = await web.ask(here, method, uri or "", headers, body, timeout_s=timeout_s)
    except ClientError as error:
        raise Broken from error
    assert isinstance(said.body, bytes)
    return Outcome(said.status, said.body, said.headers)


async def _mock(here: Here, asked: Asked) -> Outcome:
    """The template itself says with which status to answer."""
    del here
    status = of_body(_request_body(asked), "statusCode")
    if status is None or not status.isdigit() or not 100 <= int(status) <= 599:
        raise Broken
    return _answered(asked, Outcome(int(status)))


async def _transformed(here: Here, asked: Asked) -> Outcome:
    """HTTP and AWS: a request by its template, and the answer by its own."""
    body = _request_body(asked)
    if asked.integration.integration_type == "HTTP":
        return _answered(asked, await _web(here, asked, body))
    uri = asked.integration.integration_uri or ""
    if ":lambda:path/" in uri:
        return _answered(asked, await _invoked(here, asked, body))
    try:
        said = await ask_service(here, uri, asked.integration.integration_method or "POST", body)
    except ServiceUriError as error:
        raise Broken from error
    return _answered(asked, Outcome(said.status, said.body, said.headers))


async def _invoked(here: Here, asked: Asked, body: bytes) -> Outcome:
    name = function_of(asked.integration.integration_uri or "", asked.variables)
    params = {"FunctionName": name, "Payload": body or b"{}"}
    try:
        answer = await here.request("lambda", "Invoke", params, region=_region_of(name))
    except AwsError as error:
        raise Broken from error
    return Outcome(500 if answer.get("FunctionError") else 200, answer.get("Payload") or b"")


def _request_body(asked: Asked) -> bytes:
    """The message by the template that is selected, or as it came. Raises Broken."""
    integration, templates = asked.integration, asked.integration.request_templates or {}
    source = _template(integration.template_selection_expression, templates, asked)
    if source is not None:
        return _rendered(source, asked, asked.body)
    behavior = integration.passthrough_behavior
    if behavior == "NEVER" or (behavior == "WHEN_NO_TEMPLATES" and templates):
        raise Broken
    return asked.body


def _answered(asked: Asked, outcome: Outcome) -> Outcome:
    """An answer after the template of the integration response for its status."""
    chosen = response_of(asked.responses, outcome.status)
    templates = {} if chosen is None else chosen.response_templates or {}
    source = None if chosen is None else _template(chosen.template_selection_expression, templates, asked)
    return outcome if source is None else Outcome(outcome.status, _rendered(source, asked, outcome.body))


def _template(expression: str | None, templates: dict[str, str], asked: Asked) -> str | None:
    if expression is None:
        return templates.get(DEFAULT)
    static = expression.removeprefix("\\")
    if static in templates or not static.startswith("$"):
        return templates.get(static, templates.get(DEFAULT))
    key = selected(static, asked.body, asked.context, asked.variables)
    return templates.get(key or DEFAULT, templates.get(DEFAULT))


def _rendered(source: str, asked: Asked, body: bytes) -> bytes:
    try:
        return render(source, body, Scope(context=asked.context, variables=asked.variables))
    except TemplateError as error:
        raise Broken from error
