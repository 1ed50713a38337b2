"""PutItem, GetItem, UpdateItem, DeleteItem."""

from typing import Any

from panregion.languages.dynamodb import (
    AttributeUpdates,
    Item,
    Predicate,
    Update,
    Value,
    compile_attributes,
    measure_item,
    project_paths,
)
from panregion.services.dynamodb import contention, layout, metering, records, writing
from panregion.services.dynamodb.capacity import Consumption, read_units, wanted
from panregion.services.dynamodb.checks import (
    INVALID,
    check_index_attributes,
    check_item,
    check_item_size,
    check_key,
    check_return_values,
    check_updated_index,
    find_table,
)
from panregion.services.dynamodb.errors import ConditionalCheckFailedException, ValidationException
from panregion.services.dynamodb.model import MAX_ITEM_BYTES, TableView
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.parameters import (
    Expressions,
    expressions,
    legacy_condition,
    refuse_nested_keys,
    some_given,
)
from panregion.services.dynamodb.writing import Before
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.store import Key

Output = dict[str, Any]
Names = dict[str, str] | None
Values = dict[str, Value] | None
Legacy = dict[str, Any] | None
Change = Update | AttributeUpdates


@operation
def put_item(
    here: Here,
    table_name: str,
    item: Item,
    condition_expression: str | None = None,
    expression_attribute_names: Names = None,
    expression_attribute_values: Values = None,
    return_values: str | None = None,
    return_consumed_capacity: str | None = None,
    return_item_collection_metrics: str | None = None,
    return_values_on_condition_check_failure: str | None = None,
    expected: Legacy = None,
    conditional_operator: str | None = None,
) -> Output:
    given = None
    names, values = expression_attribute_names, expression_attribute_values
    if some_given(condition_expression, expected, conditional_operator, names, values):
        given = expressions(
            {"ConditionExpression": condition_expression},
            {"Expected": expected, "ConditionalOperator": conditional_operator},
            names,
            values,
        )
    size = measure_item(item)
    check_return_values(return_values, ("ALL_OLD", "NONE"))
    check_item_size(size)
    condition = compiled_condition(given, condition_expression)
    if expected is not None:
        given, condition = legacy_condition(expected, conditional_operator)
    view = find_table(here, table_name)
    check_item(view, item)
    key = layout.item_key(view, item)
    contention.refuse_held(here, key)
    if view.plain and condition is None and return_values != "ALL_OLD" and return_consumed_capacity is None:
        writing.put(here, view, key, item, size, None)
        return {}
    before = writing.read(here.tx, key)
    require(condition, given, view, before, return_values_on_condition_check_failure)
    writing.put(here, view, key, item, size, before)
    output: Output = {}
    if return_values == "ALL_OLD" and before.record is not None:
        output["Attributes"] = records.raw_of(before.record)
    return report(output, view, key, before, item, size, item, return_consumed_capacity, return_item_collection_metrics)


@reads
@operation
def get_item(
    here: Here,
    table_name: str,
    key: Item,
    consistent_read: bool = False,
    projection_expression: str | None = None,
    expression_attribute_names: Names = None,
    return_consumed_capacity: str | None = None,
    attributes_to_get: list[str] | None = None,
) -> Output:
    given = None
    if some_given(projection_expression, attributes_to_get, expression_attribute_names):
        given = expressions(
            {"ProjectionExpression": projection_expression},
            {"AttributesToGet": attributes_to_get},
            expression_attribute_names,
            None,
        )
    measure_item(key)
    projection = compile_attributes(attributes_to_get) if attributes_to_get else None
    if given is not None and projection_expression is not None:
        projection = given.projection(projection_expression)
        given.finish()
    view = find_table(here, table_name)
    check_key(view, key)
    if projection is not None:
        refuse_nested_keys(projection.paths, view.key.names, "Key")
    record = here.tx.get(layout.item_key(view, key))
    if here.settings.dynamodb.enforce_throughput:
        size = 0 if record is None else records.size_of(record)
        metering.spend(here, view, "Read", Consumption(read_units(size, consistent_read)))
    output: Output = {}
    if record is not None:
        output["Item"] = records.raw_of(record) if projection is None else projection.project(records.item_of(record))
    if wanted(return_consumed_capacity):
        size = 0 if record is None else records.size_of(record)
        used = Consumption(read_units(size, consistent_read))
        output["ConsumedCapacity"] = used.report(view, str(return_consumed_capacity))
    return output


@operation
def delete_item(
    here: Here,
    table_name: str,
    key: Item,
    condition_expression: str | None = None,
    expression_attribute_names: Names = None,
    expression_attribute_values: Values = None,
    return_values: str | None = None,
    return_consumed_capacity: str | None = None,
    return_item_collection_metrics: str | None = None,
    return_values_on_condition_check_failure: str | None = None,
    expected: Legacy = None,
    conditional_operator: str | None = None,
) -> Output:
    given = expressions(
        {"ConditionExpression": condition_expression},
        {"Expected": expected, "ConditionalOperator": conditional_operator},
        expression_attribute_names,
        expression_attribute_values,
    )
    measure_item(key)
    check_return_values(return_values, ("ALL_OLD", "NONE"))
    condition = compiled_condition(given, condition_expression)
    if expected is not None:
        given, condition = legacy_condition(expected, conditional_operator)
    view = find_table(here, table_name)
    check_key(view, key)
    place = layout.item_key(view, key)
    contention.refuse_held(here, place)
    before = writing.read(here.tx, place)
    require(condition, given, view, before, return_values_on_condition_check_failure)
    writing.delete(here, view, place, before)
    output: Output = {}
    if return_values == "ALL_OLD" and before.record is not None:
        output["Attributes"] = records.raw_of(before.record)
    return report(output, view, place, before, None, 0, key, return_consumed_capacity, return_item_collection_metrics)


