"""`panregion item`: an item, or a page of a table's items, as every region has it."""

import shlex
from typing import Any

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.world import SystemClock

SHOWN = 90
"""Characters of an item in a table's cell."""


@click.command()
@click.argument("table")
@click.argument("key", required=False)
@click.option("--after", default="", help="Go on behind this place, as the page before told it.")
@click.option("--limit", default=50, type=click.IntRange(1, 1000), help="Items of a page.", show_default=True)
@click.option("--different", is_flag=True, help="Only those that are not the same in every region.")
@json_option
def item(table: str, key: str | None, after: str, limit: int, different: bool, as_json: bool) -> None:
    """TABLE's items in every region side by side, with version, origin and age; or the one with KEY.

    KEY is JSON as DynamoDB has it: '{"id":{"S":"a"}}'.
    """
    settings = settings_of_world()
    page = asked(
        settings,
        lambda client: client.items(table, after=after, limit=limit) if key is None else client.item(table, key),
    )
    if different:
        page["rows"] = [row for row in page["rows"] if row["state"] != "same"]
    if as_json:
        print_json(page)
        return
    if page["rows"]:
        out.print(items_table(page, SystemClock().now()))
    else:
        out.print(f"{page['table']}: no such item" if key else f"{page['table']}: no items to show")
    if page["next"]:
        out.print(f"the next: panregion item {shlex.quote(table)} --after {page['next']}", soft_wrap=True)


def items_table(page: dict[str, Any], now_s: float) -> Table:
    """A line for each item and region."""
    table = Table(box=None, pad_edge=False)
    for heading in ("key", "region", "state", "version", "written in", "age", "item"):
        table.add_column(heading)
    for row in page["rows"]:
        key = "" if row["key"] is None else _json(row["key"])
        for number, (region, image) in enumerate(row["images"].items()):
            table.add_row("" if number else escape(key), region, *_cells(image, now_s), end_section=True)
    return table


def _cells(image: dict[str, Any], now_s: float) -> tuple[str, ...]:
    state, written_ms = image["state"], image["written_ms"]
    color = "green" if state == "newest" else "yellow"
    age = "" if written_ms is None else f"{max(0.0, now_s - written_ms / 1000):.1f} s"
    shown = "" if image["item"] is None else _json(image["item"])
    cut = shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"
    return f"[{color}]{state}[/{color}]", image["version"] or "", image["region"] or "", age, escape(cut)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
