"""What an older panregion has left in the store is brought to today's layout when the region starts.

("dynamodb-layout",)    -> the layout's version, as decimal text; absent: 1, or a new store

A step per version, each in a transaction of its own together with the version, so that a crash in between repeats
nothing. A layout that is newer than this panregion is refused: it would be misread.
"""

from collections.abc import Callable

import msgspec

from panregion.replication import acceptor
from panregion.services.dynamodb import layout, recall
from panregion.services.dynamodb.streams import layout as stream_layout
from panregion.services.dynamodb.streams import shards
from panregion.services.here import Here
from panregion.store import StoreCorrupt, Transaction

VERSION = 3
PLACE = ("dynamodb-layout",)


async def migrate(here: Here) -> None:
    """Bring the store to today's layout. Raises StoreCorrupt for one that only a newer panregion can read."""
    while here.store.read(_kept) != VERSION:
        await here.transact(_step)


def _kept(tx: Transaction) -> int:
    return int(tx.get(PLACE) or 0)


def _step(here: Here) -> None:
    tx = here.tx
    found = _kept(tx)
    if not found and not _has_tables(tx):
        recall.ask_all(here)
        found = VERSION - 1
    found = found or 1
    if found > VERSION:
        raise StoreCorrupt(
            f"DynamoDB's state has layout {found}, and this panregion reads up to layout {VERSION}: "
            "run it with the panregion that wrote it, or start over with `panregion down --forget`"
        )
    _STEPS[found](tx)
    tx.put(PLACE, b"%d" % (found + 1))


def _has_tables(tx: Transaction) -> bool:
    streams = stream_layout.streams(tx, None)
    tables, groups = tx.values((layout.TABLES,)), tx.values((acceptor.GROUPS,))
    return any(next(found, None) is not None for found in (tables, groups, streams))


def _shards_are_kept(tx: Transaction) -> None:
    """Layout 1 had four shards for every stream, always the same, and did not write them down."""
    for stream in list(stream_layout.streams(tx, None)):
        if next(shards.all_of(tx, stream.number), None) is None:
            shards.make(tx, stream, shards.evenly(4), stream.created)
            if stream.ended is not None:
                shards.close(tx, stream.number, shards.open_of(tx, stream.number), stream.ended)
    for view in list(layout.tables(tx)):
        number = view.table.stream_number
        if number is not None:
            known = tuple((shard.low, shard.number) for shard in shards.open_of(tx, number))
            layout.put_table(tx, msgspec.structs.replace(view.table, stream_shards=known))


def _registers_are_forgotten(tx: Transaction) -> None:
    """Layout 2 kept of a group its regions' names alone, and not which registers hold no item."""
    for key, data in list(tx.prefix((acceptor.GROUPS,))):
        members = msgspec.msgpack.decode(data, type=tuple[str, ...])
        acceptor.put_group(tx, str(key[1]), acceptor.Group(members))
    for key, _ in list(tx.prefix((acceptor.ROWS,))):
        group, name = str(key[1]), key[2]
        assert isinstance(name, bytes), "registers are named by bytes"
        if acceptor.read(tx, group, name).deleted:
            tx.put((acceptor.DELETED, group, name), b"")


_STEPS: dict[int, Callable[[Transaction], None]] = {1: _shards_are_kept, 2: _registers_are_forgotten}
