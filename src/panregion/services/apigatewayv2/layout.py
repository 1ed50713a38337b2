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

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

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
from panregion.store import Transaction

R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """All records of one kind."""

    def __init__(self, name: str, kind: type[R]) -> None:
        self._name = name
        self._kind = kind
        self._decoder = msgspec.msgpack.Decoder(kind)

    def find(self, tx: Transaction, *ids: str) -> R | None:
        found = tx.get(("apigatewayv2", self._name, *ids))
        return None if found is None else self._decoder.decode(found)

    def require(self, tx: Transaction, *ids: str) -> R:
        """The record, or AWS's NotFoundException."""
        found = self.find(tx, *ids)
        if found is None:
            raise NotFoundException(f"Invalid {self._kind.__name__} identifier specified {':'.join(ids)}")
        return found

    def put(self, tx: Transaction, record: R, *ids: str) -> R:
        tx.put(("apigatewayv2", self._name, *ids), msgspec.msgpack.encode(record))
        return record

    def delete(self, tx: Transaction, *ids: str) -> None:
        tx.delete(("apigatewayv2", self._name, *ids))

    def all(self, tx: Transaction, *ids: str) -> Iterator[R]:
        """Every record below these ids."""
        for _, value in tx.prefix(("apigatewayv2", self._name, *ids)):
            yield self._decoder.decode(value)

    def delete_all(self, tx: Transaction, *ids: str) -> None:
        for key in [key for key, _ in tx.prefix(("apigatewayv2", self._name, *ids))]:
            tx.delete(key)


APIS = Table("api", Api)
ROUTES = Table("route", Route)
INTEGRATIONS = Table("integration", Integration)
ROUTE_RESPONSES = Table("route_response", RouteResponse)
INTEGRATION_RESPONSES = Table("integration_response", IntegrationResponse)
MODELS = Table("model", Model)
AUTHORIZERS = Table("authorizer", Authorizer)
STAGES = Table("stage", Stage)
DEPLOYMENTS = Table("deployment", Deployment)
SNAPSHOTS = Table("snapshot", Snapshot)
MAPPINGS = Table("mapping", ApiMapping)

OF_AN_API: tuple[Table[Any], ...] = (
    *(ROUTES, ROUTE_RESPONSES, INTEGRATIONS, INTEGRATION_RESPONSES, MODELS),
    *(AUTHORIZERS, STAGES, DEPLOYMENTS, SNAPSHOTS),
)
"""What goes when its API goes."""
