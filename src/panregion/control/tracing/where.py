"""The cities of a world."""

from panregion.world import WorldSettings
from panregion.world.distance import cities


def places(settings: WorldSettings) -> list[str]:
    """In the order of their proxies' ports."""
    return sorted({*cities(), *settings.places})
