"""The rules of single parameters and keys, in AWS's words."""

import re
from functools import lru_cache

from panregion.languages.dynamodb import Item, kind_of, text_size
from panregion.languages.dynamodb.values import decode_binary
from panregion.services.dynamodb.errors import KeyValueRejected, ResourceNotFoundException, ValidationException
from panregion.services.dynamodb.layout import read_table
from panregion.services.dynamodb.model import MAX_ITEM_BYTES, IndexView, KeyView, TableView
from panregion.services.dynamodb.strong_captive import Captive
from panregion.services.here import Here
from panregion.services.waiting import MustWait

INVALID = "One or more parameter values were invalid: "
KEY_MISMATCH = "The provided key element does not match the schema"
NAME_PATTERN = "[a-zA-Z0-9_.-]+"
MAX_HASH_BYTES = 2048
MAX_RANGE_BYTES = 1024


def constraint(value: str, place: str, rule: str) -> ValidationException:
    """A failure that AWS reports as one of its service model's, though the model does not have it."""
    return ValidationException(
        f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must {rule}"
    )


@lru_cache(maxsize=4096)
def table_name(given: str, least: int = 1, place: str = "tableName") -> str:
    """The name of a table, given by name or by ARN."""
    name = given.rpartition(":table/")[2].partition("/")[0] if given.startswith("arn:") else given
    if len(name) > 255:
        raise constraint(name, place, "have length less than or equal to 255")
    if len(name) < least:
        raise constraint(name, place, f"have length greater than or equal to {least}")
    if not re.fullmatch(NAME_PATTERN, name):
        raise constraint(name, place, f"satisfy regular expression pattern: {NAME_PATTERN}")
    return name


def find_table(here: Here, given: str) -> TableView:
    """The table, ready to be read and written. Raises ResourceNotFoundException, MustWait (strong tables)."""
    view = read_table(here.tx, given)
    if view is None:
        view = read_table(here.tx, table_name(given))
        view = view and view.named(given)
    if view is None or not view.stable:
        raise ResourceNotFoundException("Requested resource not found")
    if view.table.strong and not isinstance(here.tx, Captive):
        raise MustWait(here.running["dynamodb"].strong.carry_out)
    return view


def check_item_size(size: int) -> None:
    if size > MAX_ITEM_BYTES:
        raise ValidationException("Item size has exceeded the maximum allowed size")


def check_key(view: TableView, key: Item) -> None:
    """A Key parameter, already measured: exactly the table's key attributes, of their types."""
    if len(key) != len(view.key.names):
        raise ValidationException(KEY_MISMATCH)
    for name, kind in view.key.attributes:
        value = key.get(name)
        if value is None or kind not in value:
            raise ValidationException(KEY_MISMATCH)
        if not value[kind]:
            raise KeyValueRejected(_empty(kind, name))
    check_key_sizes(view.key, key)


def check_item(view: TableView, item: Item) -> None:
    """An item to put: it has the table's key, and of the indexes' keys only the right types."""
    for name, kind in view.key.attributes:
        value = item.get(name)
        if value is None:
            raise ValidationException(f"{INVALID}Missing the key {name} in the item")
        if kind not in value:
            raise ValidationException(
                f"{INVALID}Type mismatch for key {name} expected: {kind} actual: {kind_of(value)}"
            )
        if not value[kind]:
            raise KeyValueRejected(_empty(kind, name))
    check_key_sizes(view.key, item)
    for index in view.indexes:
        check_index_attributes(index, item)


def check_index_attributes(index: IndexView, item: Item) -> None:
    """An index key's attribute may be missing, but not have another type or be empty."""
    for name, kind in index.key.attributes:
        value = item.get(name)
        if value is None:
            continue
        if kind not in value:
            raise ValidationException(
                f"{INVALID}Type mismatch for Index Key {name} Expected: {kind} Actual: {kind_of(value)} "
                f"IndexName: {index.index.name}"
            )
        if not value[kind]:
            raise KeyValueRejected(
                "One or more parameter values are not valid. A value specified for a secondary index key is not "
                f"supported. The AttributeValue for a key attribute cannot contain an empty {_NOUNS[kind]} value. "
                f"IndexName: {index.index.name}, IndexKey: {name}"
            )
    check_key_sizes(index.key, item)


def check_updated_index(index: IndexView, item: Item, given: frozenset[str]) -> None:
    """The same of an item that an update expression made. `given` are the attributes that it set to values as they
    came: their types are told as those of an item to put are."""
    for name, kind in index.key.attributes:
        value = item.get(name)
        if value is None:
            continue
        if kind not in value:
            if name in given:
                check_index_attributes(index, item)
            raise ValidationException(
                "The update expression attempted to update the secondary index key to unsupported type"
            )
        if not value[kind]:
            raise KeyValueRejected(
                "One or more parameter values are not valid. The update expression attempted to update a secondary "
                "index key to a value that is not supported. The AttributeValue for a key attribute cannot contain "
                f"an empty {_NOUNS[kind]} value."
            )
    try:
        check_key_sizes(index.key, item)
    except ValidationException as error:
        raise ValidationException(
            "The update expression attempted to update the secondary index key beyond allowed size limits"
        ) from error


_NOUNS = {"S": "string", "B": "binary", "N": "number"}


def _empty(kind: str, name: str) -> str:
    return (
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
        f"empty {_NOUNS[kind]} value. Key: {name}"
    )


def check_key_sizes(key: KeyView, item: Item) -> None:
    """The partition key's 2,048 bytes and the sort key's 1,024."""
    for name, kind in key.attributes:
        value = item.get(name)
        if value is not None and kind != "N" and len(value[kind]) > key.short:
            _check_long_key(key, item)
            return


def _check_long_key(key: KeyView, item: Item) -> None:
    if _bytes_of(key, key.hashes, item) > MAX_HASH_BYTES:
        raise KeyValueRejected(INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes")
    if _bytes_of(key, key.ranges, item) > MAX_RANGE_BYTES:
        raise KeyValueRejected(INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")


def _bytes_of(key: KeyView, names: tuple[str, ...], item: Item) -> int:
    """Of the attributes that the item has; numbers are too short to count."""
    texts = [item[name]["S"] for name in names if name in item and key.kinds[name] == "S"]
    blobs = [item[name]["B"] for name in names if name in item and key.kinds[name] == "B"]
    return sum(map(text_size, texts)) + sum(len(decode_binary(blob)) for blob in blobs)


def check_return_values(given: str | None, allowed: tuple[str, ...]) -> None:
    if given is not None and given not in allowed:
        raise ValidationException("ReturnValues can only be ALL_OLD or NONE")
