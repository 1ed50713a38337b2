"""`panregion status` and `env`: reading a world."""

import shlex
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from panregion.cli.environment import environment
from panregion.cli.lag import replication_table
from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.control import ControlClient

STYLES = {
    "running": "green",
    "killed": "red",
    "crashed": "red",
    "not answering": "red",
    "starting": "yellow",
    "frozen": "blue",
}


@click.command()
@json_option
def status(as_json: bool) -> None:
    """How the world is: its regions, faults, replication. Exit code 1 if a region is not running."""
    state = asked(settings_of_world(), ControlClient.status)
    if as_json:
        print_json(state)
    else:
        show(state)
    if any(region["status"] != "running" for region in state["regions"]):
        raise SystemExit(1)


def show(state: dict[str, Any]) -> None:
    """The state as tables."""
    table = Table(box=None, pad_edge=False)
    for heading in ("region", "state", "endpoint", "pid", "memory", "up", "work", "dead letters"):
        table.add_column(heading)
    for region in state["regions"]:
        style = STYLES.get(region["status"], "")
        table.add_row(
            region["region"],
            f"[{style}]{region['status']}[/{style}]" if style else region["status"],
            region["endpoint"],
            str(region.get("pid", "")),
            f"{region['memory_mb']:.0f} MB" if "memory_mb" in region else "",
            f"{region['uptime_s']:.0f} s" if "uptime_s" in region else "",
            str(region.get("work", "")),
            str(region.get("dead_letters", "")),
        )
    out.print(table)
    for region in state["regions"]:
        if "reason" in region:
            out.print(f"[red]{region['region']} crashed:[/red] {escape(region['reason'])}", soft_wrap=True)
    replication = replication_table(state["regions"])
    if replication.row_count:
        out.print()
        out.print(replication)
    if any(cells["status"] != "running" for cells in state["recovery_cells"]):
        listed = ", ".join(f"{cells['site']} {cells['status']}" for cells in state["recovery_cells"])
        out.print(f"recovery cells: {listed}")
    for outside in state["outside"]:
        why = f": {escape(outside['reason'])}" if "reason" in outside else ""
        out.print(f"{outside['name']} (outside, in {outside['place']}): {outside['status']}{why}", soft_wrap=True)
    for fault in state["faults"]:
        out.print(f"[red]fault[/red] {fault['id']}: {escape(fault['description'])}", soft_wrap=True)


@click.command()
@click.option("--region", help="Speak to this region directly; otherwise to the front door.")
@click.option("--from", "city", help="Send HTTP through the proxy of this city.")
@json_option
def env(region: str | None, city: str | None, as_json: bool) -> None:
    """Export lines for a shell: eval $(panregion env --region eu-west-1 --from london)."""
    variables = environment(settings_of_world(), region, city)
    if as_json:
        print_json(variables)
        return
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")
