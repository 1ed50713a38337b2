"""What a name is answered with, for every city, now, and why: the edge's own reasons. It asks no region.

The edge tells what its name server would answer: nothing is kept in any city's cache by it, and nothing counted.
"""

import asyncio
from collections.abc import Callable
from shlex import quote
from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Cell, Part, Section, number
from panregion.console.kinds.zones import HEALTH
from panregion.console.site import Site
from panregion.control.tracing import site_of
from panregion.control.tracing.reasons import why_not
from panregion.world.distance import Site as Place
from panregion.world.distance import cities

Json = dict[str, Any]
RegionAt = Callable[[str], str | None]
"""The region that has an address."""
WHOLE_COLUMNS = ("Answer", "Region", number("Cities"), "Which")
CITY_COLUMNS = ("City", "Answer", "Region", number("Kept for"), "Why")
STEP_COLUMNS = ("Name", "Decided by", "Record", "Health", "Chosen", "Why")


async def answers(site: Site, name: str, type: str) -> list[tuple[str, Json]]:
    """What each city is answered. Raises EdgeRefused for what is no name or type."""
    places = (await site.edge.ask("places"))["places"]
    cities = [place["name"] for place in places]
    told = await asyncio.gather(*(site.edge.ask("answer", name=name, type=type, client=city) for city in cities))
    return list(zip(cities, told, strict=True))


async def one(site: Site, name: str, type: str, city: str) -> list[Part]:
    """The answers, all together and city by city; with a city, how its answer came about."""
    found = await answers(site, name, type)
    parts: list[Part] = []
    if city:
        told = dict(found).get(city) or await site.edge.ask("answer", name=name, type=type, client=city)
        parts.append(steps(name, city, told, _site(site, city)))
    return [*parts, *listed(site.settings.region_at, name, type, found)]


def listed(region_at: RegionAt, name: str, type: str, found: list[tuple[str, Json]]) -> list[Section]:
    """The same answers twice: by what is answered, and by who asks."""
    by_answer: dict[str, list[str]] = {}
    for city, told in found:
        by_answer.setdefault(value(told), []).append(city)
    whole = [
        [answer, region_of(answer, region_at), words.count(len(cities)), ", ".join(cities)]
        for answer, cities in sorted(by_answer.items(), key=lambda one: -len(one[1]))
    ]
    rows = [
        [
            Cell.link(city, "names", name, type=type, city=city),
            value(told),
            region_of(value(told), region_at),
            words.seconds(told["ttl_s"]),
            "; ".join(step["why"] for step in told["trace"]),
        ]
        for city, told in found
    ]
    command = f"panregion dig --from CITY {quote(name)} {quote(type)}"
    return [
        Section("Answers now", command, WHOLE_COLUMNS, whole),
        Section("By city", command, CITY_COLUMNS, rows),
    ]


def value(told: Json) -> str:
    """What was answered; without a record of that type, the status."""
    return ", ".join(told["values"]) or str(told["rcode"])


def region_of(answer: str, region_at: RegionAt) -> str | Cell:
    """The region that has the address that is answered first, as a link."""
    region = region_at(answer.partition(",")[0])
    return Cell.link(region, "regions", region) if region else words.NONE


def _site(site: Site, city: str) -> Place | None:
    """Where a city is; None for what the edge knows and a map does not, an address."""
    return site_of(site.settings, city) if city in {*cities(), *site.settings.places} else None


def steps(name: str, city: str, told: Json, asker: Place | None) -> Section:
    """How one city's answer came about: each name on the way, and each record that could have been chosen."""
    rows: list[list[str | Cell]] = []
    for step in told["trace"]:
        if "policy" not in step:
            rows.append([step["name"], "name server", "", "", "", step["why"]])
            continue
        rows += [_candidate(step, record, asker) for record in step["records"]]
    rows.append(["answer", "", value(told), "", "", f"for {words.seconds(told['ttl_s'])}"])
    command = f"panregion trace --from {quote(city)} {quote(f'http://{name}/')}"
    return Section(f"Why {city} is answered that", command, STEP_COLUMNS, rows)


def _candidate(step: Json, record: Json, asker: Place | None) -> list[str | Cell]:
    target = record["target"] if isinstance(record["target"], str) else ", ".join(record["target"])
    check, health = record["health_check"], HEALTH[record["healthy"]]
    terms = ", ".join(f"{key} {said}" for key, said in record["terms"].items())
    against = terms if asker is None else why_not(record, step, asker)
    return [
        step["name"],
        step["policy"],
        Cell(record["set_identifier"] or target, note=target if record["set_identifier"] else ""),
        Cell(health, to=Cell.link("", "checks", check).to if check else None, state=health),
        Cell("chosen", state="healthy") if record["chosen"] else "no",
        step["why"] if record["chosen"] else against,
    ]
