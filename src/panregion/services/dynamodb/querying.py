"""Query and Scan."""

from typing import Any

from panregion.languages.dynamodb import (
    Item,
    KeyCondition,
    Predicate,
    Projection,
    Value,
)
from panregion.services.dynamodb.checks import INVALID, find_table
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.paging import Page, Request, read_page
from panregion.services.dynamodb.parameters import Expressions, expressions, refuse_nested_keys
from panregion.services.dynamodb.ranges import range_of, resume, resume_segment, segment_range
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
) -> Output:
    texts = {
        "ProjectionExpression": projection_expression,
        "FilterExpression": filter_expression,
        "KeyConditionExpression": key_condition_expression,
    }
    given = expressions(texts, {}, expression_attribute_names, expression_attribute_values)
    start = measured_start(exclusive_start_key)
    if given is None or key_condition_expression is None:
        raise ValidationException(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        )
    _, conditions = given.key_condition(key_condition_expression)
    filter_, projection = _compiled(given, filter_expression, projection_expression)
    if len(conditions) not in (1, 2):
        raise ValidationException("Conditions can be of length 1 or 2 only")
    source = find_source(find_table(here, table_name), index_name, consistent_read)
    check_start_length(source, start, BAD_START)
    _check_conditions(source, conditions)
    if start is not None:
        check_query_start(source, start, conditions)
    _check_paths(source, filter_, projection)
    _check_filter(source, filter_)
    what = _selection(source, select, projection)
    reverse = not scan_index_forward
    request = Request(
        what, limit, consistent_read, filter_, given.values, projection, reverse, return_consumed_capacity
    )
    bounds = range_of(source, conditions)
    if start is not None:
        bounds = resume(bounds, source.place(start), request.reverse)
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
) -> Output:
    texts = {"ProjectionExpression": projection_expression, "FilterExpression": filter_expression}
    given = expressions(texts, {}, expression_attribute_names, expression_attribute_values)
    start = measured_start(exclusive_start_key)
    _check_segments(segment, total_segments)
    filter_, projection = _compiled(given, filter_expression, projection_expression)
    source = find_source(find_table(here, table_name), index_name, consistent_read)
    mismatch = "" if index_name else ": The provided key element does not match the schema"
    check_start_length(source, start, BAD_START + mismatch)
    if start is not None:
        check_scan_start(source, start)
    _check_paths(source, filter_, projection)
    request = Request(
        select=_selection(source, select, projection),
        limit=limit,
        consistent=consistent_read,
        filter=filter_,
        values=given.values if given else {},
        projection=projection,
        reverse=False,
        capacity=return_consumed_capacity,
    )
    bounds = segment_range(source, segment, total_segments)
    if start is not None:
        bounds = resume_segment(bounds, source.place(start), segment, total_segments)
    return read_page(here, Page(source.view, source.index, source.start_names, bounds), request)


def _compiled(
    given: Expressions | None, filter_text: str | None, projection_text: str | None
) -> tuple[Predicate | None, Projection | None]:
    if given is None:
        return None, None
    filter_ = given.condition("FilterExpression", filter_text) if filter_text is not None else None
    projection = given.projection(projection_text) if projection_text is not None else None
    given.finish()
    return filter_, projection


def _check_conditions(source: Source, conditions: dict[str, KeyCondition]) -> None:
    """One condition on each key attribute at most, = on the partition key."""
    key = source.key
    if key.range is None and len(conditions) > 1:
        raise ValidationException("Query key condition not supported")
    for name, kind in key.attributes:
        condition = conditions.get(name)
        if condition is None:
            if name == key.hash or len(conditions) > 1:
                raise ValidationException(f"Query condition missed key schema element: {name}")
            continue
        if any(kind not in value for value in condition.values):
            raise ValidationException(INVALID + "Condition parameter type does not match schema type")
        if any(not value[kind] for value in condition.values) and condition.operator != "begins_with":
            noun = "string" if kind == "S" else "binary"
            raise ValidationException(
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                f"cannot contain an empty {noun} value. Key: {name}"
            )
        if name == key.hash and condition.operator != "=":
            raise ValidationException("Query key condition not supported")
        if condition.operator == "begins_with" and kind == "N":
            raise ValidationException(INVALID + "Condition parameter type does not match schema type")


def _check_paths(source: Source, filter_: Predicate | None, projection: Projection | None) -> None:
    for compiled in (projection, filter_):
        if compiled is not None:
            refuse_nested_keys(compiled.paths, source.view.key.names, "Key")
            for index in source.view.indexes:
                refuse_nested_keys(compiled.paths, index.key.names, "IndexKey")


def _check_filter(source: Source, filter_: Predicate | None) -> None:
    if filter_ is None:
        return
    for path in filter_.paths:
        if path[0] in source.key.names:
            raise ValidationException(
                f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {path[0]}"
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


def _selection(source: Source, select: str | None, projection: Projection | None) -> str:
    """COUNT, the items whole (fetched from the table where the index does not hold them), or as they lie."""
    if projection is not None and select not in (None, "SPECIFIC_ATTRIBUTES"):
        raise ValidationException(
            f"Cannot specify the ProjectionExpression when choosing to get {select}"
            if select != "COUNT"
            else "Cannot specify the ProjectionExpression when choosing to get only the Count"
        )
    if projection is None and select == "SPECIFIC_ATTRIBUTES":
        raise ValidationException(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
    index = source.index
    if select == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise ValidationException("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    if index is None or index.kept is None:
        return "COUNT" if select == "COUNT" else "AS_KEPT"
    if select == "ALL_ATTRIBUTES" and index.index.is_global:
        raise ValidationException(
            f"{INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index "
            f"{index.index.name} because its projection type is not ALL"
        )
    if projection is not None:
        missing = [str(path[0]) for path in projection.paths if path[0] not in index.kept]
        if missing and index.index.is_global:
            raise ValidationException(
                f"{INVALID}Global secondary index {index.index.name} does not project {missing[0]}"
            )
        if missing:
            return "WHOLE"
    if select == "ALL_ATTRIBUTES":
        return "WHOLE"
    return "COUNT" if select == "COUNT" else "AS_KEPT"
