"""Stages of HTTP APIs and what they serve: deployments, made by hand or with every change."""

import re
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException
from panregion.services.apigatewayv2.model import Deployment, Snapshot, Stage, describe

STAGE_NAME = re.compile(r"\$default|[a-zA-Z0-9_-]{1,128}")


def create_stage(
    here: Here,
    api_id: str,
    stage_name: str,
    access_log_settings: dict[str, Any] | None = None,
    auto_deploy: bool = False,
    default_route_settings: dict[str, Any] | None = None,
    deployment_id: str | None = None,
    description: str | None = None,
    route_settings: dict[str, dict[str, Any]] | None = None,
    stage_variables: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    if not STAGE_NAME.fullmatch(stage_name):
        raise BadRequestException("Stage name only allows a-zA-Z0-9_- or $default")
    if layout.STAGES.find(here.tx, api_id, stage_name):
        raise ConflictException("Stage already exists")
    if deployment_id:
        layout.DEPLOYMENTS.require(here.tx, api_id, deployment_id)
    stage = Stage(
        stage_name=stage_name,
        auto_deploy=auto_deploy,
        created_date=int(here.now()),
        last_updated_date=int(here.now()),
        default_route_settings=default_route_settings or {"DetailedMetricsEnabled": False},
        route_settings=route_settings or {},
        stage_variables=stage_variables or {},
        tags=tags or {},
        deployment_id=deployment_id,
        description=description,
        access_log_settings=access_log_settings,
    )
    layout.STAGES.put(here.tx, stage, api_id, stage_name)
    deploy_automatically(here, api_id)
    return describe(layout.STAGES.require(here.tx, api_id, stage_name))


@reads
def get_stage(here: Here, api_id: str, stage_name: str) -> dict[str, Any]:
    return describe(layout.STAGES.require(here.tx, api_id, stage_name))


@reads
def get_stages(
    here: Here, api_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    return page(layout.STAGES.all(here.tx, api_id), max_results, next_token)


def update_stage(
    here: Here,
    api_id: str,
    stage_name: str,
    access_log_settings: dict[str, Any] | None = None,
    auto_deploy: bool | None = None,
    default_route_settings: dict[str, Any] | None = None,
    deployment_id: str | None = None,
    description: str | None = None,
    route_settings: dict[str, dict[str, Any]] | None = None,
    stage_variables: dict[str, str] | None = None,
) -> dict[str, Any]:
    old = layout.STAGES.require(here.tx, api_id, stage_name)
    if deployment_id:
        layout.DEPLOYMENTS.require(here.tx, api_id, deployment_id)
    changes = {
        "access_log_settings": access_log_settings,
        "auto_deploy": auto_deploy,
        "default_route_settings": default_route_settings,
        "deployment_id": deployment_id,
        "description": description,
        "route_settings": route_settings,
        "stage_variables": stage_variables,
        "last_updated_date": int(here.now()),
    }
    layout.STAGES.put(here.tx, changed(old, changes), api_id, stage_name)
    deploy_automatically(here, api_id)
    return describe(layout.STAGES.require(here.tx, api_id, stage_name))


def delete_stage(here: Here, api_id: str, stage_name: str) -> dict[str, Any]:
    layout.STAGES.require(here.tx, api_id, stage_name)
    layout.STAGES.delete(here.tx, api_id, stage_name)
    return {}


def create_deployment(
    here: Here, api_id: str, description: str | None = None, stage_name: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    stage = layout.STAGES.require(here.tx, api_id, stage_name) if stage_name else None
    if not any(layout.ROUTES.all(here.tx, api_id)):
        raise BadRequestException("At least one route is required before deploying the Api.")
    deployment = deploy(here, api_id, description, automatic=False)
    if stage is not None:
        moved = msgspec.structs.replace(stage, deployment_id=deployment.deployment_id)
        layout.STAGES.put(here.tx, moved, api_id, stage.stage_name)
    return describe(deployment)


@reads
def get_deployment(here: Here, api_id: str, deployment_id: str) -> dict[str, Any]:
    return describe(layout.DEPLOYMENTS.require(here.tx, api_id, deployment_id))


@reads
def get_deployments(
    here: Here, api_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    return page(layout.DEPLOYMENTS.all(here.tx, api_id), max_results, next_token)


def delete_deployment(here: Here, api_id: str, deployment_id: str) -> dict[str, Any]:
    layout.DEPLOYMENTS.require(here.tx, api_id, deployment_id)
    if any(stage.deployment_id == deployment_id for stage in layout.STAGES.all(here.tx, api_id)):
        raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    layout.DEPLOYMENTS.delete(here.tx, api_id, deployment_id)
    layout.SNAPSHOTS.delete(here.tx, api_id, deployment_id)
    return {}


def deploy(here: Here, api_id: str, description: str | None, *, automatic: bool) -> Deployment:
    """Freeze the API as it is."""
    deployment = Deployment(
        deployment_id=here.world.chance.token(6),
        auto_deployed=automatic,
        created_date=int(here.now()),
        deployment_status="DEPLOYED",
        description=description,
    )
    snapshot = Snapshot(
        routes=list(layout.ROUTES.all(here.tx, api_id)),
        integrations=list(layout.INTEGRATIONS.all(here.tx, api_id)),
        authorizers=list(layout.AUTHORIZERS.all(here.tx, api_id)),
        answering=[r.route_id for r in layout.ROUTES.all(here.tx, api_id) if _answers(here, api_id, r.route_id)],
        integration_responses={
            each.integration_id: list(layout.INTEGRATION_RESPONSES.all(here.tx, api_id, each.integration_id))
            for each in layout.INTEGRATIONS.all(here.tx, api_id)
        },
    )
    layout.DEPLOYMENTS.put(here.tx, deployment, api_id, deployment.deployment_id)
    layout.SNAPSHOTS.put(here.tx, snapshot, api_id, deployment.deployment_id)
    return deployment


def _answers(here: Here, api_id: str, route_id: str) -> bool:
    return any(layout.ROUTE_RESPONSES.all(here.tx, api_id, route_id))


def deploy_automatically(here: Here, api_id: str) -> None:
    """Move the stages that want it to the API as it is now; the deployment that only they had goes."""
    stages = [stage for stage in layout.STAGES.all(here.tx, api_id) if stage.auto_deploy]
    if not stages:
        return
    deployment = deploy(
        here, api_id, "Automatic deployment triggered by changes to the Api configuration", automatic=True
    )
    for stage in stages:
        moved = msgspec.structs.replace(stage, deployment_id=deployment.deployment_id)
        layout.STAGES.put(here.tx, moved, api_id, stage.stage_name)
    served = {stage.deployment_id for stage in layout.STAGES.all(here.tx, api_id)}
    for old in list(layout.DEPLOYMENTS.all(here.tx, api_id)):
        if old.auto_deployed and old.deployment_id not in served:
            layout.DEPLOYMENTS.delete(here.tx, api_id, old.deployment_id)
            layout.SNAPSHOTS.delete(here.tx, api_id, old.deployment_id)
