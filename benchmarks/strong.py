"""Strong tables: how long a write and a strong read take, against the round trip to the nearer other region.

    .venv/bin/python -m benchmarks.strong [--rounds 200]

One client per region, one after another, on an idle world of us-east-1, us-east-2 and us-west-2. `again` writes items
that this region wrote last, `new` items that nobody has written.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from demo.world import REGIONS as DEMO_REGIONS
from demo.world import DemoWorld

from benchmarks.world import FIRST_PORT, quantile
from panregion.network import Sites
from panregion.testing.blocks import ports_of
from panregion.world import HttpClient, direct_dial, read_settings
from panregion.world.settings import FILE_NAME

REGIONS = ("us-east-1", "us-east-2", "us-west-2")
TABLE = "strong"
ITEMS = 20
ITEM_BYTES = 400

Params = dict[str, Any]


class StrongWorld(DemoWorld):
    """Three regions of one set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ports_of(FIRST_PORT), 1.0)
        path = folder / FILE_NAME
        demo, ours = (msgspec.json.encode(regions).decode() for regions in (DEMO_REGIONS, REGIONS))
        path.write_text(path.read_text().replace(demo, ours))
        self.settings = read_settings(path)
        self.http = HttpClient(direct_dial)

    async def ask(self, region: str, operation: str, **params: Any) -> Any:
        scope = f"AWS4-HMAC-SHA256 Credential=test/20261121/{region}/dynamodb/aws4_request, SignedHeaders=host"
        headers = [("Authorization", f"{scope}, Signature=0"), ("X-Amz-Target", f"DynamoDB_20120810.{operation}")]
        headers.append(("Content-Type", "application/x-amz-json-1.0"))
        url = self.settings.endpoint(region) + "/"
        response = await self.http.send("POST", url, headers, msgspec.json.encode(params))
        assert isinstance(response.body, bytes)
        assert response.status == 200, response.body
        return msgspec.json.decode(response.body)

    async def make_table(self) -> None:
        await self.ask(
            REGIONS[0],
            "CreateTable",
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        await self.active(REGIONS[0])
        replicas = [{"Create": {"RegionName": region}} for region in REGIONS[1:]]
        strong = {"ReplicaUpdates": replicas, "MultiRegionConsistency": "STRONG"}
        await self.ask(REGIONS[0], "UpdateTable", TableName=TABLE, **strong)
        for region in REGIONS:
            await self.active(region)

    async def active(self, region: str) -> None:
        for _ in range(200):
            names = (await self.ask(region, "ListTables"))["TableNames"]
            if TABLE in names:
                table = (await self.ask(region, "DescribeTable", TableName=TABLE))["Table"]
                if table["TableStatus"] == "ACTIVE":
                    return
            await self.clock.sleep(0.05)
        raise AssertionError(f"{TABLE} does not become ACTIVE in {region}")


def works(region: str) -> dict[str, tuple[str, Callable[[int], Params]]]:
    """Operation and parameters by the number of the round."""

    def key(name: str) -> Params:
        return {"id": {"S": f"{region}-{name}"}}

    def put(name: str) -> Params:
        return {"Item": {**key(name), "text": {"S": "x" * ITEM_BYTES}}}

    condition = {"KeyConditionExpression": "id = :id", "ConsistentRead": True}
    return {
        "PutItem, new": ("PutItem", lambda n: put(f"new-{n}")),
        "PutItem, again": ("PutItem", lambda n: put(str(n % ITEMS))),
        "GetItem, strong": ("GetItem", lambda n: {"Key": key(str(n % ITEMS)), "ConsistentRead": True}),
        "Query, strong": (
            "Query",
            lambda n: {**condition, "ExpressionAttributeValues": {":id": key(str(n % ITEMS))["id"]}},
        ),
        "GetItem": ("GetItem", lambda n: {"Key": key(str(n % ITEMS))}),
    }


async def measure(world: StrongWorld, region: str, work: str, rounds: int) -> list[float]:
    operation, params = works(region)[work]
    times: list[float] = []
    for number in range(rounds + ITEMS):  # the first of each item is not counted
        began = world.clock.monotonic()
        await world.ask(region, operation, TableName=TABLE, **params(number))
        times.append((world.clock.monotonic() - began) * 1000)
    return times[ITEMS:]


async def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="panregion-bench-") as folder:
        world = StrongWorld(Path(folder))
        try:
            await world.start()
            await world.make_table()
            sites = Sites(world.settings)
            print(f"{'':12}{'':18}  nearer     p50     p99  p50 beyond   (ms)")
            for region in REGIONS:
                nearer = min(sites.round_trip_ms(region, other) for other in REGIONS if other != region)
                for work in works(region):
                    times = await measure(world, region, work, rounds)
                    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
                    print(f"{region:12}{work:18}{nearer:8.1f}{p50:8.1f}{p99:8.1f}{p50 - nearer:12.1f}", flush=True)
        finally:
            await world.stop()
            await world.http.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strong")
    parser.add_argument("--rounds", type=int, default=200)
    asyncio.run(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
