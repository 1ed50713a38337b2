"""Replication that is paused, as AWS's fault injection does it: other regions' writes wait in their feeds.

Strong tables do not replicate by feeds; they cannot be paused (a cut link is what they are to be tried with).
"""

from collections.abc import Iterable

from panregion.services.dynamodb import layout
from panregion.services.here import Here
from panregion.store import Transaction

Pause = tuple[str | None, str | None]
"""A table's name (None: every table) and the region that it is not taken from (None: any)."""


def set_pauses(here: Here, pauses: Iterable[Pause]) -> None:
    """Have exactly these paused. Raises ValueError for a table that is no replica of a global table here."""
    replicator = here.running["dynamodb"].replicator
    feeds = here.store.read(_feeds)
    wanted: set[Pause] = set()
    for table, source in pauses:
        if table is not None and table not in feeds:
            listed = ", ".join(sorted(feeds)) or "none"
            raise ValueError(f"{here.region} has no replicated table {table}; it has {listed}")
        wanted.add((None if table is None else feeds[table], source))
    replicator.pause_only(wanted)


def _feeds(tx: Transaction) -> dict[str, str]:
    """The feeds of replicated tables, by the tables' names."""
    return {view.table.name: view.table.feed for view in layout.tables(tx) if view.table.replicated}
