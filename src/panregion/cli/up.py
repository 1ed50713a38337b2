"""`panregion up` and `panregion down`: a world's beginning and end."""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any

import click
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from panregion.cli.deploy import deploy_template
from panregion.cli.output import Failure, err, json_option, out, print_json
from panregion.cli.world import settings_for_up, settings_of_world
from panregion.control import (
    AlreadyRunning,
    ControlClient,
    NotRunning,
    PortTaken,
    StartFailed,
    progress,
    running_status,
    start_control,
    wait_until_stopped,
)
from panregion.world import SystemClock, WorldSettings
from panregion.world.tls import AuthorityDamaged

LONGEST_NAME = 128


@click.command()
@click.argument("template", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--regions", help="Regions of the world, by comma; the first is the primary one.")
@click.option("--detach", is_flag=True, help="Return once every region answers; `panregion down` ends the world.")
@json_option
def up(template: Path | None, regions: str | None, detach: bool, as_json: bool) -> None:
    """Start a world here, or resume the one that was stopped; deploy TEMPLATE to all its regions if given.

    The stack is called as the template's folder is; `panregion deploy TEMPLATE --stack NAME` chooses another name.
    """
    settings = settings_for_up(Path.cwd(), regions)
    try:
        status = asyncio.run(bring_up(settings, with_parent=not detach))
    except (PortTaken, StartFailed, AlreadyRunning, AuthorityDamaged) as error:
        raise Failure(str(error)) from error
    crashed = [region for region in status["regions"] if region["status"] == "crashed"]
    for region in crashed:
        err.print(f"[red]{region['region']} did not start:[/red] {escape(region['reason'])}", soft_wrap=True)
    if template is not None:
        deploy_template(settings, template, stack_named_after(template.resolve().parent), list(settings.regions), {})
    if as_json:
        print_json(status)
    else:
        introduce(status)
    if not detach:
        stay(settings)
    if crashed:
        raise SystemExit(1)


def stack_named_after(folder: Path) -> str:
    """A folder's name as a stack's: letters, digits and hyphens, a letter first, 128 characters at most."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", folder.name).strip("-")[:LONGEST_NAME].rstrip("-")
    return re.sub(r"^[^A-Za-z]+", "", plain) or "application"


async def bring_up(settings: WorldSettings, *, with_parent: bool) -> dict[str, Any]:
    """Start the world unless it runs; show each region coming up. Returns the status of the whole world."""
    running = await running_status(settings)
    if running is not None and running["ready"]:
        err.print("the world runs already")
        return running
    control = start_control(settings, with_parent=with_parent)
    status: dict[str, Any] = {}
    try:
        with Live(console=err, transient=True, refresh_per_second=20) as live:
            async for status in progress(settings, control):
                live.update(_progress_table(status))
    except StartFailed:
        await end(settings)  # control stays for a moment to say why; now that it has, the ports are to be free
        raise
    return status


def _progress_table(status: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    for region in status["regions"]:
        mark = "[green]●[/green]" if region["status"] == "running" else "[yellow]○[/yellow]"
        table.add_row(mark, region["region"], region["status"])
    return table


def introduce(status: dict[str, Any]) -> None:
    """Where everything is, once it stands."""
    for region in status["regions"]:
        colour = "green" if region["status"] == "running" else "red"
        out.print(f"[{colour}]●[/{colour}] {region['region']:<16} {region['endpoint']}")
    out.print(f"  any region       {status['front_door']}   (the region comes from the request's signature)")
    out.print(f"  name server      {status['name_server']}")
    if status["console"]:
        out.print(f"  console          {status['console']}")
    if status["health_check_scale"] != 1:
        out.print(
            f"  health checks run at {status['health_check_scale']:g} of their interval \\[time] health_check_scale"
        )
    out.print("next: eval $(panregion env), panregion status, panregion curl --from london URL")


def stay(settings: WorldSettings) -> None:
    """Hold the world in the foreground until Ctrl-C or until it ends by itself."""
    err.print("the world runs; Ctrl-C ends it")
    try:
        asyncio.run(_until_ended(settings))
    except KeyboardInterrupt:
        err.print("stopping")
        asyncio.run(end(settings))


async def _until_ended(settings: WorldSettings) -> None:
    client, clock = ControlClient(settings), SystemClock()
    while True:
        await clock.sleep(1)
        try:
            await client.status()
        except NotRunning:
            return


async def end(settings: WorldSettings) -> bool:
    """Stop the world; False where none ran."""
    client = ControlClient(settings)
    try:
        await client.stop()
    except NotRunning:
        return False
    finally:
        await client.close()
    await wait_until_stopped(settings)
    return True


@click.command()
@click.option("--forget", is_flag=True, help="Also delete the world's state: every table, object and stack.")
def down(forget: bool) -> None:
    """Stop the world of this folder; its state stays unless --forget is given."""
    settings = settings_of_world()
    ran = asyncio.run(end(settings))
    if forget:
        shutil.rmtree(settings.path)
        out.print(f"stopped, and {settings.path} deleted" if ran else f"{settings.path} deleted")
    else:
        out.print("stopped; `panregion up` resumes" if ran else "no world was running")
