"""CloudFormation's types of Amazon EventBridge."""

from panregion.services.events.stack.archives import ARCHIVE
from panregion.services.events.stack.buses import EVENT_BUS, EVENT_BUS_POLICY
from panregion.services.events.stack.connections import CONNECTION, DESTINATION
from panregion.services.events.stack.endpoints import ENDPOINT
from panregion.services.events.stack.rules import RULE

RESOURCES = {
    kind.type_name: kind for kind in (ARCHIVE, CONNECTION, DESTINATION, ENDPOINT, EVENT_BUS, EVENT_BUS_POLICY, RULE)
}

__all__ = ["RESOURCES"]
