"""AWS::FIS::ExperimentTemplate. Ref gives the template's id. Properties are the API's members with a capital first."""

from typing import Any

from panregion.services.here import Here
from panregion.services.once import forget, once
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import retag, tags_of, uncapitalized, unless_gone

SERVICE = "fis"
KEYED = frozenset({"Targets", "Actions", "Tags", "Parameters", "ResourceTags"})
"""Properties whose keys are the user's."""
CHANGEABLE = (
    *("Actions", "Description", "ExperimentReportConfiguration", "RoleArn", "StopConditions", "Targets"),
    "LogConfiguration",
)


async def create(here: Here, properties: Properties, context: Context) -> str:
    given = uncapitalized(properties, KEYED)
    given["tags"] = tags_of(properties, context)
    token = f"{context.stack_id}/{context.logical_id}/{context.suffix}"
    made = await here.request(SERVICE, "CreateExperimentTemplate", {**given, "clientToken": token})
    return await once(here, SERVICE, context, lambda _here: str(made["experimentTemplate"]["id"]))


async def update(here: Here, id: str, old: Properties, new: Properties, context: Context) -> str | None:
    given = uncapitalized({name: new.get(name, {}) for name in CHANGEABLE if name in new or name in old}, KEYED)
    if "ExperimentOptions" in new:
        mode = new["ExperimentOptions"].get("EmptyTargetResolutionMode", "fail")
        given["experimentOptions"] = {"emptyTargetResolutionMode": mode}
    changed = await here.request(SERVICE, "UpdateExperimentTemplate", {"id": id, **given})
    arn = changed["experimentTemplate"]["arn"]
    before, after = tags_of(old, context), tags_of(new, context)
    await retag(here, SERVICE, {"resourceArn": arn}, before, after, keys="tagKeys", tags="tags", listed=False)
    return None


async def delete(here: Here, id: str, _properties: Properties, context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteExperimentTemplate", id=id)
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
