"""Probes for Chaos Toolkit: what users in cities are answered, and how the world is."""

from typing import Any

from panregion.testing import convergence
from panregion.testing.chaos.connection import connection
from panregion.testing.user import User
from panregion.world import SystemClock

Configuration = dict[str, Any] | None
LOOK_EVERY_S = 0.1

__all__ = ["conflicts", "converged", "http_body", "http_status", "live_faults", "region_status"]


def http_status(
    city: str, url: str, method: str = "GET", timeout_s: float = 10.0, configuration: Configuration = None
) -> int:
    """The status that a user in a city is answered; 502 and 504 are the city's proxy's, where nobody can be reached."""
    with User(connection(configuration).settings, city) as user:
        return user.request(method, url, timeout=timeout_s).status_code


def http_body(city: str, url: str, timeout_s: float = 10.0, configuration: Configuration = None) -> str:
    """The text that a user in a city is answered."""
    with User(connection(configuration).settings, city) as user:
        return user.get(url, timeout=timeout_s).text


def region_status(region: str, configuration: Configuration = None) -> str:
    """running, killed, frozen, crashed, stopped or starting. Raises ValueError for a region that there is not."""
    found = [state for state in _regions(configuration) if state["region"] == region]
    if not found:
        raise ValueError(f"{region} is not a region of this world")
    return str(found[0]["status"])


def converged(within_s: float = 30.0, configuration: Configuration = None) -> bool:
    """Whether every replica has applied, within that time, what was written before this probe."""
    world, clock = connection(configuration), SystemClock()
    heads = convergence.heads_of(_regions(configuration))
    deadline = clock.monotonic() + within_s
    while convergence.behind(_regions(configuration), heads):
        if clock.monotonic() > deadline:
            return False
        world.ask(clock.sleep(LOOK_EVERY_S))
    return True


def conflicts(configuration: Configuration = None) -> int:
    """How many acknowledged writes a concurrent one overwrote."""
    world = connection(configuration)
    return len(world.ask(world.control.conflicts()))


def live_faults(configuration: Configuration = None) -> list[str]:
    """What is wrong now, in words."""
    world = connection(configuration)
    return [record.description for record in world.ask(world.control.faults()) if record.state != "ended"]


def _regions(configuration: Configuration) -> list[dict[str, Any]]:
    world = connection(configuration)
    regions: list[dict[str, Any]] = world.ask(world.control.status())["regions"]
    return regions
