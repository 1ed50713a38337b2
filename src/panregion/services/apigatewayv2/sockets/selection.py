"""Selection expressions: which route takes a message, which response an answer. Pure.

`$request.body.action`, or a text with `${request.body.action}` in it; beside the body there are `$context.name` and
`$stageVariables.name`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from panregion.services.apigatewayv2.mapping import of_body
from panregion.services.apigatewayv2.model import CONNECT, DEFAULT, DISCONNECT, IntegrationResponse, Route

EMBEDDED = re.compile(r"\$\{([^{}]+)\}")


def selected(expression: str, body: bytes, context: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
    """What an expression says of a message; None where what it names is not there."""
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        value = _named(found[1], body, context, variables)
        missing = missing or value is None
        return value or ""

    embedded = expression if "${" in expression else "${" + expression.removeprefix("$") + "}"
    text = EMBEDDED.sub(fill, embedded)
    return None if missing else text


def _named(name: str, body: bytes, context: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
    root, _, rest = name.partition(".")
    if root == "request" and rest.startswith("body."):
        return of_body(body, rest.removeprefix("body."))
    value: Any = variables if root == "stageVariables" else context if root == "context" else None
    for step in rest.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return None if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def route_of(routes: Iterable[Route], key: str | None) -> Route | None:
    """The route of a message whose expression said `key`. What clients say never selects a route of the gateway's."""
    by_key = {route.route_key: route for route in routes if route.route_key not in (CONNECT, DISCONNECT)}
    return by_key.get(key or DEFAULT) or by_key.get(DEFAULT)


def response_of(responses: Iterable[IntegrationResponse], status: int) -> IntegrationResponse | None:
    """The integration response for a status: the first expression that it fits, else `$default`."""
    usual = None
    for response in responses:
        if response.integration_response_key == DEFAULT:
            usual = response
        elif _fits(response.integration_response_key[1:-1], str(status)):
            return response
    return usual


def _fits(expression: str, text: str) -> bool:
    try:
        return re.fullmatch(expression, text) is not None
    except re.error:
        return False
