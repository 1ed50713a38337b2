"""Deployments: an API frozen as it is, for stages to serve."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import canary, layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.api.stages import keep_new_stage, serving
from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.model import ID_LENGTH, Deployment, Resource, RestApi, Snapshot, describe
from panregion.services.apigateway.patch import Operations, patched, rules

DEPLOYMENT_RULES = rules(replace="/description")


def create_deployment(
    here: Here,
    rest_api_id: str,
    stage_name: str | None = None,
    stage_description: str | None = None,
    description: str | None = None,
    cache_cluster_enabled: bool = False,
    variables: dict[str, str] | None = None,
    canary_settings: dict[str, Any] | None = None,
    tracing_enabled: bool = False,
) -> dict[str, Any]:
    api = layout.require_api(here.tx, here.account_id, rest_api_id)
    snapshot = freeze(here, api)
    check_deployable(snapshot.resources)
    deployment = Deployment(
        id=here.world.chance.token(ID_LENGTH), created_date=int(here.now()), description=description or None
    )
    layout.DEPLOYMENTS.put(here.tx, deployment, api.id, deployment.id)
    layout.SNAPSHOTS.put(here.tx, snapshot, api.id, deployment.id)
    if stage_name:
        stage = layout.STAGES.find(here.tx, api.id, stage_name)
        if canary_settings is not None:
            if stage is None:
                raise BadRequestException("Canary settings cannot be given with a stage that does not exist")
            given = canary.settings({**canary_settings, "deploymentId": deployment.id}, deployment.id)
            moved = msgspec.structs.replace(stage, canary_settings=given, last_updated_date=int(here.now()))
            layout.STAGES.put(here.tx, moved, api.id, stage_name)
        elif stage is None:
            keep_new_stage(
                here,
                api.id,
                stage_name,
                deployment.id,
                description=stage_description,
                variables=variables,
                cache_cluster_enabled=cache_cluster_enabled,
                tracing_enabled=tracing_enabled,
            )
        else:
            moved = msgspec.structs.replace(
                stage,
                deployment_id=deployment.id,
                last_updated_date=int(here.now()),
                variables={**(stage.variables or {}), **(variables or {})} or None,
                description=stage_description or stage.description,
            )
            layout.STAGES.put(here.tx, moved, api.id, stage_name)
    return describe(deployment)


@reads
def get_deployment(here: Here, rest_api_id: str, deployment_id: str, embed: list[str] | None = None) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    answer = describe(layout.DEPLOYMENTS.require(here.tx, rest_api_id, deployment_id))
    if "apisummary" in (embed or []):
        snapshot = layout.SNAPSHOTS.require(here.tx, rest_api_id, deployment_id)
        answer["apiSummary"] = summary(snapshot.resources)
    return answer


@reads
def get_deployments(
    here: Here, rest_api_id: str, position: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return page((describe(d) for d in layout.DEPLOYMENTS.all(here.tx, rest_api_id)), position, limit)


def update_deployment(
    here: Here, rest_api_id: str, deployment_id: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    old = layout.DEPLOYMENTS.require(here.tx, rest_api_id, deployment_id)
    new = patched(old, patch_operations, DEPLOYMENT_RULES)
    return describe(layout.DEPLOYMENTS.put(here.tx, new, rest_api_id, deployment_id))


def delete_deployment(here: Here, rest_api_id: str, deployment_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    layout.DEPLOYMENTS.require(here.tx, rest_api_id, deployment_id)
    if serving(here, rest_api_id, deployment_id):
        raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    layout.DEPLOYMENTS.delete(here.tx, rest_api_id, deployment_id)
    layout.SNAPSHOTS.delete(here.tx, rest_api_id, deployment_id)
    return {}


def freeze(here: Here, api: RestApi) -> Snapshot:
    """The API as it is now."""
    return Snapshot(
        api=api,
        resources=list(layout.RESOURCES.all(here.tx, api.id)),
        models=list(layout.MODELS.all(here.tx, api.id)),
        authorizers=list(layout.AUTHORIZERS.all(here.tx, api.id)),
        validators=list(layout.VALIDATORS.all(here.tx, api.id)),
        gateway_responses=list(layout.GATEWAY_RESPONSES.all(here.tx, api.id)),
    )


def check_deployable(resources: list[Resource]) -> None:
    """An API without methods, or with a method that goes nowhere, cannot be deployed."""
    methods = [method for resource in resources for method in resource.methods.values()]
    if not methods:
        raise BadRequestException("The REST API doesn't contain any methods")
    if any(method.method_integration is None for method in methods):
        raise BadRequestException("No integration defined for method")


def summary(resources: list[Resource]) -> dict[str, dict[str, Any]]:
    """Path -> method -> how it is guarded."""
    return {
        resource.path: {
            name: {
                "authorizationType": method.authorization_type,
                "apiKeyRequired": method.api_key_required,
            }
            for name, method in resource.methods.items()
        }
        for resource in resources
        if resource.methods
    }
