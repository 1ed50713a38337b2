"""AWS::DynamoDB::GlobalTable: a table of the stack's own region, and its replicas."""

from typing import Any

from panregion.services.dynamodb import stack_replicas
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.stack import TABLE, attributes, create, delete, describe, settled, update
from panregion.services.dynamodb.stack_changes import retyped_keys
from panregion.services.dynamodb.stack_settings import INSIGHTS
from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.wire import AwsError

Output = dict[str, Any]


def _own(here: Here, properties: Properties) -> Output:
    """The replica of the stack's own region; AWS demands one."""
    for replica in properties["Replicas"]:
        if replica["Region"] == here.region:
            own: Output = replica
            return own
    raise ValidationException(
        f"Properties validation failed: Replicas must contain one of the stack's own region, {here.region}"
    )


def _as_table(here: Here, properties: Properties) -> Properties:
    """The properties that a table of this region alone would have."""
    own = _own(here, properties)
    table: Properties = {
        name: properties[name]
        for name in (
            *("TableName", "AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "StreamSpecification"),
            *("SSESpecification", "TimeToLiveSpecification", "WarmThroughput"),
        )
        if name in properties
    }
    if "SSESpecification" in table and "SSESpecification" in own:
        table["SSESpecification"] = {**table["SSESpecification"], **own["SSESpecification"]}
    table["BillingMode"] = properties.get("BillingMode", "PROVISIONED")
    if len(properties["Replicas"]) > 1 and not _strong(properties):
        table.setdefault("StreamSpecification", {"StreamViewType": "NEW_AND_OLD_IMAGES"})
    for name in (
        *("Tags", "PointInTimeRecoverySpecification", "DeletionProtectionEnabled", "TableClass"),
        *("ResourcePolicy", "ContributorInsightsSpecification"),
    ):
        if name in own:
            table[name] = own[name]
    if table["BillingMode"] == "PAY_PER_REQUEST" and (on_demand := _on_demand(properties, own)):
        table["OnDemandThroughput"] = on_demand
    if table["BillingMode"] == "PROVISIONED":
        table["ProvisionedThroughput"] = _capacity(properties, own)
    if properties.get("GlobalSecondaryIndexes"):
        indexes = [_global_index(index, own, table["BillingMode"]) for index in properties["GlobalSecondaryIndexes"]]
        table["GlobalSecondaryIndexes"] = indexes
    return table


def _on_demand(properties: Properties, own: Output) -> Output:
    """The most that a table without provisioned capacity may take."""
    write = properties.get("WriteOnDemandThroughputSettings", {})
    read = own.get("ReadOnDemandThroughputSettings") or properties.get("ReadOnDemandThroughputSettings", {})
    return {name: given[name] for given in (read, write) for name in given}


def _capacity(write: Output, read: Output) -> Output:
    """Provisioned units where CloudFormation has scaling settings: those to begin with."""
    writes = write.get("WriteProvisionedThroughputSettings", {}).get("WriteCapacityAutoScalingSettings", {})
    reads = read if "ReadProvisionedThroughputSettings" in read else write
    return {
        "ReadCapacityUnits": stack_replicas.read_units(reads),
        "WriteCapacityUnits": int(writes.get("SeedCapacity") or writes.get("MinCapacity", 1)),
    }


def _global_index(index: Output, own: Output, billing: str) -> Output:
    made = {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
    read: Output = next((o for o in own.get("GlobalSecondaryIndexes", []) if o["IndexName"] == index["IndexName"]), {})
    if billing == "PROVISIONED":
        made["ProvisionedThroughput"] = _capacity(index, read)
    elif on_demand := _on_demand(index, read):
        made["OnDemandThroughput"] = on_demand
    for name, given in (("WarmThroughput", index), (INSIGHTS, read)):
        if name in given:
            made[name] = given[name]
    return made


def _billing(properties: Properties) -> str:
    return str(properties.get("BillingMode", "PROVISIONED"))


async def create_global(here: Here, properties: Properties, context: Context) -> str:
    _check_mode(properties)
    name = await create(here, _as_table(here, properties), context)
    await _spread(here, name, properties)
    await _change_replicas(here, name, {}, properties)
    return name


async def _change_replicas(here: Here, name: str, old: Properties, new: Properties) -> None:
    """What the template says of the replicas in other regions."""
    before = {replica["Region"]: replica for replica in old.get("Replicas", [])}
    for replica in new["Replicas"]:
        region = replica["Region"]
        if region == here.region:
            continue
        wanted = stack_replicas.overrides(_billing(new), replica)
        if region in before and wanted and wanted != stack_replicas.overrides(_billing(old), before[region]):
            update = {"Update": {"RegionName": region, **wanted}}
            await here.request("dynamodb", "UpdateTable", {"TableName": name, "ReplicaUpdates": [update]})
            await settled(here, name)
        await stack_replicas.change(here, name, region, before.get(region, {}), replica)


def _strong(properties: Properties) -> bool:
    return properties.get("MultiRegionConsistency") == "STRONG"


def _check_mode(properties: Properties) -> None:
    for replica in properties["Replicas"]:
        stack_replicas.check(replica)
    if properties.get("GlobalTableWitnesses") and not _strong(properties):
        raise ValidationException("GlobalTableWitnesses can only be specified with MultiRegionConsistency STRONG")


async def _spread(here: Here, name: str, properties: Properties, *, failures: bool = True) -> None:
    """Add and remove replicas until they are those of the template: one after another, or a strong table's at once."""
    table = await describe(here, name)
    wanted = [replica["Region"] for replica in properties["Replicas"] if replica["Region"] != here.region]
    there = [replica["RegionName"] for replica in table.get("Replicas", []) if "GlobalTableVersion" in table]
    creates = [
        {"Create": {"RegionName": replica["Region"], **stack_replicas.overrides(_billing(properties), replica)}}
        for replica in properties["Replicas"]
        if replica["Region"] in wanted and replica["Region"] not in there
    ]
    deletes = [{"Delete": {"RegionName": region}} for region in there if region not in wanted]
    if _strong(properties) or _strong(table):
        await _spread_at_once(here, name, creates + deletes, properties, table)
        await settled(here, name, failures=failures)
        return
    for change in creates + deletes:
        await here.request("dynamodb", "UpdateTable", {"TableName": name, "ReplicaUpdates": [change]})
        await settled(here, name, failures=failures)


async def _spread_at_once(here: Here, name: str, changes: list[Output], properties: Properties, table: Output) -> None:
    """A strong table's regions come, and go, together."""
    wanted = [witness["Region"] for witness in properties.get("GlobalTableWitnesses", [])]
    there = [witness["RegionName"] for witness in table.get("GlobalTableWitnesses", [])]
    witnesses = [{"Create": {"RegionName": region}} for region in wanted if region not in there]
    witnesses += [{"Delete": {"RegionName": region}} for region in there if region not in wanted]
    asked: Output = {"TableName": name}
    if changes:
        asked["ReplicaUpdates"] = changes
    if witnesses:
        asked["GlobalTableWitnessUpdates"] = witnesses
    if not _strong(table):
        asked["MultiRegionConsistency"] = "STRONG"
    if changes or witnesses:
        await here.request("dynamodb", "UpdateTable", asked)


async def update_global(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> str | None:
    _check_mode(new)
    await update(here, physical_id, _as_table(here, old), _as_table(here, new), context)
    await _spread(here, physical_id, new)
    await _change_replicas(here, physical_id, old, new)
    return None


async def delete_global(here: Here, physical_id: str, properties: Properties, context: Context) -> None:
    try:
        await _spread(here, physical_id, {"Replicas": []}, failures=False)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
    await delete(here, physical_id, properties, context)


async def global_attributes(here: Here, physical_id: str, properties: Properties) -> dict[str, Any]:
    """A GlobalTable tells its id, too."""
    table = await describe(here, physical_id)
    return {**await attributes(here, physical_id, properties), "TableId": table["TableId"]}


GLOBAL_TABLE = ResourceType(
    type_name="AWS::DynamoDB::GlobalTable",
    properties=frozenset(
        {
            *("TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes"),
            *("LocalSecondaryIndexes", "Replicas", "SSESpecification", "StreamSpecification"),
            *("TimeToLiveSpecification", "WriteProvisionedThroughputSettings", "MultiRegionConsistency"),
            *("GlobalTableWitnesses", "WriteOnDemandThroughputSettings", "ReadOnDemandThroughputSettings"),
            *("ReadProvisionedThroughputSettings", "WarmThroughput"),
        }
    ),
    required=frozenset({"KeySchema", "AttributeDefinitions", "Replicas"}),
    replaces_on=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    replaces_if=retyped_keys,
    create=create_global,
    update=update_global,
    delete=delete_global,
    attributes=global_attributes,
)
RESOURCES = {kind.type_name: kind for kind in (TABLE, GLOBAL_TABLE)}
