"""What the edge knows of routing controls: for health checks of type RECOVERY_CONTROL, and the way to the cells."""

from panregion.edge.recovery.plane import RecoveryPlane

PLANE = RecoveryPlane

__all__ = ["PLANE", "RecoveryPlane"]
