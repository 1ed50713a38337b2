"""SELECT: the queries or the scan that answer it, and its pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from panregion.languages.dynamodb import Item, Predicate, Projection, Value, key_part, measure_item
from panregion.languages.dynamodb.conditions import Condition
from panregion.languages.dynamodb.paths import read_path
from panregion.languages.partiql import (
    Branch,
    Column,
    Exists,
    KeyNames,
    Select,
    Statement,
    branches,
    joined,
    mentioned,
    names_of,
    parse,
)
from panregion.services.dynamodb.checks import INVALID, find_table
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.paging import Page, Request, read_page
from panregion.services.dynamodb.ranges import range_of, resume, resume_segment, segment_range
from panregion.services.dynamodb.selection import Selection, check_filtered, filter_names, java_bucket, not_kept
from panregion.services.dynamodb.sources import Source, find_source
from panregion.services.here import Here
from panregion.store import Key, pack

Output = dict[str, Any]
Values = dict[str, Value]

OVERLAPPING = "Overlapping conditions with range keys are not supported in where clause"
KEY_TYPE = "Key attribute's data type should match its data type in table's schema: Key "
NESTED_KEY = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key "
NO_WHERE = "Must have WHERE clause in the statement when using ORDER BY clause."
NO_HASH = "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
NO_HASH_ORDER = "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement and the values of its literals and parameters."""

    text: str
    statement: Statement
    values: Values


def bind(text: str, parameters: list[Value]) -> Bound:
    """`parameters` are measured already."""
    statement = parse(text)
    if len(parameters) != statement.parameters:
        raise ValidationException("Number of parameters in request and statement don't match.")
    given = {f"?{place}": value for place, value in enumerate(parameters)}
    return Bound(text, statement, {**statement.literals, **given})


@lru_cache(maxsize=1024)
def _whole_where(statement: Select | Exists) -> Predicate | None:
    return None if statement.where is None else predicate_of(statement.where)


def predicate_of(condition: Condition) -> Predicate:
    return Predicate(condition, names_of(condition))


class Columns(Projection):
    """A SELECT's columns: flat, each under its own name."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        super().__init__([column.path for column in columns], frozenset())
        self._columns = columns

    def project(self, item: Item) -> Item:
        found = ((column.name, read_path(column.path, item)) for column in self._columns)
        return {name: value for name, value in found if value is not None}


@dataclass(frozen=True, slots=True)
class Read:
    """One query or the scan: a range of keys and what is asked of the items in it."""

    bounds: tuple[Key, Key]
    filter: Predicate | None
    is_query: bool
    reverse: bool = False


def checked_where(bound: Bound, view: TableView) -> None:
    """What can be said of a WHERE clause before anything is read."""
    statement = bound.statement
    assert isinstance(statement, Select | Exists)
    predicate = _whole_where(statement)
    if predicate is None:
        return
    predicate.check(bound.values)
    for path in predicate.paths:
        if len(path) > 1 and path[0] in view.key.names:
            raise ValidationException(NESTED_KEY + str(path[0]))


def select(
    here: Here,
    bound: Bound,
    limit: int | None,
    next_token: str | None,
    consistent: bool,
    capacity: str | None,
) -> Output:
    """A page of a SELECT."""
    statement = bound.statement
    assert isinstance(statement, Select)
    view = find_table(here, statement.table)
    source = find_partiql_source(view, statement.index, consistent)
    checked_where(bound, view)
    reads = _reads(bound, statement, source)
    place, start = _resumed(bound, view, next_token)
    columns = None if statement.columns is None else Columns(statement.columns)
    how = _selection(source, statement.columns, _whole_where(statement))
    output: Output = {"Items": []}
    for number, read in enumerate(reads[place:], place):
        request = Request(how, limit, consistent, read.filter, bound.values, columns, read.reverse, capacity)
        bounds = read.bounds if start is None else _rest(source, read, start)
        found = read_page(here, Page(view, source.index, source.start_names, bounds), request)
        start = None
        output["Items"] += found["Items"]
        if "ConsumedCapacity" in found:
            output["ConsumedCapacity"] = summed(output.get("ConsumedCapacity"), found["ConsumedCapacity"])
        limit = None if limit is None else limit - found["ScannedCount"]
        if "LastEvaluatedKey" in found:
            output["NextToken"] = _token(bound, view, number, found["LastEvaluatedKey"])
            output["LastEvaluatedKey"] = found["LastEvaluatedKey"]
            break
    return output


def find_partiql_source(view: TableView, index_name: str | None, consistent: bool) -> Source:
    """The table or index, with PartiQL's own complaints."""
    index = next((index for index in view.indexes if index.index.name == index_name), None)
    if index_name is not None and index is None:
        raise ValidationException("The table does not have the specified index")
    if index is not None and index.index.is_global and consistent:
        raise ValidationException("Strongly consistent read is not supported on Global Secondary Indexes")
    return find_source(view, index_name, consistent)


