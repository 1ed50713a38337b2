"""How long a region's loss lasts for users in five cities, by front door, in one run at AWS's pace.

    .venv/bin/python -m benchmarks.front_doors      takes four minutes

One world has them all before the same three regions: hello-global's Route 53 latency records (checks of 10 s x 3,
TTL 60 s) before API Gateway and Lambda; its CloudFront distribution, whose origin is that name; a distribution whose
origin group names two regions' load balancers; and an accelerator (10 s x 3) before load balancers. In each city, one
user of each door asks twice a second, each time on a new connection, and past every cache. The region nearest to New
York is killed. Told are each city's failed requests and when the last of them began after the loss.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from demo.world import EXAMPLE, REGIONS, DemoWorld

from benchmarks.accelerator import CITIES, INTERVAL_S, THRESHOLD, make_accelerator, make_balancer
from benchmarks.cloudfront import DISABLED
from benchmarks.world import measured_world
from panregion.cli.deploy import Deployment, deploy_everywhere
from panregion.world import ClientError, HttpClient, direct_dial
from panregion.world.tls import trusting

LOST, SECOND = "us-east-1", "eu-west-1"
TTL_S = 60
DETECTED_S = INTERVAL_S * THRESHOLD
PAUSE_S, PATIENCE_S, STEADY_S = 0.5, 5.0, 10.0


@dataclass(frozen=True)
class Door:
    """A way in: its URL, and how long after a loss its settings let a request fail."""

    name: str
    url: str
    bound_s: float


@dataclass
class Ledger:
    """One user's requests: how many, and when the failed ones began."""

    door: Door
    city: str
    asked: int = 0
    failed_s: list[float] = field(default_factory=list)
    region: str = ""


def region_in(body: bytes) -> str:
    """The region that a page names; each door's pages name one."""
    return next((region for region in REGIONS if region.encode() in body), "")


async def ask_steadily(world: DemoWorld, ledger: Ledger) -> None:
    """Ask, note what came of it, and again, until cancelled."""
    tls = trusting(world.settings.path)
    while True:
        client = HttpClient(direct_dial, proxy=world.proxy(ledger.city), tls=tls)
        began_s = world.clock.monotonic()
        ledger.asked += 1
        try:
            answer = await client.send("GET", ledger.door.url, timeout_s=PATIENCE_S)
            assert isinstance(answer.body, bytes)
            if answer.status == 200:
                ledger.region = region_in(answer.body)
            else:
                ledger.failed_s.append(began_s)
        except ClientError:
            ledger.failed_s.append(began_s)
        finally:
            await client.close()
        await world.clock.sleep(PAUSE_S)


def make_group(world: DemoWorld, balancers: dict[str, dict[str, Any]]) -> str:
    """A distribution with two regions' load balancers in an origin group; its domain name."""
    origins = [
        {
            "Id": region,
            "DomainName": balancers[region]["DNSName"],
            "ConnectionAttempts": 1,
            "ConnectionTimeout": 2,
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
        }
        for region in (LOST, SECOND)
    ]
    both = {
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 4, "Items": [500, 502, 503, 504]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": origin["Id"]} for origin in origins]},
    }
    given: dict[str, Any] = {
        "CallerReference": "front-doors",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": origins},
        "OriginGroups": {"Quantity": 1, "Items": [both]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "both",
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": DISABLED,
        },
    }
    made = world.client("cloudfront", LOST).create_distribution(DistributionConfig=given)
    return str(made["Distribution"]["DomainName"])


async def open_doors(world: DemoWorld) -> list[Door]:
    """Deploy everything; the doors."""
    await world.deploy()
    await deploy_everywhere(Deployment(world.settings, EXAMPLE / "cdn.yaml", "cdn", {}), [LOST])
    balancers = {region: await asyncio.to_thread(make_balancer, world, region) for region in REGIONS}
    accelerator, _ = await asyncio.to_thread(make_accelerator, world, balancers)
    grouped = await asyncio.to_thread(make_group, world, balancers)
    return [
        Door("Route 53", "http://api.hello.test/ping", DETECTED_S + TTL_S),
        Door("CloudFront + Route 53", "https://cdn.hello.test/ping", DETECTED_S + TTL_S),
        Door("CloudFront, origin group", f"http://{grouped}/", 0),
        Door("Global Accelerator", f"http://{accelerator}/", DETECTED_S),
    ]


def report(ledgers: list[Ledger], lost_s: float) -> None:
    """The table of docs/performance.md, a row for each door and city."""
    print("| front door | bound | city | asked | failed | last failed request began after | now served by |")
    print("|---|---|---|---|---|---|---|")
    for ledger in ledgers:
        last = f"{ledger.failed_s[-1] - lost_s:.1f} s" if ledger.failed_s else "none failed"
        row = (ledger.door.name, f"{ledger.door.bound_s:g} s", ledger.city, ledger.asked, len(ledger.failed_s), last)
        print("|", " | ".join(map(str, (*row, ledger.region))), "|", flush=True)


async def run() -> None:
    async with measured_world() as world:
        doors = await open_doors(world)
        await world.clock.sleep(DETECTED_S)  # the health checks have made up their minds
        ledgers = [Ledger(door, city) for door in doors for city in CITIES]
        users = [asyncio.create_task(ask_steadily(world, ledger)) for ledger in ledgers]
        await world.clock.sleep(STEADY_S)
        before = sum(len(ledger.failed_s) for ledger in ledgers)
        for ledger in ledgers:
            ledger.failed_s.clear()
            ledger.asked = 0
        lost_s = world.clock.monotonic()
        await world.control.kill(LOST)
        await world.clock.sleep(DETECTED_S + TTL_S + 20)
        for user in users:
            user.cancel()
        await asyncio.gather(*users, return_exceptions=True)
        print(f"{LOST} was killed; before that {before} requests failed")
        report(ledgers, lost_s)


if __name__ == "__main__":
    asyncio.run(run())
