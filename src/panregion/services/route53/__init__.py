"""Amazon Route 53's control plane. What it keeps is followed by the edge, which answers DNS and checks health."""

from panregion.services.route53 import api, internal
from panregion.services.route53.stack import RESOURCES
from panregion.services.service import Service

SERVICE = Service(name="route53", api=api, internal=internal, resources=RESOURCES)
