"""The rules of table definitions, in AWS's words and order: CreateTable's parameters to a Table's parts."""

from typing import Any

import msgspec

from panregion.services.dynamodb.errors import LimitExceededException, ValidationException
from panregion.services.dynamodb.model import Index, Schema, Throughput

INVALID = "One or more parameter values were invalid: "
SAME_NAME = "Both the Hash Key and the Range Key element in the KeySchema have the same name"
MAX_UNITS = 1_000_000_000_000
MAX_LOCAL = 5
MAX_GLOBAL = 20
MAX_INCLUDED = 100
MAX_OF_A_KIND = 4
"""Attributes that a global index's partition key may have, and its sort key."""

MAX_TAGS = 50
MAX_POLICY_BYTES = 20 * 1024

Parameters = dict[str, Any]


def check_throughput(billing: str, throughput: Parameters | None) -> None:
    """Provisioned tables say their capacity, the others do not."""
    if billing == "PAY_PER_REQUEST":
        if throughput:
            raise ValidationException(
                INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                "when BillingMode is PAY_PER_REQUEST"
            )
        return
    if not throughput:
        raise ValidationException(
            INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        )
    check_bounds(throughput)


def check_bounds(throughput: Parameters) -> None:
    for name in ("ReadCapacityUnits", "WriteCapacityUnits"):
        if throughput[name] > MAX_UNITS:
            raise ValidationException(f"Given value {throughput[name]} for {name} is out of bounds")


def throughput_of(given: Parameters | None) -> Throughput:
    if not given:
        return Throughput()
    return Throughput(given["ReadCapacityUnits"], given["WriteCapacityUnits"])


