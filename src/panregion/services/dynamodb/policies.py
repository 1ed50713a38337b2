"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: kept for tables and streams, with revisions.

    ("dynamodb-policies", table's id, ARN)    -> (policy, revision), MessagePack; nil once it is deleted

A table's policy that came with CreateTable is its first revision. Policies are kept; nothing enforces them.
"""

from typing import Any

import msgspec

from panregion.services.dynamodb import layout
from panregion.services.dynamodb.checks import table_name as checked_name
from panregion.services.dynamodb.errors import (
    PolicyNotFoundException,
    ResourceInUseException,
    ResourceNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.model import Table
from panregion.services.dynamodb.schema import check_policy
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]
Kept = tuple[str, str]

POLICIES = "dynamodb-policies"
NO_POLICY = "NO_POLICY"


def _table(here: Here, arn: str) -> Table:
    """The table that an ARN names, or the one whose stream it names."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[:3] != ["arn", "aws", "dynamodb"] or not parts[5].startswith("table/"):
        raise ValidationException(f"Invalid ResourceArn: Invalid ResourceArn provided as input {arn}")
    view = layout.read_table(here.tx, checked_name(arn)) if parts[3] == here.region else None
    if view is None:
        raise ResourceNotFoundException(f"Requested resource not found: ResourceArn: {arn} not found")
    _, _, rest = parts[5].removeprefix("table/").partition("/")
    if rest and rest != f"stream/{view.table.stream_label}":
        raise ResourceNotFoundException(f"Requested resource not found: ResourceArn: {arn} not found")
    return view.table


def _kept(here: Here, arn: str, table: Table) -> Kept | None:
    data = here.tx.get((POLICIES, table.id, arn))
    if data is not None:
        return msgspec.msgpack.decode(data, type=tuple[str, str] | None)
    if table.policy is not None and "/stream/" not in arn:
        return table.policy, str(int(table.created * 1000))
    return None


def _check_revision(arn: str, known: Kept | None, expected: str | None) -> None:
    if expected is None:
        return
    if expected != (NO_POLICY if known is None else known[1]):
        raise PolicyNotFoundException(
            f"Resource-based policy not found for the provided ResourceArn {arn} with the revision {expected}"
        )


def _check_changeable(table: Table) -> None:
    if table.status not in ("ACTIVE", "UPDATING"):
        raise ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being {table.status.lower()}: {table.name}"
        )


def put_resource_policy(
    here: Here,
    resource_arn: str,
    policy: str,
    expected_revision_id: str | None = None,
    confirm_remove_self_resource_access: bool = False,  # noqa: ARG001 - nobody locks himself out here
) -> Output:
    table = _table(here, resource_arn)
    _check_changeable(table)
    check_policy(policy)
    known = _kept(here, resource_arn, table)
    _check_revision(resource_arn, known, expected_revision_id)
    if known is not None and known[0] == policy:
        return {"RevisionId": known[1]}
    last = 0 if known is None else int(known[1])
    revision = str(max(int(here.now() * 1000), last + 1))
    here.tx.put((POLICIES, table.id, resource_arn), msgspec.msgpack.encode((policy, revision)))
    return {"RevisionId": revision}


@reads
def get_resource_policy(here: Here, resource_arn: str) -> Output:
    known = _kept(here, resource_arn, _table(here, resource_arn))
    if known is None:
        raise PolicyNotFoundException(f"Resource-based policy not found for the provided ResourceArn: {resource_arn}")
    return {"Policy": known[0], "RevisionId": known[1]}


def delete_resource_policy(here: Here, resource_arn: str, expected_revision_id: str | None = None) -> Output:
    table = _table(here, resource_arn)
    _check_changeable(table)
    known = _kept(here, resource_arn, table)
    _check_revision(resource_arn, known, expected_revision_id)
    if known is None:
        return {}
    here.tx.put((POLICIES, table.id, resource_arn), msgspec.msgpack.encode(None))
    return {"RevisionId": known[1]}
