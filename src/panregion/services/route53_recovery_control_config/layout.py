"""Where the control plane keeps things.

("recovery-config", "row", arn)              -> Row
("recovery-config", "token", kind, token)    -> the ARN of what was made with a client token
("recovery-config", "places")                -> how many things were ever made
"""

import msgspec

from panregion.services.here import Here
from panregion.services.route53_recovery_control_config.errors import ResourceNotFoundException
from panregion.services.route53_recovery_control_config.model import Kind, Row

SPACE = "recovery-config"
DEPLOY = "route53-recovery-control-config.deploy"
WORDS: dict[Kind, str] = {
    "cluster": "cluster",
    "controlpanel": "control panel",
    "routingcontrol": "routing control",
    "safetyrule": "safety rule",
}

_rows = msgspec.msgpack.Decoder(Row)


def find(here: Here, arn: str) -> Row | None:
    found = here.tx.get((SPACE, "row", arn))
    return None if found is None else _rows.decode(found)


def require(here: Here, arn: str, kind: Kind) -> Row:
    """Raises ResourceNotFoundException."""
    row = find(here, arn)
    if row is None or row.kind != kind:
        raise ResourceNotFoundException(f"No {WORDS[kind]} was found with the ARN {arn}")
    return row


def rows(here: Here, kind: Kind | None = None, **members: str) -> list[Row]:
    """All rows of a kind whose members have these values, in the order in which they were made."""
    found = [_rows.decode(value) for _, value in here.tx.prefix((SPACE, "row"))]
    matching = [
        row
        for row in found
        if kind in (None, row.kind) and all(getattr(row, name) == value for name, value in members.items())
    ]
    return sorted(matching, key=lambda row: row.place)


def put(here: Here, row: Row) -> None:
    here.tx.put((SPACE, "row", row.arn), msgspec.msgpack.encode(row))


def delete(here: Here, row: Row) -> None:
    here.tx.delete((SPACE, "row", row.arn))


def next_place(here: Here) -> int:
    place = int(here.tx.get((SPACE, "places")) or 0) + 1
    here.tx.put((SPACE, "places"), b"%d" % place)
    return place


def of_token(here: Here, kind: Kind, token: str | None) -> Row | None:
    """What was made with a client token, if it is still there."""
    arn = here.tx.get((SPACE, "token", kind, token)) if token else None
    return None if arn is None else find(here, arn.decode())


def put_token(here: Here, kind: Kind, token: str | None, arn: str) -> None:
    if token:
        here.tx.put((SPACE, "token", kind, token), arn.encode())


def change(here: Here, *changed: Row) -> list[Row]:
    """Keep rows of one cluster that have changed, and have the cells told; returns them as they are now."""
    cluster = require(here, changed[0].cluster_arn, "cluster")
    version = cluster.version + 1
    put(here, msgspec.structs.replace(cluster, version=version))
    kept = [msgspec.structs.replace(row, changed_in=version) for row in changed]
    for row in kept:
        put(here, row)
    here.later(DEPLOY, {"cluster_arn": cluster.arn, "version": version})
    return kept
