"""What a region has still to do for its services, and what it gave up: `panregion work`."""

from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Cell, Section, number
from panregion.console.site import Site

COLUMNS = ("Work", "About", "State", number("Due"), number("Attempts"), "Reason")


def listed(region: str, entries: list[dict[str, Any]], *, dead: bool) -> Section:
    """A region's dead work, or that which is to do."""
    rows = [_row(entry) for entry in entries if entry["region"] == region and (entry["state"] == "dead") == dead]
    title = "Dead work" if dead else "Work to do"
    empty = "Nothing was given up." if dead else "Nothing is left to do."
    return Section(title, f"panregion work {region}", COLUMNS, rows, empty)


def _row(entry: dict[str, Any]) -> list[str | Cell]:
    state = {"dead": "failed", "retried": "behind", "waiting": "starting"}.get(entry["state"], "healthy")
    return [
        entry["kind"],
        Cell(entry["about"] or words.NONE, note="" if entry["about"] else entry["payload"]),
        Cell(entry["state"], state=state),
        due(entry["due_in_s"]),
        words.count(entry["attempts"]),
        entry["reason"],
    ]


def due(in_s: float | None) -> str:
    """When it is due, in words; None is never, for it was given up."""
    if in_s is None:
        return words.NONE
    return f"in {words.seconds(in_s)}" if in_s > 0 else f"{words.seconds(-in_s)} ago"


async def of_region(site: Site, region: str, _status: dict[str, Any]) -> list[Section]:
    """What is to do, and what was given up."""
    entries = await site.control.work()
    return [listed(region, entries, dead=False), listed(region, entries, dead=True)]
