"""GetItem's short cut: from the request's JSON to the answer's, with nothing in between.

Most of what a table is asked is GetItem with a table, a key and at most ConsistentRead. For that the general way's
steps (parameters by name, expressions, an output to be encoded) cost more than the reading. What is read again is
mostly asked for in the same bytes, so where a request's item lies is remembered by them. Whatever is not of that
form, or not right, is left to the general way; a test holds the two equal (tests/services/dynamodb/test_quick.py).
"""

from functools import lru_cache

import msgspec

from panregion.languages.dynamodb import DynamoDbLanguageError, measure_value
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import TableView, view_of
from panregion.services.here import Here
from panregion.store import pack

SHORT = 255
"""Characters of a key's value that are within its limit whatever they are."""

KEPT = 2048
"""As many requests as the store keeps rows of a space."""

Key = dict[str, dict[str, str]]


class _Get(msgspec.Struct, forbid_unknown_fields=True, rename="pascal", gc=False):
    table_name: str
    key: Key
    consistent_read: bool = False


_decode = msgspec.json.Decoder(_Get).decode


def get_item(here: Here, body: bytes) -> bytes | None:
    """The answer's body; None: ask the general way. `here` has no transaction."""
    if here.settings.dynamodb.enforce_throughput:
        return None
    table = _table_of(body)
    if table is None:
        return None
    committed = here.store.committed.view
    definition = committed.get(layout.TABLES, table)
    if definition is None:
        return None
    place = _place_of(body, definition)
    if place is None:
        return None
    record = committed.get(layout.ITEMS, place)
    return b"{}" if record is None else b'{"Item":%b}' % records.json_of(record)


@lru_cache(KEPT)
def _table_of(body: bytes) -> bytes | None:
    """Where the definition of the table lies that is asked; None: the request is not of the form."""
    try:
        return pack((_decode(body).table_name,))
    except msgspec.DecodeError:
        return None


@lru_cache(KEPT)
def _place_of(body: bytes, definition: bytes) -> bytes | None:
    """Where the item lies that is asked for, in a table of this definition; None: the short cut cannot say."""
    view = view_of(definition)
    key = _decode(body).key
    if not view.stable or view.table.strong or not _is_right(view, key):
        return None
    return pack(layout.item_key(view, key)[1:])


def _is_right(view: TableView, key: Key) -> bool:
    """Whether the key is surely right; numbers are put into canonical form."""
    attributes = view.key.attributes
    if len(key) != len(attributes):
        return False
    for name, kind in attributes:
        value = key.get(name)
        if value is None or len(value) != 1:
            return False
        content = value.get(kind)
        if not content or len(content) > SHORT:
            return False
        if kind != "S":
            try:
                measure_value(value)
            except DynamoDbLanguageError:
                return False
    return True


SHORTCUTS = {"GetItem": get_item}
