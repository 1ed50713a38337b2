"""EventBridge's global endpoints: names that lead to the region that is to take the events."""

from panregion.edge.endpoints.plane import EndpointPlane

PLANE = EndpointPlane

__all__ = ["PLANE"]
