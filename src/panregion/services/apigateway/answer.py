"""The last step of every request: what API Gateway adds to a response, takes from it, and says itself."""

import re
import zlib
from typing import Any

import msgspec

from panregion.services.apigateway.invocation import Invocation, last
from panregion.services.apigateway.model import GatewayResponse
from panregion.services.apigateway.responses import Refusal, default_response
from panregion.world import Headers, Response

REMAPPED = frozenset(
    {
        *("authorization", "connection", "content-md5", "date", "expect", "host", "max-forwards"),
        *("proxy-authenticate", "server", "trailer", "upgrade", "user-agent", "www-authenticate"),
    }
)
"""An integration's headers that reach the client as x-amzn-Remapped-...; AWS keeps these names for itself."""
DROPPED = frozenset({"transfer-encoding", "content-length"})

VARIABLE = re.compile(r"\$(?:\{((?:context|stageVariables)\.[\w.]+)\}|((?:context|stageVariables)(?:\.\w+)+))")

SPACED = frozenset(
    {
        *("API_CONFIGURATION_ERROR", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_5XX"),
        *("INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "UNSUPPORTED_MEDIA_TYPE"),
    }
)
"""Types whose own text AWS writes with a space after the colon."""


def finish(invocation: Invocation, response: Response) -> Response:
    """An integration's response as the client gets it."""
    headers: Headers = []
    has_type = False
    for name, value in response.headers:
        lower = name.lower()
        if lower in DROPPED:
            continue
        has_type = has_type or lower == "content-type"
        headers.append((f"x-amzn-Remapped-{name}" if lower in REMAPPED else name, value))
    if not has_type:
        headers.insert(0, ("Content-Type", "application/json"))
    headers += [
        ("x-amzn-RequestId", invocation.request_id),
        ("x-amz-apigw-id", invocation.extended_id),
        ("X-Amzn-Trace-Id", invocation.trace_id),
    ]
    return _compressed(invocation, Response(response.status, headers, response.body))


def refuse(invocation: Invocation, refusal: Refusal) -> Response:
    """A gateway response: the API's own of this type, of the type's class, or the usual one."""
    configured = _configured(invocation, refusal)
    invocation.error = {
        "message": refusal.message,
        "messageString": msgspec.json.encode(refusal.message or None).decode(),
        "responseType": refusal.response_type,
        "validationErrorString": refusal.validation_error or "",
    }
    status, headers = refusal.status, []
    if configured.status_code and not configured.default_response:
        status = int(configured.status_code)
    for target, source in configured.response_parameters.items():
        value = _mapped(invocation, source)
        if target.startswith("gatewayresponse.header.") and value is not None:
            headers.append((target.removeprefix("gatewayresponse.header."), value))
    kind, template = next(iter(configured.response_templates.items()), ("application/json", ""))
    if configured.default_response:
        body = usual_text(refusal)
    else:
        body = VARIABLE.sub(lambda found: _text(_variable(invocation, found[1] or found[2])), template)
    headers.insert(0, ("Content-Type", kind))
    return Response(status, [*headers, *_own_headers(invocation, refusal.error_type)], body.encode())


def _own_headers(invocation: Invocation, error_type: str) -> Headers:
    return [
        ("x-amzn-RequestId", invocation.request_id),
        ("x-amzn-ErrorType", error_type),
        ("x-amz-apigw-id", invocation.extended_id),
    ]


def usual_text(refusal: Refusal) -> str:
    """The body that AWS sends of this type, to the letter."""
    message = msgspec.json.encode(refusal.message or None).decode()
    if refusal.response_type == "ACCESS_DENIED":
        return f'{{"Message":{message}}}'
    return f'{{"message": {message}}}' if refusal.response_type in SPACED else f'{{"message":{message}}}'


def _configured(invocation: Invocation, refusal: Refusal) -> GatewayResponse:
    own = invocation.deployed.gateway_responses
    if refusal.response_type in own:
        return own[refusal.response_type]
    group = own.get("DEFAULT_5XX" if refusal.status >= 500 else "DEFAULT_4XX")
    return group or default_response(refusal.response_type)


def _mapped(invocation: Invocation, source: str) -> str | None:
    """The value of a gateway response's parameter."""
    if source.startswith("'"):
        return source.strip("'")
    names = source.split(".", 3)
    if source.startswith(("context.", "stageVariables.")):
        value = _variable(invocation, source)
        return None if value is None else _text(value)
    if source.startswith("method.request.header."):
        return invocation.request.header(names[3].lower())
    if source.startswith("method.request.querystring."):
        return last(invocation.query).get(names[3])
    if source.startswith("method.request.path."):
        return invocation.parameters.get(names[3])
    return None


def _variable(invocation: Invocation, name: str) -> Any:
    root, *names = name.split(".")
    value: Any = invocation.variables if root == "stageVariables" else {**invocation.context, "error": invocation.error}
    for part in names:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _compressed(invocation: Invocation, response: Response) -> Response:
    """gzip or deflate, if the API has a threshold, the body reaches it and the client takes it."""
    least = invocation.deployed.api.minimum_compression_size
    body = response.body
    if least is None or not isinstance(body, bytes) or len(body) < least:
        return response
    if any(name.lower() == "content-encoding" for name, _ in response.headers):
        return response
    accepted = (invocation.request.header("accept-encoding") or "").lower()
    for coding, window_bits in (("gzip", 31), ("deflate", 15)):
        if coding in accepted:
            squeezer = zlib.compressobj(wbits=window_bits)
            squeezed = squeezer.compress(body) + squeezer.flush()
            return Response(response.status, [*response.headers, ("Content-Encoding", coding)], squeezed)
    return response
