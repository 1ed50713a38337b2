"""What an update of a stack asks of UpdateTable: pure, from the old properties and the new ones.

CloudFormation's own rules are kept, so that an update that is carried out here is one that AWS carries out.
"""

from typing import Any

from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.stack_parameters import encryption_of, index_of, stream_of, units
from panregion.services.stack import Properties
from panregion.services.stack_calls import truth

Output = dict[str, Any]


def plain_changes(old: Properties, new: Properties) -> list[Output]:
    """Calls of UpdateTable for what is not an index; a stream whose view changes is turned off before."""
    params: Output = {}
    if (old.get("BillingMode"), old.get("ProvisionedThroughput")) != (
        new.get("BillingMode"),
        new.get("ProvisionedThroughput"),
    ):
        if _flips(old, new):
            params["BillingMode"] = _billing(new)
        if new.get("ProvisionedThroughput") and _billing(new) == "PROVISIONED":
            params["ProvisionedThroughput"] = units(new["ProvisionedThroughput"])
            params |= _flipped_indexes(old, new)
    for name in ("TableClass", "OnDemandThroughput", "WarmThroughput"):
        if old.get(name) != new.get(name) and new.get(name) is not None:
            params[name] = new[name] if name == "TableClass" else units(new[name])
    if old.get("OnDemandThroughput") and not new.get("OnDemandThroughput") and not _flips(old, new):
        params["OnDemandThroughput"] = dict.fromkeys(old["OnDemandThroughput"], -1)
    if old.get("DeletionProtectionEnabled") != new.get("DeletionProtectionEnabled"):
        params["DeletionProtectionEnabled"] = truth(new.get("DeletionProtectionEnabled", False))
    if old.get("SSESpecification") != new.get("SSESpecification"):
        encryption = encryption_of(new) or {"Enabled": False}
        params["SSESpecification"] = {k: v for k, v in encryption.items() if v is not None}
    changes = [params] if params else []
    if stream_of(old) != stream_of(new):
        if stream_of(old) is not None:
            changes.append({"StreamSpecification": {"StreamEnabled": False}})
        if stream_of(new) is not None:
            changes.append({"StreamSpecification": stream_of(new)})
    return changes


def _flipped_indexes(old: Properties, new: Properties) -> Output:
    """A table that becomes a provisioned one says the capacity of all its indexes in the same call."""
    known = {index["IndexName"] for index in old.get("GlobalSecondaryIndexes", [])}
    updates = [
        {"Update": {"IndexName": index["IndexName"], "ProvisionedThroughput": units(index["ProvisionedThroughput"])}}
        for index in new.get("GlobalSecondaryIndexes", [])
        if index["IndexName"] in known and index.get("ProvisionedThroughput")
    ]
    return {"GlobalSecondaryIndexUpdates": updates} if updates and _flips(old, new) else {}


def index_changes(old: Properties, new: Properties) -> list[Output]:
    """Calls of UpdateTable for global indexes. One is added or removed in an update, none is altered."""
    before = {index["IndexName"]: index_of(index) for index in old.get("GlobalSecondaryIndexes", [])}
    after = {index["IndexName"]: index_of(index) for index in new.get("GlobalSecondaryIndexes", [])}
    for name in before.keys() & after.keys():
        if _shape(before[name]) != _shape(after[name]):
            raise ValidationException(
                "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights "
                "Specification. You can create a new GSI with a different name."
            )
    gone, made = sorted(before.keys() - after.keys()), [index for name, index in after.items() if name not in before]
    if len(gone) + len(made) > 1:
        raise ValidationException("Cannot perform more than one GSI creation or deletion in a single update")
    changes: list[Output] = [{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]} for name in gone]
    for index in made:
        definitions = new["AttributeDefinitions"]
        changes.append({"AttributeDefinitions": definitions, "GlobalSecondaryIndexUpdates": [{"Create": index}]})
    altered = [] if _flips(old, new) else [name for name in before if before[name] != after.get(name, before[name])]
    updates = [_index_update(before[name], after[name]) for name in altered]
    return [*changes, *({"GlobalSecondaryIndexUpdates": [update]} for update in updates)]


def _flips(old: Properties, new: Properties) -> bool:
    """Whether the billing mode changes: then the indexes' capacity goes with it."""
    return _billing(old) != _billing(new)


def _billing(properties: Properties) -> str:
    return str(properties.get("BillingMode", "PROVISIONED"))


def _index_update(before: Output, after: Output) -> Output:
    """What is new of an index's capacity; a ceiling that is gone from the template is taken away."""
    update: Output = {"IndexName": after["IndexName"]}
    for name in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"):
        if after.get(name) is not None and after.get(name) != before.get(name):
            update[name] = after[name]
    if "OnDemandThroughput" in before and "OnDemandThroughput" not in after:
        update["OnDemandThroughput"] = dict.fromkeys(before["OnDemandThroughput"], -1)
    return {"Update": update}


def _shape(index: Output) -> tuple[Any, Any]:
    """What cannot be changed of an index that exists."""
    return index["KeySchema"], index["Projection"]


def retyped_keys(old: Properties, new: Properties) -> frozenset[str]:
    """AttributeDefinitions, where an attribute of the table's own key changes its type."""
    keys = {element["AttributeName"] for element in old.get("KeySchema", [])}

    def kinds(properties: Properties) -> dict[str, Any]:
        definitions = properties.get("AttributeDefinitions") or []
        return {d["AttributeName"]: d["AttributeType"] for d in definitions if d["AttributeName"] in keys}

    both = isinstance(new.get("AttributeDefinitions"), list) and isinstance(old.get("AttributeDefinitions"), list)
    return frozenset({"AttributeDefinitions"}) if both and kinds(old) != kinds(new) else frozenset()
