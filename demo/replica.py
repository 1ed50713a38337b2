"""A step of the story: a table that has data, and is being written, gets a replica in another region."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from demo.world import DemoWorld, scan

TABLE = "orders"
SOURCE, TARGET = "us-east-1", "ap-southeast-2"
ITEMS_BEFORE = 500
BATCH = 25
WRITERS = 4
BOUND_S = 30.0


@dataclass
class Writers:
    """Threads of boto3 that put items until told to stop; counts what was acknowledged."""

    client: Any
    acknowledged: list[str] = field(default_factory=list)
    stopping: bool = False

    def write(self, writer: int) -> None:
        number = 0
        while not self.stopping:
            key = f"meanwhile-{writer}-{number:05}"
            self.client.put_item(TableName=TABLE, Item={"id": {"S": key}, "state": {"S": "placed"}})
            self.acknowledged.append(key)
            number += 1


async def add_replica_under_load(world: DemoWorld) -> dict[str, Any]:
    """Make the table, fill it, and add the replica while it is written. Returns the figures of it."""
    client = world.client("dynamodb", SOURCE)
    await asyncio.to_thread(_make, client)
    writers = Writers(client)
    threads = [asyncio.create_task(asyncio.to_thread(writers.write, number)) for number in range(WRITERS)]
    began = world.clock.monotonic()
    try:
        await asyncio.to_thread(
            client.update_table, TableName=TABLE, ReplicaUpdates=[{"Create": {"RegionName": TARGET}}]
        )
        await _active(world)
        active_s = world.clock.monotonic() - began
    finally:
        writers.stopping = True
        await asyncio.gather(*threads)
    expected = ITEMS_BEFORE + len(writers.acknowledged)
    found = await _all_there(world, expected)
    return {
        "table": TABLE,
        "region": TARGET,
        "items_before": ITEMS_BEFORE,
        "writes_meanwhile": len(writers.acknowledged),
        "active_s": round(active_s, 2),
        "items_found": found,
        "items_missing": expected - found,
    }


def _make(client: Any) -> None:
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    for first in range(0, ITEMS_BEFORE, BATCH):
        puts = [
            {"PutRequest": {"Item": {"id": {"S": f"before-{number:05}"}, "state": {"S": "delivered"}}}}
            for number in range(first, first + BATCH)
        ]
        client.batch_write_item(RequestItems={TABLE: puts})


async def _active(world: DemoWorld) -> None:
    """Wait until the new region says that its replica is in service."""
    there = world.client("dynamodb", TARGET)
    deadline = world.clock.monotonic() + BOUND_S
    while world.clock.monotonic() < deadline:
        if await asyncio.to_thread(_status, there) == "ACTIVE":
            return
        await world.clock.sleep(0.05)
    raise TimeoutError(f"the replica of {TABLE} in {TARGET} was not active within {BOUND_S:g} s")


def _status(client: Any) -> str:
    try:
        return str(client.describe_table(TableName=TABLE)["Table"]["TableStatus"])
    except client.exceptions.ResourceNotFoundException:
        return "ABSENT"


async def _all_there(world: DemoWorld, expected: int) -> int:
    """How many items the new replica has, once it has all or the time is up."""
    deadline = world.clock.monotonic() + BOUND_S
    there = world.client("dynamodb", TARGET)
    while True:
        found = len(await scan(there, TABLE))
        if found >= expected or world.clock.monotonic() > deadline:
            return found
        await world.clock.sleep(0.05)
