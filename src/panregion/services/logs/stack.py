"""CloudFormation's AWS::Logs::LogGroup."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.logs.errors import ResourceAlreadyExistsException
from panregion.services.stack import Properties
from panregion.services.stack_calls import retag, tags_of, unless_gone
from panregion.wire import AwsError


async def create(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("LogGroupName") or context.name(512)
    params: Properties = {"logGroupName": name}
    params |= {"tags": tags} if (tags := tags_of(properties, context)) else {}
    params |= {"logGroupClass": properties["LogGroupClass"]} if "LogGroupClass" in properties else {}
    try:
        await here.request("logs", "CreateLogGroup", params)
    except AwsError as error:
        if error.code != ResourceAlreadyExistsException.code or "LogGroupName" in properties:
            raise
    await set_retention(here, name, properties)
    return name


async def set_retention(here: Here, name: str, properties: Properties) -> None:
    days = properties.get("RetentionInDays")
    if days is None:
        await here.request("logs", "DeleteRetentionPolicy", {"logGroupName": name})
    else:
        await here.request("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": int(days)})


async def update(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    await set_retention(here, name, new)
    arn = here.arn("logs", f"log-group:{name}")
    before, after = tags_of(old, context), tags_of(new, context)
    await retag(here, "logs", {"resourceArn": arn}, before, after, keys="tagKeys", tags="tags", listed=False)


async def delete(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, "logs", "DeleteLogGroup", logGroupName=name)


async def attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("logs", f"log-group:{name}:*")}


LOG_GROUP = ResourceType(
    type_name="AWS::Logs::LogGroup",
    properties=frozenset({"LogGroupName", "RetentionInDays", "Tags", "LogGroupClass"}),
    replaces_on=frozenset({"LogGroupName"}),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
