"""The `panregion` command: a line for each subcommand, and one place where failures become messages.

Exit codes: 0 done; 1 it could not be done, or (`status`) a region is not running; 2 the command line or the world
file is wrong; 70 a mistake of ours, whose traceback is in a file that the message names.
"""

import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

import click
from click import Command, Context

from panregion import __version__
from panregion.cli.output import err

EXIT_OURS = 70


COMMANDS = {
    "up": "up",
    "status": "state",
    "deploy": "deploy",
    "curl": "users",
    "dig": "users",
    "trace": "trace",
    "shell": "users",
    "kill": "faults",
    "restore": "faults",
    "freeze": "faults",
    "thaw": "faults",
    "cut": "faults",
    "slow": "faults",
    "fault": "fault",
    "faults": "fault",
    "heal": "faults",
    "gameday": "gameday",
    "review": "review",
    "lag": "lag",
    "item": "item",
    "conflicts": "conflicts",
    "work": "work",
    "logs": "logs",
    "env": "state",
    "trust": "trust",
    "down": "up",
}
"""Command -> the file that it is in."""


class Commands(click.Group):
    """Lists its commands in the order of use, and imports the one that is asked for: `status` needs no game days."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"panregion.cli.{COMMANDS[cmd_name]}")
        command: Command = getattr(module, cmd_name)
        command.short_help = command.short_help or (command.help or "").partition("\n")[0].rstrip(".")
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="panregion")
def group() -> None:
    """Run a serverless AWS application active-active in several real regions on this machine, and lose one.

    \b
    panregion up template.yaml                     three regions, the application in each
    panregion curl --from sydney http://api.x.test  as a user there, through DNS and over the network
    panregion kill us-east-1                       and see what it costs

    Exit codes: 0 done; 1 it could not be done, or a region is not running; 2 the command line or the world file is
    wrong.
    """


def main() -> None:
    """Run the command; what nobody foresaw is written to a file, not thrown at the user."""
    try:
        group(prog_name="panregion")
    except Exception as error:  # noqa: BLE001 - the last line of defence
        with tempfile.NamedTemporaryFile("w", prefix="panregion-", suffix=".log", delete=False) as file:
            traceback.print_exc(file=file)
        err.print(f"[red]panregion:[/red] a mistake of ours: {type(error).__name__}: {error}")
        err.print(f"what led to it is in {Path(file.name)}; please report it")
        sys.exit(EXIT_OURS)
