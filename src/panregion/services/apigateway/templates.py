"""What a mapping template sees: $input, $context, $util, $stageVariables."""

import base64
import binascii
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import msgspec

from panregion.languages.jsonpath import JsonPathError, find
from panregion.languages.vtl import Host, Template, VtlError
from panregion.services.apigateway.invocation import Invocation, last
from panregion.services.apigateway.responses import Refusal


@lru_cache(2048)
def compiled(source: str) -> Template:
    return Template(source)


def render(invocation: Invocation, source: str, body: bytes, overrides: dict[str, Any]) -> bytes:
    """A template's text. What it sets in $context.requestOverride and responseOverride is found in `overrides`."""
    context = {**invocation.context, "error": invocation.error, **overrides}
    variables = {
        "input": _input(invocation, body),
        "context": context,
        "util": UTIL,
        "stageVariables": invocation.variables,
    }
    try:
        rendered = compiled(source).render(variables)
    except (VtlError, JsonPathError, msgspec.DecodeError, binascii.Error, UnicodeDecodeError) as error:
        raise Refusal("DEFAULT_5XX", error_type="InternalServerErrorException") from error
    return rendered.encode()


def _input(invocation: Invocation, body: bytes) -> Host:
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
        places = {
            "path": invocation.parameters,
            "querystring": last(invocation.query),
            "header": last(invocation.headers),
        }
        if name is None:
            return places
        for values in places.values():
            if name in values:
                return values[name]
        header: str = invocation.request.header(name.lower()) or ""
        return header

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