@operation
def update_item(
    here: Here,
    table_name: str,
    key: Item,
    update_expression: str | None = None,
    condition_expression: str | None = None,
    expression_attribute_names: Names = None,
    expression_attribute_values: Values = None,
    return_values: str | None = None,
    return_consumed_capacity: str | None = None,
    return_item_collection_metrics: str | None = None,
    return_values_on_condition_check_failure: str | None = None,
    attribute_updates: Legacy = None,
    expected: Legacy = None,
    conditional_operator: str | None = None,
) -> Output:
    given = expressions(
        {"UpdateExpression": update_expression, "ConditionExpression": condition_expression},
        {
            "AttributeUpdates": attribute_updates,
            "Expected": expected,
            "ConditionalOperator": conditional_operator,
        },
        expression_attribute_names,
        expression_attribute_values,
    )
    measure_item(key)
    update: Change | None = None
    if given is not None and update_expression is not None:
        update = given.update(update_expression)
    elif attribute_updates is not None:
        update = AttributeUpdates(attribute_updates)
    condition = compiled_condition(given, condition_expression)
    if expected is not None:
        given, condition = legacy_condition(expected, conditional_operator)
    view = find_table(here, table_name)
    check_key(view, key)
    check_update(view, update)
    place = layout.item_key(view, key)
    contention.refuse_held(here, place)
    before = writing.read(here.tx, place)
    require(condition, given, view, before, return_values_on_condition_check_failure)
    item, size = updated(view, key, before, update, given)
    if item is not None:
        writing.put(here, view, place, item, size, before)
    output = _attributes(return_values, update, before.item, item)
    return report(
        output, view, place, before, item, size, key, return_consumed_capacity, return_item_collection_metrics
    )


def compiled_condition(given: Expressions | None, text: str | None) -> Predicate | None:
    """The condition, and the end of the expressions' own checks."""
    if given is None:
        return None
    condition = None if text is None else given.condition("ConditionExpression", text)
    given.finish()
    return condition


def require(
    condition: Predicate | None,
    given: Expressions | None,
    view: TableView,
    before: Before,
    on_failure: str | None,
) -> None:
    """Raises ConditionalCheckFailedException, with the item if that was asked for."""
    if condition is None or given is None:
        return
    refuse_nested_keys(condition.paths, view.key.names, "Key")
    if condition.evaluate(before.item or {}, given.values):
        return
    fields = {"Item": before.item} if on_failure == "ALL_OLD" and before.item is not None else {}
    raise ConditionalCheckFailedException("The conditional request failed", **fields)


def check_update(view: TableView, update: Change | None) -> None:
    """An update cannot change the key, nor reach into key attributes of indexes."""
    if update is None:
        return
    for path in update.paths:
        if path[0] in view.key.names:
            raise ValidationException(f"{INVALID}Cannot update attribute {path[0]}. This attribute is part of the key")
    refuse_nested_keys([*update.paths, *update.paths_read], view.key.names, "Key")
    for index in view.indexes:
        refuse_nested_keys(update.paths, index.key.names, "IndexKey")


def updated(
    view: TableView, key: Item, before: Before, update: Change | None, given: Expressions | None
) -> tuple[Item | None, int]:
    """The item after an update, checked, and its size. None: only removals, from an item that is not there."""
    item = before.item if before.item is not None else dict(key)
    if update is not None:
        item = update.apply(item, given.values if given is not None else {})
        if before.record is None and update.only_removes:
            return None, 0
    size = measure_item(item)
    if size > MAX_ITEM_BYTES:
        raise ValidationException("Item size to update has exceeded the maximum allowed size")
    for index in view.indexes:
        if isinstance(update, Update):
            check_updated_index(index, item, update.names_given)
        else:
            check_index_attributes(index, item)
    return item, size


def _attributes(return_values: str | None, update: Change | None, old: Item | None, new: Item | None) -> Output:
    """The Attributes that ReturnValues asks for."""
    if return_values in (None, "NONE"):
        return {}
    found: Item | None = None
    if return_values == "ALL_OLD":
        found = old
    elif return_values == "ALL_NEW":
        found = new
    elif update is not None:
        source = old if return_values == "UPDATED_OLD" else new
        found = project_paths(update.paths, source) if source is not None else None
    return {"Attributes": found} if found else {}


def report(
    output: Output,
    view: TableView,
    key: Key,
    before: Before,
    item: Item | None,
    size: int,
    named: Item,
    return_consumed_capacity: str | None,
    return_item_collection_metrics: str | None,
) -> Output:
    """Add what the request wants to know about the cost of its write. `named` is how it names the item, whether there
    is one or not: the item to put or a key."""
    if wanted(return_consumed_capacity):
        used = writing.consumption(view, key, before, item, size)
        output["ConsumedCapacity"] = used.report(view, str(return_consumed_capacity))
    if return_item_collection_metrics == "SIZE":
        metrics = collection_metrics(view, named)
        if metrics is not None:
            output["ItemCollectionMetrics"] = metrics
    return output


def collection_metrics(view: TableView, named: Item) -> Output | None:
    """Only tables with local indexes have item collections that AWS measures, in whole gigabytes."""
    if all(index.index.is_global for index in view.indexes):
        return None
    return {
        "ItemCollectionKey": {view.key.hash: named[view.key.hash]},
        "SizeEstimateRangeGB": [0.0, 1.0],
    }


__all__ = ["delete_item", "get_item", "put_item", "update_item"]
