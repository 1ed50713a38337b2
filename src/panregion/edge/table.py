"""The data planes of the edge beside DNS, a line each: a name and the room that exports PLANE (edge/plane.py)."""

from importlib import import_module

from panregion.edge.plane import Plane

TABLE: dict[str, str] = {
    "accelerator": "panregion.edge.accelerator",
    "recovery": "panregion.edge.recovery",
    "endpoints": "panregion.edge.endpoints",
    "cloudfront": "panregion.edge.cloudfront",
    "outside": "panregion.edge.outside",
}


def make_planes() -> dict[str, Plane]:
    """Every plane by name, none of them started."""
    return {name: import_module(module).PLANE() for name, module in TABLE.items()}
