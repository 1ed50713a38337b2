"""A real browser in a city: headless Chromium, through the place's proxy, over HTTPS that it has checked itself.

The browser is given the world's certificate authority in a trust store of its own (as `panregion trust --install` gives
it to a user's) and nothing to look away from, so a page is only seen where name, chain and TLS are as they ought to be.
Debian's packages: chromium and libnss3-tools. Where they are not installed, the test says so and is skipped.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from demo.world import DemoWorld

from panregion.control import progress, start_control
from panregion.world.settings import Ports
from panregion.world.tls import CERTIFICATE
from tests.services.cloudfront.support import DISABLED, behavior, config, origin

SCALE = 0.05
HOME, SECOND = "us-east-1", "eu-west-1"
CITY = "london"
BROWSER_S = 90
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CERTUTIL = shutil.which("certutil")
SUBNETS = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
# The script only runs in a browser, so that what it wrote proves that one was there, and had taken the page for HTML.
PAGE = (
    "<!doctype html><html><body><h1>hello from {region}</h1><p id='said'></p><script>"
    "document.getElementById('said').textContent = location.protocol + ' ' + window.isSecureContext;"
    "</script></body></html>"
)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(CERTUTIL is None, reason="certutil is not installed (Debian: apt-get install libnss3-tools)"),
]


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[DemoWorld]:
    world = DemoWorld(tmp_path, ports, SCALE)
    process = start_control(world.settings, with_parent=True, warm=True)
    async for _ in progress(world.settings, process):
        pass
    yield world
    await world.stop()
    await asyncio.to_thread(process.wait, 30)


def balancer(world: DemoWorld, region: str, certificate: str | None = None) -> dict[str, Any]:
    """A load balancer that answers with a page by itself, over HTTPS where it has a certificate."""
    client = world.client("elbv2", region)
    made: dict[str, Any] = client.create_load_balancer(Name="page", Subnets=SUBNETS)["LoadBalancers"][0]
    said = {"StatusCode": "200", "ContentType": "text/html", "MessageBody": PAGE.format(region=region)}
    given: dict[str, Any] = {"Protocol": "HTTP", "Port": 80}
    if certificate:
        given = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": certificate}]}
    client.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": said}],
        **given,
    )
    return made


def distribution(world: DemoWorld) -> str:
    """A distribution before a load balancer; its own name, which every distribution has a certificate for."""
    where = balancer(world, HOME)["DNSName"]
    given = config(
        "page",
        origin(HOME, where, custom={"OriginProtocolPolicy": "http-only"}),
        DefaultCacheBehavior=behavior(HOME, DISABLED),
    )
    made = world.client("cloudfront", HOME).create_distribution(DistributionConfig=given)["Distribution"]
    return str(made["DomainName"])


def accelerated(world: DemoWorld, name: str) -> None:
    """An accelerator on port 443 before a load balancer with a certificate, and a record that leads there."""
    certificate = world.client("acm", SECOND).request_certificate(DomainName=name, ValidationMethod="DNS")
    arn = balancer(world, SECOND, certificate["CertificateArn"])["LoadBalancerArn"]
    client = world.client("globalaccelerator", HOME)
    made = client.create_accelerator(Name="page", IdempotencyToken="a")["Accelerator"]
    ports = [{"FromPort": 443, "ToPort": 443}]
    listener = client.create_listener(
        AcceleratorArn=made["AcceleratorArn"], Protocol="TCP", PortRanges=ports, IdempotencyToken="l"
    )["Listener"]["ListenerArn"]
    client.create_endpoint_group(
        ListenerArn=listener,
        EndpointGroupRegion=SECOND,
        EndpointConfigurations=[{"EndpointId": arn}],
        IdempotencyToken="g",
    )
    route53 = world.client("route53", HOME)
    zone = route53.create_hosted_zone(Name=name.partition(".")[2], CallerReference="page")["HostedZone"]["Id"]
    target = {"HostedZoneId": "Z2BJ6XQ5FK7U4H", "DNSName": made["DnsName"], "EvaluateTargetHealth": False}
    record = {"Name": name, "Type": "A", "AliasTarget": target}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )


async def run(home: Path, *arguments: str) -> tuple[str, str]:
    """Run a program to its end, in a home and a process group of its own; what it printed and complained of."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, complaint = await asyncio.wait_for(process.communicate(), BROWSER_S)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert process.returncode == 0, (said + complaint).decode()
    return said.decode(), complaint.decode()


async def trust(home: Path, authority: Path) -> None:
    """Make a browser's trust store with the world's authority in it."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    database = f"sql:{store}"
    assert CERTUTIL is not None
    await run(home, CERTUTIL, "-N", "-d", database, "--empty-password")
    await run(home, CERTUTIL, "-A", "-d", database, "-n", "world", "-t", "C,,", "-i", str(authority))


async def seen(world: DemoWorld, home: Path, url: str) -> str:
    """The page as the browser has it after its scripts ran."""
    assert CHROMIUM is not None
    said, _ = await run(
        home,
        CHROMIUM,
        "--headless",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        f"--user-data-dir={home / 'profile'}",
        f"--proxy-server={world.proxy(CITY)}",
        "--proxy-bypass-list=<-loopback>",
        "--timeout=20000",
        "--dump-dom",
        url,
    )
    return said


async def test_a_browser_sees_pages_through_both_front_doors_over_https(world: DemoWorld, tmp_path: Path) -> None:
    distributed = await asyncio.to_thread(distribution, world)
    await asyncio.to_thread(accelerated, world, "www.browser.test")
    home = tmp_path / "home"
    home.mkdir()

    # Whoever does not know the world's authority is warned, and sees no page.
    stranger = await seen(world, home, f"https://{distributed}/")
    assert "hello from" not in stranger

    await trust(home, world.settings.path / CERTIFICATE)
    for name, region in ((distributed, HOME), ("www.browser.test", SECOND)):
        page = await seen(world, home, f"https://{name}/")
        assert f"<h1>hello from {region}</h1>" in page, page
        assert '<p id="said">https: true</p>' in page
