"""What a world of certain settings has for faults to happen to."""

from panregion.control.faults.effects import Where
from panregion.network import Sites
from panregion.services.recovery import CELL_SITES
from panregion.world import WorldSettings
from panregion.world.whereabouts import places


def where_in(settings: WorldSettings) -> Where:
    """The regions, cities and other sites of a world."""
    return Where(settings.regions, sorted(places(settings)), Sites(settings).names, [*CELL_SITES, *settings.outside])
