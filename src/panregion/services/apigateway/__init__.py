"""Amazon API Gateway, REST APIs: the control plane in `api`, the users' requests in `plane`."""

from panregion.services import Service
from panregion.services.apigateway import api, internal
from panregion.services.apigateway.plane import RestPlane
from panregion.services.apigateway.stack import RESOURCES

SERVICE = Service(name="apigateway", api=api, internal=internal, plane=RestPlane(), resources=RESOURCES)
