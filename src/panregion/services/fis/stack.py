"""AWS::FIS::ExperimentTemplate. Ref gives the template's id. Properties are the API's members with a capital first."""

from typing import Any

from panregion.services.here import Here
from panregion.services.once import forget, once
from panregion.services.stack import Context, ResourceType
from panregion.wire import AwsError

Properties = dict[str, Any]
SERVICE = "fis"
KEYED = frozenset({"Targets", "Actions", "Tags", "Parameters", "ResourceTags"})
"""Properties whose keys are the user's."""
CHANGEABLE = (
    *("Actions", "Description", "ExperimentReportConfiguration", "RoleArn", "StopConditions", "Targets"),
    "LogConfiguration",
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
    given = params(properties)
    given["tags"] = {**context.tags, **(properties.get("Tags") or {})}
    token = f"{context.stack_id}/{context.logical_id}/{context.suffix}"
    made = await here.request(SERVICE, "CreateExperimentTemplate", {**given, "clientToken": token})
    return await once(here, SERVICE, context, lambda _here: str(made["experimentTemplate"]["id"]))


async def update(here: Here, id: str, old: Properties, new: Properties, context: Context) -> str | None:
    given = params({name: new.get(name, {}) for name in CHANGEABLE if name in new or name in old})
    if "ExperimentOptions" in new:
        mode = new["ExperimentOptions"].get("EmptyTargetResolutionMode", "fail")
        given["experimentOptions"] = {"emptyTargetResolutionMode": mode}
    changed = await here.request(SERVICE, "UpdateExperimentTemplate", {"id": id, **given})
    arn = changed["experimentTemplate"]["arn"]
    kept = {**context.tags, **(new.get("Tags") or {})}
    dropped = [key for key in (old.get("Tags") or {}) if key not in kept]
    if dropped:
        await here.request(SERVICE, "UntagResource", {"resourceArn": arn, "tagKeys": dropped})
    if kept:
        await here.request(SERVICE, "TagResource", {"resourceArn": arn, "tags": kept})
    return None


async def delete(here: Here, id: str, _properties: Properties, context: Context) -> None:
    try:
        await here.request(SERVICE, "DeleteExperimentTemplate", {"id": id})
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
    await forget(here, SERVICE, context)


async def attributes(_here: Here, id: str, _properties: Properties) -> dict[str, Any]:
    return {"Id": id}


TEMPLATE = ResourceType(
    type_name="AWS::FIS::ExperimentTemplate",
    properties=frozenset({*CHANGEABLE, "ExperimentOptions", "Tags"}),
    required=frozenset({"Description", "RoleArn", "StopConditions", "Targets", "Actions"}),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
RESOURCES = {TEMPLATE.type_name: TEMPLATE}
