"""Replication into one region over 40 ms each way: how fast it catches up, and how far behind it is at a rate.

    .venv/bin/python -m benchmarks.replication [--items 60000] [--rate 500] [--seconds 30]

Real processes, two regions, items of 400 bytes. Applied: the link is cut, the source takes `--items` writes, the link
heals, and what the replica has applied is counted from the first to the last; nothing else goes on meanwhile. Lag: one
PutItem every 2 ms at the source, evenly, over 16 connections; what is told is the replica's own figure, now minus the
write's time when it has applied it, so both regions' syncs to disk are in it.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import psutil
import uvloop
from demo.world import REGIONS as DEMO_REGIONS
from demo.world import DemoWorld

from benchmarks.load import burst, content_length
from benchmarks.work import request
from benchmarks.world import FIRST_PORT
from panregion.network import Sites
from panregion.testing.blocks import ports_of
from panregion.world import HttpClient, direct_dial, read_settings
from panregion.world.settings import FILE_NAME

SOURCE, REPLICA = "us-east-1", "eu-west-1"
ONE_WAY_MS = 40.0
TABLE = "items"
TEXT = "x" * 380
CONNECTIONS = 16
BATCH = 25


class TwoRegions(DemoWorld):
    """Two regions, 40 ms apart, and a client of each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ports_of(FIRST_PORT), 1.0)
        path = folder / FILE_NAME
        demo, ours = (msgspec.json.encode(regions).decode() for regions in (DEMO_REGIONS, (SOURCE, REPLICA)))
        path.write_text(path.read_text().replace(demo, ours))
        self.settings = read_settings(path)
        self.http = HttpClient(direct_dial)

    @property
    def extra_ms(self) -> float:
        """What the link lacks of 40 ms."""
        return ONE_WAY_MS - Sites(self.settings).round_trip_ms(SOURCE, REPLICA) / 2

    async def ask(self, region: str, operation: str, **params: Any) -> Any:
        scope = f"AWS4-HMAC-SHA256 Credential=test/20261121/{region}/dynamodb/aws4_request, SignedHeaders=host"
        headers = [("Authorization", f"{scope}, Signature=0"), ("X-Amz-Target", f"DynamoDB_20120810.{operation}")]
        headers.append(("Content-Type", "application/x-amz-json-1.0"))
        url = self.settings.endpoint(region) + "/"
        response = await self.http.send("POST", url, headers, msgspec.json.encode(params))
        assert isinstance(response.body, bytes)
        assert response.status == 200, response.body
        return msgspec.json.decode(response.body)

    async def make_table(self, *, stream: bool) -> None:
        params: dict[str, Any] = {}
        if stream:
            params["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        await self.ask(
            SOURCE,
            "CreateTable",
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **params,
        )
        await self.active(SOURCE)
        await self.ask(SOURCE, "UpdateTable", TableName=TABLE, ReplicaUpdates=[{"Create": {"RegionName": REPLICA}}])
        await self.active(SOURCE)
        await self.active(REPLICA)

    async def active(self, region: str) -> None:
        for _ in range(200):
            if TABLE in (await self.ask(region, "ListTables"))["TableNames"]:
                table = (await self.ask(region, "DescribeTable", TableName=TABLE))["Table"]
                if table["TableStatus"] == "ACTIVE":
                    return
            await self.clock.sleep(0.05)
        raise AssertionError(f"{TABLE} does not become ACTIVE in {region}")

    async def cpu_s(self) -> dict[str, float]:
        """CPU time of the regions' processes so far."""
        found = {}
        for region in (await self.control.status())["regions"]:
            times = psutil.Process(region["pid"]).cpu_times()
            found[region["region"]] = times.user + times.system
        return found

    async def applied(self) -> tuple[int, dict[str, Any]]:
        """How many records of the source the replica has applied, and its lag figures."""
        response = await self.http.send("GET", self.settings.endpoint(REPLICA) + "/_panregion/health")
        assert isinstance(response.body, bytes)
        feeds = msgspec.json.decode(response.body)["replication"][SOURCE]["feeds"]
        ((_, figures),) = feeds.items()
        return figures["cursor"], figures["lag"]


