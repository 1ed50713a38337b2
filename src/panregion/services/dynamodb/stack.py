"""AWS::DynamoDB::Table; what a table is to CloudFormation. GlobalTable is in `stack_global.py`.

A table that a stack makes carries the stack's tags, as on AWS; by these a repeated step recognises its own. All
else goes through the operations that customers have. CloudFormation changes one index at a time, and so do we.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from panregion.services.dynamodb import layout, stack_import
from panregion.services.dynamodb.definitions import create_table
from panregion.services.dynamodb.errors import ResourceInUseException, ValidationException
from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.wire import AwsError

Output = dict[str, Any]

POLL_S = 0.02
WAIT_S = 120.0
STACK_TAG = "aws:cloudformation:stack-id"
LOGICAL_TAG = "aws:cloudformation:logical-id"
INSIGHTS = "ContributorInsightsSpecification"


class NotStabilized(AwsError):
    """The resource did not become ready in time."""


async def create(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("TableName") or context.name(255))
    params = _definition(properties)
    source = properties.get("ImportSourceSpecification")
    await here.transact(lambda here: _create(here, name, params, _tags(properties), context, source))
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
    ends = here.world.clock.monotonic() + WAIT_S
    while not await done():
        if here.world.clock.monotonic() > ends:
            raise NotStabilized(f"{what} after {WAIT_S:g} s")
        await here.world.clock.sleep(POLL_S)


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


# Properties to parameters


def _true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _units(given: Output) -> Output:
    return {name: int(value) for name, value in given.items()}


def _index(given: Output) -> Output:
    known = {"IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput"}
    unknown = given.keys() - known - {"WarmThroughput"}
    if unknown:
        raise ValidationException(f"Encountered unsupported property {min(unknown)} of an index")
    index = {name: given[name] for name in given if name in known}
    for name in ("ProvisionedThroughput", "OnDemandThroughput"):
        if name in index:
            index[name] = _units(index[name])
    return index


def _stream(properties: Properties) -> Output | None:
    given = properties.get("StreamSpecification")
    return None if given is None else {"StreamEnabled": True, "StreamViewType": given["StreamViewType"]}


def _encryption(properties: Properties) -> Output | None:
    given = properties.get("SSESpecification")
    if given is None:
        return None
    return {"Enabled": _true(given.get("SSEEnabled", False)), "KMSMasterKeyId": given.get("KMSMasterKeyId")}


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags", [])}


def _definition(properties: Properties) -> Output:
    """What create_table is given beside the name."""
    params: Output = {
        "attribute_definitions": properties.get("AttributeDefinitions"),
        "key_schema": properties.get("KeySchema"),
        "billing_mode": properties.get("BillingMode"),
        "stream_specification": _stream(properties),
        "sse_specification": _encryption(properties),
        "table_class": properties.get("TableClass"),
        "deletion_protection_enabled": _true(properties.get("DeletionProtectionEnabled", False)),
    }
    for member, name in (
        ("LocalSecondaryIndexes", "local_secondary_indexes"),
        ("GlobalSecondaryIndexes", "global_secondary_indexes"),
    ):
        if properties.get(member):
            params[name] = [_index(index) for index in properties[member]]
    if properties.get("ProvisionedThroughput"):
        params["provisioned_throughput"] = _units(properties["ProvisionedThroughput"])
    for member, name in (
        ("OnDemandThroughput", "on_demand_throughput"),
        ("WarmThroughput", "warm_throughput"),
    ):
        if properties.get(member):
            params[name] = _units(properties[member])
    return params


# Updates


async def update(here: Here, physical_id: str, old: Properties, new: Properties, _context: Context) -> str | None:
    await _change(here, physical_id, old, new)
    await _retag(here, physical_id, _tags(old), _tags(new))
    await _settings(here, physical_id, old, new)
    return None


async def _change(here: Here, name: str, old: Properties, new: Properties) -> None:
    """What UpdateTable can change, one call after another."""
    for params in [*_plain_changes(old, new), *_index_changes(old, new)]:
        await here.request("dynamodb", "UpdateTable", {"TableName": name, **params})
        await settled(here, name)


def _plain_changes(old: Properties, new: Properties) -> list[Output]:
    """Calls of UpdateTable for what is not an index; a stream whose view changes is turned off before."""
    params: Output = {}
    if (old.get("BillingMode"), old.get("ProvisionedThroughput")) != (
        new.get("BillingMode"),
        new.get("ProvisionedThroughput"),
    ):
        params["BillingMode"] = new.get("BillingMode", "PROVISIONED")
        if new.get("ProvisionedThroughput"):
            params["ProvisionedThroughput"] = _units(new["ProvisionedThroughput"])
    for name in ("TableClass", "OnDemandThroughput", "WarmThroughput"):
        if old.get(name) != new.get(name) and new.get(name) is not None:
            params[name] = new[name] if name == "TableClass" else _units(new[name])
    if old.get("DeletionProtectionEnabled") != new.get("DeletionProtectionEnabled"):
        params["DeletionProtectionEnabled"] = _true(new.get("DeletionProtectionEnabled", False))
    if old.get("SSESpecification") != new.get("SSESpecification"):
        encryption = _encryption(new) or {"Enabled": False}
        params["SSESpecification"] = {k: v for k, v in encryption.items() if v is not None}
    changes = [params] if params else []
    if _stream(old) != _stream(new):
        if _stream(old) is not None:
            changes.append({"StreamSpecification": {"StreamEnabled": False}})
        if _stream(new) is not None:
            changes.append({"StreamSpecification": _stream(new)})
    return changes


def _index_changes(old: Properties, new: Properties) -> list[Output]:
    before = {index["IndexName"]: _index(index) for index in old.get("GlobalSecondaryIndexes", [])}
    after = {index["IndexName"]: _index(index) for index in new.get("GlobalSecondaryIndexes", [])}
    changes: list[Output] = []
    for name, index in before.items():
        if name not in after or _shape(index) != _shape(after[name]):
            changes.append({"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]})
    for name, index in after.items():
        if name not in before or _shape(index) != _shape(before[name]):
            changes.append(
                {
                    "AttributeDefinitions": new["AttributeDefinitions"],
                    "GlobalSecondaryIndexUpdates": [{"Create": index}],
                }
            )
        elif index != before[name]:
            action = {key: value for key, value in index.items() if key not in ("KeySchema", "Projection")}
            changes.append({"GlobalSecondaryIndexUpdates": [{"Update": action}]})
    return changes


def _shape(index: Output) -> tuple[Any, Any]:
    """What cannot be changed of an index that exists."""
    return index["KeySchema"], index["Projection"]


async def _retag(here: Here, name: str, old: dict[str, str], new: dict[str, str]) -> None:
    arn = here.arn("dynamodb", f"table/{name}")
    gone = sorted(old.keys() - new.keys())
    if gone:
        await here.request("dynamodb", "UntagResource", {"ResourceArn": arn, "TagKeys": gone})
    changed = [{"Key": key, "Value": value} for key, value in new.items() if old.get(key) != value]
    if changed:
        await here.request("dynamodb", "TagResource", {"ResourceArn": arn, "Tags": changed})


async def _settings(here: Here, name: str, old: Properties, new: Properties) -> None:
    """What has operations of its own: time to live, recovery, contributor insights, the table's policy."""
    await _insights(here, name, old.get(INSIGHTS), new.get(INSIGHTS))
    await _policy(here, name, old.get("ResourcePolicy"), new.get("ResourcePolicy"))
    before, after = old.get("TimeToLiveSpecification"), new.get("TimeToLiveSpecification")
    if before != after:
        await _time_to_live(here, name, after)
    recovery = "PointInTimeRecoverySpecification"
    if old.get(recovery) != new.get(recovery):
        wanted = new.get(recovery) or {}
        specification: Output = {"PointInTimeRecoveryEnabled": _true(wanted.get("PointInTimeRecoveryEnabled", False))}
        if "RecoveryPeriodInDays" in wanted:
            specification["RecoveryPeriodInDays"] = int(wanted["RecoveryPeriodInDays"])
        await here.request(
            "dynamodb",
            "UpdateContinuousBackups",
            {"TableName": name, "PointInTimeRecoverySpecification": specification},
        )