def _selection(source: Source, columns: tuple[Column, ...] | None, where: Predicate | None) -> Selection:
    """Whether the items have to be fetched from the table, which local indexes do."""
    index = source.index
    if index is None or columns is None:
        return Selection()
    missing = not_kept(index, [str(column.path[0]) for column in columns])
    if missing and index.index.is_global:
        raise ValidationException(
            f"{INVALID}Global secondary index {index.index.name} does not project [{', '.join(missing)}]"
        )
    return Selection(fetching=not index.index.is_global and bool(missing or not_kept(index, filter_names(where))))


# Which reads


def _reads(bound: Bound, statement: Select, source: Source) -> list[Read]:
    if statement.order and statement.where is None:
        raise ValidationException(NO_WHERE)
    found = keyed_branches(bound, statement.where, source)
    if found is None:
        if statement.order:
            raise ValidationException(NO_HASH)
        return [Read(segment_range(source, None, None), _whole_where(statement), is_query=False)]
    _check_kept(source, found)
    reads = [Read(range_of(source, branch.conditions), _filter(branch), is_query=True) for branch in found]
    _refuse_overlaps(reads)
    return _ordered(statement, source, found, reads) if statement.order else reads


def keyed_branches(bound: Bound, where: Condition | None, source: Source) -> list[Branch] | None:
    """The queries that a WHERE clause comes to, their keys of the right types."""
    found = branches(where, KeyNames(source.key.hashes, source.key.ranges), bound.values)
    for branch in found or []:
        for name, kind in source.key.attributes:
            condition = branch.conditions.get(name)
            if condition is None:
                continue
            if any(kind not in value for value in condition.values):
                raise ValidationException(KEY_TYPE + name)
            if condition.operator == "=" and not condition.values[0][kind]:
                noun = "string" if kind == "S" else "binary"
                raise ValidationException(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                    f"contain an empty {noun} value. Key: {name}"
                )
    return found


def _filter(branch: Branch) -> Predicate | None:
    rest = joined(branch.rest)
    return None if rest is None else predicate_of(rest)


def refuse_overlaps(source: Source, found: list[Branch]) -> None:
    """No two queries may meet in one partition."""
    _refuse_overlaps([Read(range_of(source, branch.conditions), None, is_query=True) for branch in found])


def _refuse_overlaps(reads: list[Read]) -> None:
    if len(reads) < 2:
        return
    bounds = sorted((pack(read.bounds[0][1:]), pack(read.bounds[1][1:])) for read in reads)
    reach = b""
    for start, end in bounds:
        if start < reach:
            raise ValidationException(OVERLAPPING)
        reach = max(reach, end)


def _check_kept(source: Source, found: list[Branch]) -> None:
    """AWS looks at the filter of the first query only."""
    first = min(found, key=lambda branch: java_bucket(_text(branch.conditions[source.key.hash].values[0])))
    check_filtered(source.index, [name for part in first.rest for name in mentioned(part)])


