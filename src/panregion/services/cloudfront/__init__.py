"""Amazon CloudFront's control plane. What it keeps is followed by the edge, whose points of presence serve it."""

from panregion.services.cloudfront import api, internal
from panregion.services.cloudfront.stack import RESOURCES
from panregion.services.service import Service

SERVICE = Service(name="cloudfront", api=api, internal=internal, resources=RESOURCES)
