"""What the processes of a world have in common, imported once, for the nursery to fork (world/nursery.py)."""

import importlib

from panregion.edge.table import make_planes
from panregion.region.table import TABLE
from panregion.wire import service_model
from panregion.world.distance import cities, regions

PROGRAMS = ("panregion.region.region", "panregion.edge.edge", "panregion.network")
ON_DEMAND = ("anyio._backends._asyncio", "httpcore", "sniffio", "sqlite3", "trustme", "uvloop")
"""What is otherwise imported when it is first needed."""


def warm() -> None:
    """Import all programs and services, and read AWS's models of these."""
    for name in (*PROGRAMS, *ON_DEMAND, *(entry.module for entry in TABLE.values())):
        importlib.import_module(name)
    make_planes()
    cities()
    regions()
    for name in TABLE:
        service_model(name)
