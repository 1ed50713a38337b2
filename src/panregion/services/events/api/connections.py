"""Connections: how API destinations are authorized. Their secrets are kept here and never shown."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.events import destinations
from panregion.services.events.destinations import (
    CONNECTIONS,
    PARAMETERS,
    Connection,
    has_secrets,
    merged,
    without_secrets,
)
from panregion.services.events.errors import ResourceAlreadyExistsException, Unsupported, ValidationException
from panregion.services.events.names import page

Json = dict[str, Any]

OAUTH = "OAUTH_CLIENT_CREDENTIALS"
SUFFIX_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def create_connection(
    here: Here,
    name: str,
    authorization_type: str,
    auth_parameters: Json,
    description: str | None = None,
    kms_key_identifier: str | None = None,
) -> Json:
    if CONNECTIONS.find(here.tx, name) is not None:
        raise ResourceAlreadyExistsException(f"Connection {name} already exists.")
    _check(authorization_type, auth_parameters)
    now, chance = here.now(), here.world.chance
    suffix = "".join(SUFFIX_LETTERS[int(chance.random() * len(SUFFIX_LETTERS))] for _ in range(6))
    connection = Connection(
        name=name,
        id=chance.uuid(),
        kind=authorization_type,
        auth=auth_parameters,
        created_s=now,
        modified_s=now,
        state="",
        description=description,
        key=kms_key_identifier or None,
        secret=f"{chance.uuid()}-{suffix}",
    )
    answer = _answer(here, _authorized(here, connection))
    answer.pop("LastAuthorizedTime", None)
    return answer


def _check(kind: str, auth: Json) -> None:
    wanted = PARAMETERS[kind]
    if not has_secrets(kind, auth):
        raise ValidationException(f"Parameter(s) {wanted} must be specified for AuthorizationType {kind}.")
    for other in PARAMETERS.values():
        if other != wanted and auth.get(other) is not None:
            raise ValidationException(f"Parameter {other} is not valid for AuthorizationType {kind}.")
    if auth.get("ConnectivityParameters") is not None:
        raise Unsupported("panregion's events does not support ConnectivityParameters: it has no private networks")


def _authorized(here: Here, connection: Connection) -> Connection:
    """Kept, and authorized, or about to be."""
    if connection.kind == OAUTH:
        changed = msgspec.structs.replace(connection, state="AUTHORIZING", reason=None)
        here.later("events.authorize", {"connection": connection.name, "id": connection.id})
    else:
        changed = msgspec.structs.replace(connection, state="AUTHORIZED", reason=None, authorized_s=here.now())
    CONNECTIONS.put(here.tx, changed, changed.name)
    destinations.put_token(here.tx, changed, None)
    return changed


def _answer(here: Here, connection: Connection, state: str | None = None) -> Json:
    shown = {
        "ConnectionArn": here.arn("events", connection.resource),
        "ConnectionState": state or connection.state,
        "CreationTime": connection.created_s,
        "LastModifiedTime": connection.modified_s,
        "LastAuthorizedTime": connection.authorized_s,
    }
    return {name: value for name, value in shown.items() if value is not None}


def update_connection(
    here: Here,
    name: str,
    description: str | None = None,
    authorization_type: str | None = None,
    auth_parameters: Json | None = None,
    kms_key_identifier: str | None = None,
) -> Json:
    """It is authorized anew."""
    connection = CONNECTIONS.require(here.tx, name)
    kind, given = authorization_type or connection.kind, auth_parameters or {}
    kept = {key: value for key, value in connection.auth.items() if key not in PARAMETERS.values() or key in given}
    auth = merged(kept if kind != connection.kind else connection.auth, given)
    _check(kind, auth)
    changed = msgspec.structs.replace(
        connection,
        kind=kind,
        auth=auth,
        modified_s=here.now(),
        description=connection.description if description is None else description,
        key=connection.key if kms_key_identifier is None else kms_key_identifier or None,
    )
    return _answer(here, _authorized(here, changed))


def deauthorize_connection(here: Here, name: str) -> Json:
    """Forgets all its secrets."""
    connection = CONNECTIONS.require(here.tx, name)
    changed = msgspec.structs.replace(
        connection, state="DEAUTHORIZED", auth=without_secrets(connection.auth), modified_s=here.now()
    )
    CONNECTIONS.put(here.tx, changed, changed.name)
    destinations.put_token(here.tx, changed, None)
    return _answer(here, changed, "DEAUTHORIZING")


def delete_connection(here: Here, name: str) -> Json:
    connection = CONNECTIONS.require(here.tx, name)
    CONNECTIONS.delete(here.tx, name)
    destinations.put_token(here.tx, connection, None)
    return _answer(here, connection, "DELETING")


@reads
def describe_connection(here: Here, name: str) -> Json:
    connection = CONNECTIONS.require(here.tx, name)
    shown = {
        **_listed(here, connection),
        "Description": connection.description,
        "SecretArn": here.arn("secretsmanager", f"secret:events!connection/{name}/{connection.secret}"),
        "KmsKeyIdentifier": connection.key,
        "AuthParameters": without_secrets(connection.auth),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _listed(here: Here, connection: Connection) -> Json:
    shown = {
        **_answer(here, connection),
        "Name": connection.name,
        "StateReason": connection.reason,
        "AuthorizationType": connection.kind,
    }
    return {name: value for name, value in shown.items() if value is not None}


@reads
def list_connections(
    here: Here,
    name_prefix: str | None = None,
    connection_state: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> Json:
    found = [
        one
        for one in CONNECTIONS.all(here.tx)
        if one.name.startswith(name_prefix or "") and connection_state in (None, one.state)
    ]
    return page([_listed(here, one) for one in found], [one.name for one in found], "Connections", next_token, limit)
