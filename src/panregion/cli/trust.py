"""`panregion trust`: how clients come to trust the world's certificate authority, and doing it.

The authority is made by the first `panregion up`; its key lies in the world's folder, readable by its owner only.
Whoever has that key can vouch for any name to whoever trusts the authority: that is why nothing is installed unasked.
"""

import asyncio
import hashlib
import os
import shlex
import shutil
import ssl
import sys
from pathlib import Path

import click

from panregion.cli.environment import authority_variables
from panregion.cli.output import Failure, err, json_option, out, print_json
from panregion.cli.trust_stores import Command, System, TrustStore, trust_stores
from panregion.cli.world import settings_of_world
from panregion.world import WorldSettings
from panregion.world.process import run
from panregion.world.tls import CERTIFICATE

COMMAND_TIMEOUT_S = 120
NICKNAME_DIGITS = 12


def this_system() -> System:
    """The machine that this runs on."""
    return System(
        platform=sys.platform,
        is_root=os.geteuid() == 0,
        home=Path.home(),
        has_program=lambda name: shutil.which(name) is not None,
        is_folder=Path.is_dir,
        databases=lambda home, pattern: sorted(path.parent for path in home.glob(f"{pattern}/cert9.db")),
    )


@click.command()
@click.option("--install", is_flag=True, help="Add the authority to this system's trust stores.")
@click.option("--remove", is_flag=True, help="Take it out of them again.")
@json_option
def trust(install: bool, remove: bool, as_json: bool) -> None:
    """How to trust the world's certificate authority; --install does it where the system has a known way."""
    settings = settings_of_world()
    certificate = settings.path / CERTIFICATE
    fingerprint = fingerprint_of(certificate)
    stores = trust_stores(this_system(), certificate, f"panregion-{fingerprint[:NICKNAME_DIGITS]}")
    if install or remove:
        if not stores:
            raise Failure(f"this system has no trust store that panregion knows; point your client at {certificate}")
        for store in stores:
            carry_out(store, store.remove if remove else store.install, "removed from" if remove else "trusted by")
    elif as_json:
        print_json(
            {
                "certificate": str(certificate),
                "sha256": fingerprint,
                "variables": authority_variables(settings),
                "stores": [{"name": s.name, "install": s.install, "remove": s.remove} for s in stores],
            }
        )
    else:
        explain(settings, certificate, fingerprint, stores)


def fingerprint_of(certificate: Path) -> str:
    """SHA-256 of the certificate, as hexadecimal digits. Raises Failure where it cannot be read."""
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()
    except (OSError, ValueError) as error:
        raise Failure(f"{certificate} cannot be read ({error}); `panregion up` says what to do") from error


def explain(settings: WorldSettings, certificate: Path, fingerprint: str, stores: list[TrustStore]) -> None:
    """Print the ways there are."""
    click.echo(f"The world's certificate authority is {certificate}")
    click.echo(f"SHA-256 {fingerprint}")
    click.echo("\nFor one command: curl --cacert FILE. `panregion curl` and `panregion shell` trust it by themselves.")
    click.echo("\nFor one shell:")
    for name, value in authority_variables(settings).items():
        click.echo(f"  export {name}={shlex.quote(value)}")
    if not stores:
        click.echo("\nFor everybody on this system there is no way that panregion knows.")
        return
    click.echo("\nFor everybody on this system (`panregion trust --install` does it, --remove undoes it):")
    for store in stores:
        click.echo(f"  {store.name}")
        for command in store.install:
            click.echo(f"    {shlex.join(command)}")


def carry_out(store: TrustStore, commands: tuple[Command, ...], done: str) -> None:
    """Run a store's commands in order. Raises Failure, with what the command said, for the first that fails."""
    for command in commands:
        try:
            code, _, complaint = asyncio.run(run(command, timeout_s=COMMAND_TIMEOUT_S))
        except (OSError, TimeoutError) as error:
            raise Failure(f"{shlex.join(command)} could not be run: {error}") from error
        if code != 0:
            err.print(complaint.decode(errors="replace").strip(), markup=False)
            raise Failure(f"{shlex.join(command)} ended with exit code {code}")
    out.print(f"[green]●[/green] {done} {store.name}")
