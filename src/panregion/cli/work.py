"""`panregion work`: what regions have still to do, and what they gave up."""

from typing import Any

import click
from rich.table import Table

from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.control import ControlClient

REASON_SHOWN = 60


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
    dead = sum(one["state"] == "dead" for one in entries)
    out.print(f"{len(entries) - dead} to do, {dead} dead letters")


def _table(entries: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("region", "work", "state", "due in", "attempts", "reason"):
        table.add_column(heading)
    for one in entries:
        due = "" if one["due_in_s"] is None else f"{max(0.0, one['due_in_s']):.1f} s"
        reason = one["reason"][:REASON_SHOWN]
        table.add_row(one["region"], one["kind"], one["state"], due, str(one["attempts"]), reason)
    return table