def _text(value: Value) -> str:
    return str(next(iter(value.values())))


def _ordered(statement: Select, source: Source, found: list[Branch], reads: list[Read]) -> list[Read]:
    """The reads in the order of ORDER BY, each from the end that it asks for."""
    key = source.key
    directions = {order.name: order.descending for order in statement.order}
    for name in directions:
        if name not in key.names:
            raise ValidationException(f"Attribute {name} in ORDER BY clause must be part of the primary key")
    partitions = [
        tuple(key_part(key.kinds[name], branch.conditions[name].values[0]) for name in key.hashes) for branch in found
    ]
    if len(set(partitions)) > 1 and key.hash not in directions:
        raise ValidationException(NO_HASH_ORDER)
    reverse = any(directions.get(name, False) for name in key.ranges)
    pairs = sorted(zip(partitions, reads, strict=True), key=lambda pair: pack(pair[1].bounds[0][1:]), reverse=reverse)
    pairs.sort(key=lambda pair: pair[0], reverse=directions.get(key.hash, False))
    return [Read(read.bounds, read.filter, True, reverse) for _, read in pairs]


# Tokens


def _print(bound: Bound, view: TableView) -> bytes:
    given = [value for name, value in bound.values.items() if name[0] == "?"]
    return sha256(msgspec.json.encode([view.table.id, bound.text, given])).digest()[:16]


def _token(bound: Bound, view: TableView, place: int, start: Item) -> str:
    return urlsafe_b64encode(msgspec.msgpack.encode((_print(bound, view), place, start))).decode()


def _resumed(bound: Bound, view: TableView, token: str | None) -> tuple[int, Item | None]:
    """Which read to go on with, and after which key."""
    if token is None:
        return 0, None
    try:
        decoded = urlsafe_b64decode(token.encode())
        print_, place, start = msgspec.msgpack.decode(decoded, type=tuple[bytes, int, dict[str, dict[str, Any]]])
    except (ValueError, Base64Error, msgspec.DecodeError) as error:
        raise ValidationException("Invalid NextToken") from error
    if print_ != _print(bound, view):
        raise ValidationException("NextToken does not match request")
    measure_item(start)
    return place, start


def _rest(source: Source, read: Read, start: Item) -> tuple[Key, Key]:
    if read.is_query:
        return resume(read.bounds, source.place(start), read.reverse)
    return resume_segment(read.bounds, source.place(start), None, None)


def summed(one: Output | None, other: Output) -> Output:
    """Two reports of consumed capacity of the same table, added up."""
    if one is None:
        return other
    total: Output = dict(one)
    for name, value in other.items():
        if isinstance(value, dict):
            total[name] = summed(total.get(name), value)
        elif isinstance(value, float | int):
            total[name] = total.get(name, 0.0) + value
    return total


# Reads of one item


def exact_key(bound: Bound, view: TableView, refusal: str) -> Item:
    """The key that a WHERE clause consists of, for reads of single items."""
    statement = bound.statement
    assert isinstance(statement, Select)
    checked_where(bound, view)
    source = Source(view, None)
    found = branches(statement.where, KeyNames(view.key.hashes, view.key.ranges), bound.values) or []
    if len(found) > 1:
        refuse_overlaps(source, found)
    wanted = set(view.key.names)
    if len(found) != 1 or found[0].rest or set(found[0].conditions) != wanted:
        raise ValidationException(refusal)
    if any(condition.operator != "=" for condition in found[0].conditions.values()):
        raise ValidationException(refusal)
    return {name: found[0].conditions[name].values[0] for name in view.key.names}


def projected(bound: Bound, item: Item) -> Item:
    statement = bound.statement
    assert isinstance(statement, Select)
    return item if statement.columns is None else Columns(statement.columns).project(item)


__all__ = [
    "Bound",
    "bind",
    "checked_where",
    "exact_key",
    "projected",
    "select",
    "summed",
]
