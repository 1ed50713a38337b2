"""GetItem's short cut: from the request's JSON to the answer's, with nothing in between.

Most of what a table is asked is GetItem with a table, a key and at most ConsistentRead. For that the general way's
steps (parameters by name, expressions, an output to be encoded) cost more than the reading. Whatever is not of that
form, or not right, is left to the general way; a test holds the two equal (tests/services/dynamodb/test_quick.py).
"""

import msgspec

from panregion.languages.dynamodb import DynamoDbLanguageError, measure_value
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import TableView
from panregion.services.here import Here

SHORT = 255
"""Characters of a key's value that are within its limit whatever they are."""

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
    tx = here.store.committed
    try:
        asked = _decode(body)
    except msgspec.DecodeError:
        return None
    view = layout.read_table(tx, asked.table_name)
    if view is None or not view.stable or view.table.strong or not _is_right(view, asked.key):
        return None
    record = tx.get(layout.item_key(view, asked.key))
    return b"{}" if record is None else b'{"Item":%b}' % records.json_of(record)


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
