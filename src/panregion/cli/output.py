"""What people and programs read: progress and tables for the former, one JSON value for the latter."""

import sys
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape

WIDTH_UNKNOWN = 160
"""Columns to assume where the output is no terminal: nothing is cut or wrapped for a pipe."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_UNKNOWN)
"""Results: standard output."""
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDTH_UNKNOWN)
"""Progress and complaints: standard error."""


class Failure(click.ClickException):
    """Something that the user can mend; the text says what went wrong and what to do. Exit code 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        err.print(f"[red]panregion:[/red] {escape(self.message)}", soft_wrap=True)


class UsageFailure(Failure):
    """The command line or the world file is wrong. Exit code 2."""

    exit_code = 2


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
