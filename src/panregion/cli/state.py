"""`panregion status`, `logs` and `env`: reading a world."""

import asyncio
import shlex
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from panregion.cli.environment import environment
from panregion.cli.lag import replication_table
from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, one_of, settings_of_world
from panregion.control import ControlClient
from panregion.world import SystemClock

STYLES = {
    "running": "green",
    "killed": "red",
    "crashed": "red",
    "not answering": "red",
    "starting": "yellow",
    "frozen": "blue",
}
TAIL_LINES = 40


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
@click.argument("region", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on with what is written from now on.")
def logs(region: str | None, follow: bool) -> None:
    """The logs of the world's processes: one region's, or everybody's."""
    settings = settings_of_world()
    folder = settings.path / "logs"
    known = sorted(path.stem for path in folder.glob("*.log"))
    chosen = [one_of("process", region, known)] if region else known
    paths = [folder / f"{name}.log" for name in chosen]
    for path in paths:
        for line in path.read_text(errors="replace").splitlines()[-TAIL_LINES:]:
            _print_line(path, line, len(paths) > 1)
    if follow:
        try:
            asyncio.run(_follow(paths))
        except KeyboardInterrupt:
            return


def _print_line(path: Path, line: str, named: bool) -> None:
    click.echo(f"{path.stem:<16} {line}" if named else line)


async def _follow(paths: list[Path]) -> None:
    positions = {path: path.stat().st_size for path in paths}
    clock = SystemClock()
    while True:
        for path, position in positions.items():
            with path.open("rb") as file:
                file.seek(position)
                new = file.read()
            whole, _, _ = new.rpartition(b"\n")
            if whole:
                positions[path] = position + len(whole) + 1
                for line in whole.decode(errors="replace").splitlines():
                    _print_line(path, line, len(paths) > 1)
        await clock.sleep(0.2)


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
