"""`panregion kill`, `restore`, `freeze`, `thaw`, `cut`, `slow`, `heal`: the faults asked for most, and their undoing.

All faults there are: fault.py.
"""

from typing import Any

import click
from rich.markup import escape

from panregion.cli.durations import milliseconds
from panregion.cli.output import UsageFailure, out
from panregion.cli.world import asked, one_of, places, settings_of_world
from panregion.control import ControlClient
from panregion.network import Sites
from panregion.services.recovery import CELL_SITES
from panregion.world import SystemClock, WorldSettings


def _site(name: str) -> tuple[WorldSettings, str]:
    """A region, or another site of recovery cells. Raises UsageFailure."""
    settings = settings_of_world()
    if name not in CELL_SITES and name not in settings.outside:
        one_of("region", name, [*settings.regions, *settings.outside])
    return settings, name


@click.command()
@click.argument("region")
def kill(region: str) -> None:
    """SIGKILL to a region's processes: nothing is told beforehand."""
    settings, name = _site(region)
    asked(settings, lambda control: control.kill(name))
    out.print(f"[red]●[/red] {name} is killed; `panregion restore {name}` brings it back")


@click.command()
@click.argument("region")
def freeze(region: str) -> None:
    """SIGSTOP to a region's processes: alive, and silent."""
    settings, name = _site(region)
    asked(settings, lambda control: control.freeze(name))
    out.print(f"[blue]●[/blue] {name} is frozen; `panregion thaw {name}` lets it go on")


@click.command()
@click.argument("region")
def thaw(region: str) -> None:
    """Let a region that is frozen go on where it was."""
    settings, name = _site(region)
    asked(settings, lambda control: control.thaw(name))
    out.print(f"[green]●[/green] {name} goes on")


@click.command()
@click.argument("region")
def restore(region: str) -> None:
    """Start a region that is down, on the folder it had."""
    settings, name = _site(region)
    state = asked(settings, ControlClient.status)
    if any(entry["region"] == name and entry["status"] == "running" for entry in state["regions"]):
        out.print(f"[green]●[/green] {name} runs already")
        return
    clock = SystemClock()
    started = clock.monotonic()
    asked(settings, lambda control: control.restore(name))
    out.print(f"[green]●[/green] {name} answers again, {clock.monotonic() - started:.1f} s later")


one_way = click.option("--one-way", is_flag=True, help="Only what SITE sends to OTHER.")


@click.command()
@click.argument("site")
@click.argument("other")
@click.option("--refuse", is_flag=True, help="Refuse connections, rather than lose what is sent.")
@one_way
def cut(site: str, other: str, refuse: bool, one_way: bool) -> None:
    """Cut the link between two sites (regions, cities): what is sent is lost in silence."""
    _set(site, other, one_way, cut="refuse" if refuse else "silent")
    out.print(f"[red]✂[/red] {site} {'->' if one_way else '<->'} {other} is cut")


@click.command()
@click.argument("what", required=False)
@click.argument("other", required=False)
@click.option("--all", "everything", is_flag=True, help="Undo every fault, whoever asked for it.")
@one_way
def heal(what: str | None, other: str | None, everything: bool, one_way: bool) -> None:
    """Undo a fault by its id, or whatever was done to the link between two sites, or --all."""
    if everything:
        records = asked(settings_of_world(), ControlClient.undo_all)
        for record in records:
            out.print(f"[green]●[/green] over: {escape(record.description)}", soft_wrap=True)
        if not records:
            out.print("there was nothing to heal")
    elif what is None:
        raise UsageFailure("heal what? The id of a fault (`panregion faults` lists them), two sites, or --all")
    elif other is None:
        record = asked(settings_of_world(), lambda control: control.undo(what))
        out.print(f"[green]●[/green] over: {escape(record.description)}", soft_wrap=True)
    else:
        _set(what, other, one_way)
        out.print(f"[green]●[/green] {what} {'->' if one_way else '<->'} {other} is healed")


@click.command()
@click.argument("site")
@click.argument("other")
@click.option(
    "--delay",
    "delay_ms",
    type=milliseconds,
    required=True,
    help="What each direction takes longer, such as 200ms or 1.5s.",
)
@one_way
def slow(site: str, other: str, delay_ms: float, one_way: bool) -> None:
    """Add delay to the link between two sites, in each direction."""
    _set(site, other, one_way, delay_ms_extra=delay_ms)
    longer = f"{delay_ms:g} ms longer" + ("" if one_way else " each way")
    out.print(f"[yellow]●[/yellow] {site} {'->' if one_way else '<->'} {other} takes {longer}")


def _set(site: str, other: str, one_way: bool, **conditions: Any) -> None:
    settings = settings_of_world()
    known = [*settings.regions, *places(settings)]
    for name in (site, other):
        # Checkers and the edge are sites as well, and may be cut off; the network knows their names.
        if name not in Sites(settings).names:
            one_of("site", name, known)
    asked(settings, lambda control: control.set_link(site, other, both=not one_way, **conditions))
