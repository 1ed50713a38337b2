"""Integrations that are not proxies: the request made over for them, and their reply for the client."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.mapping import Reply, Sent, map_request, map_response, text_of
from panregion.services.apigateway.model import Integration, IntegrationResponse
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.templates import render
from panregion.world import Response

Send = Callable[[Sent], Awaitable[Reply]]

JSON = "application/json"


async def transformed(invocation: Invocation, integration: Integration, send: Send) -> Response:
    """The request through its mapping to the integration, the reply through its own to the client."""
    overrides: dict[str, Any] = {
        "requestOverride": {"header": {}, "querystring": {}, "path": {}},
        "responseOverride": {"header": {}},
    }
    sent = outgoing(invocation, integration, overrides)
    reply = await send(sent)
    return incoming(invocation, integration, reply, overrides)


def outgoing(invocation: Invocation, integration: Integration, overrides: dict[str, Any]) -> Sent:
    """What is sent: the body by its template or as it came, and the mapped parameters."""
    content_type = media_type(invocation.request.header("content-type"))
    sent = Sent(handled(invocation.request.body, integration.content_handling, _is_binary(invocation)))
    templates = integration.request_templates or {}
    template = templates.get(content_type)
    if template is not None:
        sent.body = render(invocation, template, sent.body, overrides)
    elif integration.passthrough_behavior == "NEVER" or (
        integration.passthrough_behavior == "WHEN_NO_TEMPLATES" and templates
    ):
        raise Refusal("UNSUPPORTED_MEDIA_TYPE")
    sent.headers["Content-Type"] = [content_type]
    map_request(invocation, integration.request_parameters or {}, sent)
    override = overrides["requestOverride"]
    sent.headers |= {name: [text_of(value)] for name, value in override.get("header", {}).items()}
    sent.query |= {name: [text_of(value)] for name, value in override.get("querystring", {}).items()}
    sent.path |= {name: text_of(value) for name, value in override.get("path", {}).items()}
    return sent


def incoming(invocation: Invocation, integration: Integration, reply: Reply, overrides: dict[str, Any]) -> Response:
    """What the client gets of a reply."""
    chosen = choose(integration.integration_responses or {}, reply.subject)
    if chosen is None:
        raise Refusal("API_CONFIGURATION_ERROR")
    reply.body = handled(reply.body, chosen.content_handling, False)
    headers = map_response(invocation, reply, chosen.response_parameters or {})
    templates = {kind: source for kind, source in (chosen.response_templates or {}).items() if source is not None}
    kind, body = JSON, reply.body
    if templates:
        accepted = media_type(invocation.request.header("accept"))
        kind = accepted if accepted in templates else JSON if JSON in templates else next(iter(templates))
        body = render(invocation, templates[kind], reply.body, overrides)
    override = overrides["responseOverride"]
    named = override.get("header", {})
    taken = {name.lower() for name in named}
    headers = [pair for pair in headers if pair[0].lower() not in taken]
    headers += [(name, text_of(value)) for name, value in named.items()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, ("Content-Type", kind))
    return Response(_status(override.get("status"), chosen.status_code), headers, body)


def choose(responses: dict[str, IntegrationResponse], subject: str | None) -> IntegrationResponse | None:
    """The response whose pattern is the whole of the subject; else the one without a pattern."""
    if subject is not None:
        for response in responses.values():
            if response.selection_pattern and _pattern(response.selection_pattern).fullmatch(subject):
                return response
    return next((response for response in responses.values() if not response.selection_pattern), None)


@lru_cache(512)
def _pattern(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error:
        return re.compile(re.escape(pattern))


def _status(override: Any, usual: str) -> int:
    try:
        return int(override if override is not None else usual)
    except (TypeError, ValueError) as error:
        raise Refusal("API_CONFIGURATION_ERROR") from error


def media_type(header: str | None) -> str:
    """The first type of a header, without its parameters; JSON where there is none, as API Gateway assumes."""
    kind = (header or JSON).split(",")[0].split(";")[0].strip().lower()
    return JSON if kind in ("", "*/*") else kind


def handled(body: bytes, handling: str | None, binary: bool) -> bytes:
    """A body after contentHandling: to text is base64 of what is binary, to binary is the way back."""
    if handling == "CONVERT_TO_TEXT" and binary:
        return base64.b64encode(body)
    if handling == "CONVERT_TO_BINARY" and not binary and body:
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise Refusal("API_CONFIGURATION_ERROR") from error
    return body


def _is_binary(invocation: Invocation) -> bool:
    return invocation.deployed.media_types.binary(invocation.request.header("content-type"))
