"""GetItem's short cut: from the request's JSON to the answer's, with nothing in between.

Most of what a table is asked is GetItem with a table, a key and at most ConsistentRead. For that the general way's
steps (parameters by name, expressions, an output to be encoded) cost more than the reading. Whatever is not of that
form, or not right, is left to the general way; a test holds the two equal (tests/services/dynamodb/test_quick.py).
"""

import msgspec

from panregion.languages.dynamodb import DynamoDbLanguageError, measure_item
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.checks import check_key
from panregion.services.here import Here
from panregion.wire import AwsError


class _Get(msgspec.Struct, forbid_unknown_fields=True, rename="pascal", gc=False):
    table_name: str
    key: dict[str, dict[str, str]]
    consistent_read: bool = False


_decode = msgspec.json.Decoder(_Get).decode


def get_item(here: Here, body: bytes) -> bytes | None:
    """The answer's body; None: ask the general way. `here` has no transaction."""
    if here.settings.dynamodb.enforce_throughput:
        return None
    tx = here.store.committed
    try:
        asked = _decode(body)
        view = layout.read_table(tx, asked.table_name)
        if view is None or not view.stable or view.table.strong:
            return None
        measure_item(asked.key)
        check_key(view, asked.key)
    except (msgspec.DecodeError, DynamoDbLanguageError, AwsError):
        return None
    record = tx.get(layout.item_key(view, asked.key))
    return b"{}" if record is None else b'{"Item":%b}' % records.json_of(record)


SHORTCUTS = {"GetItem": get_item}
