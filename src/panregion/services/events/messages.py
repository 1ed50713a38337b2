"""The HTTP requests of EventBridge, put together. Pure.

A request has parts from three places: the destination (or the API) gives method and URL with its wildcards, the rule's
target fills them and adds headers and query, and the connection adds its own, which win, with the authorization.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec

from panregion.languages.jsonpath import JsonPathError, find
from panregion.services.events.destinations import Connection, Destination
from panregion.world import Headers

Json = dict[str, Any]

AGENT = "Amazon/EventBridge/ApiDestinations"
RANGE = "bytes=0-1048575"
OWN_HEADERS = frozenset(
    {
        *("a-im", "accept-charset", "accept-datetime", "accept-encoding", "cache-control", "connection"),
        *("content-encoding", "content-length", "content-md5", "date", "expect", "forwarded", "from", "host"),
        *("http2-settings", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"),
        *("max-forwards", "origin", "pragma", "proxy-authorization", "range", "referer", "te", "trailer"),
        *("transfer-encoding", "user-agent", "upgrade", "via", "warning"),
    }
)
"""Those that a target or a connection cannot set."""


@dataclass
class Message:
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def whole_url(self) -> str:
        """With the query."""
        parts = urlsplit(self.url)
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *self.query])
        return urlunsplit(parts._replace(query=query, path=parts.path or "/"))

    @property
    def header_list(self) -> Headers:
        return list(self.headers.items())

    def set_header(self, name: str, value: str) -> None:
        if name.lower() in OWN_HEADERS:
            return
        for known in [known for known in self.headers if known.lower() == name.lower()]:
            del self.headers[known]
        self.headers[name] = value

    def set_query(self, name: str, value: str) -> None:
        self.query = [*[pair for pair in self.query if pair[0] != name], (name, value)]


def filled(url: str, values: list[str]) -> str:
    """A URL whose wildcards are replaced by the values, in order; what is left over stays a star."""
    left = iter(values)
    pieces = url.split("*")
    return pieces[0] + "".join(quote(next(left, "*"), safe="*") + piece for piece in pieces[1:])


def value_of(text: str, event: Json | None) -> str:
    """A parameter's value: itself, or a part of the event where it is a path."""
    if event is None or not text.startswith("$."):
        return text
    try:
        found = find(text, event)
    except JsonPathError:
        return ""
    if found is None:
        return ""
    return found if isinstance(found, str) else msgspec.json.encode(found).decode()


def for_target(method: str, url: str, http: Mapping[str, Any], text: str, event: Json | None) -> Message:
    """What the target says; `http` are its HttpParameters, `text` the input that it is given."""
    values = [value_of(value, event) for value in http.get("PathParameterValues") or ()]
    message = Message(method, filled(url, values), body=text.encode())
    message.headers = {"Content-Type": "application/json; charset=utf-8"}
    for name, value in (http.get("HeaderParameters") or {}).items():
        message.set_header(name, value_of(value, event))
    for name, value in (http.get("QueryStringParameters") or {}).items():
        message.set_query(name, value_of(value, event))
    return message


def for_destination(
    destination: Destination, connection: Connection, http: Mapping[str, Any], text: str, event: Json | None
) -> Message:
    """All but the token of an OAuth connection."""
    message = for_target(destination.method, destination.url, http, text, event)
    add_parameters(message, connection.auth.get("InvocationHttpParameters") or {})
    authorize(message, connection)
    message.headers |= {"User-Agent": AGENT, "Range": RANGE, "Accept-Encoding": "identity"}
    if message.method in ("GET", "HEAD"):
        message.body = b""
    return message


def add_parameters(message: Message, parameters: Mapping[str, Any]) -> None:
    """Headers, query and members of the body that a connection gives to each request."""
    for one in parameters.get("HeaderParameters") or ():
        message.set_header(one["Key"], one["Value"])
    for one in parameters.get("QueryStringParameters") or ():
        message.set_query(one["Key"], one["Value"])
    added = {one["Key"]: one["Value"] for one in parameters.get("BodyParameters") or ()}
    if not added:
        return
    try:
        body = msgspec.json.decode(message.body or b"{}")
    except msgspec.DecodeError:
        return
    if isinstance(body, dict):
        message.body = msgspec.json.encode({**body, **added})


def authorize(message: Message, connection: Connection) -> None:
    if connection.kind == "BASIC":
        basic = connection.auth["BasicAuthParameters"]
        pair = f"{basic['Username']}:{basic['Password']}".encode()
        message.set_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    elif connection.kind == "API_KEY":
        key = connection.auth["ApiKeyAuthParameters"]
        message.set_header(key["ApiKeyName"], key["ApiKeyValue"])


def for_token(connection: Connection) -> Message:
    """The request for an OAuth connection's token: a form, unless the connection's own headers say JSON."""
    oauth = connection.auth["OAuthParameters"]
    client, http = oauth["ClientParameters"], oauth.get("OAuthHttpParameters") or {}
    message = Message(oauth["HttpMethod"], oauth["AuthorizationEndpoint"])
    message.headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": AGENT}
    add_parameters(message, {**http, "BodyParameters": None})
    fields = {one["Key"]: one["Value"] for one in http.get("BodyParameters") or ()}
    fields |= {"client_id": client["ClientID"], "client_secret": client["ClientSecret"]}
    if message.method == "GET":
        for name, value in fields.items():
            message.set_query(name, value)
        return message
    kind = next(value for name, value in message.headers.items() if name.lower() == "content-type")
    is_json = kind.partition(";")[0].strip().lower() == "application/json"
    message.body = msgspec.json.encode(fields) if is_json else urlencode(fields).encode()
    return message
