"""Mapping templates as API Gateway and its neighbours write them: Velocity, with $input, $context, $util."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import msgspec

from panregion.languages.jsonpath import JsonPathError, find
from panregion.languages.vtl import Host, Template, VtlError


class TemplateError(Exception):
    """The template cannot be rendered with what it was given."""


def _no_header(_name: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a template sees beside the body. `header` finds one by its name in lower case."""

    context: dict[str, Any]
    variables: Mapping[str, str]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    header: Callable[[str], str] = _no_header


@lru_cache(2048)
def compiled(source: str) -> Template:
    return Template(source)


def render(source: str, body: bytes, scope: Scope) -> bytes:
    """A template's text. What it sets in the context's dictionaries stays there. Raises TemplateError."""
    variables = {
        "input": _input(body, scope),
        "context": scope.context,
        "util": UTIL,
        "stageVariables": scope.variables,
    }
    try:
        return compiled(source).render(variables).encode()
    except (VtlError, JsonPathError, msgspec.DecodeError, binascii.Error, UnicodeDecodeError) as error:
        raise TemplateError(str(error)) from error


def _input(body: bytes, scope: Scope) -> Host:
    text = body.decode("utf-8", "replace")
    document: list[Any] = []  # decoded when a path is first asked for

    def parsed() -> Any:
        if not document:
            document.append(_document(body))
        return document[0]

    def path(expression: str) -> Any:
        """An empty text where there is nothing, as on AWS."""
        found = find(expression, parsed())
        return "" if found is None else found

    def as_json(expression: str) -> str:
        return msgspec.json.encode(path(expression)).decode()

    def params(name: str | None = None) -> Any:
        places = {"path": scope.path, "querystring": scope.query, "header": scope.headers}
        if name is None:
            return places
        for values in places.values():
            if name in values:
                return values[name]
        return scope.header(name.lower())

    return Host({"body": text}, json=as_json, path=path, params=params)


def _document(body: bytes) -> Any:
    """A body that is no JSON is the text that it is."""
    if not body:
        return {}
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.decode("utf-8", "replace")


def escape_javascript(value: Any) -> str:
    """As Apache's StringEscapeUtils does it: quotes of both kinds, and all that is not ASCII."""
    pieces = []
    for character in "" if value is None else str(value):
        if character in ESCAPES:
            pieces.append(ESCAPES[character])
        elif " " <= character <= "~":
            pieces.append(character)
        else:
            units = character.encode("utf-16-be")
            pieces += [f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2)]
    return "".join(pieces)


ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "/": "\\/",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}

UTIL = Host(
    escapeJavaScript=escape_javascript,
    parseJson=lambda text: msgspec.json.decode(text),
    urlEncode=lambda text: quote_plus(text, safe="*-._"),
    urlDecode=lambda text: unquote_plus(text),
    base64Encode=lambda text: base64.b64encode(str(text).encode()).decode(),
    base64Decode=lambda text: base64.b64decode(text).decode(),
)
