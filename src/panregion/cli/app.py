"""The `panregion` command: a line per subcommand, and one place where failures become messages.

Exit codes: 0 done; 1 it could not be done, or (`status`) a region is not running; 2 the command line or the world
file is wrong; 70 a mistake of ours, whose traceback is in a file that the message names.
"""

import sys
import tempfile
import traceback
from pathlib import Path

import click
from click import Command, Context

from panregion import __version__
from panregion.cli.conflicts import conflicts
from panregion.cli.deploy import deploy
from panregion.cli.fault import fault, faults
from panregion.cli.faults import cut, freeze, heal, kill, restore, slow, thaw
from panregion.cli.gameday import gameday
from panregion.cli.lag import lag
from panregion.cli.logs import logs
from panregion.cli.output import err
from panregion.cli.review import review
from panregion.cli.state import env, status
from panregion.cli.trace import trace
from panregion.cli.trust import trust
from panregion.cli.up import down, up
from panregion.cli.users import curl, dig, shell
from panregion.cli.work import work

EXIT_OURS = 70


class InOrderOfUse(click.Group):
    """Lists its commands in the order in which they were added."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def add_command(self, cmd: Command, name: str | None = None) -> None:
        cmd.short_help = cmd.short_help or (cmd.help or "").partition("\n")[0].rstrip(".")
        super().add_command(cmd, name)


@click.group(cls=InOrderOfUse, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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


COMMANDS = (
    *(up, status, deploy, curl, dig, trace, shell),
    *(kill, restore, freeze, thaw, cut, slow, fault, faults, heal),
    *(gameday, review, lag, conflicts, work, logs, env, trust, down),
)
for command in COMMANDS:
    group.add_command(command)


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
