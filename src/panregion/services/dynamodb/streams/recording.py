"""A record of a change, written in the change's own transaction."""

from bisect import bisect_right
from typing import NamedTuple

import msgspec

from panregion.languages.dynamodb import Item, measure_item, same
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.streams import layout
from panregion.store import Key, Transaction

EXPIRY = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
"""Who deletes items that have expired."""

_encode = msgspec.json.Encoder().encode


class Change(NamedTuple):
    """An item before and after, and the bytes of both."""

    old: Item | None
    new: Item | None
    old_size: int
    new_size: int


def record(tx: Transaction, now: float, view: TableView, key: Key, changed: Change, expired: bool) -> None:
    """Append the record of a change to the table's stream; of a write that changes nothing there is none."""
    table = view.table
    old, new, old_size, new_size = changed
    item = new if new is not None else old
    if item is None or (old is not None and new is not None and _alike(old, new)):
        return
    keys = view.key.of(item)
    change = {"ApproximateCreationDateTime": int(now), "Keys": keys}
    size = measure_item(keys)
    if new is not None and table.stream in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        change["NewImage"] = new
        size += new_size
    if old is not None and table.stream in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        change["OldImage"] = old
        size += old_size
    change["SizeBytes"] = size
    change["StreamViewType"] = table.stream
    told: dict[str, object] = {
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "dynamodb": change,
    }
    if expired:
        told["userIdentity"] = EXPIRY
    place = key[2]
    assert table.stream_number is not None, "a table with a stream has its number"
    assert isinstance(place, int), "an item's key starts with the hash of its partition key"
    shard = view.shards[bisect_right(view.shard_starts, place) - 1]
    layout.append(tx, table.stream_number, shard, _encode(told))


def _alike(old: Item, new: Item) -> bool:
    return old.keys() == new.keys() and all(same(old[name], new[name]) for name in old)
