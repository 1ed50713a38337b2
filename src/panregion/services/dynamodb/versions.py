"""Items with what AWS does not show of them: the version that replication keeps beside each, and where it was written.

    GET /_panregion/items?table=NAME[&limit=50][&after=PLACE]     a page, in the order in which DynamoDB scans
    GET /_panregion/items?table=NAME&key={"id":{"S":"a"}}         one item by its key

Both answer {table, replication, key, items, until}: `key` names the key's attributes; `replication` is "eventual",
"strong", or null where the table is this region's alone; `until` is how far was read, null at the table's end. An item
is {place, key, item, size_bytes, version, region, written_ms}, `item` null where it was deleted and is still remembered
(its key is then not told in a page). `place` is where it lies in the table's order, the same in all regions: their
pages can be laid side by side. A strong table's items have the number of their changes for a version and no
`written_ms`; items of a table that is not replicated have neither.
"""

import struct
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from panregion.languages.dynamodb import DynamoDbLanguageError, Item, measure_item
from panregion.replication import Envelope, acceptor, decode_envelope
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.checks import check_key
from panregion.services.dynamodb.model import TableView
from panregion.services.here import Here
from panregion.store import Key, Transaction, pack, unpack
from panregion.wire import AwsError
from panregion.world import Request, Response

LIMIT_MAX = 1000
TOMBSTONES_MAX = 2000
"""Deleted items that a page reads over before it ends: so many may lie between two that are not."""

Found = tuple[bytes, bytes | None, bytes | None]
"""(place, record, tombstone) of an item."""


class Unanswerable(Exception):
    """The question makes no sense here; the text says why. `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


async def serve(here: Here, request: Request) -> Response:
    """Answer one of the questions above."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    try:
        status, answer = 200, here.read(lambda here: _answer(here, query))
    except Unanswerable as error:
        status, answer = error.status, {"message": str(error)}
    except (AwsError, DynamoDbLanguageError) as error:
        status, answer = 400, {"message": str(error)}
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(answer))


def _answer(here: Here, query: dict[str, str]) -> dict[str, Any]:
    view = layout.read_table(here.tx, query.get("table", ""))
    if view is None:
        raise Unanswerable(404, f"{here.region} has no table {query.get('table', '')}")
    if "key" in query:
        found, until = [_at(here.tx, view, _key_of(view, query["key"]))], None
    else:
        found, until = _page(here.tx, view, _place_of(query.get("after", "")), _limit_of(query.get("limit", "50")))
    return {
        "table": view.table.name,
        "replication": view.table.consistency.lower() if view.table.is_global else None,
        "key": view.key.names,
        "items": [entry for each in found if (entry := _described(here.tx, view, each)) is not None],
        "until": until,
    }


def _key_of(view: TableView, text: str) -> Item:
    try:
        key = msgspec.json.decode(text, type=dict[str, dict[str, Any]])
    except msgspec.DecodeError as error:
        raise Unanswerable(400, f'a key is JSON as DynamoDB has it, such as {{"id":{{"S":"a"}}}}: {error}') from error
    measure_item(key)
    check_key(view, key)
    return key


def _place_of(text: str) -> bytes | None:
    try:
        place = bytes.fromhex(text)
        told = pack(unpack(place)) == place
    except (ValueError, IndexError, ArithmeticError, struct.error):
        told = False
    if not told:
        raise Unanswerable(400, "after is the place of an item, as a page told it")
    return place or None


def _limit_of(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= LIMIT_MAX:
        raise Unanswerable(400, f"limit is a number from 1 to {LIMIT_MAX}")
    return int(text)


def _at(tx: Transaction, view: TableView, key: Item) -> Found:
    place = layout.item_key(view, key)
    record = tx.get(place)
    return pack(place[2:]), record, tx.get(layout.tombstone_key(place)) if record is None else None


def _page(tx: Transaction, view: TableView, after: bytes | None, limit: int) -> tuple[list[Found], str | None]:
    """Up to `limit` items, what is remembered of deleted ones between them, and how far that reaches."""
    found: list[Found] = []
    alive = 0
    items = _below(tx, (layout.ITEMS, view.table.number), after)
    buried = ((place, None, bytes_) for place, bytes_, _ in _below(tx, (layout.TOMBSTONES, view.table.number), after))
    for entry in islice(merge(items, buried, key=lambda entry: entry[0]), limit + TOMBSTONES_MAX):
        found.append(entry)
        alive += entry[1] is not None
        if alive == limit:
            break
    whole = alive < limit and len(found) < limit + TOMBSTONES_MAX
    return found, None if whole else found[-1][0].hex()


def _below(tx: Transaction, prefix: Key, after: bytes | None) -> Iterator[Found]:
    last = None if after is None else (*prefix, *unpack(after))
    for key, data in tx.prefix(prefix, after=last):
        yield pack(key[2:]), data, None


def _described(tx: Transaction, view: TableView, found: Found) -> dict[str, Any] | None:
    place, record, tombstone = found
    if record is None and tombstone is None:
        return None
    item = None if record is None else records.item_of(record)
    told = {
        "place": place.hex(),
        "key": None if item is None else view.key.of(item),
        "item": item,
        "size_bytes": None if record is None else records.size_of(record),
        "version": None,
        "region": None,
        "written_ms": None,
    }
    if view.table.strong:
        return told | _of_register(tx, view, place)
    if view.table.replicated:
        return told | _of_stamp(
            records.envelope_of(record) if record is not None else decode_envelope(tombstone or b"")
        )
    return told


def _of_stamp(envelope: Envelope) -> dict[str, Any]:
    """Written before the table was replicated: by nobody that is known, at no time."""
    version = envelope.stamp.version
    if not envelope.stamp.time:
        return {}
    return {"version": str(version), "region": version.origin, "written_ms": version.physical_ms}


def _of_register(tx: Transaction, view: TableView, place: bytes) -> dict[str, Any]:
    """Of what is shown here, which is the last version that is known to be chosen; a later one may be accepted already,
    and then nobody says any more who made the one that is shown."""
    kept = acceptor.read(tx, str(view.table.global_id), place)
    cell, shown = kept.cell, kept.learned
    known = cell.value.version == shown and shown > 0
    return {"version": str(shown) if shown else None, "region": cell.accepted.proposer or None if known else None}
