"""Global Accelerator's data plane: static addresses that answer for users of every place."""

from panregion.edge.accelerator.plane import AcceleratorPlane

PLANE = AcceleratorPlane

__all__ = ["PLANE"]
