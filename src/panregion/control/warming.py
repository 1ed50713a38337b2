"""What the processes of a world have in common, imported once, for the nursery to fork (world/nursery.py)."""

import importlib

from panregion.region.table import TABLE
from panregion.wire import service_model

PROGRAMS = ("panregion.region.region", "panregion.edge.edge", "panregion.network")
ON_DEMAND = ("asyncio", "uvloop", "sqlite3", "trustme", "samtranslator.translator.translator")
"""What is otherwise imported when it is first needed."""


def warm() -> None:
    """Import all programs and services, and read AWS's models of these."""
    for name in (*PROGRAMS, *ON_DEMAND, *(entry.module for entry in TABLE.values())):
        importlib.import_module(name)
    for name in TABLE:
        service_model(name)
