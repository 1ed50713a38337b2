"""`panregion curl` and `panregion dig`: being a user in a city."""

import shutil
import subprocess
import sys

import click

from panregion.cli.dns import ask, describe
from panregion.cli.output import Failure, json_option, print_json
from panregion.cli.world import place_proxy, settings_of_world


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--from", "city", required=True, help="The city that the user is in.")
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
def curl(city: str, arguments: tuple[str, ...]) -> None:
    """curl as somebody in a city: names resolve as they do there, and bytes take as long. ARGUMENTS are curl's."""
    settings = settings_of_world()
    proxy = place_proxy(settings, city)
    program = shutil.which("curl")
    if program is None:
        raise Failure(f"curl is not installed here; any client can use the proxy of {city}: {proxy}")
    authority = settings.path / "authority.pem"
    finished = subprocess.run(
        [
            program,
            "--silent",
            "--show-error",
            "--proxy",
            proxy,
            "--noproxy",
            "",
            "--cacert",
            str(authority),
            *arguments,
        ],
        check=False,
    )
    sys.exit(finished.returncode)


@click.command()
@click.option("--from", "city", required=True, help="The city that the user is in.")
@click.argument("name")
@click.argument("record_type", default="A")
@json_option
def dig(city: str, name: str, record_type: str, as_json: bool) -> None:
    """What a name resolves to for somebody in a city."""
    answer = ask(settings_of_world(), city, name, record_type.upper())
    if as_json:
        print_json(answer)
    else:
        click.echo(describe(answer))