def address_of(endpoint: str) -> tuple[str, int]:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    return host, int(port)


def item(name: str) -> dict[str, Any]:
    return {"id": {"S": name}, "text": {"S": TEXT}}


async def fill(world: TwoRegions, count: int) -> None:
    """Write items at the source, 25 at a time."""
    address = address_of(world.settings.endpoint(SOURCE))
    batches = [
        [{"PutRequest": {"Item": item(f"fill-{first + n}")}} for n in range(BATCH)] for first in range(0, count, BATCH)
    ]
    requests = [request(address, "BatchWriteItem", {"RequestItems": {TABLE: puts}}) for puts in batches]
    outcome = await burst(address, requests, len(requests), 4)
    assert outcome.failures == 0


async def measure_rate(world: TwoRegions, count: int) -> None:
    await world.control.set_link(SOURCE, REPLICA, cut="refuse")
    before, _ = await world.applied()
    await fill(world, count)
    await world.clock.sleep(2)
    await world.control.set_link(SOURCE, REPLICA)
    await world.control.set_link(SOURCE, REPLICA, delay_ms_extra=world.extra_ms)
    began: float | None = None
    while True:
        done, _ = await world.applied()
        now = world.clock.monotonic()
        if began is None and done > before:
            began, first = now, done
            used = await world.cpu_s()
        if began is not None and done >= before + count:
            rate = (done - first) / (now - began)
            cpu_us = {
                region: (cpu - used[region]) / (done - first) * 1e6 for region, cpu in (await world.cpu_s()).items()
            }
            print(
                f"applied: {done - first} items in {now - began:.1f} s, {rate:.0f} items/s; us of CPU per item: ",
                end="",
            )
            print(", ".join(f"{region} {us:.0f}" for region, us in cpu_us.items()), flush=True)
            return
        await world.clock.sleep(0.02)


async def measure_lag(world: TwoRegions, rate: int, seconds: float) -> None:
    await world.clock.sleep(1)
    address = address_of(world.settings.endpoint(SOURCE))
    puts = [{"TableName": TABLE, "Item": item(f"lag-{n}")} for n in range(int(rate * seconds))]
    requests = enumerate([request(address, "PutItem", put) for put in puts])
    began = world.clock.monotonic()
    late = 0

    async def some() -> None:
        nonlocal late
        reader, writer = await direct_dial(*address)
        for number, data in requests:
            due = began + number / rate
            now = world.clock.monotonic()
            late += now > due + 0.1
            await world.clock.sleep(max(0.0, due - now))
            writer.write(data)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            await reader.readexactly(content_length(head))
        writer.close()

    await asyncio.gather(*(some() for _ in range(CONNECTIONS)))
    took = world.clock.monotonic() - began
    await world.clock.sleep(1)
    _, lag = await world.applied()
    p50, p99 = lag["p50_ms"], lag["p99_ms"]
    print(
        f"lag at {rate * seconds / took:.0f} items/s over {ONE_WAY_MS:g} ms, of the last {lag['samples']} writes: ",
        end="",
    )
    print(f"p50 {p50:.1f} ms ({p50 - ONE_WAY_MS:+.1f}), p99 {p99:.1f} ms ({p99 - ONE_WAY_MS:+.1f}); {late} sent late")


async def run(items: int, rate: int, seconds: float, *, stream: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="panregion-bench-") as folder:
        world = TwoRegions(Path(folder))
        try:
            await world.start()
            await world.make_table(stream=stream)
            await world.control.set_link(SOURCE, REPLICA, delay_ms_extra=world.extra_ms)
            await measure_lag(world, rate, seconds)
            await measure_rate(world, items)
        finally:
            await world.stop()
            await world.http.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replication")
    parser.add_argument("--items", type=int, default=60_000)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--stream", action="store_true", help="with a stream of both images on the table")
    arguments = parser.parse_args()
    uvloop.run(run(arguments.items, arguments.rate, arguments.seconds, stream=arguments.stream))


if __name__ == "__main__":
    main()
