"""hello-accelerated over real processes: who is served where, and for how long nobody is when a region is lost."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import pytest
from botocore.exceptions import ClientError

from panregion.cli.deploy import Deployment, deploy_everywhere
from panregion.cli.up import end
from panregion.cli.world import place_proxy
from panregion.control import ControlClient, progress, start_control
from panregion.world import ClientError as NoAnswer
from panregion.world import HttpClient, SystemClock, WorldSettings, direct_dial, read_settings
from panregion.world.settings import FILE_NAME, Ports

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "hello-accelerated"
SCALE = 0.1
INTERVAL_S, THRESHOLD = 10, 3
LEAVES_S = INTERVAL_S * THRESHOLD * SCALE
SLACK_S = 2.0
"""What a machine that does other things may add to a bound."""

EUROPE, AMERICA = "eu-central-1", "us-west-2"
HOME = {"london": EUROPE, "paris": EUROPE, "tokyo": AMERICA, "san-francisco": AMERICA, "sydney": AMERICA}
PATIENCE_S = 2.0

Asked = Callable[[], Awaitable[dict[str, str | None]]]


@dataclass
class Stage:
    """A world of two regions with the example deployed."""

    settings: WorldSettings
    clock: SystemClock = field(default_factory=SystemClock)
    url: str = ""
    addresses: list[str] = field(default_factory=list)

    def client(self, service: str, region: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.settings.endpoint(region),
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=3, read_timeout=10),
        )

    async def deploy(self) -> None:
        regions = Deployment(self.settings, EXAMPLE / "region.yaml", "hello", {})
        outputs = await deploy_everywhere(regions, [AMERICA, EUROPE])
        balancers = {
            "FirstBalancer": outputs[AMERICA]["BalancerArn"],
            "SecondBalancer": outputs[EUROPE]["BalancerArn"],
        }
        front = Deployment(self.settings, EXAMPLE / "accelerator.yaml", "front", balancers)
        told = (await deploy_everywhere(front, [EUROPE]))[EUROPE]
        self.url, self.addresses = told["Url"], told["Addresses"].split()

    async def ask(self, city: str, url: str) -> str | None:
        """The region that a page names; None where none came. A connection of its own each time."""
        client = HttpClient(direct_dial, proxy=place_proxy(self.settings, city))
        try:
            answer = await client.send("GET", url, [], timeout_s=PATIENCE_S)
        except NoAnswer:
            return None
        finally:
            await client.close()
        assert isinstance(answer.body, bytes)
        found = re.search(rb"Answered by <strong>([a-z0-9-]+)</strong>", answer.body)
        return found[1].decode() if found and answer.status in (200, 404) else None

    async def everywhere(self, path: str = "/health") -> dict[str, str | None]:
        told = await asyncio.gather(*(self.ask(city, self.url + path) for city in HOME))
        return dict(zip(HOME, told, strict=True))

    async def at_addresses(self) -> dict[str, str | None]:
        """What London is told at each of the accelerator's addresses."""
        return {address: await self.ask("london", f"http://{address}/health") for address in self.addresses}

    async def until(self, expected: dict[str, str], bound_s: float = 60.0) -> None:
        await self._until(self.everywhere, expected, bound_s)

    async def until_at_addresses(self, region: str, bound_s: float = 60.0) -> None:
        await self._until(self.at_addresses, dict.fromkeys(self.addresses, region), bound_s)

    async def _until(self, asked: Asked, expected: dict[str, str], bound_s: float) -> None:
        """On a busy machine a region may be held unhealthy for a while."""
        began = self.clock.monotonic()
        while (told := await asked()) != expected:
            assert self.clock.monotonic() - began < bound_s, f"{told}, not {expected}"


@pytest.fixture
async def stage(tmp_path: Path, ports: Ports) -> AsyncIterator[Stage]:
    lines = [f'regions = ["{AMERICA}", "{EUROPE}"]\n', f"[time]\nhealth_check_scale = {SCALE}\n", "[ports]\n"]
    lines += [f"{name} = {getattr(ports, name)}\n" for name in ports.__struct_fields__]
    (tmp_path / FILE_NAME).write_text("".join(lines))
    settings = read_settings(tmp_path / FILE_NAME)
    process = start_control(settings, with_parent=True, warm=True)
    async for _ in progress(settings, process):
        pass
    stage = Stage(settings)
    await stage.deploy()
    yield stage
    await end(settings)
    await asyncio.to_thread(process.wait, 30)


async def fail_over(stage: Stage, control: ControlClient, lost: str) -> dict[str, float]:
    """Kill a region under steady traffic; by city, when after the loss its last request failed."""
    last = dict.fromkeys(HOME, 0.0)
    began = stage.clock.monotonic()
    await control.kill(lost)

    async def user(city: str) -> None:
        while stage.clock.monotonic() - began < LEAVES_S + SLACK_S + 2:
            if await stage.ask(city, f"{stage.url}/get/1") is None:
                last[city] = stage.clock.monotonic() - began
            await stage.clock.sleep(0.05)

    await asyncio.gather(*(user(city) for city in HOME))
    return last


async def test_users_come_to_the_nearest_region_and_leave_one_that_is_lost(stage: Stage) -> None:
    await stage.until(HOME)
    await stage.until_at_addresses(EUROPE)

    control = ControlClient(stage.settings)
    last = await fail_over(stage, control, EUROPE)
    assert {city for city, at in last.items() if at} == {"london", "paris"}, last
    assert max(last.values()) < LEAVES_S + SLACK_S, last
    await stage.until(dict.fromkeys(HOME, AMERICA))
    await control.restore(EUROPE)
    await stage.until(HOME, 60)

    await control.kill(AMERICA)  # the home of the accelerator's control plane
    await stage.until(dict.fromkeys(HOME, EUROPE))
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        await asyncio.to_thread(stage.client("globalaccelerator", EUROPE).list_accelerators)
    await control.close()
