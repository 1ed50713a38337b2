"""AWS::ARCRegionSwitch::Plan. Ref gives the ARN. Properties are the API's members with a capital first letter."""

from typing import Any

from panregion.services.arc_region_switch.api.common import SERVICE
from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import retag, tags_of, uncapitalized, unless_gone

KEYED = frozenset({"AssociatedAlarms", "RegionAndRoutingControls", "Tags"})
"""Properties whose keys are the user's."""

FIXED = ("Name", "PrimaryRegion", "RecoveryApproach", "Regions")
CHANGEABLE = (
    *("AssociatedAlarms", "Description", "ExecutionRole", "RecoveryTimeObjectiveMinutes", "ReportConfiguration"),
    *("Triggers", "Workflows"),
)


async def create(here: Here, properties: Properties, context: Context) -> str:
    found = await _find(here, properties["Name"])
    if found is not None and (await _tags(here, found)).get("aws:cloudformation:stack-id") == context.stack_id:
        return found  # made by an earlier attempt
    given = uncapitalized(properties, KEYED)
    given["tags"] = {**tags_of(properties, context), "aws:cloudformation:stack-id": context.stack_id}
    return str((await here.request(SERVICE, "CreatePlan", given))["plan"]["arn"])


async def _find(here: Here, name: str) -> str | None:
    plans = (await here.request(SERVICE, "ListPlans", {}))["plans"]
    return next((str(plan["arn"]) for plan in plans if plan["name"] == name), None)


async def _tags(here: Here, arn: str) -> dict[str, str]:
    return dict((await here.request(SERVICE, "ListTagsForResource", {"arn": arn}))["resourceTags"])


async def update(here: Here, arn: str, old: Properties, new: Properties, context: Context) -> str | None:
    given = uncapitalized({name: value for name, value in new.items() if name in CHANGEABLE}, KEYED)
    await here.request(SERVICE, "UpdatePlan", {"arn": arn, **given})
    before, after = tags_of(old, context), tags_of(new, context)
    await retag(here, SERVICE, {"arn": arn}, before, after, keys="resourceTagKeys", tags="tags", listed=False)
    return None


async def delete(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeletePlan", arn=arn)


async def attributes(here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    plan = (await here.request(SERVICE, "GetPlan", {"arn": arn}))["plan"]
    return {"Arn": arn, "Owner": plan["owner"], "Version": plan["version"]}


PLAN = ResourceType(
    type_name="AWS::ARCRegionSwitch::Plan",
    properties=frozenset({*FIXED, *CHANGEABLE, "Tags"}),
    required=frozenset({"Name", "ExecutionRole", "RecoveryApproach", "Regions", "Workflows"}),
    replaces_on=frozenset(FIXED),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
RESOURCES = {PLAN.type_name: PLAN}
