"""`panregion kill`, `restore`, `cut`, `heal`, `slow`: what goes wrong, and its undoing."""

import re
from typing import Any

import click

from panregion.cli.output import UsageFailure, out
from panregion.cli.world import asked, one_of, places, settings_of_world
from panregion.control import ControlClient
from panregion.network import Sites
from panregion.services.recovery import CELL_SITES
from panregion.world import SystemClock, WorldSettings

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


def _site(name: str) -> tuple[WorldSettings, str]:
    """A region, or another site of recovery cells. Raises UsageFailure."""
    settings = settings_of_world()
    if name not in CELL_SITES:
        one_of("region", name, list(settings.regions))
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
@click.argument("site")
@click.argument("other")
@one_way
def heal(site: str, other: str, one_way: bool) -> None:
    """Undo whatever was done to the link between two sites."""
    _set(site, other, one_way)
    out.print(f"[green]●[/green] {site} {'->' if one_way else '<->'} {other} is healed")


@click.command()
@click.argument("site")
@click.argument("other")
@click.option("--delay", required=True, help="What each direction takes longer, such as 200ms or 1.5s.")
@one_way
def slow(site: str, other: str, delay: str, one_way: bool) -> None:
    """Add delay to the link between two sites, in each direction."""
    parsed = DURATION.fullmatch(delay)
    if parsed is None:
        raise UsageFailure(f"--delay {delay} is no duration; write 200ms or 1.5s")
    milliseconds = float(parsed[1]) * (1000 if parsed[2] == "s" else 1)
    _set(site, other, one_way, delay_ms_extra=milliseconds)
    longer = f"{milliseconds:g} ms longer" + ("" if one_way else " each way")
    out.print(f"[yellow]●[/yellow] {site} {'->' if one_way else '<->'} {other} takes {longer}")


def _set(site: str, other: str, one_way: bool, **conditions: Any) -> None:
    settings = settings_of_world()
    known = [*settings.regions, *places(settings)]
    for name in (site, other):
        # Checkers and the edge are sites as well, and may be cut off; the network knows their names.
        if name not in Sites(settings).names:
            one_of("site", name, known)
    asked(settings, lambda control: control.set_link(site, other, both=not one_way, **conditions))
