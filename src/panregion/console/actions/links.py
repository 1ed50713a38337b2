"""Cutting, slowing and healing the link between two sites."""

from panregion.console.actions.action import Action, Given, Missing
from panregion.console.site import Site


def _sites(given: Given) -> str:
    return f"{given['site']} {given['other']}"


async def _cut(site: Site, given: Given) -> str:
    await site.control.set_link(given["site"], given["other"], cut="silent")
    return f"{given['site']} <-> {given['other']} is cut"


async def _slow(site: Site, given: Given) -> str:
    delay_ms = _delay(given)
    await site.control.set_link(given["site"], given["other"], delay_ms_extra=delay_ms)
    return f"{given['site']} <-> {given['other']} takes {delay_ms:g} ms longer each way"


def _delay(given: Given) -> float:
    try:
        delay_ms = float(given["delay_ms"])
    except ValueError as error:
        raise Missing(f"delay_ms: {given['delay_ms'][:40]!r} is not a number of milliseconds, such as 200") from error
    if not 0 < delay_ms <= 600_000:
        raise Missing("delay_ms: more than 0 and at most 600000 (ten minutes)")
    return delay_ms


async def _heal(site: Site, given: Given) -> str:
    await site.control.set_link(given["site"], given["other"])
    return f"{given['site']} <-> {given['other']} is healed"


CUT = Action(
    "Cut",
    ("site", "other"),
    lambda given: f"panregion cut {_sites(given)}",
    _cut,
    lambda given: (
        f"What {given['site']} and {given['other']} send each other is lost in silence until the link is healed."
    ),
)
SLOW = Action(
    "Slow",
    ("site", "other", "delay_ms"),
    lambda given: f"panregion slow {_sites(given)} --delay {given['delay_ms']}ms",
    _slow,
)
HEAL = Action("Heal", ("site", "other"), lambda given: f"panregion heal {_sites(given)}", _heal)
