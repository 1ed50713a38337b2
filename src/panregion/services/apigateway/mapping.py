"""Mapping of parameters: where a value comes from, named as API Gateway names places.

'text'                                  itself
method.request.header.Name              and querystring, path, multivalueheader, multivaluequerystring
method.request.body, method.request.body.JSONPATH
integration.response.header.Name        and multivalueheader, body, body.JSONPATH
context.name..., stageVariables.name
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from panregion.languages.jsonpath import JsonPathError, find
from panregion.services.apigateway.invocation import Invocation, Values, last


@dataclass(slots=True)
class Sent:
    """What goes to an integration."""

    body: bytes
    headers: Values = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Reply:
    """What came back from it. `subject` is what selection patterns are matched with."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    subject: str | None = None


def request_value(invocation: Invocation, source: str) -> Any:
    """The value of a request's source; None where there is none."""
    if source.startswith("'"):
        return source[1:].removesuffix("'")
    if source.startswith(("context.", "stageVariables.")):
        return common_value(invocation, source)
    place, _, name = source.removeprefix("method.request.").partition(".")
    match place:
        case "header":
            return invocation.request.header(name.lower())
        case "querystring":
            return last(invocation.query).get(name)
        case "path":
            return invocation.parameters.get(name)
        case "multivalueheader":
            wanted = name.lower()
            return [value for header, value in invocation.request.headers if header.lower() == wanted] or None
        case "multivaluequerystring":
            return invocation.query.get(name)
        case "body":
            return body_value(invocation.request.body, name)
    return None


def response_value(invocation: Invocation, reply: Reply, source: str) -> Any:
    """The value of a response's source; None where there is none."""
    if source.startswith("'"):
        return source[1:].removesuffix("'")
    if source.startswith(("context.", "stageVariables.")):
        return common_value(invocation, source)
    place, _, name = source.removeprefix("integration.response.").partition(".")
    found = [value for header, value in reply.headers if header.lower() == name.lower()]
    match place:
        case "header":
            return found[-1] if found else None
        case "multivalueheader":
            return found or None
        case "body":
            return body_value(reply.body, name)
    return None


def common_value(invocation: Invocation, source: str) -> Any:
    """context.identity.sourceIp, stageVariables.colour"""
    root, *names = source.split(".")
    value: Any = invocation.variables if root == "stageVariables" else invocation.context
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def body_value(body: bytes, path: str) -> Any:
    """A part of a JSON body, or all of it as text."""
    if not path:
        return body.decode("utf-8", "replace")
    try:
        found = find(path, msgspec.json.decode(body))
    except (msgspec.DecodeError, JsonPathError):
        return None
    return found if found is None or isinstance(found, str) else msgspec.json.encode(found).decode()


def map_request(invocation: Invocation, parameters: dict[str, str], sent: Sent) -> None:
    """Set what `integration.request.PLACE.NAME` asks for."""
    for target, source in parameters.items():
        place, _, name = target.removeprefix("integration.request.").partition(".")
        value = request_value(invocation, source)
        if value is None:
            continue
        many = value if isinstance(value, list) else [text_of(value)]
        if place == "header":
            sent.headers[name] = many
        elif place == "querystring":
            sent.query[name] = many
        elif place == "path":
            sent.path[name] = many[-1]


def map_response(invocation: Invocation, reply: Reply, parameters: dict[str, str]) -> list[tuple[str, str]]:
    """The headers that `method.response.header.NAME` asks for."""
    headers: list[tuple[str, str]] = []
    for target, source in parameters.items():
        name = target.removeprefix("method.response.header.")
        value = response_value(invocation, reply, source)
        if isinstance(value, list):
            headers += [(name, one) for one in value]
        elif value is not None:
            headers.append((name, text_of(value)))
    return headers


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
