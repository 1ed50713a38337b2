"""`panregion deploy`: a template to one or more regions (control/deployment.py does it)."""

import asyncio
from dataclasses import replace
from pathlib import Path

import click
from rich.live import Live
from rich.table import Table

from panregion.cli.output import Failure, UsageFailure, err, json_option, out, print_json
from panregion.cli.world import one_of, settings_of_world
from panregion.control import Deployment, DeploymentFailed
from panregion.control import deploy_everywhere as deploy_to_regions
from panregion.world import WorldSettings

__all__ = ["Deployment", "deploy", "deploy_everywhere", "deploy_template"]


class _Shown:
    """A deployment's progress as a table that is looked at again and again."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for region, text in self._deployment.progress.items():
            table.add_row("[yellow]○[/yellow]", region, text)
        return table


@click.command()
@click.argument("template", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stack", required=True, help="The stack's name, the same in every region.")
@click.option("--regions", help="Regions by comma, the primary one first; all of the world's otherwise.")
@click.option("--parameter", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the template.")
@json_option
def deploy(template: Path, stack: str, regions: str | None, parameters: tuple[str, ...], as_json: bool) -> None:
    """Create or update a stack from TEMPLATE (CloudFormation or SAM, YAML or JSON) in several regions."""
    settings = settings_of_world()
    chosen = regions.split(",") if regions else list(settings.regions)
    for region in chosen:
        one_of("region", region, list(settings.regions))
    outputs = deploy_template(settings, template, stack, chosen, _pairs(parameters))
    if as_json:
        print_json(outputs)
    else:
        _print_outputs(outputs)


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    for parameter in parameters:
        if "=" not in parameter:
            raise UsageFailure(f"--parameter {parameter}: write KEY=VALUE")
    return dict(parameter.split("=", 1) for parameter in parameters)


def _print_outputs(outputs: dict[str, dict[str, str]]) -> None:
    for region, values in outputs.items():
        for name, value in values.items():
            out.print(f"  {region:<16} {name}: {value}")


def deploy_template(
    settings: WorldSettings, template: Path, stack: str, regions: list[str], parameters: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Deploy to all regions, the first one first; returns region -> outputs. Raises Failure with the reasons."""
    deployment = Deployment(settings, template, stack, parameters)
    return asyncio.run(deploy_everywhere(deployment, regions))


async def deploy_everywhere(deployment: Deployment, regions: list[str]) -> dict[str, dict[str, str]]:
    """Deploy, and show how it goes; returns region -> outputs. Raises Failure."""
    shown = replace(deployment, done=_say_done, warn=_warn)
    try:
        with Live(_Shown(shown), console=err, transient=True, refresh_per_second=10):
            return await deploy_to_regions(shown, regions)
    except DeploymentFailed as error:
        raise Failure(str(error)) from error


def _say_done(region: str, text: str) -> None:
    err.print(f"[green]✓[/green] {region:<16} {text}")


def _warn(region: str, text: str) -> None:
    first, _, rest = text.partition("\n")
    err.print(f"[yellow]![/yellow] {region:<16} {first}")
    if rest:
        err.print(rest, markup=False, soft_wrap=True)
