"""ItemCount and sizes: exact for small tables, counted in the background for large ones."""

import pytest

from panregion.services import Here
from panregion.services.dynamodb import counting
from panregion.store import Key
from tests.services.dynamodb.support import DynamoDb, index


async def test_a_small_table_is_counted_as_it_is_described(db: DynamoDb) -> None:
    await db.table("small", "pk:S", others=["g:S"], GlobalSecondaryIndexes=[index("by-g", "g", projection="KEYS_ONLY")])
    for n in range(3):
        await db.put_item(TableName="small", Item={"pk": {"S": str(n)}, **({"g": {"S": "x"}} if n else {})})
    table = (await db.describe_table(TableName="small"))["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (3, 3 + 5 + 5)
    by_g = table["GlobalSecondaryIndexes"][0]
    assert (by_g["ItemCount"], by_g["IndexSizeBytes"]) == (2, 10)


async def test_a_large_table_is_counted_once_somebody_asked(db: DynamoDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNTED_AT_ONCE", 10)
    monkeypatch.setattr(counting, "STEP_ITEMS", 7)
    await db.table("large", "pk:S")
    for n in range(30):
        await db.put_item(TableName="large", Item={"pk": {"S": f"{n:02}"}})
    assert (await db.describe_table(TableName="large"))["Table"]["ItemCount"] == 11
    await counting.recount(db.region.here)
    table = (await db.describe_table(TableName="large"))["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (30, 30 * 4)


async def test_a_table_that_nobody_asks_about_is_not_counted_again(
    db: DynamoDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "COUNTED_AT_ONCE", 10)
    monkeypatch.setattr(counting, "RECOUNT_AFTER_S", 0.0)
    counted: list[object] = []
    whole = counting._whole_count

    async def noted(here: Here, prefix: Key) -> tuple[int, int]:
        counted.append(prefix)
        return await whole(here, prefix)

    monkeypatch.setattr(counting, "_whole_count", noted)
    await db.table("large", "pk:S")
    for n in range(20):
        await db.put_item(TableName="large", Item={"pk": {"S": f"{n:02}"}})
    await db.describe_table(TableName="large")
    for _ in range(3):
        await counting.recount(db.region.here)
    assert len(counted) == 1
    await db.describe_table(TableName="large")
    await counting.recount(db.region.here)
    assert len(counted) == 2
