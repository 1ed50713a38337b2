"""Where HTTP and WebSocket APIs are kept.

("apigatewayv2", "api", api)                 -> Api
("apigatewayv2", "route", api, id)           -> Route
("apigatewayv2", "integration", api, id)     -> Integration
("apigatewayv2", "route_response", api, route, id)             -> RouteResponse
("apigatewayv2", "integration_response", api, integration, id) -> IntegrationResponse
("apigatewayv2", "model", api, id)           -> Model
("apigatewayv2", "authorizer", api, id)      -> Authorizer
("apigatewayv2", "stage", api, name)         -> Stage
("apigatewayv2", "deployment", api, id)      -> Deployment
("apigatewayv2", "snapshot", api, id)        -> Snapshot, what that deployment froze
("apigatewayv2", "mapping", domain, id)      -> ApiMapping
"""

from typing import Any, TypeVar

from panregion.services.apigatewayv2.errors import NotFoundException
from panregion.services.apigatewayv2.model import (
    Api,
    ApiMapping,
    Authorizer,
    Deployment,
    Integration,
    IntegrationResponse,
    Model,
    Record,
    Route,
    RouteResponse,
    Snapshot,
    Stage,
)
from panregion.services.records import Table

R = TypeVar("R", bound=Record)


def _table(name: str, kind: type[R]) -> Table[R]:
    def missing(*ids: str) -> NotFoundException:
        return NotFoundException(f"Invalid {kind.__name__} identifier specified {':'.join(ids)}")

    return Table("apigatewayv2", name, kind, missing)


APIS = _table("api", Api)
ROUTES = _table("route", Route)
INTEGRATIONS = _table("integration", Integration)
ROUTE_RESPONSES = _table("route_response", RouteResponse)
INTEGRATION_RESPONSES = _table("integration_response", IntegrationResponse)
MODELS = _table("model", Model)
AUTHORIZERS = _table("authorizer", Authorizer)
STAGES = _table("stage", Stage)
DEPLOYMENTS = _table("deployment", Deployment)
SNAPSHOTS = _table("snapshot", Snapshot)
MAPPINGS = _table("mapping", ApiMapping)

OF_AN_API: tuple[Table[Any], ...] = (
    *(ROUTES, ROUTE_RESPONSES, INTEGRATIONS, INTEGRATION_RESPONSES, MODELS),
    *(AUTHORIZERS, STAGES, DEPLOYMENTS, SNAPSHOTS),
)
"""What goes when its API goes."""
