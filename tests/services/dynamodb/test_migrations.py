"""A state that an older panregion has written, and one that a newer one has."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.replication import acceptor
from panregion.replication.register import Ballot, Value
from panregion.services.dynamodb import layout
from panregion.services.dynamodb.migrations import PLACE, VERSION
from panregion.services.dynamodb.streams import shards
from panregion.store import MemoryEngine, Store, StoreCorrupt, Transaction
from tests.services.dynamodb.support import DynamoDb
from tests.services.dynamodb.test_streams import Streams, streamed
from tests.support import region_in


class KeptEngine(MemoryEngine):
    """Can be opened again."""

    def close(self) -> None:
        self.rollback()


async def started(folder: Path, engine: MemoryEngine) -> tuple[Region, DynamoDb]:
    region = region_in(folder, engine=engine)
    await region.start()
    return region, DynamoDb(region)


def _as_layout_1(tx: Transaction) -> None:
    """Undo what layout 2 brought: shards that are written down."""
    tx.delete(PLACE)
    for key, _ in list(tx.prefix((shards.SHARDS,))):
        tx.delete(key)
    for view in list(layout.tables(tx)):
        layout.put_table(tx, msgspec.structs.replace(view.table, stream_shards=()))


async def test_streams_of_the_first_layout_go_on(tmp_path: Path) -> None:
    engine = KeptEngine()
    region, db = await started(tmp_path, engine)
    arn = await streamed(db)
    for n in range(20):
        await db.put_item(TableName="streamed", Item={"pk": {"S": str(n)}})
    await region.store.transact(_as_layout_1)
    await region.stop()

    region, db = await started(tmp_path, engine)
    await db.put_item(TableName="streamed", Item={"pk": {"S": "after"}})
    found: list[dict[str, Any]] = await Streams(region).records(arn)
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in found] == [*map(str, range(20)), "after"]
    assert region.store.read(lambda tx: tx.get(PLACE)) == b"%d" % VERSION
    await region.stop()


async def test_a_new_store_has_todays_layout_and_is_not_migrated_later(tmp_path: Path) -> None:
    engine = KeptEngine()
    region, db = await started(tmp_path, engine)
    assert region.store.read(lambda tx: tx.get(PLACE)) == b"%d" % VERSION
    arn = await streamed(db)
    before = await Streams(region).shards(arn)
    await region.stop()
    region, _ = await started(tmp_path, engine)
    assert await Streams(region).shards(arn) == before
    await region.stop()


async def test_a_newer_layout_is_refused_with_what_to_do(tmp_path: Path) -> None:
    engine = KeptEngine()
    await Store(engine).transact(lambda tx: tx.put(PLACE, b"99"))
    region = region_in(tmp_path, engine=engine)
    with pytest.raises(StoreCorrupt, match=r"has layout 99.*run it with the panregion that wrote it"):
        await region.start()
    await region.stop()


async def test_groups_of_strong_tables_of_the_second_layout_go_on(tmp_path: Path) -> None:
    engine = KeptEngine()
    regions, key, gone = ("us-east-1", "us-east-2", "us-west-2"), b"k", b"gone"

    def as_layout_2(tx: Transaction) -> None:
        acceptor.join(tx, "group", regions)
        for name, data in ((key, b"x"), (gone, None)):
            acceptor.learn(tx, "group", name, Ballot(1, "us-east-1"), Value(1, data))
        tx.put((acceptor.GROUPS, "group"), msgspec.msgpack.encode(regions))
        for place, _ in list(tx.prefix((acceptor.DELETED, "group"))):
            tx.delete(place)
        tx.put(PLACE, b"2")

    await Store(engine).transact(as_layout_2)
    region, _ = await started(tmp_path, engine)
    assert region.store.read(lambda tx: acceptor.part_of(tx, "group")) == acceptor.Group(regions)
    assert region.store.read(lambda tx: acceptor.read(tx, "group", key)).cell.value.data == b"x"
    left = region.store.read(lambda tx: [place[2] for place, _ in tx.prefix((acceptor.DELETED, "group"))])
    assert left == [gone]
    await region.stop()
