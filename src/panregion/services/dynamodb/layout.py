"""Where DynamoDB's things lie in the store.

    ("dynamodb-tables", name)                                        -> Table, MessagePack
    ("dynamodb-numbers",)                                            -> the last table number given out
    ("dynamodb-globals", id of a replicated table)                   -> its name
    ("dynamodb-tags", name)                                          -> {key: value}, JSON
    ("dynamodb-items", table, place, partition[, sort])              -> record (records.py)
    ("dynamodb-tombstones", table, place, partition[, sort])         -> envelope of a deleted item (replicated tables)
    ("dynamodb-indexes", table, index, place, partition[, sort],
                         place of item, partition[, sort] of item)   -> record of what the index keeps
    ("dynamodb-expiries", table, epoch seconds, place, partition[, sort])
                                                                     -> nothing; when an item expires
    ("dynamodb-counts", table, 0 or index)                           -> (items, bytes) at the last count
    ("dynamodb-tokens", token)                                       -> when to forget it, print of its transaction
    ("dynamodb-token-ends", expiry, token)                           -> nothing; when to forget the token

`table` and `index` are numbers that are never given twice. `place` is the partition key's hash: the order of
items in a table is the order in which DynamoDB itself scans, and a parallel segment is a range of places.
"""

from collections.abc import Iterator

import msgspec

from panregion.languages.dynamodb import Item
from panregion.services.dynamodb.model import IndexView, Table, TableView, view_of
from panregion.services.dynamodb.records import size_of
from panregion.store import Key, Transaction

TABLES = "dynamodb-tables"
ITEMS = "dynamodb-items"
INDEXES = "dynamodb-indexes"
TOMBSTONES = "dynamodb-tombstones"
TAGS = "dynamodb-tags"
COUNTS = "dynamodb-counts"
EXPIRIES = "dynamodb-expiries"
GLOBALS = "dynamodb-globals"
TOKENS = "dynamodb-tokens"
TOKEN_ENDS = "dynamodb-token-ends"

_encode = msgspec.msgpack.Encoder().encode


def read_table(tx: Transaction, name: str) -> TableView | None:
    definition = tx.get((TABLES, name))
    return None if definition is None else view_of(definition)


def put_table(tx: Transaction, table: Table) -> None:
    tx.put((TABLES, table.name), _encode(table))
    if table.global_id is not None:
        tx.put((GLOBALS, table.global_id), table.name.encode())


def delete_table(tx: Transaction, table: Table) -> None:
    tx.delete((TABLES, table.name))
    tx.delete((TAGS, table.name))
    if table.global_id is not None:
        tx.delete((GLOBALS, table.global_id))


def replicated_table(tx: Transaction, global_id: str) -> TableView | None:
    """This region's copy of a replicated table."""
    name = tx.get((GLOBALS, global_id))
    return None if name is None else read_table(tx, name.decode())


def tables(tx: Transaction, after: str | None = None) -> Iterator[TableView]:
    """All tables by name, those past `after`."""
    last = None if after is None else (TABLES, after)
    return map(view_of, tx.values((TABLES,), after=last))


def next_table_number(tx: Transaction) -> int:
    number = int(tx.get(("dynamodb-numbers",)) or 0) + 1
    tx.put(("dynamodb-numbers",), b"%d" % number)
    return number


def read_tags(tx: Transaction, name: str) -> dict[str, str]:
    data = tx.get((TAGS, name))
    return {} if data is None else msgspec.json.decode(data, type=dict[str, str])


def put_tags(tx: Transaction, name: str, tags: dict[str, str]) -> None:
    if tags:
        tx.put((TAGS, name), msgspec.json.encode(tags))
    else:
        tx.delete((TAGS, name))


def item_key(view: TableView, item: Item) -> Key:
    """Where an item lies, from its key attributes."""
    return (ITEMS, view.table.number, *view.key.parts(item))


def tombstone_key(item_key: Key) -> Key:
    return (TOMBSTONES, *item_key[1:])


def index_key(index: IndexView, item: Item, item_key: Key) -> Key:
    """Where an index keeps an item that has the index's key attributes."""
    return (INDEXES, item_key[1], index.index.number, *index.key.parts(item), *item_key[2:])


def item_sizes(tx: Transaction, table_number: int) -> Iterator[int]:
    """The size of every item of a table."""
    return map(size_of, tx.values((ITEMS, table_number)))


def read_count(tx: Transaction, table_number: int, part: int) -> tuple[int, int] | None:
    """What the last count of a large table (0) or of one of its indexes said: items and bytes."""
    data = tx.get((COUNTS, table_number, part))
    return None if data is None else msgspec.msgpack.decode(data, type=tuple[int, int])


def put_count(tx: Transaction, table_number: int, part: int, count: tuple[int, int]) -> None:
    tx.put((COUNTS, table_number, part), _encode(count))


def prefixes_of(number: int) -> list[list[str | int]]:
    """Below these lies all that is kept of a table's items."""
    return [[space, number] for space in (ITEMS, INDEXES, TOMBSTONES, EXPIRIES, COUNTS)]
