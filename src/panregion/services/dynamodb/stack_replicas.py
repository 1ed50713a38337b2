"""What a GlobalTable's template says of a single replica, carried out in that replica's region.

Recovery, protection, tags, the resource policy and contributor insights are each region's own; reads, class and KMS
key are overrides of what the table has.
"""

from typing import Any

from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.stack_parameters import tags_of
from panregion.services.dynamodb.stack_settings import (
    INSIGHTS,
    RECOVERY,
    Call,
    insights_calls,
    policy_calls,
    recovery_calls,
    tag_calls,
)
from panregion.services.here import Here
from panregion.services.stack import Properties
from panregion.services.stack_calls import truth, wait_until

Output = dict[str, Any]

POLL_S = 0.02
WAIT_S = 60.0


KNOWN = frozenset(
    {
        *("Region", "DeletionProtectionEnabled", RECOVERY, INSIGHTS, "ResourcePolicy", "Tags", "TableClass"),
        *("SSESpecification", "ReadProvisionedThroughputSettings", "ReadOnDemandThroughputSettings"),
        "GlobalSecondaryIndexes",
    }
)


def check(replica: Properties) -> None:
    """Raises ValidationException for what a replica cannot have here."""
    unknown = replica.keys() - KNOWN
    if unknown:
        raise ValidationException(f"Encountered unsupported property {min(unknown)} of a replica")


def overrides(billing: str, replica: Properties) -> Output:
    """What the replica has otherwise than the table, as UpdateTable's ReplicaUpdates take it."""
    found: Output = {**_reads(billing, replica)}
    if replica.get("TableClass"):
        found["TableClassOverride"] = replica["TableClass"]
    if replica.get("SSESpecification", {}).get("KMSMasterKeyId"):
        found["KMSMasterKeyId"] = replica["SSESpecification"]["KMSMasterKeyId"]
    indexes = [
        {"IndexName": index["IndexName"], **_reads(billing, index)}
        for index in replica.get("GlobalSecondaryIndexes", [])
    ]
    if any(len(index) > 1 for index in indexes):
        found["GlobalSecondaryIndexes"] = [index for index in indexes if len(index) > 1]
    return found


def _reads(billing: str, given: Properties) -> Output:
    if billing == "PROVISIONED" and given.get("ReadProvisionedThroughputSettings"):
        return {"ProvisionedThroughputOverride": {"ReadCapacityUnits": read_units(given)}}
    most = given.get("ReadOnDemandThroughputSettings", {}).get("MaxReadRequestUnits")
    if billing == "PAY_PER_REQUEST" and most is not None:
        return {"OnDemandThroughputOverride": {"MaxReadRequestUnits": int(most)}}
    return {}


def read_units(given: Properties) -> int:
    """Provisioned reads where CloudFormation may have scaling settings: those to begin with."""
    reads = given.get("ReadProvisionedThroughputSettings", {})
    scaling = reads.get("ReadCapacityAutoScalingSettings", {})
    return int(reads.get("ReadCapacityUnits") or scaling.get("SeedCapacity") or scaling.get("MinCapacity", 1))


async def change(here: Here, name: str, region: str, old: Properties, new: Properties) -> None:
    """Bring one replica from what the old template said to what the new one says."""
    for operation, params in [
        *_table_changes(name, old, new),
        *recovery_calls(name, old.get(RECOVERY), new.get(RECOVERY)),
        *insights_calls(name, old.get(INSIGHTS), new.get(INSIGHTS)),
        *policy_calls(_arn(here, region, name), old.get("ResourcePolicy"), new.get("ResourcePolicy")),
        *tag_calls(_arn(here, region, name), tags_of(old), tags_of(new)),
    ]:
        if operation == "UpdateTable":
            await _ready(here, name, region)
        await here.request("dynamodb", operation, params, region=region)


async def _ready(here: Here, name: str, region: str) -> None:
    """Return once nothing about the replica changes any more, or after a while, for the next call to complain."""

    async def is_active() -> bool:
        table = (await here.request("dynamodb", "DescribeTable", {"TableName": name}, region=region))["Table"]
        return bool(table["TableStatus"] == "ACTIVE")

    await wait_until(here, is_active, limit_s=WAIT_S, poll_s=POLL_S)


def _arn(here: Here, region: str, name: str) -> str:
    return f"arn:aws:dynamodb:{region}:{here.account_id}:table/{name}"


def _table_changes(name: str, old: Properties, new: Properties) -> list[Call]:
    params: Output = {}
    if truth(old.get("DeletionProtectionEnabled", False)) != truth(new.get("DeletionProtectionEnabled", False)):
        params["DeletionProtectionEnabled"] = truth(new.get("DeletionProtectionEnabled", False))
    return [("UpdateTable", {"TableName": name, **params})] if params else []
