"""Query and Scan: what to read, in which order, from where on, and what of it to give back."""

from dataclasses import dataclass
from typing import Any

from panregion.languages.dynamodb import (
    HASH_BITS,
    Item,
    KeyCondition,
    Predicate,
    Projection,
    Value,
    at_most,
    begins_with,
    between,
    equals,
    key_hash,
    key_part,
    less,
    measure_item,
)
from panregion.languages.dynamodb.errors import ValueRejected
from panregion.services.dynamodb import layout
from panregion.services.dynamodb.checks import INVALID, check_key, check_key_sizes, find_table
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import IndexView, KeyView, TableView
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.paging import Page, Request, read_page
from panregion.services.dynamodb.parameters import Expressions, expressions, refuse_nested_keys
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.store import Key, pack

Output = dict[str, Any]
Names = dict[str, str] | None
Values = dict[str, Value] | None

BAD_START = "The provided starting key is invalid"
SEGMENT_BITS = 12


@dataclass(slots=True)
class Source:
    """A table or one of its indexes, as something to read."""

    view: TableView
    index: IndexView | None

    @property
    def key(self) -> KeyView:
        return self.view.key if self.index is None else self.index.key

    @property
    def prefix(self) -> Key:
        number = self.view.table.number
        return (layout.ITEMS, number) if self.index is None else (layout.INDEXES, number, self.index.index.number)

    @property
    def start_names(self) -> tuple[str, ...]:
        """The attributes of LastEvaluatedKey."""
        return tuple(dict.fromkeys((*self.view.key.names, *self.key.names)))

    def place(self, start: Item) -> Key:
        """Where the item with these key attributes lies in it."""
        key = layout.item_key(self.view, start)
        return key if self.index is None else layout.index_key(self.index, start, key)


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
    start = _measured_start(exclusive_start_key)
    if given is None or key_condition_expression is None:
        raise ValidationException(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        )
    _, conditions = given.key_condition(key_condition_expression)
    filter_, projection = _compiled(given, filter_expression, projection_expression)
    if len(conditions) not in (1, 2):
        raise ValidationException("Conditions can be of length 1 or 2 only")
    source = find_source(find_table(here, table_name), index_name, consistent_read)
    _check_start_length(source, start, BAD_START)
    _check_conditions(source, conditions)
    if start is not None:
        _check_query_start(source, start, conditions)
    _check_paths(source, filter_, projection)
    _check_filter(source, filter_)
    request = Request(
        select=_selection(source, select, projection),
        limit=limit,
        consistent=consistent_read,
        filter=filter_,
        values=given.values,
        projection=projection,
        reverse=not scan_index_forward,
        capacity=return_consumed_capacity,
    )
    bounds = _bounds(source, conditions)
    if start is not None:
        bounds = _resume(bounds, source.place(start), request.reverse)
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
    start = _measured_start(exclusive_start_key)
    _check_segments(segment, total_segments)
    filter_, projection = _compiled(given, filter_expression, projection_expression)
    source = find_source(find_table(here, table_name), index_name, consistent_read)
    mismatch = "" if index_name else ": The provided key element does not match the schema"
    _check_start_length(source, start, BAD_START + mismatch)
    if start is not None:
        _check_scan_start(source, start)
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
    bounds = _segment_bounds(source, segment, total_segments)
    if start is not None:
        bounds = _resume_segment(bounds, source.place(start), segment, total_segments)
    return read_page(here, Page(source.view, source.index, source.start_names, bounds), request)


def find_source(view: TableView, index_name: str | None, consistent: bool) -> Source:
    if index_name is None:
        return Source(view, None)
    for index in view.indexes:
        if index.index.name == index_name:
            if index.index.is_global and consistent:
                raise ValidationException("Consistent reads are not supported on global secondary indexes")
            if index.index.backfilling:
                raise ValidationException(f"Cannot read from backfilling global secondary index: {index_name}")
            return Source(view, index)
    raise ValidationException(f"The table does not have the specified index: {index_name}")


def _compiled(
    given: Expressions | None, filter_text: str | None, projection_text: str | None
) -> tuple[Predicate | None, Projection | None]:
    if given is None:
        return None, None
    filter_ = given.condition("FilterExpression", filter_text) if filter_text is not None else None
    projection = given.projection(projection_text) if projection_text is not None else None
    given.finish()
    return filter_, projection


# Starting keys


def _measured_start(start: Item | None) -> Item | None:
    if start is not None:
        try:
            measure_item(start)
        except ValueRejected as error:
            number = any(word in str(error) for word in ("numeric", "number", "Number", "duplicates"))
            raise ValidationException(str(error) if number else f"{BAD_START}: {error}") from error
    return start


def _check_start_length(source: Source, start: Item | None, message: str) -> None:
    if start is not None and len(start) != len(source.start_names):
        raise ValidationException(message)


