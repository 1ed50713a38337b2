"""Services outside every region: names and addresses of the world file's own (`[outside]`), each in a city.

They are no AWS service and have no control plane: what there is to know of them stands in the settings.
"""

from typing import Any

from panregion.edge.plane import Surroundings
from panregion.edge.routes import Route
from panregion.edge.where import Asker


class UnknownPlace(OSError):
    """A service outside stands where the world has no place: the edge does not start."""


class OutsidePlane:
    """A data plane of the edge (edge/plane.py)."""

    def __init__(self) -> None:
        self._edge: Surroundings | None = None
        self._names: dict[str, str] = {}
        self._at: dict[str, str] = {}

    async def start(self, edge: Surroundings) -> None:
        """Take in the settings; there is nobody to follow."""
        settings = edge.settings
        for name, outside in settings.outside.items():
            if outside.place not in edge.map.places:
                raise UnknownPlace(f"{name} cannot stand in {outside.place}: the world has no such place")
        self._edge = edge
        self._names = {f"{name}.": settings.outside_address(name) for name in settings.outside}
        self._at = {settings.outside_address(name): outside.place for name, outside in settings.outside.items()}

    async def stop(self) -> None:
        """The programs are control's, and so is their end."""

    def addresses(self, name: str, asker: Asker) -> list[str] | None:  # noqa: ARG002 - they are the same for all
        found = self._names.get(name)
        return None if found is None else [found]

    def route(self, address: str, port: int, from_site: str) -> Route | None:  # noqa: ARG002 - the same for all
        place = self._at.get(address)
        if place is None or self._edge is None:
            return None
        return Route(place, address, self._edge.routes.port_here(port))

    def target_health(self, name: str) -> bool | None:  # noqa: ARG002 - nobody checks on them
        return None

    def health(self) -> dict[str, Any]:
        return {"names": sorted(name.rstrip(".") for name in self._names)}


PLANE = OutsidePlane
