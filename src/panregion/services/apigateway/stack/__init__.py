"""API Gateway's CloudFormation resource types."""

from panregion.services import ResourceType
from panregion.services.apigateway.stack import apis, domains, methods

RESOURCES: dict[str, ResourceType] = {kind.type_name: kind for kind in (*apis.TYPES, *methods.TYPES, *domains.TYPES)}
