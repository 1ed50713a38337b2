"""A table of two million items (1 GB) against one of ten thousand: GetItem and Query, and the region's memory.

    .venv/bin/python -m benchmarks.large_table [--items 2000000] [--rounds 3000]

One region. Both tables are made by CreateTable and have ten items of 500 bytes to a partition. The items go into the
region's file while it is down, in their order, by the code that a PutItem ends in, because two million requests
take minutes and measure nothing. Then one client asks, one request after another and the two tables in turn, for
random keys; the times are what it sees. Memory is the region process's, as the kernel tells it: all that is resident,
and what of that is its own (the rest is pages of the file and of libraries, which the kernel takes back at will).
"""

import argparse
import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from demo.world import REGIONS as DEMO_REGIONS
from demo.world import DemoWorld

from benchmarks.load import content_length
from benchmarks.work import request
from benchmarks.world import FIRST_PORT, quantile
from panregion.languages.dynamodb import Item, measure_item
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import TableView
from panregion.store import Store, Transaction
from panregion.store.sqlite import SqliteEngine
from panregion.testing.blocks import ports_of
from panregion.world import SeededChance, direct_dial, read_settings
from panregion.world.settings import FILE_NAME

REGION = "us-east-1"
PARTITION = 10
SMALL_ITEMS = 10_000
TEXT = "x" * 450
GROUP = 20_000


class OneRegion(DemoWorld):
    """A world of one region, asked over one connection."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ports_of(FIRST_PORT), 1.0)
        path = folder / FILE_NAME
        demo, ours = (msgspec.json.encode(regions).decode() for regions in (DEMO_REGIONS, (REGION,)))
        path.write_text(path.read_text().replace(demo, ours))
        self.settings = read_settings(path)

    async def ask(self, operation: str, **params: Any) -> Any:
        host, _, port = self.settings.endpoint(REGION).removeprefix("http://").partition(":")
        reader, writer = await direct_dial(host, int(port))
        try:
            return msgspec.json.decode(await exchange(reader, writer, request((host, int(port)), operation, params)))
        finally:
            writer.close()

    async def make(self, table: str) -> None:
        await self.ask(
            "CreateTable",
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        while (await self.ask("DescribeTable", TableName=table))["Table"]["TableStatus"] != "ACTIVE":
            await self.clock.sleep(0.05)

    async def memory(self) -> str:
        """The region process's memory."""
        regions = (await self.control.status())["regions"]
        pid = next(region["pid"] for region in regions if region["region"] == REGION)
        return await asyncio.to_thread(memory_of, pid)


def memory_of(pid: int) -> str:
    """What is resident of a process, and what of that is its own, in MB."""
    lines = [line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    mb = {line[0]: int(line[1]) / 1000 for line in lines if line[0] in ("VmRSS:", "RssAnon:", "VmHWM:")}
    return f"{mb['VmRSS:']:.0f} MB resident (at most {mb['VmHWM:']:.0f}), {mb['RssAnon:']:.0f} MB its own"


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    writer.write(data)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(content_length(head))
    assert head.startswith(b"http/1.1 200"), body
    return body


def items(view: TableView, count: int) -> Iterator[Item]:
    """In the order in which they lie, or every group would touch every page of the file."""

    def item(partition: int, place: int) -> Item:
        return {"pk": {"S": f"p{partition:08}"}, "sk": {"N": str(place)}, "text": {"S": TEXT}}

    for partition in sorted(range(count // PARTITION), key=lambda number: layout.item_key(view, item(number, 0))):
        for place in range(PARTITION):
            yield item(partition, place)


def load(path: Path, table: str, count: int) -> None:
    """Put items into a region's file, as PutItem puts those of a table without indexes, stream and replicas."""
    engine = SqliteEngine(path, "normal")
    store = Store(engine)
    view = store.read(lambda tx: next(view for view in layout.tables(tx) if view.table.name == table))
    assert view.plain
    waiting = items(view, count)
    while group := list(itertools.islice(waiting, GROUP)):

        def put(tx: Transaction, group: list[Item] = group) -> None:
            for item in group:
                tx.put(layout.item_key(view, item), records.plain(item, measure_item(item)))

        store.transact_now(put)
        engine.tidy()
    asyncio.run(store.close())


def get(table: str, partition: int, place: int) -> tuple[str, dict[str, Any]]:
    return "GetItem", {"TableName": table, "Key": {"pk": {"S": f"p{partition:08}"}, "sk": {"N": str(place)}}}


def query(table: str, partition: int, _place: int) -> tuple[str, dict[str, Any]]:
    values = {":pk": {"S": f"p{partition:08}"}}
    return "Query", {"TableName": table, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": values}


async def measure(world: OneRegion, sizes: dict[str, int], rounds: int) -> None:
    host, _, port = world.settings.endpoint(REGION).removeprefix("http://").partition(":")
    address = (host, int(port))
    chance = SeededChance(7)
    reader, writer = await direct_dial(*address)
    for name, work in (("GetItem", get), (f"Query of {PARTITION}", query)):
        times: dict[str, list[float]] = {table: [] for table in sizes}
        for _ in range(rounds):
            for table, count in sizes.items():
                asked = work(table, chance.randrange(count // PARTITION), chance.randrange(PARTITION))
                data = request(address, *asked)
                began = world.clock.monotonic()
                body = await exchange(reader, writer, data)
                times[table].append((world.clock.monotonic() - began) * 1000)
                assert TEXT.encode() in body
        small, large = (quantile(times[table], 0.5) for table in sizes)
        small99, large99 = (quantile(times[table], 0.99) for table in sizes)
        print(
            f"{name:12} p50 {small:.3f} ms of {SMALL_ITEMS}, {large:.3f} ms of {sizes['large']}: "
            f"{large / small:.2f} times; p99 {small99:.2f} and {large99:.2f}",
            flush=True,
        )
    writer.close()


async def run(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="panregion-bench-") as folder:
        world = OneRegion(Path(folder))
        sizes = {"small": SMALL_ITEMS, "large": count}
        try:
            await world.start()
            for table in sizes:
                await world.make(table)
            print(f"memory before: {await world.memory()}", flush=True)
            await world.control.kill(REGION)
            path = world.settings.region_folder(REGION) / "state.db"
            began = world.clock.monotonic()
            for table, number in sizes.items():
                await asyncio.to_thread(load, path, table, number)
            print(f"{path.stat().st_size / 1e6:.0f} MB after {world.clock.monotonic() - began:.0f} s", flush=True)
            await world.control.restore(REGION)
            await measure(world, sizes, rounds)
            print(f"memory after:  {await world.memory()}")
        finally:
            await world.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_table")
    parser.add_argument("--items", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3000)
    arguments = parser.parse_args()
    uvloop.run(run(arguments.items, arguments.rounds))


if __name__ == "__main__":
    main()
