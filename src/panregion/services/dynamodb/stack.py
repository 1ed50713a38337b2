"""AWS::DynamoDB::Table; what a table is to CloudFormation. GlobalTable is in `stack_global.py`.

A table that a stack makes carries the stack's tags, as on AWS; by these a repeated step recognises its own. All
else goes through the operations that customers have. CloudFormation changes one index at a time, and so do we.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from panregion.services.dynamodb import layout, stack_import
from panregion.services.dynamodb.definitions import create_table
from panregion.services.dynamodb.errors import ResourceInUseException
from panregion.services.dynamodb.stack_changes import index_changes, plain_changes, retyped_keys
from panregion.services.dynamodb.stack_parameters import definition_of, stream_of, tags_of
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
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import truth, wait_until
from panregion.wire import AwsError

Output = dict[str, Any]

POLL_S = 0.02
WAIT_S = 120.0
STACK_TAG = "aws:cloudformation:stack-id"
LOGICAL_TAG = "aws:cloudformation:logical-id"


class NotStabilized(AwsError):
    """The resource did not become ready in time."""


async def create(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("TableName") or context.name(255))
    params = definition_of(properties)
    source = properties.get("ImportSourceSpecification")
    await here.transact(lambda here: _create(here, name, params, tags_of(properties), context, source))
    if source is not None:
        await stack_import.done(here, name)
    await settled(here, name)
    if source is not None:
        missing = stack_import.LATER - stack_import.given_already(await describe(here, name))
        await _change(here, name, {k: v for k, v in properties.items() if k not in missing}, properties)
    await _settings(here, name, {}, properties)
    return name


def _create(
    here: Here, name: str, params: Output, tags: dict[str, str], context: Context, source: Output | None
) -> None:
    """Make the table with the stack's marks, unless it is there with them already."""
    marks = {STACK_TAG: context.stack_id, LOGICAL_TAG: context.logical_id}
    if layout.read_table(here.tx, name) is not None:
        known = layout.read_tags(here.tx, name)
        if {key: known.get(key) for key in marks} == marks:
            return
        raise ResourceInUseException(f"{name} already exists")
    if source is None:
        create_table(here, name, **params)
    else:
        stack_import.begin(here, name, source, params)
    layout.put_tags(here.tx, name, {**context.tags, **tags, **marks})


async def _poll(here: Here, what: str, done: Callable[[], Awaitable[bool]]) -> None:
    if not await wait_until(here, done, limit_s=WAIT_S, poll_s=POLL_S):
        raise NotStabilized(f"{what} after {WAIT_S:g} s")


async def describe(here: Here, name: str) -> Output:
    table: Output = (await here.request("dynamodb", "DescribeTable", {"TableName": name}))["Table"]
    return table


