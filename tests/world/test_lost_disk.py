"""A region's folder is deleted: real processes, and what its tables are when it is back."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError

from panregion.control import ControlClient, progress, start_control, wait_until_stopped
from panregion.world import WorldSettings
from panregion.world.settings import Network, Ports

HOME, NEAR, FAR = REGIONS = ("us-east-1", "us-east-2", "us-west-2")
BOUND_S = 60.0
KEY: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class World:
    def __init__(self, folder: Path, ports: Ports) -> None:
        state = folder / ".panregion"
        network = Network(scale=0.1)
        self.settings = WorldSettings(folder=str(state), regions=REGIONS, ports=ports, network=network)
        self.control = ControlClient(self.settings)
        self.db = {region: self._client(region) for region in REGIONS}

    def _client(self, region: str) -> Any:
        return boto3.client(
            "dynamodb",
            region_name=region,
            endpoint_url=self.settings.endpoint(region),
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def make_tables(self) -> None:
        """One eventual table and one strong one, in all regions, with 50 items each."""
        home = self.db[HOME]
        for name in ("eventual", "strong"):
            home.create_table(TableName=name, **KEY)
            home.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        creates = [{"Create": {"RegionName": region}} for region in (NEAR, FAR)]
        home.update_table(TableName="strong", ReplicaUpdates=creates, MultiRegionConsistency="STRONG")
        for create in creates:
            waited(lambda: self.is_active(HOME, "eventual"))
            home.update_table(TableName="eventual", ReplicaUpdates=[create])
        for region in REGIONS:
            for name in ("eventual", "strong"):
                waited(lambda region=region, name=name: self.is_active(region, name))  # type: ignore[misc]
        for n in range(50):
            for name in ("eventual", "strong"):
                self.db[FAR].put_item(TableName=name, Item={"pk": {"S": str(n)}})
        for region in REGIONS:
            waited(lambda region=region: self.count(region, "eventual") == 50)  # type: ignore[misc]

    def is_active(self, region: str, name: str) -> bool:
        try:
            table = self.db[region].describe_table(TableName=name)["Table"]
        except ClientError:
            return False
        states = {table["TableStatus"], *(replica["ReplicaStatus"] for replica in table.get("Replicas", []))}
        return states == {"ACTIVE"}

    def count(self, region: str, name: str) -> int:
        return int(self.db[region].scan(TableName=name, ConsistentRead=name == "strong")["Count"])


def waited(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + BOUND_S
    while not condition():
        assert time.monotonic() < ends, "not in time"
        time.sleep(0.02)


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[World]:
    world = World(tmp_path, ports)
    world.settings.path.mkdir(parents=True)
    process = start_control(world.settings, with_parent=True)
    async for _ in progress(world.settings, process):
        pass
    yield world
    await world.control.stop()
    await world.control.close()
    await wait_until_stopped(world.settings)
    await asyncio.to_thread(process.wait, 30)


@pytest.mark.timeout(300)
async def test_its_tables_come_back_and_what_others_had_is_there(world: World) -> None:
    await asyncio.to_thread(world.make_tables)
    await world.control.kill(FAR)
    shutil.rmtree(world.settings.region_folder(FAR))
    await asyncio.to_thread(world.db[HOME].put_item, TableName="strong", Item={"pk": {"S": "meanwhile"}})
    await asyncio.to_thread(world.db[HOME].put_item, TableName="eventual", Item={"pk": {"S": "meanwhile"}})
    await world.control.restore(FAR)

    def there() -> None:
        for name in ("eventual", "strong"):
            waited(lambda name=name: world.is_active(FAR, name))  # type: ignore[misc]
            waited(lambda name=name: world.count(FAR, name) == 51)  # type: ignore[misc]
        for n in range(60):  # more than the lost feed had: none may be taken for what the others know
            world.db[FAR].put_item(TableName="eventual", Item={"pk": {"S": f"new{n}"}})
        world.db[FAR].put_item(TableName="strong", Item={"pk": {"S": "new"}})
        found = world.db[HOME].get_item(TableName="strong", Key={"pk": {"S": "new"}}, ConsistentRead=True)
        assert "Item" in found
        for region in REGIONS:
            waited(lambda region=region: world.count(region, "eventual") == 111)  # type: ignore[misc]

    await asyncio.to_thread(there)
    assert msgspec.json.encode(await world.control.conflicts()) == b"[]"
