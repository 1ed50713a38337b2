"""AWS::ARCRegionSwitch::Plan. Ref gives the ARN. Properties are the API's members with a capital first letter."""

from typing import Any

from panregion.services.arc_region_switch.api.common import SERVICE
from panregion.services.here import Here
from panregion.services.stack import Context, ResourceType
from panregion.wire import AwsError

Properties = dict[str, Any]
KEYED = frozenset({"AssociatedAlarms", "RegionAndRoutingControls", "Tags"})
"""Properties whose keys are the user's."""

FIXED = ("Name", "PrimaryRegion", "RecoveryApproach", "Regions")
CHANGEABLE = (
    *("AssociatedAlarms", "Description", "ExecutionRole", "RecoveryTimeObjectiveMinutes", "ReportConfiguration"),
    *("Triggers", "Workflows"),
)


def params(value: Any, *, keyed: bool = False) -> Any:
    """Properties as the API takes them."""
    if isinstance(value, dict):
        return {
            key if keyed else key[:1].lower() + key[1:]: params(inner, keyed=not keyed and key in KEYED)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [params(inner) for inner in value]
    return value


async def create(here: Here, properties: Properties, context: Context) -> str:
    found = await _find(here, properties["Name"])
    if found is not None and (await _tags(here, found)).get("aws:cloudformation:stack-id") == context.stack_id:
        return found  # made by an earlier attempt
    given = params(properties)
    given["tags"] = {**context.tags, **(properties.get("Tags") or {}), "aws:cloudformation:stack-id": context.stack_id}
    return str((await here.request(SERVICE, "CreatePlan", given))["plan"]["arn"])


async def _find(here: Here, name: str) -> str | None:
    plans = (await here.request(SERVICE, "ListPlans", {}))["plans"]
    return next((str(plan["arn"]) for plan in plans if plan["name"] == name), None)


async def _tags(here: Here, arn: str) -> dict[str, str]:
    return dict((await here.request(SERVICE, "ListTagsForResource", {"arn": arn}))["resourceTags"])


async def update(here: Here, arn: str, old: Properties, new: Properties, context: Context) -> str | None:
    given = params({name: value for name, value in new.items() if name in CHANGEABLE})
    await here.request(SERVICE, "UpdatePlan", {"arn": arn, **given})
    kept = {**context.tags, **(new.get("Tags") or {})}
    dropped = [key for key in (old.get("Tags") or {}) if key not in kept]
    if dropped:
        await here.request(SERVICE, "UntagResource", {"arn": arn, "resourceTagKeys": dropped})
    if kept:
        await here.request(SERVICE, "TagResource", {"arn": arn, "tags": kept})
    return None


async def delete(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    try:
        await here.request(SERVICE, "DeletePlan", {"arn": arn})
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise


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
