"""Global Accelerator: accelerators, listeners, endpoint groups. The edge carries the traffic (edge/accelerator)."""

from panregion.services import Service
from panregion.services.globalaccelerator import api, internal
from panregion.services.globalaccelerator.stack import RESOURCES

SERVICE = Service(name="globalaccelerator", api=api, internal=internal, resources=RESOURCES)