async def _insights(here: Here, name: str, old: Output | None, new: Output | None) -> None:
    if old == new:
        return
    enabled = new is not None and _true(new.get("Enabled", False))
    params = {"TableName": name, "ContributorInsightsAction": "ENABLE" if enabled else "DISABLE"}
    if new is not None and new.get("Mode"):
        params["ContributorInsightsMode"] = new["Mode"]
    await here.request("dynamodb", "UpdateContributorInsights", params)


async def _policy(here: Here, name: str, old: Output | None, new: Output | None) -> None:
    if old == new:
        return
    arn = here.arn("dynamodb", f"table/{name}")
    if new is None:
        await here.request("dynamodb", "DeleteResourcePolicy", {"ResourceArn": arn})
        return
    document = new["PolicyDocument"]
    text = document if isinstance(document, str) else msgspec.json.encode(document).decode()
    await here.request("dynamodb", "PutResourcePolicy", {"ResourceArn": arn, "Policy": text})


async def _time_to_live(here: Here, name: str, wanted: Output | None) -> None:
    described = await here.request("dynamodb", "DescribeTimeToLive", {"TableName": name})
    now = described["TimeToLiveDescription"]
    enabled = wanted is not None and _true(wanted.get("Enabled", True))
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
    table = await describe(here, physical_id)
    found = {"Arn": table["TableArn"], "TableId": table["TableId"]}
    return found | ({"StreamArn": table["LatestStreamArn"]} if "LatestStreamArn" in table else {})


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
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
