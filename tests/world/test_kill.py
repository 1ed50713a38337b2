"""kill -9 at any moment loses no acknowledged write: a real region process, real SIGKILL, twenty times."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from panregion.world import ClientError, HttpClient, WorldSettings, direct_dial
from panregion.world.process import PYTHON, Process, spawn
from panregion.world.settings import Ports, Time
from panregion.world.tls import make_authority

REGION = "us-east-1"
KILLS = 20
WRITERS = 8
SCOPE = f"AWS4-HMAC-SHA256 Credential=test/20261121/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0"


class Victim:
    """A region's process, and DynamoDB requests to it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.settings = WorldSettings(
            regions=(REGION,),
            folder=str(folder),
            ports=Ports(gateway=port, tls=port + 1),
            time=Time(table_transition_s=0.01),
        )
        make_authority(folder)
        self._world = folder / "world.json"
        self._world.write_bytes(msgspec.json.encode(self.settings))
        self._log = folder / "region.log"
        self.process: Process | None = None
        self.client = HttpClient(direct_dial)

    async def start(self) -> None:
        argv = [PYTHON, "-m", "panregion.region", "--world", str(self._world), "--region", REGION]
        self.process = await spawn(argv, log_path=self._log)
        for _ in range(500):
            assert self.process.exit_code is None, self._log.read_text()
            try:
                await self.client.send("GET", self.settings.endpoint(REGION), timeout_s=1)
            except ClientError:
                await asyncio.sleep(0.02)
            else:
                return
        pytest.fail("the region did not answer")

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def ask(self, operation: str, **params: object) -> dict[str, object]:
        headers = [("Authorization", SCOPE), ("X-Amz-Target", f"DynamoDB_20120810.{operation}")]
        body = msgspec.json.encode(params)
        response = await self.client.send("POST", self.settings.endpoint(REGION) + "/", headers, body, timeout_s=10)
        assert isinstance(response.body, bytes)
        assert response.status == 200, response.body
        answer: dict[str, object] = msgspec.json.decode(response.body)
        return answer


@pytest.fixture
async def victim(tmp_path: Path) -> AsyncIterator[Victim]:
    victim = Victim(tmp_path, 15566)
    await victim.start()
    yield victim
    await victim.kill()
    await victim.client.close()


async def write(victim: Victim, prefix: str, acknowledged: list[str]) -> None:
    """Put items one after another until the region is gone."""
    number = 0
    while True:
        key = f"{prefix}-{number}"
        try:
            await victim.ask("PutItem", TableName="items", Item={"id": {"S": key}, "text": {"S": "x" * 200}})
        except ClientError:
            return
        acknowledged.append(key)
        number += 1


async def keys(victim: Victim) -> set[str]:
    found: set[str] = set()
    start: dict[str, object] = {}
    while True:
        page = await victim.ask("Scan", TableName="items", ConsistentRead=True, **start)
        found |= {item["id"]["S"] for item in page["Items"]}  # type: ignore[attr-defined]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


async def test_no_acknowledged_write_is_lost_to_sigkill(victim: Victim) -> None:
    await victim.ask(
        "CreateTable",
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    while (await victim.ask("DescribeTable", TableName="items"))["Table"]["TableStatus"] != "ACTIVE":  # type: ignore[index]
        await asyncio.sleep(0.01)
    acknowledged: list[str] = []
    moments = random.Random(20)
    for kill in range(KILLS):
        writers = [asyncio.create_task(write(victim, f"{kill}-{n}", acknowledged)) for n in range(WRITERS)]
        await asyncio.sleep(moments.uniform(0.02, 0.25))
        await victim.kill()
        await asyncio.gather(*writers)
        await victim.start()
        missing = set(acknowledged) - await keys(victim)
        assert not missing, f"after kill {kill}: {len(missing)} of {len(acknowledged)}"
    assert len(acknowledged) > KILLS * WRITERS
