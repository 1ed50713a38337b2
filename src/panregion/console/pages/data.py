"""The tables of all regions, and one table's items side by side."""

from typing import Any

from panregion.console.data import forms
from panregion.console.data.tables import lag, tables
from panregion.console.site import Asked, Site
from panregion.control import ControlError
from panregion.world import Response

PAGE_ITEMS = 50
PAGE_ITEMS_LOOKED_AT = 1000
"""Of a page that shows only those that differ."""


async def page(site: Site, _asked: Asked) -> Response:
    """Which regions hold each table, how many items, and how far replication is."""
    return site.page("tables", title="Data", tables=await tables(site))


async def table(site: Site, asked: Asked, table: str) -> Response:
    """A page of a table's items in every region; the part that follows the world alone where a script asks for it."""
    after, different = asked.query.get("after", ""), asked.query.get("show") == "different"
    try:
        found = await site.control.items(table, after=after, limit=PAGE_ITEMS_LOOKED_AT if different else PAGE_ITEMS)
    except ControlError as error:
        return site.complaint("No such table", str(error), status=404, command="panregion status")
    replicas = lag(await site.control.status(), table)
    values: dict[str, Any] = {
        "title": table,
        "section": "Data",
        "table": table,
        "found": found,
        "rows": [row for row in found["rows"] if row["state"] != "same" or not different],
        "replicas": replicas,
        "different": different,
        "count_different": sum(row["state"] != "same" for row in found["rows"]),
        "now_s": site.world.clock.now(),
        "after": after,
        "short": forms.short,
        "written": forms.written,
    }
    return site.page("_items" if asked.headers["x-part"] == "items" else "table", **values)
