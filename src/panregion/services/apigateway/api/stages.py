"""Stages: names under which deployments are served, with variables of their own."""

import re
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import canary, layout
from panregion.services.apigateway.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigateway.model import HTTP_METHODS, Stage, describe
from panregion.services.apigateway.patch import Operations, parts, patched, rules

STAGE_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
VARIABLE_NAME = re.compile(r"[A-Za-z0-9_]+")
VARIABLE_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]*")

STAGE_RULES = rules(
    replace="/deploymentId /description /tracingEnabled /documentationVersion /cacheClusterEnabled"
    " /accessLogSettings/destinationArn /accessLogSettings/format",
    anyway="/variables/* /accessLogSettings",
)

SETTINGS = {
    "metrics/enabled": ("metricsEnabled", bool),
    "logging/loglevel": ("loggingLevel", str),
    "logging/dataTrace": ("dataTraceEnabled", bool),
    "throttling/burstLimit": ("throttlingBurstLimit", int),
    "throttling/rateLimit": ("throttlingRateLimit", float),
    "caching/enabled": ("cachingEnabled", bool),
}
"""How a patch path ends -> the member of a method's settings, and its type."""

SETTINGS_AT_FIRST = {
    "metricsEnabled": False,
    "loggingLevel": "OFF",
    "dataTraceEnabled": False,
    "throttlingBurstLimit": 5000,
    "throttlingRateLimit": 10000.0,
    "cachingEnabled": False,
    "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}


def create_stage(
    here: Here,
    rest_api_id: str,
    stage_name: str,
    deployment_id: str,
    description: str | None = None,
    cache_cluster_enabled: bool = False,
    variables: dict[str, str] | None = None,
    documentation_version: str | None = None,
    canary_settings: dict[str, Any] | None = None,
    tracing_enabled: bool = False,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    if layout.DEPLOYMENTS.find(here.tx, rest_api_id, deployment_id) is None:
        raise BadRequestException("Deployment id does not exist")
    if layout.STAGES.find(here.tx, rest_api_id, stage_name):
        raise ConflictException("Stage already exists")
    stage = keep_new_stage(
        here,
        rest_api_id,
        stage_name,
        deployment_id,
        description=description,
        variables=variables,
        documentation_version=documentation_version,
        cache_cluster_enabled=cache_cluster_enabled,
        tracing_enabled=tracing_enabled,
        tags=tags,
        canary_settings=canary_settings,
    )
    return describe(stage)


@reads
def get_stage(here: Here, rest_api_id: str, stage_name: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return describe(layout.STAGES.require(here.tx, rest_api_id, stage_name))


@reads
def get_stages(here: Here, rest_api_id: str, deployment_id: str | None = None) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    stages = layout.STAGES.all(here.tx, rest_api_id)
    return {"item": [describe(s) for s in stages if deployment_id in (None, s.deployment_id)]}


def update_stage(
    here: Here, rest_api_id: str, stage_name: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    old = layout.STAGES.require(here.tx, rest_api_id, stage_name)
    operations = patch_operations or []
    settings = [operation for operation in operations if _setting(operation["path"])]
    others = [o for o in operations if not _setting(o["path"]) and not canary.touches(o)]
    stage = canary.patched(patched(old, others, STAGE_RULES), [o for o in operations if canary.touches(o)])
    stage = msgspec.structs.replace(
        stage,
        method_settings=with_settings(stage.method_settings, settings),
        last_updated_date=int(here.now()),
    )
    for deployment_id in {stage.deployment_id, (stage.canary_settings or {}).get("deploymentId", stage.deployment_id)}:
        if layout.DEPLOYMENTS.find(here.tx, rest_api_id, deployment_id) is None:
            raise BadRequestException("Deployment id does not exist")
    check_stage(stage)
    return describe(layout.STAGES.put(here.tx, stage, rest_api_id, stage_name))


def delete_stage(here: Here, rest_api_id: str, stage_name: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    layout.STAGES.require(here.tx, rest_api_id, stage_name)
    layout.STAGES.delete(here.tx, rest_api_id, stage_name)
    return {}


def keep_new_stage(
    here: Here,
    api_id: str,
    stage_name: str,
    deployment_id: str,
    *,
    description: str | None = None,
    variables: dict[str, str] | None = None,
    documentation_version: str | None = None,
    cache_cluster_enabled: bool = False,
    tracing_enabled: bool = False,
    tags: dict[str, str] | None = None,
    canary_settings: dict[str, Any] | None = None,
) -> Stage:
    """Write a stage that was not there."""
    stage = Stage(
        stage_name=stage_name,
        deployment_id=deployment_id,
        created_date=int(here.now()),
        last_updated_date=int(here.now()),
        cache_cluster_enabled=cache_cluster_enabled,
        cache_cluster_status="NOT_AVAILABLE",
        method_settings={},
        tracing_enabled=tracing_enabled,
        description=description or None,
        variables=variables or None,
        documentation_version=documentation_version,
        tags=tags or None,
        canary_settings=canary.settings(canary_settings, deployment_id) if canary_settings else None,
    )
    check_stage(stage)
    return layout.STAGES.put(here.tx, stage, api_id, stage_name)


def check_stage(stage: Stage) -> None:
    """What the model cannot say about a stage."""
    if not STAGE_NAME.fullmatch(stage.stage_name):
        raise BadRequestException("Stage name only allows a-zA-Z0-9_-")
    if stage.cache_cluster_enabled:
        raise unsupported("cacheClusterEnabled")
    for name, value in (stage.variables or {}).items():
        if not VARIABLE_NAME.fullmatch(name) or not VARIABLE_VALUE.fullmatch(value):
            raise BadRequestException(
                "Stage variable name must be alphanumeric or underscore, and its value must match"
                f" [A-Za-z0-9-._~:/?#&=,]+: {name}"
            )


def serving(here: Here, api_id: str, deployment_id: str) -> list[Stage]:
    """The stages that serve this deployment."""
    stages = layout.STAGES.all(here.tx, api_id)
    return [s for s in stages if deployment_id in (s.deployment_id, (s.canary_settings or {}).get("deploymentId"))]


def with_settings(old: dict[str, dict[str, Any]], operations: Operations) -> dict[str, dict[str, Any]]:
    """Settings by method (`*/*`, `item/{id}/GET`) after these patch operations."""
    new = {method: dict(settings) for method, settings in old.items()}
    for operation in operations:
        resource, verb, *ending = parts(operation["path"])
        method = f"{resource.strip('/') or '/'}/{verb}" if resource != "*" else f"*/{verb}"
        if operation["op"] == "remove":
            new.pop(method, None)
            continue
        member, kind = SETTINGS["/".join(ending)]
        try:
            value: Any = msgspec.convert(operation.get("value"), kind, strict=False)
        except msgspec.ValidationError as error:
            raise BadRequestException(f"Invalid patch value: {error}") from error
        if member == "cachingEnabled" and value:
            raise unsupported("cachingEnabled")
        new.setdefault(method, dict(SETTINGS_AT_FIRST))[member] = value
    return new


def _setting(path: str) -> bool:
    """Whether a path is a method's: `/resource/METHOD`, or one of its settings below that."""
    names = parts(path)
    if len(names) == 2:
        return names[1] == "*" or names[1] in HTTP_METHODS
    return "/".join(names[2:]) in SETTINGS
