"""Provisioned concurrency: from what is configured to environments that are kept warm.

    lambda.provisioned   {}   the region keeps what is configured now

An alias's environments are its versions', by weight; they move along when the alias does.
"""

import logging
from typing import Any

from panregion.functions import EnvironmentSpec
from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.engine import engine_of
from panregion.services.lambda_.model import Config

log = logging.getLogger("panregion.lambda")


def shares(here: Here, name: str, qualifier: str, count: int) -> list[tuple[Config, int]]:
    """Which versions a qualifier's environments belong to; those that are gone have none."""
    alias = None if qualifier.isdigit() else layout.find_alias(here.tx, name, qualifier)
    if alias is None and not qualifier.isdigit():
        return []
    wanted = [(int(qualifier), count)] if alias is None else alias.shares(count)
    found = ((layout.find_config(here.tx, name, version), share) for version, share in wanted)
    return [(config, share) for config, share in found if config is not None and share]


def wanted(here: Here) -> list[tuple[Config, int]]:
    """All environments that are to be kept, by version."""
    rows = layout.provisioned(here.tx)
    return [each for name, qualifier, row in rows for each in shares(here, name, qualifier, row.count)]


def keep(here: Here) -> None:
    """Have the engine keep what is configured now."""
    engine = engine_of(here)
    specs: list[tuple[EnvironmentSpec, int]] = []
    for config, count in here.read(wanted):
        try:
            specs.append((engine.spec(config), count))
        except FileNotFoundError as error:
            log.warning("no environments of %s are kept: its code is missing on disk (%s)", config.name, error)
    engine.functions.provision(specs)


def changed(here: Here) -> None:
    """Something that decides about provisioned concurrency has changed, if there is any."""
    if next(layout.provisioned(here.tx), None) is not None:
        here.later("lambda.provisioned", {})


async def follow(here: Here, _payload: dict[str, Any]) -> None:
    keep(here)


def status(here: Here, name: str, qualifier: str) -> tuple[int, str]:
    """How many of a qualifier's environments are ready, and why there cannot be more, if so."""
    row = layout.find_provisioned(here.tx, name, qualifier)
    functions = engine_of(here).functions
    ready, reason = 0, ""
    for config, share in [] if row is None else shares(here, name, qualifier, row.count):
        count, why = functions.provisioned(f"{config.name}:{config.version_name}")
        ready += min(share, count)
        reason = reason or why
    return ready, reason
