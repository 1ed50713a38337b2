"""AWS services, a folder each. What a service and the region that runs it share is exported here."""

from panregion.services.here import Here
from panregion.services.service import Plane, Running, Service, WorkHandler, is_read, reads
from panregion.services.stack import Context, ResourceType, no_attributes

__all__ = [
    "Context",
    "Here",
    "Plane",
    "ResourceType",
    "Running",
    "Service",
    "WorkHandler",
    "is_read",
    "no_attributes",
    "reads",
]
