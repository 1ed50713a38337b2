"""The console of a real world: what is clicked happens, and everybody who looks sees the same."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from panregion.testing import User, World
from tests.browser.chromium import CHROMIUM, Browser, until

AMERICA, EUROPE = "us-east-1", "eu-west-1"
NAME = "www.site.test"
WITHIN_S = 60
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"),
    pytest.mark.world(regions=[AMERICA, EUROPE], console=True),
    pytest.mark.timeout(240),
]
HEALTH: dict[str, Any] = {"Type": "TCP", "Port": 80, "RequestInterval": 10, "FailureThreshold": 1}


def has_a_name(world: World) -> None:
    """www.site.test is the nearest region that is well: to a region's own address everybody can connect."""
    route53 = world.region(AMERICA).client("route53")
    zone = route53.create_hosted_zone(Name="site.test", CallerReference="1")["HostedZone"]["Id"]
    for region in world.regions:
        address = world.settings.address(region)
        config = {**HEALTH, "IPAddress": address}
        check = route53.create_health_check(CallerReference=region, HealthCheckConfig=config)["HealthCheck"]["Id"]
        nearest = {"SetIdentifier": region, "Region": region, "HealthCheckId": check}
        record = {"Name": NAME, "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": address}], **nearest}
        changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)


def answers(console: str) -> bool:
    try:
        return httpx.get(f"{console}/_panregion/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def pages(world: World, tmp_path: Path) -> Iterator[tuple[Browser, Browser]]:
    """Two pages that are open, in two browsers."""
    console = f"http://127.0.0.1:{world.settings.ports.console}"
    until(lambda: answers(console), WITHIN_S, "the console")
    with Browser(tmp_path / "one") as one, Browser(tmp_path / "other") as other:
        for page in (one, other):
            page.look(width=1280)
            page.open(f"{console}/?last=3")
        yield one, other
        assert (one.problems, other.problems) == ([], [])


def seen(page: Browser, state: str, answered_by: str) -> Callable[[], bool]:
    """Whether a page has Europe in a state, and London's users with one region, on its map, tables and strip."""
    mark = f"#map path.region.{'running' if state == 'running' else 'dead'}[data-name='{EUROPE}']"
    flow = f"#map path.flow.good[data-flow='london {answered_by}']"
    script = f"""(() => {{
      const row = document.querySelector("tr[data-city=london]")?.innerText ?? "";
      const state = document.querySelector("tr[data-region={EUROPE}] .state")?.dataset.state;
      const told = document.getElementById("strip-view").getAttribute("aria-valuetext");
      return !!document.querySelector({json.dumps(mark)}) && !!document.querySelector({json.dumps(flow)})
        && state === "{state}" && row.split("{answered_by}").length === 3
        && told.includes("london is told for {NAME}: {answered_by}")
        && told.includes("{EUROPE} is killed") === {json.dumps(state != "running")};
    }})()"""
    return lambda: bool(page.run(script))


def both_see(pages: tuple[Browser, Browser], user: User, state: str, answered_by: str) -> None:
    """Wait until both pages do, while somebody in London goes on asking."""
    conditions = [seen(page, state, answered_by) for page in pages]

    def so() -> bool:
        user.get(f"http://{NAME}/")
        return all(condition() for condition in conditions)

    try:
        until(so, WITHIN_S, f"{EUROPE} {state}, and {answered_by} answers")
    except AssertionError as error:
        told = [page.run("document.getElementById('strip-view').getAttribute('aria-valuetext')") for page in pages]
        raise AssertionError(f"{error}: {told}\n{pages[0].text()}") from error


def press(page: Browser, label: str) -> None:
    """Press what Europe's row has on offer."""
    page.wait(
        f"(() => {{ const button = [...document.querySelectorAll('tr[data-region={EUROPE}] button')]"
        f".find((one) => one.innerText === '{label}'); button?.click(); return !!button; }})()"
    )


def test_a_region_is_killed_and_restored_by_clicks(world: World, pages: tuple[Browser, Browser]) -> None:
    has_a_name(world)
    user, (one, other) = world.user("london"), pages
    both_see(pages, user, "running", EUROPE)
    press(one, "Kill")
    one.click("dialog button.danger")
    both_see(pages, user, "killed", AMERICA)
    assert world.region(EUROPE).status == "killed"
    press(other, "Restore")
    both_see(pages, user, "running", EUROPE)
    assert world.faults() == []
