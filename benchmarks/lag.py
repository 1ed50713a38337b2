"""Replication lag on an idle system, per pair of regions, against the one-way delay of their link.

    .venv/bin/python -m benchmarks.lag [--seconds 30]

Every region writes an item of its own ten times a second. Lag is what the replica measures when it has applied a
write: now minus the write's time at its origin, so both regions' syncs to disk are in it.
"""

import argparse
import asyncio

from demo.world import REGIONS, DemoWorld

from benchmarks.world import measured_world
from panregion.network import Sites

TABLE = "lag"
EVERY_S = 0.1


async def make_table(world: DemoWorld) -> None:
    """A table in all regions."""
    client = world.client("dynamodb", REGIONS[0])
    await asyncio.to_thread(
        client.create_table,
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for region in REGIONS[1:]:
        await active(world, REGIONS[0])
        replica = [{"Create": {"RegionName": region}}]
        await asyncio.to_thread(client.update_table, TableName=TABLE, ReplicaUpdates=replica)
    for region in REGIONS:
        await active(world, region)


async def active(world: DemoWorld, region: str) -> None:
    waiter = world.client("dynamodb", region).get_waiter("table_exists")
    await asyncio.to_thread(waiter.wait, TableName=TABLE, WaiterConfig={"Delay": 1})
    await world.clock.sleep(1)


async def write(world: DemoWorld, region: str, seconds: float) -> None:
    client = world.client("dynamodb", region)
    for number in range(int(seconds / EVERY_S)):
        item = {"id": {"S": f"{region}-{number}"}, "text": {"S": "x" * 100}}
        await asyncio.to_thread(client.put_item, TableName=TABLE, Item=item)
        await world.clock.sleep(EVERY_S)


async def run(seconds: float) -> None:
    async with measured_world() as world:
        await make_table(world)
        await asyncio.gather(*(write(world, region, seconds) for region in REGIONS))
        await world.clock.sleep(0.5)
        sites = Sites(world.settings)
        print(f"{'':34}  one way     p50     p99   (ms)   samples")
        for entry in sorted(await world.replication(), key=lambda entry: (entry["peer"], entry["region"])):
            if entry["table"] != TABLE:
                continue
            one_way, lag = sites.round_trip_ms(entry["peer"], entry["region"]) / 2, entry["lag"]
            pair = f"{entry['peer']} -> {entry['region']}"
            more = f"{lag['p50_ms'] - one_way:+5.1f}  {lag['p99_ms'] - one_way:+5.1f}"
            print(f"{pair:34} {one_way:8.1f} {lag['p50_ms']:7.1f} {lag['p99_ms']:7.1f}   {more}   {lag['samples']}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lag")
    parser.add_argument("--seconds", type=float, default=30)
    asyncio.run(run(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
