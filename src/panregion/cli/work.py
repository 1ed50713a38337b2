"""`panregion work`: what regions have still to do, and what they gave up."""

from collections import Counter
from typing import Any

import click
from rich.table import Table

from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.control import ControlClient

REASON_SHOWN = 120
WAITING = ("waiting", "retried")
LATE_S = 5.0
"""Work that waits though it was due longer ago has found no place among what is under way."""


@click.command()
@click.argument("region", required=False)
@json_option
def work(region: str | None, as_json: bool) -> None:
    """Work that is left to do, and dead letters: what was tried as often as it may be, with the reason.

    Of REGION, or of all regions that are running.
    """
    settings = settings_of_world()
    if region is not None and region not in settings.regions:
        raise click.UsageError(f"{region} is not a region of this world; it has {', '.join(settings.regions)}")
    entries = [one for one in asked(settings, ControlClient.work) if region in (None, one["region"])]
    if as_json:
        print_json(entries)
        return
    if entries:
        out.print(_table(entries))
    out.print(summary(entries))


def summary(entries: list[dict[str, Any]]) -> str:
    """How much there is, what of it has failed before, and what was given up."""
    states = Counter(one["state"] for one in entries)
    to_do = states["running"] + states["waiting"] + states["retried"]
    failing = f", {states['retried']} of it has failed before" if states["retried"] else ""
    under_way = f", {states['running']} of it under way" if states["running"] else ""
    late_s = [-one["due_in_s"] for one in entries if one["state"] in WAITING and one["due_in_s"] < -LATE_S]
    late = f", {len(late_s)} late by up to {max(late_s):.0f} s" if late_s else ""
    return f"{to_do} to do{under_way}{failing}{late}; {states['dead']} dead letters"


def _table(entries: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("region", "work", "about", "state", "due", "attempts", "reason"):
        table.add_column(heading)
    for one in entries:
        reason = one["reason"][:REASON_SHOWN]
        row = (one["region"], one["kind"], one["about"], one["state"], due(one["due_in_s"]), str(one["attempts"]))
        table.add_row(*row, reason)
    return table


def due(in_s: float | None) -> str:
    """When it is due, in words; None is never, for it was given up."""
    if in_s is None:
        return ""
    return f"in {in_s:.1f} s" if in_s > 0 else f"{-in_s:.0f} s ago" if in_s < -LATE_S else "now"
