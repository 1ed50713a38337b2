"""BatchGetItem and BatchWriteItem."""

from typing import Any

import msgspec

from panregion.languages.dynamodb import Item, Projection, compile_attributes, measure_item
from panregion.services.dynamodb import contention, layout, metering, records, writing
from panregion.services.dynamodb.capacity import Consumption, read_units, wanted
from panregion.services.dynamodb.checks import (
    KEY_MISMATCH,
    check_item,
    check_item_size,
    check_key,
    find_table,
)
from panregion.services.dynamodb.errors import (
    ProvisionedThroughputExceededException,
    TransactionConflictException,
    ValidationException,
)
from panregion.services.dynamodb.items import collection_metrics
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.parameters import expressions, refuse_nested_keys
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.store import Key

Output = dict[str, Any]
Parameters = dict[str, Any]

MAX_READS = 100
MAX_WRITES = 25
RESPONSE_BYTES = 16 * 1024 * 1024
DUPLICATES = "Provided list of item keys contains duplicates"


@reads
@operation
def batch_get_item(
    here: Here, request_items: dict[str, Parameters], return_consumed_capacity: str | None = None
) -> Output:
    projections = _checked_reads(request_items)
    plans = [_plan(here, name, asked, projections[name]) for name, asked in request_items.items()]
    responses: dict[str, list[Any]] = {}
    unprocessed: dict[str, Parameters] = {}
    consumed: list[Output] = []
    room = RESPONSE_BYTES
    for name, asked, view, projection, keys in plans:
        found = responses.setdefault(name, [])
        used = Consumption()
        for place, (wish, key) in enumerate(keys):
            record = here.tx.get(key)
            size = 0 if record is None else records.size_of(record)
            if size > room:
                left = [wish for wish, _ in keys[place:]]
                unprocessed[name] = {**asked, "Keys": left}
                break
            units = Consumption(read_units(size, asked.get("ConsistentRead", False)))
            if here.settings.dynamodb.enforce_throughput and _is_throttled(here, view, units, responses):
                unprocessed[name] = {**asked, "Keys": [wish for wish, _ in keys[place:]]}
                break
            room -= size
            used.add(units)
            if record is not None:
                found.append(_shown(record, projection))
        if wanted(return_consumed_capacity):
            consumed.append(used.report(view, str(return_consumed_capacity)))
    output: Output = {"Responses": responses, "UnprocessedKeys": unprocessed}
    return output | ({"ConsumedCapacity": consumed} if wanted(return_consumed_capacity) else {})


def _is_throttled(here: Here, view: TableView, units: Consumption, responses: dict[str, list[Any]]) -> bool:
    """Whether to leave the rest for later. Raises the throttle itself if nothing was read yet."""
    try:
        metering.spend(here, view, "Read", units)
    except ProvisionedThroughputExceededException:
        if not any(responses.values()):
            raise
        return True
    return False


def _shown(record: bytes, projection: Projection | None) -> Any:
    return records.raw_of(record) if projection is None else projection.project(records.item_of(record))


def _checked_reads(request_items: dict[str, Parameters]) -> dict[str, Projection | None]:
    """Everything that can be said without the tables."""
    total = 0
    projections: dict[str, Projection | None] = {}
    for name, asked in request_items.items():
        text = asked.get("ProjectionExpression")
        legacy = {"AttributesToGet": asked.get("AttributesToGet")}
        given = expressions({"ProjectionExpression": text}, legacy, asked.get("ExpressionAttributeNames"), None)
        projections[name] = compile_attributes(asked["AttributesToGet"]) if asked.get("AttributesToGet") else None
        if given is not None and text is not None:
            projections[name] = given.projection(text)
            given.finish()
        for key in asked["Keys"]:
            measure_item(key)
        if len({_text_of(key) for key in asked["Keys"]}) != len(asked["Keys"]):
            raise ValidationException(DUPLICATES)
        total += len(asked["Keys"])
        if total > MAX_READS:
            raise ValidationException("Too many items requested for the BatchGetItem call")
    return projections


def _text_of(key: Item) -> bytes:
    """Equal for equal keys; the values are measured, so their numbers are in one form."""
    return msgspec.json.encode(key, order="sorted")


