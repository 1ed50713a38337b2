"""A table's definition as AWS describes it."""

from collections.abc import Mapping
from typing import Any

from panregion.services.dynamodb.model import Index, Replica, Table, Throughput
from panregion.services.dynamodb.throughput import decreases_today, warm_units
from panregion.services.here import Here

GLOBAL_TABLES_VERSION = "2019.11.21"
GLOBAL_2017 = "2017.11.29"

Output = dict[str, Any]

NOT_COUNTED: Mapping[int, tuple[int, int]] = {}


def describe(here: Here, table: Table, counts: Mapping[int, tuple[int, int]] = NOT_COUNTED) -> Output:
    """A TableDescription. `counts` are the items and bytes of the table (0) and of its indexes by number."""
    arn = here.arn("dynamodb", f"table/{table.name}")
    items, size_bytes = counts.get(0, (0, 0))
    output: Output = {
        "AttributeDefinitions": [  # in the order of their names, however they were given
            {"AttributeName": name, "AttributeType": kind} for name, kind in sorted(table.attributes.items())
        ],
        "TableName": table.name,
        "KeySchema": table.schema.elements,
        "TableStatus": table.status,
        "CreationDateTime": table.created,
        "ProvisionedThroughput": _throughput(table.throughput, here.now()),
        "TableSizeBytes": size_bytes,
        "ItemCount": items,
        "TableArn": arn,
        "TableId": table.id,
        "DeletionProtectionEnabled": table.protected,
    }
    output.update(_billing(table))
    output.update(_options(table))
    output.update(_indexes(table, arn, counts, here.now()))
    output.update(_stream(table, arn))
    output.update(_replicas(table, arn))
    return output


def _throughput(throughput: Throughput, now: float) -> Output:
    output: Output = {
        "NumberOfDecreasesToday": decreases_today(throughput, now),
        "ReadCapacityUnits": throughput.read,
        "WriteCapacityUnits": throughput.write,
    }
    if throughput.increased is not None:
        output["LastIncreaseDateTime"] = throughput.increased
    if throughput.decreased is not None:
        output["LastDecreaseDateTime"] = throughput.decreased
    return output


def _billing(table: Table) -> Output:
    if not table.billing_named:
        return {}
    summary: Output = {"BillingMode": table.billing}
    if table.billing_changed is not None:
        summary["LastUpdateToPayPerRequestDateTime"] = table.billing_changed
    elif table.billing == "PAY_PER_REQUEST" and table.status != "CREATING":
        summary["LastUpdateToPayPerRequestDateTime"] = table.created
    return {"BillingModeSummary": summary}


def _warm(table: Table, throughput: Throughput, warm: dict[str, int] | None, status: str) -> Output:
    """What could be borne at once."""
    read, write = warm_units(table.billing, throughput, warm)
    shown = "ACTIVE" if status == "DELETING" else status
    return {"ReadUnitsPerSecond": read, "WriteUnitsPerSecond": write, "Status": shown}


def _options(table: Table) -> Output:
    output: Output = {"WarmThroughput": _warm(table, table.throughput, table.warm, table.status)}
    if table.on_demand is not None:
        output["OnDemandThroughput"] = table.on_demand
    if table.table_class is not None:
        output["TableClassSummary"] = {"TableClass": table.table_class}
        if table.table_class_changed is not None:
            output["TableClassSummary"]["LastUpdateDateTime"] = table.table_class_changed
    if table.encryption is not None:
        output["SSEDescription"] = table.encryption
    if table.restored is not None:
        output["RestoreSummary"] = {**table.restored, "RestoreInProgress": table.status == "CREATING"}
    return output


def _indexes(table: Table, arn: str, counts: Mapping[int, tuple[int, int]], now: float) -> Output:
    output: Output = {}
    for index in table.indexes:
        member = ("Global" if index.is_global else "Local") + "SecondaryIndexes"
        output.setdefault(member, []).append(_index(table, index, arn, counts.get(index.number, (0, 0)), now))
    return output


def _index(table: Table, index: Index, arn: str, count: tuple[int, int], now: float) -> Output:
    items, size_bytes = count
    projection: Output = {"ProjectionType": index.projection}
    if index.included:
        projection["NonKeyAttributes"] = list(index.included)
    output: Output = {
        "IndexName": index.name,
        "KeySchema": index.schema.elements,
        "Projection": projection,
        "IndexSizeBytes": size_bytes,
        "ItemCount": items,
        "IndexArn": f"{arn}/index/{index.name}",
    }
    if index.is_global:
        output["IndexStatus"] = index.status
        output["ProvisionedThroughput"] = _throughput(index.throughput, now)
        output["WarmThroughput"] = _warm(table, index.throughput, index.warm, index.status)
        if index.backfilling:
            output["Backfilling"] = True
        if index.on_demand is not None:
            output["OnDemandThroughput"] = index.on_demand
    return output


def _stream(table: Table, arn: str) -> Output:
    output: Output = {}
    if table.stream is not None:
        output["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream}
    if table.stream_label is not None:
        output["LatestStreamLabel"] = table.stream_label
        output["LatestStreamArn"] = f"{arn}/stream/{table.stream_label}"
    return output


def _replicas(table: Table, arn: str) -> Output:
    """The other regions' copies: AWS lists every replica but the one that is asked."""
    replicas = {"Replicas": [_replica(replica, arn) for replica in table.replicas]} if table.replicas else {}
    if not table.is_global:
        return replicas
    if table.global_version == GLOBAL_2017:
        return {"GlobalTableVersion": GLOBAL_2017}
    output: Output = {
        "GlobalTableVersion": GLOBAL_TABLES_VERSION,
        "MultiRegionConsistency": table.consistency,
        **replicas,
    }
    if table.witness is not None:
        witness = {"RegionName": table.witness.region, "WitnessStatus": table.witness.status}
        output["GlobalTableWitnesses"] = [witness]
    return output


def _replica(replica: Replica, arn: str) -> Output:
    parts = arn.split(":")
    parts[3] = replica.region
    output: Output = {
        "RegionName": replica.region,
        "ReplicaStatus": replica.status,
        "ReplicaArn": ":".join(parts),
        **replica.overrides,
    }
    if replica.description is not None:
        output["ReplicaStatusDescription"] = replica.description
    return output
