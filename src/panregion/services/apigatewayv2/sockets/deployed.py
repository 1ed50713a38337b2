"""A WebSocket API as it was deployed, made ready to be served. Kept by its deployment, which never changes."""

from dataclasses import dataclass

from panregion.services import Here
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.model import Authorizer, Integration, IntegrationResponse, Route, Snapshot, Stage

DEPLOYMENTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Deployed:
    """Routes by key, integrations by target, authorizers by identifier."""

    routes: dict[str, Route]
    integrations: dict[str, Integration]
    authorizers: dict[str, Authorizer]
    answering: frozenset[str]
    responses: dict[str, list[IntegrationResponse]]

    def integration(self, route: Route) -> Integration | None:
        return self.integrations.get(route.target or "")

    def answers(self, route: Route) -> bool:
        """Whether what the integration says goes back to the client."""
        return bool(route.route_response_selection_expression) and route.route_id in self.answering


def compiled(snapshot: Snapshot) -> Deployed:
    return Deployed(
        routes={route.route_key: route for route in snapshot.routes},
        integrations={f"integrations/{each.integration_id}": each for each in snapshot.integrations},
        authorizers={each.authorizer_id: each for each in snapshot.authorizers},
        answering=frozenset(snapshot.answering),
        responses=snapshot.integration_responses,
    )


def deployed(here: Here, api_id: str, stage: Stage) -> Deployed | None:
    """What a stage serves; None where nothing was deployed to it."""
    if not stage.deployment_id:
        return None
    kept: dict[tuple[str, str], Deployed] = here.running.setdefault("apigatewayv2-sockets", {})
    key = (api_id, stage.deployment_id)
    if key not in kept:
        if len(kept) >= DEPLOYMENTS_MAX:
            kept.clear()
        kept[key] = compiled(here.read(lambda here: layout.SNAPSHOTS.require(here.tx, *key)))
    return kept[key]