Plan = tuple[str, Parameters, TableView, Projection | None, list[tuple[Item, Key]]]


def _plan(here: Here, name: str, asked: Parameters, projection: Projection | None) -> Plan:
    view = find_table(here, name)
    keys: list[tuple[Item, Key]] = []
    for wish in asked["Keys"]:
        check_key(view, wish)
        keys.append((wish, layout.item_key(view, wish)))
    if projection is not None:
        refuse_nested_keys(projection.paths, view.key.names, "Key")
    return name, asked, view, projection, keys


@operation
def batch_write_item(
    here: Here,
    request_items: dict[str, list[Parameters]],
    return_consumed_capacity: str | None = None,
    return_item_collection_metrics: str | None = None,
) -> Output:
    sizes = _checked_writes(request_items)
    writes = [(name, find_table(here, name), request) for name, asked in request_items.items() for request in asked]
    seen: set[Key] = set()
    for _, view, request in writes:
        key = _write_key(view, request)
        if key in seen:
            raise ValidationException(DUPLICATES)
        seen.add(key)
    used: dict[str, Consumption] = {}
    metrics: dict[str, list[Output]] = {}
    left: dict[str, list[Parameters]] = {}
    for (name, view, request), size in zip(writes, sizes, strict=True):
        try:
            item, consumption = _write(here, view, request, size, wanted(return_consumed_capacity))
        except TransactionConflictException:
            left.setdefault(name, []).append(request)
            continue
        except ProvisionedThroughputExceededException:
            left.setdefault(name, []).append(request)
            if sum(map(len, left.values())) == len(writes):
                raise
            continue
        used.setdefault(name, Consumption()).add(consumption)
        if return_item_collection_metrics == "SIZE" and (found := collection_metrics(view, item)):
            metrics.setdefault(name, []).append(found)
    output: Output = {"UnprocessedItems": left}
    if wanted(return_consumed_capacity):
        output["ConsumedCapacity"] = [
            consumption.report(find_table(here, name), str(return_consumed_capacity))
            for name, consumption in used.items()
        ]
    return output | ({"ItemCollectionMetrics": metrics} if metrics else {})


def _checked_writes(request_items: dict[str, list[Parameters]]) -> list[int]:
    """The sizes of the items, once everything that needs no table has been said."""
    sizes: list[int] = []
    for requests in request_items.values():
        for request in requests:
            given = [name for name in ("PutRequest", "DeleteRequest") if request.get(name) is not None]
            if len(given) != 1:
                raise ValidationException(
                    "Supplied AttributeValue has more than one datatypes set, "
                    "must contain exactly one of the supported datatypes"
                )
            put = given == ["PutRequest"]
            size = measure_item(request["PutRequest"]["Item"] if put else request["DeleteRequest"]["Key"])
            if put:
                check_item_size(size)
            sizes.append(size)
    if len(sizes) > MAX_WRITES:
        raise ValidationException("Too many items requested for the BatchWriteItem call")
    return sizes


def _write_key(view: TableView, request: Parameters) -> Key:
    if "PutRequest" not in request or request["PutRequest"] is None:
        check_key(view, request["DeleteRequest"]["Key"])
        return layout.item_key(view, request["DeleteRequest"]["Key"])
    item = request["PutRequest"]["Item"]
    try:
        check_item(view, item)
    except ValidationException as error:
        if "Missing the key" in error.message or "Type mismatch for key" in error.message:
            raise ValidationException(KEY_MISMATCH) from error
        raise
    return layout.item_key(view, item)


def _write(here: Here, view: TableView, request: Parameters, size: int, counting: bool) -> tuple[Item, Consumption]:
    key = _write_key(view, request)
    contention.refuse_held(here, key)
    item: Item | None = request["PutRequest"]["Item"] if request.get("PutRequest") else None
    before = writing.read(here.tx, key)
    used = Consumption()
    if counting:
        used = writing.consumption(view, key, before, item, 0 if item is None else size)
    if item is None:
        writing.delete(here, view, key, before)
    else:
        writing.put(here, view, key, item, size, before)
    return item if item is not None else request["DeleteRequest"]["Key"], used
