"""AWS::Events::EventBus and EventBusPolicy."""

from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.events.errors import ResourceAlreadyExistsException
from panregion.services.events.stack.common import NAME_MAX, SERVICE, text_of
from panregion.services.stack import Properties
from panregion.services.stack_calls import ask, is_owner, owner_tags, retag, tag_list, tags_of, unless_gone
from panregion.wire import AwsError


async def create_bus(here: Here, properties: Properties, context: Context) -> str:
    """A bus that is there with our stack's tags is ours: the step is repeated."""
    name: str = properties["Name"]
    try:
        await ask(
            here,
            SERVICE,
            "CreateEventBus",
            Name=name,
            Description=properties.get("Description"),
            DeadLetterConfig=properties.get("DeadLetterConfig"),
            Tags=tag_list(_tags(properties, context)),
        )
    except AwsError as error:
        arn = here.arn("events", f"event-bus/{name}")
        if error.code != ResourceAlreadyExistsException.code or not await _is_ours(here, arn, context):
            raise
    await _set_policy(here, name, properties)
    return name


def _tags(properties: Properties, context: Context) -> dict[str, str]:
    return tags_of(properties, context) | owner_tags(context)


async def _is_ours(here: Here, arn: str, context: Context) -> bool:
    found = (await ask(here, SERVICE, "ListTagsForResource", ResourceARN=arn))["Tags"]
    return is_owner({tag["Key"]: tag["Value"] for tag in found}, context)


async def _set_policy(here: Here, name: str, properties: Properties) -> None:
    if properties.get("Policy") is not None:
        await ask(here, SERVICE, "PutPermission", EventBusName=name, Policy=text_of(properties["Policy"]))


async def update_bus(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    letters = new.get("DeadLetterConfig", {} if old.get("DeadLetterConfig") else None)
    description = new.get("Description", "" if old.get("Description") else None)
    await ask(here, SERVICE, "UpdateEventBus", Name=name, Description=description, DeadLetterConfig=letters)
    if old.get("Policy") is not None and new.get("Policy") is None:
        await unless_gone(here, SERVICE, "RemovePermission", EventBusName=name, RemoveAllPermissions=True)
    await _set_policy(here, name, new)
    arn = here.arn("events", f"event-bus/{name}")
    await retag(here, SERVICE, {"ResourceARN": arn}, _tags(old, context), _tags(new, context))


async def delete_bus(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await ask(here, SERVICE, "DeleteEventBus", Name=name)


async def attributes_of_bus(here: Here, name: str, properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("events", f"event-bus/{name}"), "Name": name, "Policy": text_of(properties.get("Policy"))}


# Policies of buses


async def create_policy(here: Here, properties: Properties, context: Context) -> str:
    statement = properties.get("Statement")
    policy = None
    if statement is not None:
        whole = statement if isinstance(statement, dict) else msgspec.json.decode(statement)
        policy = text_of({"Version": "2012-10-17", "Statement": [{"Sid": properties["StatementId"], **whole}]})
    await ask(
        here,
        SERVICE,
        "PutPermission",
        EventBusName=properties.get("EventBusName"),
        StatementId=properties["StatementId"],
        Action=properties.get("Action"),
        Principal=properties.get("Principal"),
        Condition=properties.get("Condition"),
        Policy=policy,
    )
    return context.name(NAME_MAX)


async def update_policy(here: Here, _id: str, old: Properties, new: Properties, context: Context) -> None:
    if old["StatementId"] != new["StatementId"]:
        await delete_policy(here, _id, old, context)
    await create_policy(here, new, context)


async def delete_policy(here: Here, _id: str, properties: Properties, _context: Context) -> None:
    bus, statement = properties.get("EventBusName"), properties["StatementId"]
    await unless_gone(here, SERVICE, "RemovePermission", EventBusName=bus, StatementId=statement)


EVENT_BUS = ResourceType(
    type_name="AWS::Events::EventBus",
    properties=frozenset({"Name", "Description", "DeadLetterConfig", "Policy", "Tags"}),
    required=frozenset({"Name"}),
    replaces_on=frozenset({"Name"}),
    create=create_bus,
    update=update_bus,
    delete=delete_bus,
    attributes=attributes_of_bus,
)
EVENT_BUS_POLICY = ResourceType(
    type_name="AWS::Events::EventBusPolicy",
    properties=frozenset({"EventBusName", "StatementId", "Statement", "Action", "Principal", "Condition"}),
    required=frozenset({"StatementId"}),
    replaces_on=frozenset({"EventBusName"}),
    create=create_policy,
    update=update_policy,
    delete=delete_policy,
)
