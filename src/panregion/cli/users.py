"""`panregion curl`, `panregion dig` and `panregion shell`: being a user in a city."""

import os
import shutil
import subprocess
import sys

import click

from panregion.cli.dns import ask, describe
from panregion.cli.environment import environment
from panregion.cli.output import Failure, err, json_option, print_json
from panregion.cli.world import place_proxy, settings_of_world

TUNNEL_FAILED = 56
"""curl's exit code where data did not come, such as a tunnel through the proxy."""


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
            "--suppress-connect-headers",
            "--cacert",
            str(authority),
            *arguments,
        ],
        check=False,
    )
    if finished.returncode == TUNNEL_FAILED:  # curl keeps the proxy's reason to itself
        err.print(f"`panregion trace --from {city} URL` tells why")
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


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--from", "city", required=True, help="The city that the user is in.")
@click.option("--region", help="Where AWS's tools speak to; otherwise to the front door.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(city: str, region: str | None, command: tuple[str, ...]) -> None:
    """A shell (or COMMAND) as somebody in a city: its proxy, AWS's endpoint and the world's authority are set.

    A COMMAND of one word with spaces in it is a line for the shell, as with ssh.
    """
    variables = environment(settings_of_world(), region, city)
    program = os.environ.get("SHELL") or "/bin/sh"
    is_line = len(command) == 1 and " " in command[0] and shutil.which(command[0]) is None
    argv = [program, "-c", *command] if is_line else list(command) or [program]
    if not command:
        err.print(f"you are in {city}; exit leaves it")
    try:
        finished = subprocess.run(argv, env={**os.environ, **variables}, check=False)
    except OSError as error:
        raise Failure(f"{argv[0]} cannot be run: {error.strerror}") from error
    sys.exit(finished.returncode if finished.returncode >= 0 else 128 - finished.returncode)
