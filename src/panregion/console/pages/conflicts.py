"""The conflict ledger: acknowledged writes that a concurrent one overwrote, with both images."""

from panregion.console.data import images
from panregion.console.site import Asked, Site
from panregion.world import Response

PAGE = 50


async def page(site: Site, asked: Asked) -> Response:
    """The newest first; of one table with ?table=, from the ?from=th on."""
    ledger = await site.control.conflicts()
    table, start = asked.query.get("table", ""), asked.query.get("from", "0")
    first = int(start) if start.isascii() and start.isdigit() else 0
    wanted = [entry for entry in reversed(ledger) if not table or entry["table"] == table]
    shown = [
        {**entry, "lines": images.changed(entry["loser"]["item"], entry["winner"]["item"])}
        for entry in wanted[first : first + PAGE]
    ]
    return site.page(
        "_conflicts" if asked.headers["x-part"] == "conflicts" else "conflicts",
        title="Conflicts",
        section="Data",
        table=table,
        tables=sorted({str(entry["table"]) for entry in ledger if entry["table"]}),
        shown=shown,
        total=len(wanted),
        first=first,
        more=first + PAGE if first + PAGE < len(wanted) else None,
        page_size=PAGE,
    )
