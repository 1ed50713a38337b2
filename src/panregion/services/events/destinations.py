"""Connections and API destinations: what they are, where they lie.

("events", "connection", name)     -> Connection, its secrets included
("events", "token", connection id) -> Token, the last one that its authorization endpoint gave
("events", "destination", name)    -> Destination
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from panregion.services import Here
from panregion.services.events.errors import no_connection, no_destination
from panregion.services.records import Table
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


R = TypeVar("R", Connection, Destination)

CONNECTIONS = Table("events", "connection", Connection, no_connection)
TOKENS = Table("events", "token", Token)
DESTINATIONS = Table("events", "destination", Destination, no_destination)


def name_in(arn: str) -> str:
    """The name in a connection's or a destination's ARN, which ends in KIND/NAME/ID."""
    return arn.partition("/")[2].partition("/")[0]


def at(here: Here, table: Table[R], arn: str) -> R | None:
    """The connection or destination of an ARN, unless another one has its name now."""
    found = table.find(here.tx, name_in(arn))
    return found if found is not None and here.arn("events", found.resource) == arn else None


def put_token(tx: Transaction, connection: Connection, token: Token | None) -> None:
    """None: there is none any more."""
    if token is None:
        TOKENS.delete(tx, connection.id)
    else:
        TOKENS.put(tx, token, connection.id)


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