def attribute_kinds(definitions: list[Parameters]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for definition in definitions:
        name = definition["AttributeName"]
        if name in kinds:
            raise ValidationException(f"{INVALID}Duplicate AttributeName in AttributeDefinitions: {name}")
        kinds[name] = definition["AttributeType"]
    return kinds


def table_schema(elements: list[Parameters], kinds: dict[str, str]) -> Schema:
    """The table's key. Its rules come in this order on AWS."""
    names = [element["AttributeName"] for element in elements]
    if len(elements) > 2:
        raise _too_many(elements)
    if len(names) > len(kinds):
        raise ValidationException("Invalid KeySchema: Some index key attribute have no definition")
    _check_defined(names, kinds)
    return _schema(elements)


def _too_many(elements: list[Parameters]) -> ValidationException:
    shown = ", ".join(
        f"KeySchemaElement(attributeName={element['AttributeName']}, keyType={element['KeyType']})"
        for element in elements
    )
    return ValidationException(
        f"1 validation error detected: Value '[{shown}]' at 'keySchema' failed to satisfy constraint: "
        "Member must have length less than or equal to 2"
    )


def _check_defined(names: list[str], kinds: dict[str, str]) -> None:
    if any(name not in kinds for name in names):
        raise ValidationException(
            f"{INVALID}Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(names)}], AttributeDefinitions: [{', '.join(kinds)}]"
        )


def _schema(elements: list[Parameters]) -> Schema:
    names = [element["AttributeName"] for element in elements]
    if len(names) == 2 and names[0] == names[1]:
        raise ValidationException(SAME_NAME)
    if elements[0]["KeyType"] != "HASH":
        raise ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(elements) == 2 and elements[1]["KeyType"] != "RANGE":
        raise ValidationException("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    return Schema(*names)


def _composite_schema(elements: list[Parameters], name: str) -> Schema:
    """A global index's key of more than one attribute of a kind: those of the partition key come first."""
    kinds = [element["KeyType"] for element in elements]
    names = [element["AttributeName"] for element in elements]
    if len(set(names)) != len(names):
        raise ValidationException(SAME_NAME)
    if kinds[0] != "HASH":
        raise ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if kinds != sorted(kinds):
        raise ValidationException("Invalid KeySchema: All HASH key types must come before the RANGE key types")
    for kind in ("HASH", "RANGE"):
        if kinds.count(kind) > MAX_OF_A_KIND:
            raise ValidationException(
                f"{INVALID}Number of {kind} key attributes exceeds the limit of {MAX_OF_A_KIND} for index: {name}"
            )
    hashes = kinds.count("HASH")
    ranges = names[hashes:]
    return Schema(names[0], ranges[0] if ranges else None, tuple(names[1:hashes]), tuple(ranges[1:]))


def all_indexes(
    local: list[Parameters] | None,
    everywhere: list[Parameters] | None,
    key: Schema,
    kinds: dict[str, str],
    billing: str,
) -> list[Index]:
    """A new table's indexes, local ones first."""
    indexes = local_indexes(local, key, kinds)
    indexes += global_indexes(everywhere, kinds, billing, indexes)
    check_all_used(kinds, key, indexes)
    check_included(indexes)
    return indexes


def local_indexes(given: list[Parameters] | None, schema: Schema, kinds: dict[str, str]) -> list[Index]:
    if given is None:
        return []
    if not given:
        raise ValidationException(f"{INVALID}List of LocalSecondaryIndexes is empty")
    if schema.range is None:
        raise ValidationException(
            INVALID + "Table KeySchema does not have a range key, which is required "
            "when specifying a LocalSecondaryIndex"
        )
    indexes: list[Index] = []
    for entry in given:
        index = _index(entry, kinds, is_global=False)
        if index.schema.range is None:
            raise ValidationException(f"{INVALID}Index KeySchema does not have a range key for index: {index.name}")
        if index.schema.hash != schema.hash:
            raise ValidationException(
                INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema "
                f"for index: {index.name}. index hash key: {index.schema.hash}, table hash key: {schema.hash}"
            )
        _refuse_duplicate(index, indexes)
        indexes.append(index)
    if len(indexes) > MAX_LOCAL:
        raise ValidationException(f"{INVALID}Number of LocalSecondaryIndexes exceeds per-table limit of {MAX_LOCAL}")
    return indexes


def global_indexes(
    given: list[Parameters] | None, kinds: dict[str, str], billing: str, others: list[Index]
) -> list[Index]:
    if given is None:
        return []
    if not given:
        raise ValidationException(f"{INVALID}List of GlobalSecondaryIndexes is empty")
    indexes: list[Index] = []
    for entry in given:
        index = global_index(entry, kinds, billing)
        _refuse_duplicate(index, [*others, *indexes])
        indexes.append(index)
    if len(indexes) > MAX_GLOBAL:
        raise ValidationException(f"{INVALID}GlobalSecondaryIndex count exceeds the per-table limit of {MAX_GLOBAL}")
    return indexes


def global_index(entry: Parameters, kinds: dict[str, str], billing: str) -> Index:
    index = _index(entry, kinds, is_global=True)
    throughput = entry.get("ProvisionedThroughput")
    if billing == "PAY_PER_REQUEST" and throughput:
        raise ValidationException(
            f"{INVALID}ProvisionedThroughput should not be specified for index: {index.name} "
            "when BillingMode is PAY_PER_REQUEST"
        )
    if billing == "PROVISIONED" and not throughput:
        raise ValidationException(f"{INVALID}ProvisionedThroughput is not specified for index: {index.name}")
    if throughput:
        check_bounds(throughput)
    return index


def _index(entry: Parameters, kinds: dict[str, str], *, is_global: bool) -> Index:
    elements = entry["KeySchema"]
    composite = is_global and [element["KeyType"] for element in elements] not in (["HASH"], ["HASH", "RANGE"])
    if len(elements) > 2 and not composite:
        raise _too_many(elements)
    _check_defined([element["AttributeName"] for element in elements], kinds)
    schema = _composite_schema(elements, entry["IndexName"]) if composite else _schema(elements)
    kind, included = _projection(entry["Projection"], entry["IndexName"])
    return Index(
        number=0,
        name=entry["IndexName"],
        is_global=is_global,
        schema=schema,
        projection=kind,
        included=included,
        throughput=throughput_of(entry.get("ProvisionedThroughput")),
        on_demand=entry.get("OnDemandThroughput"),
        warm=entry.get("WarmThroughput"),
    )


def _projection(given: Parameters, name: str) -> tuple[str, tuple[str, ...]]:
    kind = given.get("ProjectionType")
    included = given.get("NonKeyAttributes")
    if kind is None:
        raise ValidationException(f"{INVALID}Unknown ProjectionType: null")
    if included is not None and kind != "INCLUDE":
        raise ValidationException(f"{INVALID}ProjectionType is {kind}, but NonKeyAttributes is specified")
    if kind == "INCLUDE" and not included:
        raise ValidationException(f"{INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if included is not None and len(set(included)) != len(included):
        raise ValidationException(f"{INVALID}Duplicate NonKeyAttributes for index: {name}")
    return kind, tuple(included or ())


def _refuse_duplicate(index: Index, others: list[Index]) -> None:
    if any(other.name == index.name for other in others):
        raise ValidationException(f"{INVALID}Duplicate index name: {index.name}")


def check_all_used(kinds: dict[str, str], schema: Schema, indexes: list[Index]) -> None:
    """Attributes are defined only to be keys."""
    used = {*schema.names, *(name for index in indexes for name in index.schema.names)}
    if used == set(kinds):
        return
    if not indexes:
        raise ValidationException(
            INVALID + "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions"
        )
    raise ValidationException(
        f"{INVALID}Some AttributeDefinitions are not used. AttributeDefinitions: [{', '.join(kinds)}], "
        f"keys used: [{', '.join(name for name in kinds if name in used)}]"
    )


def check_included(indexes: list[Index]) -> None:
    total = sum(len(index.included) for index in indexes)
    if total > MAX_INCLUDED:
        raise ValidationException(
            f"{INVALID}Total number of projected NonKeyAttributes exceeds the limit of {MAX_INCLUDED}"
        )


def stream_view(given: Parameters | None) -> str | None:
    """The stream's view type, or None for no stream."""
    if given is None:
        return None
    enabled, view = given["StreamEnabled"], given.get("StreamViewType")
    if enabled and view is None:
        raise ValidationException(f"{INVALID}StreamViewType must be specified when StreamEnabled is true")
    if not enabled and view is not None:
        raise ValidationException(f"{INVALID}StreamViewType must not be specified when StreamEnabled is false")
    return view if enabled else None


def check_tags(tags: list[Parameters]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tags:
        if tag["Key"] in found:
            raise ValidationException(f"{INVALID}Duplicate tag key: {tag['Key']}")
        if tag["Key"].lower().startswith("aws:"):
            raise ValidationException(f"{INVALID}Tag keys must not begin with aws:")
        found[tag["Key"]] = tag["Value"]
    check_tag_count(found)
    return found


def check_tag_count(tags: dict[str, str]) -> None:
    """AWS's own tags do not count."""
    if sum(not key.startswith("aws:") for key in tags) > MAX_TAGS:
        raise LimitExceededException(f"Subscriber limit exceeded: Resource has more than {MAX_TAGS} tags")


def check_policy(policy: str) -> None:
    """That a resource policy is one. Raises ValidationException."""
    try:
        document = msgspec.json.decode(policy)
    except msgspec.DecodeError as error:
        raise ValidationException("Invalid policy document: the policy is not valid JSON") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValidationException("Invalid policy document: it has no Statement")
    if len(policy.encode()) > MAX_POLICY_BYTES:
        raise ValidationException(f"Invalid policy document: it is larger than {MAX_POLICY_BYTES} bytes")
