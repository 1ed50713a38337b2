"""What the regions did for a request that was followed, and when its writes were in the other regions.

The regions tell their own times (services/tracing.py); their clock is this process's, since all run on one machine.
"""

import asyncio
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.world import ClientError, Clock, HttpClient, WorldSettings

TIMEOUT_S = 1.0
LOOK_EVERY_S = 0.02
REPLICATION_FEED = "dynamodb/replication/"

Steps = list[dict[str, Any]]


async def ask(client: HttpClient, settings: WorldSettings, region: str, path: str, **query: Any) -> Any:
    """What a region tells; None where it does not answer."""
    url = f"{settings.endpoint(region)}/_panregion/{path}?{urlencode(query)}"
    try:
        response = await client.send("GET", url, timeout_s=TIMEOUT_S)
    except ClientError:
        return None
    assert isinstance(response.body, bytes)
    return msgspec.json.decode(response.body) if response.status == 200 else None


async def steps(client: HttpClient, settings: WorldSettings, root: str, began_s: float) -> Steps:
    """What every region did, in order: {region, number, parent, kind, what, at_ms, took_ms, ...}; since `began_s`."""
    told = await asyncio.gather(*(ask(client, settings, region, "trace", id=root) for region in settings.regions))
    found = [
        {"region": region, **_since(step, began_s)}
        for region, answer in zip(settings.regions, told, strict=True)
        if answer is not None
        for step in answer["steps"]
    ]
    return sorted(found, key=lambda step: float(step["at_ms"]))


def _since(step: dict[str, Any], began_s: float) -> dict[str, Any]:
    ended_s = step.pop("ended_s")
    at_s = step.pop("began_s")
    return {**step, "at_ms": _ms(at_s - began_s), "took_ms": None if ended_s is None else _ms(ended_s - at_s)}


def writes(found: Steps) -> list[tuple[dict[str, Any], str, int]]:
    """(step, feed, sequence number) of each replicated write among the steps. Pure."""
    return [
        (step, feed, sequence)
        for step in found
        if step["kind"] == "store"
        for feed, sequence in step.get("feeds", {}).items()
        if feed.startswith(REPLICATION_FEED)
    ]


async def replication(
    client: HttpClient, settings: WorldSettings, found: Steps, began_s: float, clock: Clock, patience_s: float
) -> list[dict[str, Any]]:
    """When each replicated write was durable in each other region that follows: {table, from, to, at_ms, after_ms}.

    `at_ms` since `began_s`, `after_ms` since it was durable where it was made; both None where the region had not got
    it after `patience_s`, or (`here`) got it at a time that it does not know any more.
    """
    asked = [
        _arrival(client, settings, write, to, clock, patience_s)
        for write in writes(found)
        for to in settings.regions
        if to != write[0]["region"]
    ]
    names = await _names(client, settings, found) if asked else {}
    arrivals = [arrival for arrival in await asyncio.gather(*asked) if arrival is not None]
    return [_told(arrival, names, began_s) for arrival in arrivals]


async def _names(client: HttpClient, settings: WorldSettings, found: Steps) -> dict[str, str]:
    """The tables' names by their feeds."""
    regions = {step["region"] for step, _, _ in writes(found)}
    health = await asyncio.gather(*(ask(client, settings, region, "health") for region in regions))
    return {feed: name for told in health if told for feed, name in told["replicated_tables"].items()}


async def _arrival(
    client: HttpClient,
    settings: WorldSettings,
    write: tuple[dict[str, Any], str, int],
    to: str,
    clock: Clock,
    patience_s: float,
) -> tuple[dict[str, Any], str, str, dict[str, Any]] | None:
    """What a region tells of a write, once it is there or patience is over; None where it does not follow the feed."""
    step, feed, sequence = write
    until = clock.monotonic() + patience_s
    query = {"feed": feed, "from": step["region"], "sequence": sequence}
    while True:
        told = await ask(client, settings, to, "arrival", **query)
        if told is not None and not told["followed"]:
            return None
        if (told is not None and told["here"]) or clock.monotonic() >= until:
            return step, feed, to, told or {"here": False, "at_s": None}
        await clock.sleep(LOOK_EVERY_S)


def _told(
    arrival: tuple[dict[str, Any], str, str, dict[str, Any]], names: dict[str, str], began_s: float
) -> dict[str, Any]:
    step, feed, to, told = arrival
    at_ms = None if told["at_s"] is None else _ms(told["at_s"] - began_s)
    durable_ms = step["at_ms"] + (step["took_ms"] or 0.0)
    return {
        "table": names.get(feed, feed),
        "from": step["region"],
        "to": to,
        "here": told["here"],
        "at_ms": at_ms,
        "after_ms": None if at_ms is None else round(at_ms - durable_ms, 2),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
