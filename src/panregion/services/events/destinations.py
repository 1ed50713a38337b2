"""Connections and API destinations: what they are, where they lie.

("events", "connection", name)     -> Connection, its secrets included
("events", "token", connection id) -> Token, the last one that its authorization endpoint gave
("events", "destination", name)    -> Destination
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.events.errors import ResourceNotFoundException
from panregion.store import Transaction

Json = dict[str, Any]

RATE_DEFAULT = 300
SECRETS = {
    "BasicAuthParameters": frozenset({"Password"}),
    "ApiKeyAuthParameters": frozenset({"ApiKeyValue"}),
    "ClientParameters": frozenset({"ClientSecret"}),
}
PARAMETERS = {
    "BASIC": "BasicAuthParameters",
    "API_KEY": "ApiKeyAuthParameters",
    "OAUTH_CLIENT_CREDENTIALS": "OAuthParameters",
}
"""Which of AuthParameters' members goes with which authorization type."""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id: str
    kind: str
    """AuthorizationType."""
    auth: Json
    """AuthParameters as given, secrets and all."""
    created_s: float
    modified_s: float
    state: str
    reason: str | None = None
    authorized_s: float | None = None
    description: str | None = None
    key: str | None = None
    secret: str = ""
    """The end of its secret's ARN."""

    @property
    def resource(self) -> str:
        return f"connection/{self.name}/{self.id}"


class Token(msgspec.Struct, frozen=True):
    header: str
    """What goes into Authorization."""
    expires_s: float | None


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id: str
    connection_arn: str
    url: str
    method: str
    created_s: float
    modified_s: float
    rate: int = RATE_DEFAULT
    """Requests a second."""
    description: str | None = None

    @property
    def resource(self) -> str:
        return f"api-destination/{self.name}/{self.id}"


_connection = msgspec.msgpack.Decoder(Connection)
_destination = msgspec.msgpack.Decoder(Destination)
_token = msgspec.msgpack.Decoder(Token)


def find_connection(tx: Transaction, name: str) -> Connection | None:
    raw = tx.get(("events", "connection", name))
    return None if raw is None else _connection.decode(raw)


def require_connection(tx: Transaction, name: str) -> Connection:
    """Raises ResourceNotFoundException."""
    found = find_connection(tx, name)
    if found is None:
        raise ResourceNotFoundException(f"Connection '{name}' does not exist.")
    return found


def connection_at(here: Here, arn: str) -> Connection | None:
    """The connection of an ARN, unless another one has its name now."""
    found = find_connection(here.tx, arn.rpartition("connection/")[2].partition("/")[0])
    return found if found is not None and here.arn("events", found.resource) == arn else None


def put_connection(tx: Transaction, connection: Connection) -> None:
    tx.put(("events", "connection", connection.name), msgspec.msgpack.encode(connection))


def connections(tx: Transaction) -> list[Connection]:
    return [_connection.decode(raw) for raw in tx.values(("events", "connection"))]


def find_token(tx: Transaction, connection: Connection) -> Token | None:
    raw = tx.get(("events", "token", connection.id))
    return None if raw is None else _token.decode(raw)


def put_token(tx: Transaction, connection: Connection, token: Token | None) -> None:
    if token is None:
        tx.delete(("events", "token", connection.id))
    else:
        tx.put(("events", "token", connection.id), msgspec.msgpack.encode(token))


def find_destination(tx: Transaction, name: str) -> Destination | None:
    raw = tx.get(("events", "destination", name))
    return None if raw is None else _destination.decode(raw)


def require_destination(tx: Transaction, name: str) -> Destination:
    """Raises ResourceNotFoundException."""
    found = find_destination(tx, name)
    if found is None:
        raise ResourceNotFoundException(f"An api-destination '{name}' does not exist.")
    return found


def destination_at(here: Here, arn: str) -> Destination | None:
    """The destination of an ARN, unless another one has its name now."""
    found = find_destination(here.tx, arn.rpartition("api-destination/")[2].partition("/")[0])
    return found if found is not None and here.arn("events", found.resource) == arn else None


def put_destination(tx: Transaction, destination: Destination) -> None:
    tx.put(("events", "destination", destination.name), msgspec.msgpack.encode(destination))


def destinations(tx: Transaction) -> list[Destination]:
    return [_destination.decode(raw) for raw in tx.values(("events", "destination"))]


def has_secrets(kind: str, auth: Mapping[str, Any]) -> bool:
    """Whether AuthParameters are enough to authorize by."""
    given: Mapping[str, Any] = auth.get(PARAMETERS[kind]) or {}
    if kind == "BASIC":
        return {"Username", "Password"} <= given.keys()
    if kind == "API_KEY":
        return {"ApiKeyName", "ApiKeyValue"} <= given.keys()
    client = given.get("ClientParameters") or {}
    return {"AuthorizationEndpoint", "HttpMethod"} <= given.keys() and {"ClientID", "ClientSecret"} <= client.keys()


def without_secrets(auth: Any, name: str = "") -> Any:
    """AuthParameters as they may be shown."""
    if isinstance(auth, list):
        return [without_secrets(one) for one in auth]
    if not isinstance(auth, Mapping):
        return auth
    hidden = SECRETS.get(name, frozenset())
    if auth.get("IsValueSecret"):
        hidden = frozenset({"Value"})
    return {member: without_secrets(value, member) for member, value in auth.items() if member not in hidden}


def merged(old: Json, new: Mapping[str, Any]) -> Json:
    """AuthParameters after an update: what is not given stays."""
    whole = dict(old)
    for name, value in new.items():
        before = whole.get(name)
        whole[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, Mapping) else value
    return whole