async def settled(here: Here, name: str, *, failures: bool = True) -> None:
    """Wait until nothing about the table changes any more; a replica that failed is an error, if they count."""

    async def done() -> bool:
        table = await describe(here, name)
        failed = [r for r in table.get("Replicas", []) if r["ReplicaStatus"] == "CREATION_FAILED"]
        if failed and failures:
            raise NotStabilized(f"{failed[0]['RegionName']}: {failed[0].get('ReplicaStatusDescription')}")
        parts = [
            *(index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", [])),
            *(r["ReplicaStatus"] for r in table.get("Replicas", []) if r not in failed),
        ]
        return table["TableStatus"] == "ACTIVE" and all(status == "ACTIVE" for status in parts)

    await _poll(here, f"table {name} was not ACTIVE", done)


# Updates


async def update(here: Here, physical_id: str, old: Properties, new: Properties, _context: Context) -> str | None:
    await _change(here, physical_id, old, new)
    await _carry_out(here, tag_calls(here.arn("dynamodb", f"table/{physical_id}"), tags_of(old), tags_of(new)))
    await _settings(here, physical_id, old, new)
    return None


async def _change(here: Here, name: str, old: Properties, new: Properties) -> None:
    """What UpdateTable can change, one call after another."""
    for params in [*plain_changes(old, new), *index_changes(old, new)]:
        await here.request("dynamodb", "UpdateTable", {"TableName": name, **params})
        await settled(here, name)


async def _settings(here: Here, name: str, old: Properties, new: Properties) -> None:
    """What has operations of its own: contributor insights, the table's policy, time to live, recovery."""
    arn = here.arn("dynamodb", f"table/{name}")
    before_indexes = {index["IndexName"]: index.get(INSIGHTS) for index in old.get("GlobalSecondaryIndexes", [])}
    calls = insights_calls(name, old.get(INSIGHTS), new.get(INSIGHTS))
    for index in new.get("GlobalSecondaryIndexes", []):
        calls += insights_calls(name, before_indexes.get(index["IndexName"]), index.get(INSIGHTS), index["IndexName"])
    calls += policy_calls(arn, old.get("ResourcePolicy"), new.get("ResourcePolicy"))
    await _carry_out(here, calls)
    await _stream_policy(here, name, old, new)
    before, after = old.get("TimeToLiveSpecification"), new.get("TimeToLiveSpecification")
    if before != after:
        await _time_to_live(here, name, after)
    await _carry_out(here, recovery_calls(name, old.get(RECOVERY), new.get(RECOVERY)))


async def _carry_out(here: Here, calls: list[Call]) -> None:
    for operation, params in calls:
        await here.request("dynamodb", operation, params)


async def _stream_policy(here: Here, name: str, old: Properties, new: Properties) -> None:
    """A stream's policy is the stream's: another stream begins without one."""
    before, after = old.get("StreamSpecification") or {}, new.get("StreamSpecification") or {}
    if stream_of(old) != stream_of(new):
        before = {}
    if after:
        arn = (await describe(here, name)).get("LatestStreamArn", "")
        await _carry_out(here, policy_calls(arn, before.get("ResourcePolicy"), after.get("ResourcePolicy")))


async def _time_to_live(here: Here, name: str, wanted: Output | None) -> None:
    described = await here.request("dynamodb", "DescribeTimeToLive", {"TableName": name})
    now = described["TimeToLiveDescription"]
    enabled = wanted is not None and truth(wanted.get("Enabled", True))
    attribute = wanted.get("AttributeName") if wanted is not None else None
    if now["TimeToLiveStatus"] == "ENABLED" and (not enabled or now["AttributeName"] != attribute):
        await _set_time_to_live(here, name, False, now["AttributeName"])
        now = {"TimeToLiveStatus": "DISABLED"}
    if enabled and now["TimeToLiveStatus"] == "DISABLED":
        await _set_time_to_live(here, name, True, str(attribute))


async def _set_time_to_live(here: Here, name: str, enabled: bool, attribute: str) -> None:
    specification = {"Enabled": enabled, "AttributeName": attribute}
    await here.request("dynamodb", "UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": specification})


# The end, and what can be asked


async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    try:
        if (await describe(here, physical_id))["TableStatus"] != "DELETING":
            await here.request("dynamodb", "DeleteTable", {"TableName": physical_id})
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return

    async def done() -> bool:
        return here.read(lambda here: layout.read_table(here.tx, physical_id)) is None

    await _poll(here, f"table {physical_id} was not gone", done)


async def attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    """Arn; and StreamArn, where a stream is on."""
    table = await describe(here, physical_id)
    stream = {"StreamArn": table["LatestStreamArn"]} if "StreamSpecification" in table else {}
    return {"Arn": table["TableArn"], **stream}


TABLE = ResourceType(
    type_name="AWS::DynamoDB::Table",
    properties=frozenset(
        {
            *("TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput"),
            *("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "StreamSpecification", "SSESpecification"),
            *("Tags", "TimeToLiveSpecification", "PointInTimeRecoverySpecification", "TableClass"),
            *("DeletionProtectionEnabled", "OnDemandThroughput", "WarmThroughput", INSIGHTS, "ResourcePolicy"),
            "ImportSourceSpecification",
        }
    ),
    required=frozenset({"KeySchema"}),
    replaces_on=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes", "ImportSourceSpecification"}),
    replaces_if=retyped_keys,
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
