"""CloudFormation's AWS::Scheduler::Schedule and ScheduleGroup."""

from datetime import UTC, datetime

from panregion.services import Context, Here, ResourceType
from panregion.services.scheduler.errors import ConflictException
from panregion.services.scheduler.model import DEFAULT
from panregion.services.stack import Properties
from panregion.services.stack_calls import ask, retag, tag_list, tags_of, unless_gone
from panregion.wire import AwsError

SERVICE = "scheduler"
NAME_MAX = 64


def _given(properties: Properties) -> Properties:
    """What an operation takes: dates as moments, all else as it is."""
    given = {name: value for name, value in properties.items() if name != "Name"}
    for name in ("StartDate", "EndDate"):
        if isinstance(given.get(name), str):
            moment = datetime.fromisoformat(given[name])
            given[name] = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return given


async def create_schedule(here: Here, properties: Properties, context: Context) -> str:
    """The context's suffix is the client token: a step that is repeated finds its own."""
    name: str = properties.get("Name") or context.name(NAME_MAX)
    await ask(here, SERVICE, "CreateSchedule", Name=name, ClientToken=context.suffix, **_given(properties))
    return name


async def update_schedule(here: Here, name: str, _old: Properties, new: Properties, _context: Context) -> None:
    await ask(here, SERVICE, "UpdateSchedule", Name=name, **_given(new))


async def delete_schedule(here: Here, name: str, properties: Properties, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteSchedule", Name=name, GroupName=properties.get("GroupName"))


async def attributes_of_schedule(here: Here, name: str, properties: Properties) -> Properties:
    return {"Arn": here.arn("scheduler", f"schedule/{properties.get('GroupName') or DEFAULT}/{name}")}


async def create_group(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("Name") or context.name(NAME_MAX)
    tags = tag_list(tags_of(properties, context))
    await ask(here, SERVICE, "CreateScheduleGroup", Name=name, ClientToken=context.suffix, Tags=tags)
    return name


async def update_group(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    arn = here.arn("scheduler", f"schedule-group/{name}")
    await retag(here, SERVICE, {"ResourceArn": arn}, tags_of(old, context), tags_of(new, context))


async def delete_group(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    """One that is being deleted already is fine."""
    try:
        await unless_gone(here, SERVICE, "DeleteScheduleGroup", Name=name)
    except AwsError as error:
        if error.code != ConflictException.code:
            raise


async def attributes_of_group(here: Here, name: str, _properties: Properties) -> Properties:
    found = await ask(here, SERVICE, "GetScheduleGroup", Name=name)
    dates = {key: str(found[key]) for key in ("CreationDate", "LastModificationDate")}
    return {"Arn": found["Arn"], "State": found["State"], **dates}


SCHEDULE = ResourceType(
    type_name="AWS::Scheduler::Schedule",
    properties=frozenset(
        {
            *("Name", "GroupName", "Description", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate"),
            *("EndDate", "FlexibleTimeWindow", "KmsKeyArn", "State", "Target"),
        }
    ),
    required=frozenset({"ScheduleExpression", "FlexibleTimeWindow", "Target"}),
    replaces_on=frozenset({"Name", "GroupName"}),
    create=create_schedule,
    update=update_schedule,
    delete=delete_schedule,
    attributes=attributes_of_schedule,
)
GROUP = ResourceType(
    type_name="AWS::Scheduler::ScheduleGroup",
    properties=frozenset({"Name", "Tags"}),
    replaces_on=frozenset({"Name"}),
    create=create_group,
    update=update_group,
    delete=delete_group,
    attributes=attributes_of_group,
)
RESOURCES = {kind.type_name: kind for kind in (SCHEDULE, GROUP)}
