"""CloudFormation's AWS::Events::EventBus, Rule and EventBusPolicy."""

from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.events.errors import ResourceAlreadyExistsException, ResourceNotFoundException
from panregion.services.events.model import DEFAULT
from panregion.services.events.names import bus_of
from panregion.wire import AwsError

Properties = dict[str, Any]

NAME_MAX = 64
SEPARATOR = "|"
"""Between bus and rule in a rule's physical id, where the bus is not the default one."""


async def ask(here: Here, operation: str, **params: Any) -> Properties:
    given = {name: value for name, value in params.items() if value is not None}
    return await here.request("events", operation, given)


async def unless_gone(here: Here, operation: str, **params: Any) -> None:
    try:
        await ask(here, operation, **params)
    except AwsError as error:
        if error.code != ResourceNotFoundException.code:
            raise


def tags_of(properties: Properties, context: Context) -> dict[str, str]:
    return {**context.tags, **{tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def text_of(document: Any) -> str | None:
    if document is None or isinstance(document, str):
        return document
    return msgspec.json.encode(document).decode()


# Buses


async def create_bus(here: Here, properties: Properties, context: Context) -> str:
    """A bus that is there with our stack's tags is ours: the step is repeated."""
    name: str = properties["Name"]
    tags = tags_of(properties, context)
    try:
        await ask(
            here,
            "CreateEventBus",
            Name=name,
            Description=properties.get("Description"),
            DeadLetterConfig=properties.get("DeadLetterConfig"),
            Tags=tag_list(tags),
        )
    except AwsError as error:
        arn = here.arn("events", f"event-bus/{name}")
        if error.code != ResourceAlreadyExistsException.code or not await _is_ours(here, arn, context):
            raise
    await _set_policy(here, name, properties)
    return name


async def _is_ours(here: Here, arn: str, context: Context) -> bool:
    held = {tag["Key"]: tag["Value"] for tag in (await ask(here, "ListTagsForResource", ResourceARN=arn))["Tags"]}
    return (held.get("aws:cloudformation:stack-id"), held.get("aws:cloudformation:logical-id")) == (
        context.stack_id,
        context.logical_id,
    )


async def _set_policy(here: Here, name: str, properties: Properties) -> None:
    if properties.get("Policy") is not None:
        await ask(here, "PutPermission", EventBusName=name, Policy=text_of(properties["Policy"]))


async def update_bus(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    letters = new.get("DeadLetterConfig", {} if old.get("DeadLetterConfig") else None)
    description = new.get("Description", "" if old.get("Description") else None)
    await ask(here, "UpdateEventBus", Name=name, Description=description, DeadLetterConfig=letters)
    if old.get("Policy") is not None and new.get("Policy") is None:
        await unless_gone(here, "RemovePermission", EventBusName=name, RemoveAllPermissions=True)
    await _set_policy(here, name, new)
    await _retag(here, here.arn("events", f"event-bus/{name}"), tags_of(old, context), tags_of(new, context))


async def _retag(here: Here, arn: str, old: dict[str, str], new: dict[str, str]) -> None:
    gone = sorted(old.keys() - new.keys())
    if gone:
        await ask(here, "UntagResource", ResourceARN=arn, TagKeys=gone)
    if new:
        await ask(here, "TagResource", ResourceARN=arn, Tags=tag_list(new))


async def delete_bus(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await ask(here, "DeleteEventBus", Name=name)


async def attributes_of_bus(here: Here, name: str, properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("events", f"event-bus/{name}"), "Name": name, "Policy": text_of(properties.get("Policy"))}


# Rules


async def create_rule(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("Name") or context.name(NAME_MAX)
    await _put_rule(here, name, properties, context)
    bus = bus_of(here, properties.get("EventBusName"))
    return name if bus == DEFAULT else f"{bus}{SEPARATOR}{name}"


async def _put_rule(here: Here, name: str, properties: Properties, context: Context) -> None:
    await ask(
        here,
        "PutRule",
        Name=name,
        EventBusName=properties.get("EventBusName"),
        EventPattern=text_of(properties.get("EventPattern")),
        ScheduleExpression=properties.get("ScheduleExpression"),
        State=properties.get("State"),
        Description=properties.get("Description"),
        RoleArn=properties.get("RoleArn"),
        Tags=tag_list(tags_of(properties, context)),
    )
    if targets := properties.get("Targets"):
        await ask(here, "PutTargets", Rule=name, EventBusName=properties.get("EventBusName"), Targets=targets)


async def update_rule(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> None:
    name = physical_id.rpartition(SEPARATOR)[2]
    await _put_rule(here, name, new, context)
    kept = {target["Id"] for target in new.get("Targets") or ()}
    gone = sorted({target["Id"] for target in old.get("Targets") or ()} - kept)
    if gone:
        await ask(here, "RemoveTargets", Rule=name, EventBusName=new.get("EventBusName"), Ids=gone)
    arn = (await attributes_of_rule(here, physical_id, new))["Arn"]
    await _retag(here, arn, tags_of(old, context), tags_of(new, context))


async def delete_rule(here: Here, physical_id: str, properties: Properties, _context: Context) -> None:
    name, bus = physical_id.rpartition(SEPARATOR)[2], properties.get("EventBusName")
    try:
        targets = (await ask(here, "ListTargetsByRule", Rule=name, EventBusName=bus))["Targets"]
    except AwsError as error:
        if error.code == ResourceNotFoundException.code:
            return
        raise
    if targets:
        ids = [target["Id"] for target in targets]
        await ask(here, "RemoveTargets", Rule=name, EventBusName=bus, Ids=ids)
    await ask(here, "DeleteRule", Name=name, EventBusName=bus)


async def attributes_of_rule(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("events", f"rule/{physical_id.replace(SEPARATOR, '/')}")}


# Policies of buses


async def create_policy(here: Here, properties: Properties, context: Context) -> str:
    statement = properties.get("Statement")
    policy = None
    if statement is not None:
        whole = statement if isinstance(statement, dict) else msgspec.json.decode(statement)
        policy = text_of({"Version": "2012-10-17", "Statement": [{"Sid": properties["StatementId"], **whole}]})
    await ask(
        here,
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
    await unless_gone(here, "RemovePermission", EventBusName=bus, StatementId=statement)


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
RULE = ResourceType(
    type_name="AWS::Events::Rule",
    properties=frozenset(
        {
            *("Name", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Description", "RoleArn"),
            *("Targets", "Tags"),
        }
    ),
    replaces_on=frozenset({"Name", "EventBusName"}),
    create=create_rule,
    update=update_rule,
    delete=delete_rule,
    attributes=attributes_of_rule,
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
RESOURCES = {kind.type_name: kind for kind in (EVENT_BUS, RULE, EVENT_BUS_POLICY)}
