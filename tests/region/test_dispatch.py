"""What operations get from each other within a process: values, whatever form they go out in."""

import msgspec

from panregion.region import Region
from panregion.region.dispatch import answer_call
from tests.services.dynamodb.support import DynamoDb

KEY = {"pk": {"S": "a"}}


async def test_items_arrive_as_values(region: Region) -> None:
    db = DynamoDb(region)
    await db.table("items", "pk:S")
    await db.put_item(TableName="items", Item=KEY)
    found = await region.here.request("dynamodb", "GetItem", {"TableName": "items", "Key": KEY})
    assert found == {"Item": KEY}
    scanned = await region.here.request("dynamodb", "Scan", {"TableName": "items"})
    assert scanned["Items"] == [KEY]

    read = {"TableName": "items", "Key": KEY}
    within = region.here.read(lambda here: here.call("dynamodb", "GetItem", read))
    assert within == {"Item": KEY}

    asked = msgspec.msgpack.encode({"service": "dynamodb", "operation": "GetItem", "params": read})
    answer = await answer_call(region.dispatch, region.here, asked)
    assert msgspec.msgpack.decode(answer) == {"output": {"Item": KEY}}