def _check_index_start(source: Source, start: Item) -> None:
    for name, kind in source.key.attributes:
        value = start.get(name)
        if value is None:
            raise ValidationException(BAD_START)
        if kind not in value:
            raise ValidationException("The provided key element does not match the schema")
    check_key_sizes(source.key, start)


def _check_table_start(source: Source, start: Item) -> None:
    table_key = {name: start[name] for name in source.view.key.names if name in start}
    try:
        check_key(source.view, table_key)
    except ValidationException as error:
        raise ValidationException(f"{BAD_START}: {error.message}") from error


def _check_scan_start(source: Source, start: Item) -> None:
    if source.index is not None:
        _check_index_start(source, start)
    _check_table_start(source, start)


def _check_query_start(source: Source, start: Item, conditions: dict[str, KeyCondition]) -> None:
    """A query goes on only from within what it reads."""
    _check_index_start(source, start)
    _check_table_start(source, start)
    key = source.key
    within = equals(start[key.hash], conditions[key.hash].values[0])
    sort = conditions.get(key.range) if key.range is not None else None
    if sort is None:
        if not within:
            raise ValidationException(
                "The provided starting key is outside query boundaries based on provided conditions"
            )
        return
    if not _satisfies(start[str(key.range)], sort):
        raise ValidationException("The provided starting key does not match the range key predicate")
    if not within:
        raise ValidationException("The query can return at most one row and cannot be restarted")


def _satisfies(value: Value, condition: KeyCondition) -> bool:
    first = condition.values[0]
    match condition.operator:
        case "=":
            return equals(value, first)
        case "<":
            return less(value, first)
        case "<=":
            return at_most(value, first)
        case ">":
            return less(first, value)
        case ">=":
            return at_most(first, value)
        case "BETWEEN":
            return between(value, first, condition.values[1])
        case _:
            return begins_with(value, first)


# Rules


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


# Bounds: from (inclusive) to (exclusive), as packed keys within the source's space


def _bounds(source: Source, conditions: dict[str, KeyCondition]) -> tuple[Key, Key]:
    key = source.key
    partition = key_part(key.hash_kind, conditions[key.hash].values[0])
    prefix = (*source.prefix, key_hash(partition), partition)
    condition = conditions.get(key.range) if key.range is not None else None
    if condition is None:
        return prefix, (*prefix, END)
    parts = [key_part(key.range_kind, value) for value in condition.values]
    first = parts[0]
    match condition.operator:
        case "=":
            return (*prefix, first), (*prefix, first, END)
        case "<":
            return prefix, (*prefix, first)
        case "<=":
            return prefix, (*prefix, first, END)
        case ">":
            return (*prefix, first, END), (*prefix, END)
        case ">=":
            return (*prefix, first), (*prefix, END)
        case "BETWEEN":
            return (*prefix, first), (*prefix, parts[1], END)
        case _:
            return (*prefix, first), (*prefix, *_past(first))


END = float("inf")
"""Orders after every element that a key holds: numbers come after text and bytes, and floats after integers."""


def _past(start: str | bytes) -> Key:
    """The end of all that begins like this."""
    if isinstance(start, str):
        for place in range(len(start) - 1, -1, -1):
            point = ord(start[place])
            if point < 0x10FFFF:
                return (start[:place] + chr(0xE000 if point == 0xD7FF else point + 1),)
        return (END,)
    raw = start.rstrip(b"\xff")
    return (raw[:-1] + bytes((raw[-1] + 1,)),) if raw else (END,)


def _resume(bounds: tuple[Key, Key], start: Key, reverse: bool) -> tuple[Key, Key]:
    return (bounds[0], start) if reverse else (max_key((*start, END), bounds[0]), bounds[1])


def max_key(one: Key, other: Key) -> Key:
    return one if pack(one[1:]) > pack(other[1:]) else other


def _segment_bounds(source: Source, segment: int | None, total: int | None) -> tuple[Key, Key]:
    if segment is None or total is None:
        return source.prefix, (*source.prefix, END)
    return (*source.prefix, _edge(segment, total)), (*source.prefix, _edge(segment + 1, total))


def _edge(segment: int, total: int) -> int:
    """Where a segment begins: DynamoDB divides the upper twelve bits of the hash."""
    return -(-(segment << SEGMENT_BITS) // total) << HASH_BITS - SEGMENT_BITS


def _resume_segment(bounds: tuple[Key, Key], start: Key, segment: int | None, total: int | None) -> tuple[Key, Key]:
    if not pack(bounds[0][1:]) <= pack(start[1:]) < pack(bounds[1][1:]):
        raise ValidationException(
            f"{BAD_START}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
            f"TotalSegments: {total} Segment: {segment}"
        )
    return (*start, END), bounds[1]
