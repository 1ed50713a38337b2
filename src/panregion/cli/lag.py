"""`panregion lag`: how far replicas are behind, for each table and pair of regions."""

from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.control import ControlClient


@click.command()
@json_option
def lag(as_json: bool) -> None:
    """Lag and backlog of every replicated table, by pair of regions, as the region that applies the writes sees it."""
    regions = asked(settings_of_world(), ControlClient.status)["regions"]
    if as_json:
        print_json([entry for region in regions for entry in _entries(region)])
        return
    table = replication_table(regions)
    if table.row_count:
        out.print(table)
    else:
        out.print("no table is replicated; an AWS::DynamoDB::GlobalTable, or UpdateTable with ReplicaUpdates, is")


def _entries(region: dict[str, Any]) -> list[dict[str, Any]]:
    """What one region takes from its peers, a flat value for each table and peer."""
    return [
        {
            "region": region["region"],
            "peer": peer,
            "table": region["replicated_tables"].get(feed, feed),
            "state": following["state"],
            "backlog": figures["backlog"],
            **figures["lag"],
        }
        for peer, following in region.get("replication", {}).items()
        for feed, figures in following["feeds"].items()
    ]


def replication_table(regions: list[dict[str, Any]]) -> Table:
    """One line for each replicated table that a region takes from a peer."""
    table = Table(box=None, pad_edge=False)
    for heading in ("replica in", "from", "table", "state", "backlog", "lag p50", "lag p99"):
        table.add_column(heading)
    for region in regions:
        for peer, following in region.get("replication", {}).items():
            for feed, figures in following["feeds"].items():
                name = region["replicated_tables"].get(feed, feed)
                table.add_row(region["region"], peer, name, _state(following, figures), *_lag(figures))
    return table


def _state(following: dict[str, Any], figures: dict[str, Any]) -> str:
    if figures["refused"]:
        return f"[red]refused: {figures['refused']}[/red]"
    for state in ("copying", "paused"):
        if figures[state]:
            return f"[yellow]{state}[/yellow]"
    if following["state"] == "following":
        return "[green]following[/green]"
    return f"[red]{escape(_essence(following['reason']))}[/red]"


def _essence(reason: str) -> str:
    """Why a peer cannot be followed; who asks whom where is in the line already, and in full in --json."""
    return reason.rpartition(": ")[2] or "not following"


def _lag(figures: dict[str, Any]) -> tuple[str, str, str]:
    lag = figures["lag"]
    p50, p99 = (f"{lag[name]:.0f} ms" if lag[name] is not None else "" for name in ("p50_ms", "p99_ms"))
    return str(figures["backlog"]), p50, p99
