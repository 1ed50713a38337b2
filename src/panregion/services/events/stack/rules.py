"""AWS::Events::Rule."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.events.errors import ResourceNotFoundException
from panregion.services.events.model import DEFAULT
from panregion.services.events.names import bus_of
from panregion.services.events.stack.common import NAME_MAX, SERVICE, text_of
from panregion.services.stack import Properties
from panregion.services.stack_calls import ask, retag, tag_list, tags_of
from panregion.wire import AwsError

SEPARATOR = "|"
"""Between bus and rule in a rule's physical id, where the bus is not the default one."""


async def create_rule(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("Name") or context.name(NAME_MAX)
    await _put_rule(here, name, properties, context)
    bus = bus_of(here, properties.get("EventBusName"))
    return name if bus == DEFAULT else f"{bus}{SEPARATOR}{name}"


async def _put_rule(here: Here, name: str, properties: Properties, context: Context) -> None:
    await ask(
        here,
        SERVICE,
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
        await ask(here, SERVICE, "PutTargets", Rule=name, EventBusName=properties.get("EventBusName"), Targets=targets)


async def update_rule(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> None:
    name = physical_id.rpartition(SEPARATOR)[2]
    await _put_rule(here, name, new, context)
    kept = {target["Id"] for target in new.get("Targets") or ()}
    gone = sorted({target["Id"] for target in old.get("Targets") or ()} - kept)
    if gone:
        await ask(here, SERVICE, "RemoveTargets", Rule=name, EventBusName=new.get("EventBusName"), Ids=gone)
    arn = (await attributes_of_rule(here, physical_id, new))["Arn"]
    await retag(here, SERVICE, {"ResourceARN": arn}, tags_of(old, context), tags_of(new, context))


async def delete_rule(here: Here, physical_id: str, properties: Properties, _context: Context) -> None:
    name, bus = physical_id.rpartition(SEPARATOR)[2], properties.get("EventBusName")
    try:
        targets = (await ask(here, SERVICE, "ListTargetsByRule", Rule=name, EventBusName=bus))["Targets"]
    except AwsError as error:
        if error.code == ResourceNotFoundException.code:
            return
        raise
    if targets:
        ids = [target["Id"] for target in targets]
        await ask(here, SERVICE, "RemoveTargets", Rule=name, EventBusName=bus, Ids=ids)
    await ask(here, SERVICE, "DeleteRule", Name=name, EventBusName=bus)


async def attributes_of_rule(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("events", f"rule/{physical_id.replace(SEPARATOR, '/')}")}


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
