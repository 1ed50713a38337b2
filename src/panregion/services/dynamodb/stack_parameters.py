"""A template's properties of a table as the parameters of operations."""

from typing import Any

from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.stack_settings import INSIGHTS
from panregion.services.stack import Properties
from panregion.services.stack_calls import truth

Output = dict[str, Any]


def units(given: Output) -> Output:
    return {name: int(value) for name, value in given.items()}


def index_of(given: Output) -> Output:
    known = {"IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"}
    unknown = given.keys() - known - {INSIGHTS}
    if unknown:
        raise ValidationException(f"Encountered unsupported property {min(unknown)} of an index")
    index = {name: given[name] for name in given if name in known}
    for name in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"):
        if name in index:
            index[name] = units(index[name])
    return index


def stream_of(properties: Properties) -> Output | None:
    given = properties.get("StreamSpecification")
    return None if given is None else {"StreamEnabled": True, "StreamViewType": given["StreamViewType"]}


def encryption_of(properties: Properties) -> Output | None:
    given = properties.get("SSESpecification")
    if given is None:
        return None
    return {"Enabled": truth(given.get("SSEEnabled", False)), "KMSMasterKeyId": given.get("KMSMasterKeyId")}


def tags_of(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags", [])}


def definition_of(properties: Properties) -> Output:
    """What create_table is given beside the name."""
    params: Output = {
        "attribute_definitions": properties.get("AttributeDefinitions"),
        "key_schema": properties.get("KeySchema"),
        "billing_mode": properties.get("BillingMode"),
        "stream_specification": stream_of(properties),
        "sse_specification": encryption_of(properties),
        "table_class": properties.get("TableClass"),
        "deletion_protection_enabled": truth(properties.get("DeletionProtectionEnabled", False)),
    }
    for member, name in (
        ("LocalSecondaryIndexes", "local_secondary_indexes"),
        ("GlobalSecondaryIndexes", "global_secondary_indexes"),
    ):
        if properties.get(member):
            params[name] = [index_of(index) for index in properties[member]]
    if properties.get("ProvisionedThroughput"):
        params["provisioned_throughput"] = units(properties["ProvisionedThroughput"])
    for member, name in (
        ("OnDemandThroughput", "on_demand_throughput"),
        ("WarmThroughput", "warm_throughput"),
    ):
        if properties.get(member):
            params[name] = units(properties[member])
    return params
