"""Undoing faults, whoever asked for them."""

from panregion.console.actions.action import Action, Given
from panregion.console.site import Site


async def _undo(site: Site, given: Given) -> str:
    record = await site.control.undo(given["id"])
    return f"over: {record.description}"


async def _undo_all(site: Site, _given: Given) -> str:
    records = await site.control.undo_all()
    return "over: " + ", ".join(record.description for record in records) if records else "there was nothing to heal"


UNDO = Action("Undo", ("id",), lambda given: f"panregion heal {given['id']}", _undo)
UNDO_ALL = Action("Undo every fault", (), lambda _given: "panregion heal --all", _undo_all)
