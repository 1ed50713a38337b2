"""Usage plans: which keys may use which stages, how fast and how much. See `metering` for how they are enforced."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from panregion.services.apigateway.model import ID_LENGTH, UsagePlan, UsagePlanKey, describe
from panregion.services.apigateway.patch import Operations, parts, patched, rules
from panregion.wire import AwsError

QUOTA_PERIODS = ("DAY", "WEEK", "MONTH")

PLAN_RULES = rules(
    replace="/name /description /productCode /throttle/burstLimit /throttle/rateLimit"
    " /quota/limit /quota/offset /quota/period",
    anyway="/quota /throttle",
)


def create_usage_plan(
    here: Here,
    name: str,
    description: str | None = None,
    api_stages: list[dict[str, Any]] | None = None,
    throttle: dict[str, Any] | None = None,
    quota: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    plan = UsagePlan(
        id=here.world.chance.token(ID_LENGTH),
        name=name,
        api_stages=api_stages or [],
        description=description,
        throttle=throttle or None,
        quota=quota or None,
        tags=tags or None,
    )
    check_plan(here, plan)
    return describe(layout.USAGE_PLANS.put(here.tx, plan, plan.id))


@reads
def get_usage_plan(here: Here, usage_plan_id: str) -> dict[str, Any]:
    return describe(layout.USAGE_PLANS.require(here.tx, usage_plan_id))


@reads
def get_usage_plans(
    here: Here, position: str | None = None, key_id: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    plans = (
        describe(plan)
        for plan in layout.USAGE_PLANS.all(here.tx)
        if key_id is None or layout.USAGE_PLAN_KEYS.find(here.tx, plan.id, key_id)
    )
    return page(plans, position, limit)


def update_usage_plan(here: Here, usage_plan_id: str, patch_operations: Operations | None = None) -> dict[str, Any]:
    old = layout.USAGE_PLANS.require(here.tx, usage_plan_id)
    operations = patch_operations or []
    stages = with_stages(old.api_stages, [o for o in operations if o["path"].startswith("/apiStages")])
    new = patched(old, [o for o in operations if not o["path"].startswith("/apiStages")], PLAN_RULES)
    new = msgspec.structs.replace(new, api_stages=stages, quota=_numbers(new.quota), throttle=_numbers(new.throttle))
    check_plan(here, new)
    return describe(layout.USAGE_PLANS.put(here.tx, new, usage_plan_id))


def delete_usage_plan(here: Here, usage_plan_id: str) -> dict[str, Any]:
    plan = layout.USAGE_PLANS.require(here.tx, usage_plan_id)
    if plan.api_stages:
        raise BadRequestException(
            f"Cannot delete usage plan {plan.id}. All stages must be removed from the plan first."
        )
    layout.USAGE_PLAN_KEYS.delete_all(here.tx, usage_plan_id)
    layout.delete_usage(here.tx, usage_plan_id)
    layout.USAGE_PLANS.delete(here.tx, usage_plan_id)
    return {}


def create_usage_plan_key(here: Here, usage_plan_id: str, key_id: str, key_type: str) -> dict[str, Any]:
    layout.USAGE_PLANS.require(here.tx, usage_plan_id)
    key = layout.API_KEYS.require(here.tx, key_id)
    if key_type != "API_KEY":
        raise BadRequestException("Invalid key type specified. Must be API_KEY")
    if layout.USAGE_PLAN_KEYS.find(here.tx, usage_plan_id, key_id):
        raise ConflictException("API Key is already added to the usage plan")
    member = UsagePlanKey(id=key.id, type=key_type, value=key.value, name=key.name)
    return describe(layout.USAGE_PLAN_KEYS.put(here.tx, member, usage_plan_id, key_id))


@reads
def get_usage_plan_key(here: Here, usage_plan_id: str, key_id: str) -> dict[str, Any]:
    return describe(layout.USAGE_PLAN_KEYS.require(here.tx, usage_plan_id, key_id))


@reads
def get_usage_plan_keys(
    here: Here,
    usage_plan_id: str,
    position: str | None = None,
    limit: int | None = None,
    name_query: str | None = None,
) -> dict[str, Any]:
    layout.USAGE_PLANS.require(here.tx, usage_plan_id)
    keys = layout.USAGE_PLAN_KEYS.all(here.tx, usage_plan_id)
    return page((describe(k) for k in keys if (k.name or "").startswith(name_query or "")), position, limit)


def delete_usage_plan_key(here: Here, usage_plan_id: str, key_id: str) -> dict[str, Any]:
    layout.USAGE_PLAN_KEYS.require(here.tx, usage_plan_id, key_id)
    layout.USAGE_PLAN_KEYS.delete(here.tx, usage_plan_id, key_id)
    return {}


def check_plan(here: Here, plan: UsagePlan) -> None:
    """What the model cannot say about a plan."""
    for stage in plan.api_stages:
        if not _has_stage(here, stage.get("apiId", ""), stage.get("stage", "")):
            raise NotFoundException(f"API Stage not found: {stage.get('apiId')}:{stage.get('stage')}")
    if plan.quota and plan.quota.get("period") not in QUOTA_PERIODS:
        raise BadRequestException("Usage plan quota period must be one of DAY, WEEK or MONTH")


def _has_stage(here: Here, api_id: str, stage: str) -> bool:
    """Whether a REST API has the stage, or a WebSocket API of the other service."""
    if layout.STAGES.find(here.tx, api_id, stage) is not None:
        return True
    try:
        here.call("apigatewayv2", "GetStage", {"ApiId": api_id, "StageName": stage})
        api = here.call("apigatewayv2", "GetApi", {"ApiId": api_id})
    except AwsError:
        return False
    return bool(api["ProtocolType"] == "WEBSOCKET")


def with_stages(old: list[dict[str, Any]], operations: Operations) -> list[dict[str, Any]]:
    """A plan's stages after patches of /apiStages, whose values are `api:stage`, and of single methods' throttles."""
    stages = list(old)
    for operation in operations:
        if operation["path"] != "/apiStages":
            stages = [_throttled(stage, operation) for stage in stages]
            continue
        api_id, _, stage = operation.get("value", "").partition(":")
        stages = [s for s in stages if (s["apiId"], s["stage"]) != (api_id, stage)]
        if operation["op"] == "add":
            stages.append({"apiId": api_id, "stage": stage})
    return stages


def _throttled(stage: dict[str, Any], operation: dict[str, str]) -> dict[str, Any]:
    """A stage after a patch of /apiStages/api:stage/throttle[/~1path~1GET[/rateLimit]], if the patch is for it."""
    _, name, what, *below = parts(operation["path"])
    if what != "throttle" or len(below) > 2:
        raise BadRequestException(f"Invalid patch path  '{operation['path']}' specified for op '{operation['op']}'")
    if name != f"{stage['apiId']}:{stage['stage']}":
        return stage
    throttle = {method: dict(rates) for method, rates in (stage.get("throttle") or {}).items()}
    if operation["op"] == "remove":
        throttle = {method: rates for method, rates in throttle.items() if below and method != below[0]}
    elif len(below) == 2 and below[1] in ("rateLimit", "burstLimit"):
        given = _numbers({below[1]: operation.get("value", "")}) or {}
        throttle.setdefault(below[0], {}).update(given)
    else:
        raise BadRequestException(f"Invalid patch path  '{operation['path']}' specified for op '{operation['op']}'")
    rest = {member: value for member, value in stage.items() if member != "throttle"}
    return {**rest, "throttle": throttle} if throttle else rest


def _numbers(settings: dict[str, Any] | None) -> dict[str, Any] | None:
    """Patched settings arrive as text."""
    kinds = {"limit": int, "offset": int, "burstLimit": int, "rateLimit": float}
    try:
        return {n: kinds.get(n, str)(v) for n, v in settings.items()} if settings else None
    except ValueError as error:
        raise BadRequestException(f"Invalid patch value: {error}") from error
