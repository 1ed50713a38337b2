"""The conflict ledger for people: which acknowledged writes were overwritten by a concurrent one, both images.

AWS drops the loser in silence. Every region records the conflicts that it was the one to see, so the union over the
regions, each loser counted once, is the whole truth (see replication/resolve.py).
"""

from typing import Any

import msgspec

from panregion.replication import Conflict, Stamp, conflicts
from panregion.services.dynamodb import layout, records
from panregion.services.dynamodb.model import TableView
from panregion.services.here import Here
from panregion.store import Transaction
from panregion.world import Request, Response


async def serve(here: Here, _request: Request) -> Response:
    """GET /_panregion/conflicts: this region's ledger as JSON, a list of described conflicts."""
    found = here.store.read(lambda tx: _described(here, tx))
    return Response(200, [("Content-Type", "application/json")], msgspec.json.encode(found))


def _described(here: Here, tx: Transaction) -> list[dict[str, Any]]:
    tables = replicated_tables(tx)
    return [_describe(here, tables.get(conflict.feed), conflict) for conflict in conflicts(tx)]


def replicated_tables(tx: Transaction) -> dict[str, str]:
    """The name of each replicated table, by its feed."""
    return {view.table.feed: _name(view) for view in layout.tables(tx) if view.table.replicated}


def _name(view: TableView) -> str:
    return view.table.name


def _describe(here: Here, table: str | None, conflict: Conflict) -> dict[str, Any]:
    return {
        "table": table,
        "found_by": here.region,
        "found_ms": conflict.found_ms,
        "loser": _write(conflict.loser, conflict.loser_value),
        "winner": _write(conflict.winner, conflict.winner_value),
    }


def _write(stamp: Stamp, image: bytes | None) -> dict[str, Any]:
    return {
        "region": stamp.origin,
        "written_ms": stamp.version.physical_ms,
        "version": str(stamp.version),
        "item": None if image is None else records.item_of_image(image),
    }
