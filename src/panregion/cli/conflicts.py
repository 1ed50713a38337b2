"""`panregion conflicts`: the acknowledged writes that a concurrent one overwrote."""

from typing import Any

import click
import msgspec

from panregion.cli.output import json_option, out, print_json
from panregion.cli.world import asked, settings_of_world
from panregion.control import ControlClient


@click.command()
@json_option
def conflicts(as_json: bool) -> None:
    """The conflict ledger: acknowledged writes to global tables that a concurrent write overwrote."""
    ledger = asked(settings_of_world(), ControlClient.conflicts)
    if as_json:
        print_json(ledger)
        return
    for entry in ledger:
        out.print(f"{entry['table']}: overwritten: {_told(entry['loser'])}")
        out.print(f"{' ' * len(str(entry['table']))}           kept: {_told(entry['winner'])}")
    out.print(f"{len(ledger)} acknowledged writes were overwritten by a concurrent one")


def _told(write: dict[str, Any]) -> str:
    item = "deleted" if write["item"] is None else msgspec.json.encode(write["item"]).decode()
    return f"{write['region']} at {write['written_ms'] / 1000:.3f}: {item}"
