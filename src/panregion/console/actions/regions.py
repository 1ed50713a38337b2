"""Killing, freezing and restoring a region."""

from panregion.console.actions.action import Action, Given
from panregion.console.site import Site


async def _kill(site: Site, given: Given) -> str:
    await site.control.kill(given["region"])
    return f"{given['region']} is killed"


async def _freeze(site: Site, given: Given) -> str:
    await site.control.freeze(given["region"])
    return f"{given['region']} is frozen"


async def _thaw(site: Site, given: Given) -> str:
    await site.control.thaw(given["region"])
    return f"{given['region']} goes on"


async def _restore(site: Site, given: Given) -> str:
    await site.control.restore(given["region"])
    return f"{given['region']} answers again"


KILL = Action(
    "Kill",
    ("region",),
    lambda given: f"panregion kill {given['region']}",
    _kill,
    lambda given: f"SIGKILL to every process of {given['region']}: nothing is told beforehand.",
)
FREEZE = Action(
    "Freeze",
    ("region",),
    lambda given: f"panregion freeze {given['region']}",
    _freeze,
    lambda given: f"{given['region']} stays alive and says nothing until it is thawed.",
)
THAW = Action("Thaw", ("region",), lambda given: f"panregion thaw {given['region']}", _thaw)
RESTORE = Action("Restore", ("region",), lambda given: f"panregion restore {given['region']}", _restore)
