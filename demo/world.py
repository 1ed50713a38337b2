"""The demo's own world: made in a folder and on ports of its own, asked through public doors only."""

import asyncio
import shutil
import statistics
from pathlib import Path
from typing import Any

import msgspec

from panregion.cli.deploy import Deployment, deploy_everywhere
from panregion.cli.up import bring_up, end
from panregion.cli.world import place_proxy
from panregion.control import ControlClient
from panregion.world import SystemClock, WorldSettings, read_settings
from panregion.world.aws_client import aws_client
from panregion.world.settings import FILE_NAME, Ports

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "hello-global"

HELLO_TABLE = "hello-items"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
CITIES = ("new-york", "london", "sydney")
HOMES = dict(zip(CITIES, REGIONS, strict=True))
"""Who is nearest to whom."""
HEALTH_CHECK_SCALE = 0.1

WORLD_FILE = """# The demo's world. Health checks are more frequent than on AWS where a scale below 1 says so.
regions = {regions}

[time]
health_check_scale = {scale}

[ports]
"""


class DemoWorld:
    """A running world with the example deployed to it, and AWS's own clients for every region."""

    def __init__(self, folder: Path, ports: Ports, health_check_scale: float = HEALTH_CHECK_SCALE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        text = WORLD_FILE.format(regions=msgspec.json.encode(REGIONS).decode(), scale=health_check_scale)
        lines = [f"{name} = {port}\n" for name, port in msgspec.structs.asdict(ports).items()]
        (folder / FILE_NAME).write_text(text + "".join(lines))
        self.settings: WorldSettings = read_settings(folder / FILE_NAME)
        self.clock = SystemClock()
        self.control = ControlClient(self.settings)

    async def start(self) -> None:
        """Start from nothing. Raises what `panregion up` would complain of."""
        await end(self.settings)
        shutil.rmtree(self.settings.path, ignore_errors=True)
        await bring_up(self.settings, with_parent=False)

    async def deploy(self) -> dict[str, dict[str, str]]:
        deployment = Deployment(self.settings, EXAMPLE / "template.yaml", "hello", {})
        return await deploy_everywhere(deployment, list(REGIONS))

    def client(self, service: str, region: str) -> Any:
        """boto3's client of a region."""
        return aws_client(service, region, self.settings.endpoint(region))

    def proxy(self, city: str) -> str:
        return place_proxy(self.settings, city)

    async def replication(self) -> list[dict[str, Any]]:
        """One entry for each table that a running region takes from a peer: region, peer, table and figures."""
        status = await self.control.status()
        return [
            {
                "region": region["region"],
                "peer": peer,
                "table": region["replicated_tables"].get(feed),
                "state": following["state"],
                **figures,
            }
            for region in status["regions"]
            for peer, following in region.get("replication", {}).items()
            for feed, figures in following["feeds"].items()
        ]

    async def converged(self) -> bool:
        """Whether every region follows every peer and has applied all that they have published."""
        tables = [entry for entry in await self.replication() if entry["table"] == HELLO_TABLE]
        following = [entry for entry in tables if entry["state"] == "following" and entry["backlog"] == 0]
        return len(following) == len(REGIONS) * (len(REGIONS) - 1)

    async def replication_lag(self) -> dict[str, Any]:
        """Lag by pair of regions, at the moment of applying: the median pair's p50 and the worst pair's p99."""
        pairs = {
            f"{entry['peer']} -> {entry['region']}": entry["lag"]
            for entry in await self.replication()
            if entry["lag"]["samples"] and entry["table"] == HELLO_TABLE
        }
        p50 = statistics.median(lag["p50_ms"] for lag in pairs.values())
        return {"p50": p50, "p99": max(lag["p99_ms"] for lag in pairs.values()), "pairs": pairs}

    async def overwritten(self) -> int:
        """How many acknowledged writes lost against a concurrent one, by the conflict ledgers of all regions."""
        return len(await self.control.conflicts())

    async def stop(self) -> None:
        await self.control.close()
        await end(self.settings)


async def scan(client: Any, table: str) -> dict[str, Any]:
    """All items of a table in one region, by id."""

    def pages() -> dict[str, Any]:
        found = client.get_paginator("scan").paginate(TableName=table)
        return {item["id"]["S"]: item for page in found for item in page["Items"]}

    return await asyncio.to_thread(pages)
