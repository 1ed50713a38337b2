"""Query and Scan."""

from dataclasses import dataclass
from typing import Any

from panregion.languages.dynamodb import (
    Item,
    KeyCondition,
    Predicate,
    Projection,
    Value,
    compile_attributes,
    compile_filter,
    compile_key_conditions,
)
from panregion.services.dynamodb.checks import INVALID, find_table
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.paging import Page, Request, read_page
from panregion.services.dynamodb.parameters import Expressions, expressions, refuse_nested_keys
from panregion.services.dynamodb.ranges import range_of, resume, resume_segment, segment_range
from panregion.services.dynamodb.selection import Selection, check_filtered, filter_names, selection
from panregion.services.dynamodb.sources import (
    BAD_START,
    Source,
    check_query_start,
    check_scan_start,
    check_start_length,
    find_source,
    measured_start,
)
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]
Names = dict[str, str] | None
Values = dict[str, Value] | None


@reads
@operation
def query(
    here: Here,
    table_name: str,
    index_name: str | None = None,
    select: str | None = None,
    limit: int | None = None,
    consistent_read: bool = False,
    scan_index_forward: bool = True,
    exclusive_start_key: Item | None = None,
    return_consumed_capacity: str | None = None,
    projection_expression: str | None = None,
    filter_expression: str | None = None,
    key_condition_expression: str | None = None,
    expression_attribute_names: Names = None,
    expression_attribute_values: Values = None,
    attributes_to_get: list[str] | None = None,
    key_conditions: Output | None = None,
    query_filter: Output | None = None,
    conditional_operator: str | None = None,
) -> Output:
    texts = {
        "ProjectionExpression": projection_expression,
        "FilterExpression": filter_expression,
        "KeyConditionExpression": key_condition_expression,
    }
    legacy = {
        "AttributesToGet": attributes_to_get,
        "QueryFilter": query_filter,
        "ConditionalOperator": conditional_operator,
        "KeyConditions": key_conditions if key_condition_expression is not None else None,
    }
    given = expressions(texts, legacy, expression_attribute_names, expression_attribute_values)
    reading = _legacy_reading("QueryFilter", query_filter, conditional_operator, attributes_to_get)
    start = measured_start(exclusive_start_key)
    if key_conditions is None and key_condition_expression is None:
        raise ValidationException(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        )
    conditions: dict[str, KeyCondition] = {}
    if given is not None:
        if key_condition_expression is not None:
            _, conditions = given.key_condition(key_condition_expression)
        reading = _expressed(given, filter_expression, projection_expression)
    if key_conditions is not None and key_condition_expression is None:
        conditions = compile_key_conditions(key_conditions)
    _check_count(conditions, index_name)
    source = find_source(find_table(here, table_name), index_name, consistent_read)
    _check_query(source, start, conditions, reading)
    what = _selection(source, select, reading)
    check_filtered(source.index, filter_names(reading.filter))
    reverse = not scan_index_forward
    request = Request(
        *(what, limit, consistent_read, reading.filter, reading.values, reading.projection),
        *(reverse, return_consumed_capacity),
    )
    bounds = range_of(source, conditions)
    if start is not None:
        bounds = resume(bounds, source.place(start), reverse)
    return read_page(here, Page(source.view, source.index, source.start_names, bounds), request)


@reads
@operation
def scan(
    here: Here,
    table_name: str,
    index_name: str | None = None,
    limit: int | None = None,
    select: str | None = None,
    exclusive_start_key: Item | None = None,
    return_consumed_capacity: str | None = None,
    total_segments: int | None = None,
    segment: int | None = None,
    projection_expression: str | None = None,
    filter_expression: str | None = None,
    expression_attribute_names: Names = None,
    expression_attribute_values: Values = None,
    consistent_read: bool = False,
    attributes_to_get: list[str] | None = None,
    scan_filter: Output | None = None,
    conditional_operator: str | None = None,
) -> Output:
    texts = {"ProjectionExpression": projection_expression, "FilterExpression": filter_expression}
    legacy = {
        "AttributesToGet": attributes_to_get,
        "ScanFilter": scan_filter,
        "ConditionalOperator": conditional_operator,
    }
    given = expressions(texts, legacy, expression_attribute_names, expression_attribute_values)
    reading = _legacy_reading("ScanFilter", scan_filter, conditional_operator, attributes_to_get)
    start = measured_start(exclusive_start_key)
    _check_segments(segment, total_segments)
    if given is not None:
        reading = _expressed(given, filter_expression, projection_expression)
    source = find_source(find_table(here, table_name), index_name, consistent_read)
    _check_scan(source, start, reading)
    what = _selection(source, select, reading)
    request = Request(
        *(what, limit, consistent_read, reading.filter, reading.values, reading.projection),
        *(False, return_consumed_capacity),
    )
    bounds = segment_range(source, segment, total_segments)
    if start is not None:
        bounds = resume_segment(bounds, source.place(start), segment, total_segments)
    return read_page(here, Page(source.view, source.index, source.start_names, bounds), request)


