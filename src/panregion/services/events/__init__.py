"""Amazon EventBridge: buses, rules and their targets."""

from panregion.services import Service
from panregion.services.events import api, internal
from panregion.services.events.delivery import WORK
from panregion.services.events.stack import RESOURCES

SERVICE = Service(name="events", api=api, internal=internal, work=WORK, resources=RESOURCES)
