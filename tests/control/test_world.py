"""A whole world of real processes: up, asked, broken, mended, down; nothing is left behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from panregion.control import ControlClient, ControlError, PortTaken, progress, start_control, wait_until_stopped
from panregion.world import HttpClient, WorldSettings, direct_dial
from panregion.world.client import ClientError
from panregion.world.settings import Network, Ports, Time

REGIONS = ("us-east-1", "eu-west-1")


class Running:
    """A world, and questions to it."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.settings = WorldSettings(
            regions=REGIONS,
            folder=str(folder),
            ports=ports,
            network=Network(scale=0.2),
            time=Time(table_transition_s=0.01),
        )
        self.control = ControlClient(self.settings)
        self.client = HttpClient(direct_dial)

    async def up(self) -> None:
        process = start_control(self.settings, with_parent=True)
        async for _ in progress(self.settings, process):
            pass
        self._process = process

    async def down(self) -> None:
        await self.control.stop()
        await wait_until_stopped(self.settings)
        await asyncio.to_thread(self._process.wait, 20)
        await self.control.close()
        await self.client.close()

    def owns(self, process: psutil.Process) -> bool:
        return any(word.startswith(self.settings.folder) for word in _command(process))

    async def get(self, url: str, **headers: str) -> tuple[int, bytes]:
        response = await self.client.send("GET", url, list(headers.items()), timeout_s=5)
        assert isinstance(response.body, bytes)
        return response.status, response.body

    async def states(self) -> dict[str, str]:
        status = await self.control.status()
        return {region["region"]: region["status"] for region in status["regions"]}

    async def dynamodb(self, region: str, operation: str, endpoint: str, **params: Any) -> tuple[int, Any]:
        scope = f"AWS4-HMAC-SHA256 Credential=test/20261121/{region}/dynamodb/aws4_request, SignedHeaders=host"
        headers = [("Authorization", f"{scope}, Signature=0"), ("X-Amz-Target", f"DynamoDB_20120810.{operation}")]
        body = msgspec.json.encode(params)
        response = await self.client.send("POST", endpoint + "/", headers, body, timeout_s=10)
        assert isinstance(response.body, bytes)
        return response.status, msgspec.json.decode(response.body)


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[Running]:
    world = Running(tmp_path, ports)
    await world.up()
    yield world
    await world.down()
    left = [process.pid for process in psutil.process_iter() if str(tmp_path) in " ".join(_command(process))]
    assert not left, "processes of the world live on"


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def test_a_world_of_two_regions(world: Running) -> None:
    front = f"http://127.0.0.1:{world.settings.ports.gateway}"

    # Everything says what it is.
    assert (await world.get(front))[1].startswith(b"panregion: AWS for us-east-1, eu-west-1")
    assert (await world.get(world.settings.endpoint("eu-west-1")))[1].startswith(b"panregion: AWS region eu-west-1")
    health = msgspec.json.decode((await world.get(f"{front}/_panregion/health"))[1])
    assert [region["status"] for region in health["regions"]] == ["running", "running"]

    # The front door finds the region in the credential scope; a region passes a foreign request on, over the link.
    table = {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    assert (await world.dynamodb("eu-west-1", "CreateTable", front, **table))[0] == 200
    through_us = world.settings.endpoint("us-east-1")
    assert (await world.dynamodb("eu-west-1", "ListTables", through_us))[1] == {"TableNames": ["things"]}
    assert (await world.dynamodb("us-east-1", "ListTables", through_us))[1] == {"TableNames": []}
    status, answer = await world.dynamodb("sa-east-1", "ListTables", through_us)
    assert (status, "it has us-east-1, eu-west-1" in answer["message"]) == (400, True)

    # A cut link hangs, a refused one answers at once, and a healed one works again.
    await world.control.set_link("us-east-1", "eu-west-1", cut="refuse")
    status, answer = await world.dynamodb("eu-west-1", "ListTables", through_us)
    assert (status, "us-east-1 cannot reach eu-west-1" in answer["message"]) == (503, True)
    faults = (await world.control.status())["links"]
    assert {(link["from"], link["to"], link["cut"]) for link in faults} == {
        ("us-east-1", "eu-west-1", "refuse"),
        ("eu-west-1", "us-east-1", "refuse"),
    }
    # A network that ends is started again, and what was done to links with it.
    (network,) = [one for one in psutil.process_iter() if "panregion.network" in _command(one) and world.owns(one)]
    network.kill()
    async with asyncio.timeout(20):
        while network.is_running() or len((await world.control.status())["links"]) < 2:
            await asyncio.sleep(0.05)
    faults = (await world.control.status())["links"]
    assert [link["cut"] for link in faults] == ["refuse", "refuse"]
    await world.control.set_link("us-east-1", "eu-west-1")
    assert (await world.dynamodb("eu-west-1", "ListTables", through_us))[0] == 200
    with pytest.raises(ControlError, match="unknown site 'atlantis'"):
        await world.control.set_link("us-east-1", "atlantis", cut="silent")

    # A killed region is gone at once, says nothing, and comes back with what it had.
    await world.control.kill("eu-west-1")
    assert await world.states() == {"us-east-1": "running", "eu-west-1": "killed"}
    with pytest.raises(ClientError):
        await world.get(world.settings.endpoint("eu-west-1"))
    assert await world.dynamodb("eu-west-1", "ListTables", front) == (
        503,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#ServiceUnavailable",
            "message": "eu-west-1 does not answer; `panregion status` says how it is",
        },
    )
    await world.control.restore("eu-west-1")
    assert (await world.dynamodb("eu-west-1", "ListTables", front))[1] == {"TableNames": ["things"]}
    with pytest.raises(ControlError, match="sa-east-1 is not a region of this world"):
        await world.control.kill("sa-east-1")

    # One that ends by itself is told from one that was killed, and stays down as evidence.
    for region in (await world.control.status())["regions"]:
        if region["region"] == "eu-west-1":
            os.kill(region["pid"], signal.SIGKILL)
    while (await world.states())["eu-west-1"] != "crashed":
        await asyncio.sleep(0.02)
    reasons = [region.get("reason", "") for region in (await world.control.status())["regions"]]
    assert reasons[1].startswith("ended by SIGKILL; the last line of its log: ")
    await world.control.restore("eu-west-1")

    # Its addresses are taken: a second world names who has them.
    taken = world.settings.ports.control
    with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{taken} \(control\) is in use by process \d+"):
        start_control(world.settings, with_parent=True)


async def test_a_damaged_store_stops_that_region_alone(tmp_path: Path, ports: Ports) -> None:
    world = Running(tmp_path, ports)
    (tmp_path / "eu-west-1").mkdir()
    (tmp_path / "eu-west-1" / "state.db").write_bytes(b"this is no database " * 1000)
    await world.up()
    try:
        status = {region["region"]: region for region in (await world.control.status())["regions"]}
        assert status["us-east-1"]["status"] == "running"
        assert status["eu-west-1"]["status"] == "crashed"
        assert "state.db is damaged" in status["eu-west-1"]["reason"]
        assert "it begins empty, and replicated tables are copied" in status["eu-west-1"]["reason"]
        assert (await world.dynamodb("us-east-1", "ListTables", world.settings.endpoint("us-east-1")))[0] == 200
    finally:
        await world.down()