@dataclass(frozen=True, slots=True)
class Reading:
    """What to leave out of what is read, by expressions or by the parameters that they replaced."""

    filter: Predicate | None
    values: dict[str, Value]
    projection: Projection | None
    filter_noun: str = "Filter Expression"
    projection_noun: str = "ProjectionExpression"


def _legacy_reading(
    parameter: str, conditions: Output | None, operator: str | None, attributes: list[str] | None
) -> Reading:
    """Filter and AttributesToGet. A Scan complains of its attributes first, a Query of its filter."""
    by_name = compile_attributes(attributes) if attributes and parameter == "ScanFilter" else None
    clause = compile_filter(conditions, operator) if conditions else None
    projection = by_name or (compile_attributes(attributes) if attributes else None)
    if clause is None:
        return Reading(None, {}, projection, parameter, "AttributesToGet")
    return Reading(clause.predicate, clause.values, projection, parameter, "AttributesToGet")


def _expressed(given: Expressions, filter_text: str | None, projection_text: str | None) -> Reading:
    filter_ = given.condition("FilterExpression", filter_text) if filter_text is not None else None
    projection = given.projection(projection_text) if projection_text is not None else None
    given.finish()
    return Reading(filter_, given.values, projection)


MAX_CONDITIONS = 8
"""Of a query of a global index whose key has as many attributes as it may have."""

WRONG_COUNT = "Conditions can be of length 1 or 2 only"
UNINDEXABLE = frozenset({"NULL", "NOT_NULL", "<>", "CONTAINS", "NOT_CONTAINS", "IN"})
"""Operators of KeyConditions that no key takes; key condition expressions refuse theirs themselves."""


def _check_count(conditions: dict[str, KeyCondition], index_name: str | None) -> None:
    """What can be said before the index is known."""
    if len(conditions) > MAX_CONDITIONS or (index_name is None and len(conditions) > 2) or not conditions:
        raise ValidationException(WRONG_COUNT)


def _check_query(source: Source, start: Item | None, conditions: dict[str, KeyCondition], reading: Reading) -> None:
    """Against the key's schema, in the order in which AWS complains."""
    check_start_length(source, start, BAD_START)
    _check_conditions(source, conditions)
    if start is not None:
        check_query_start(source, start, conditions)
    _check_paths(source, reading)
    _check_filter(source, reading)


def _check_scan(source: Source, start: Item | None, reading: Reading) -> None:
    """Against the key's schema, in the order in which AWS complains."""
    mismatch = ": The provided key element does not match the schema" if source.index is None else ""
    check_start_length(source, start, BAD_START + mismatch)
    if start is not None:
        check_scan_start(source, start)
    _check_paths(source, reading)


def _check_conditions(source: Source, conditions: dict[str, KeyCondition]) -> None:
    """One condition on each key attribute at most, = on the partition key."""
    key = source.key
    if len(conditions) > max(2, len(key.names)):
        raise ValidationException(WRONG_COUNT)
    if key.range is None and len(conditions) > len(key.hashes):
        raise ValidationException("Query key condition not supported")
    for place, (name, kind) in enumerate(key.attributes):
        condition = conditions.get(name)
        if condition is None:
            if place < max(len(key.hashes), len(conditions)):
                raise ValidationException(f"Query condition missed key schema element: {name}")
            continue
        if condition.operator in UNINDEXABLE:
            raise ValidationException("Attempted conditional constraint is not an indexable operation")
        if any(kind not in value for value in condition.values):
            raise ValidationException(INVALID + "Condition parameter type does not match schema type")
        if any(not value[kind] for value in condition.values) and condition.operator != "begins_with":
            noun = "string" if kind == "S" else "binary"
            raise ValidationException(
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                f"cannot contain an empty {noun} value. Key: {name}"
            )
        if condition.operator != "=" and (name in key.hashes or place + 1 < len(conditions)):
            raise ValidationException("Query key condition not supported")
        if condition.operator == "begins_with" and kind == "N":
            raise ValidationException(INVALID + "Condition parameter type does not match schema type")


def _check_paths(source: Source, reading: Reading) -> None:
    for compiled in (reading.projection, reading.filter):
        if compiled is not None:
            refuse_nested_keys(compiled.paths, source.view.key.names, "Key")
            for index in source.view.indexes:
                refuse_nested_keys(compiled.paths, index.key.names, "IndexKey")


def _check_filter(source: Source, reading: Reading) -> None:
    for path in reading.filter.paths if reading.filter is not None else ():
        if path[0] in source.key.names:
            raise ValidationException(
                f"{reading.filter_noun} can only contain non-primary key attributes: Primary key attribute: {path[0]}"
            )


def _check_segments(segment: int | None, total: int | None) -> None:
    if segment is not None and total is None:
        raise ValidationException(
            "The TotalSegments parameter is required but was not present in the request when Segment "
            "parameter is present"
        )
    if total is None:
        return
    if segment is None:
        raise ValidationException(
            "The Segment parameter is required but was not present in the request when parameter "
            "TotalSegments is present"
        )
    if segment >= total:
        raise ValidationException(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )


def _selection(source: Source, select: str | None, reading: Reading) -> Selection:
    return selection(source, select, reading.projection, reading.projection_noun, reading.filter)
