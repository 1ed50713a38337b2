"""Plans: made, changed and shown where plans live; the copies that their regions have, shown there."""

from typing import Any

import msgspec

from panregion.services.arc_region_switch import layout, plans
from panregion.services.arc_region_switch.api.common import HOME, PAGE_SIZE, SERVICE, at_home, page
from panregion.services.arc_region_switch.errors import IllegalStateException, ValidationException
from panregion.services.arc_region_switch.model import ENDED, Plan, abbreviate_plan, show_plan
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.wire import AwsError

SUFFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
SUFFIX_LENGTH = 6
TAGS_MAX = 200


@at_home
def create_plan(
    here: Here,
    name: str,
    regions: list[str],
    recovery_approach: str,
    workflows: list[dict[str, Any]],
    execution_role: str,
    primary_region: str | None = None,
    description: str | None = None,
    recovery_time_objective_minutes: int | None = None,
    associated_alarms: dict[str, Any] | None = None,
    triggers: list[dict[str, Any]] | None = None,
    report_configuration: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    given = {
        "name": name,
        "regions": regions,
        "recoveryApproach": recovery_approach,
        "workflows": workflows,
        "executionRole": execution_role,
        "primaryRegion": primary_region,
        "description": description,
        "recoveryTimeObjectiveMinutes": recovery_time_objective_minutes,
        "associatedAlarms": associated_alarms,
        "triggers": triggers,
        "reportConfiguration": report_configuration,
    }
    given = {member: value for member, value in given.items() if value is not None}
    plans.check(given, here.settings.regions)
    if any(plan.given["name"] == name for plan in layout.plans(here)):
        raise ValidationException(f"A plan with the name {name} exists already")
    chance = here.world.chance
    suffix = "".join(SUFFIX_ALPHABET[chance.randrange(len(SUFFIX_ALPHABET))] for _ in range(SUFFIX_LENGTH))
    arn = f"arn:aws:{SERVICE}::{here.account_id}:plan/{name}:{suffix}"
    plan = Plan(arn=arn, given=given, version=1, updated_at=here.now(), tags=tags or {})
    layout.put_plan(here, plan)
    return {"plan": show_plan(plan, here.account_id)}


async def delete_plan(here: Here, arn: str) -> dict[str, Any]:
    """Refused while an execution is known to go on; a region that is lost cannot say."""
    home = here.settings.home(HOME)
    if here.region != home:
        return await here.request(SERVICE, "DeletePlan", {"arn": arn}, region=home)
    for region in here.read(lambda here: layout.plan(here, arn)).regions:
        try:
            found = await here.request(SERVICE, "ListPlanExecutions", {"planArn": arn}, region=region)
        except AwsError:
            continue
        if any(each["executionState"] not in ENDED for each in found["items"]):
            raise IllegalStateException(f"The plan is being executed in {region}")
    await here.transact(lambda here: layout.delete_plan(here, layout.plan(here, arn)))
    return {}


@at_home
@reads
def get_plan(here: Here, arn: str) -> dict[str, Any]:
    return {"plan": show_plan(layout.plan(here, arn), here.account_id)}


@reads
def get_plan_in_region(here: Here, arn: str) -> dict[str, Any]:
    return {"plan": show_plan(layout.copy(here, arn), here.account_id)}


@at_home
@reads
def list_plans(here: Here, max_results: int = PAGE_SIZE, next_token: str | None = None) -> dict[str, Any]:
    shown = [abbreviate_plan(plan, here.account_id, None) for plan in layout.plans(here)]
    return page("plans", shown, next_token, max_results)


@reads
def list_plans_in_region(here: Here, max_results: int = PAGE_SIZE, next_token: str | None = None) -> dict[str, Any]:
    shown = []
    for plan in layout.plans(here, "copy"):
        active = [each.id for each in layout.executions(here, plan.arn) if not each.ended]
        shown.append(abbreviate_plan(plan, here.account_id, next(iter(active), None)))
    return page("plans", shown, next_token, max_results)


@at_home
@reads
def list_tags_for_resource(here: Here, arn: str) -> dict[str, Any]:
    return {"resourceTags": layout.plan(here, arn).tags}


@at_home
def tag_resource(here: Here, arn: str, tags: dict[str, str]) -> dict[str, Any]:
    plan = layout.plan(here, arn)
    after = {**plan.tags, **tags}
    if len(after) > TAGS_MAX:
        raise ValidationException(f"A plan can have at most {TAGS_MAX} tags")
    layout.put_plan(here, msgspec.structs.replace(plan, tags=after))
    return {}


@at_home
def untag_resource(here: Here, arn: str, resource_tag_keys: list[str]) -> dict[str, Any]:
    plan = layout.plan(here, arn)
    after = {key: value for key, value in plan.tags.items() if key not in resource_tag_keys}
    layout.put_plan(here, msgspec.structs.replace(plan, tags=after))
    return {}


@at_home
def update_plan(
    here: Here,
    arn: str,
    workflows: list[dict[str, Any]],
    execution_role: str,
    description: str | None = None,
    recovery_time_objective_minutes: int | None = None,
    associated_alarms: dict[str, Any] | None = None,
    triggers: list[dict[str, Any]] | None = None,
    report_configuration: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What is not given stays as it is."""
    plan = layout.plan(here, arn)
    changes = {
        "workflows": workflows,
        "executionRole": execution_role,
        "description": description,
        "recoveryTimeObjectiveMinutes": recovery_time_objective_minutes,
        "associatedAlarms": associated_alarms,
        "triggers": triggers,
        "reportConfiguration": report_configuration,
    }
    given = {**plan.given, **{member: value for member, value in changes.items() if value is not None}}
    plans.check(given, here.settings.regions)
    changed = msgspec.structs.replace(plan, given=given, version=plan.version + 1, updated_at=here.now())
    layout.put_plan(here, changed)
    return {"plan": show_plan(changed, here.account_id)}
