"""What a Query or Scan reads: a table or one of its indexes; and the keys at which it may go on."""

from dataclasses import dataclass

from panregion.languages.dynamodb import (
    Item,
    KeyCondition,
    Value,
    at_most,
    begins_with,
    between,
    equals,
    less,
    measure_item,
)
from panregion.languages.dynamodb.errors import ValueRejected
from panregion.services.dynamodb import layout
from panregion.services.dynamodb.checks import check_key, check_key_sizes
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import IndexView, KeyView, TableView
from panregion.store import Key

BAD_START = "The provided starting key is invalid"


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


# Starting keys


def measured_start(start: Item | None) -> Item | None:
    if start is not None:
        try:
            measure_item(start)
        except ValueRejected as error:
            number = any(word in str(error) for word in ("numeric", "number", "Number", "duplicates"))
            raise ValidationException(str(error) if number else f"{BAD_START}: {error}") from error
    return start


def check_start_length(source: Source, start: Item | None, message: str) -> None:
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


def check_scan_start(source: Source, start: Item) -> None:
    if source.index is not None:
        _check_index_start(source, start)
    _check_table_start(source, start)


def check_query_start(source: Source, start: Item, conditions: dict[str, KeyCondition]) -> None:
    """A query goes on only from within what it reads."""
    _check_index_start(source, start)
    _check_table_start(source, start)
    key = source.key
    within = all(equals(start[name], conditions[name].values[0]) for name in key.hashes)
    asked = [name for name in key.ranges if name in conditions]
    if not asked:
        if not within:
            raise ValidationException(
                "The provided starting key is outside query boundaries based on provided conditions"
            )
        return
    if not all(_satisfies(start[name], conditions[name]) for name in asked):
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
