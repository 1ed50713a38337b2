"""CloudFormation's AWS::Pipes::Pipe."""

from typing import Any

from panregion.services import Context, Here, ResourceType, stack_calls
from panregion.services.pipes.errors import ConflictException, NotFoundException, ValidationException
from panregion.services.stack import Properties
from panregion.services.stack_calls import owner_tags, picked, retag

NAME_MAX = 64
POLL_S = 0.1
STREAM = ("DynamoDBStreamParameters", "SqsQueueParameters")
NUMBERS = (
    *("BatchSize", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts"),
    "ParallelizationFactor",
)
CHANGEABLE = (
    *("Description", "DesiredState", "SourceParameters", "Enrichment", "EnrichmentParameters", "Target"),
    *("TargetParameters", "RoleArn", "LogConfiguration", "KmsKeyIdentifier"),
)


async def ask(here: Here, operation: str, params: Properties) -> Properties:
    return await here.request("pipes", operation, params)


def parameters(properties: Properties) -> Properties:
    """The API's parameters, with the numbers that templates write as texts."""
    found = picked(properties, *CHANGEABLE)
    source = dict(found.get("SourceParameters") or {})
    for member in STREAM:
        if member in source:
            source[member] = {name: int(value) if name in NUMBERS else value for name, value in source[member].items()}
    return {**found, "SourceParameters": source} if source else found


def tags_of(properties: Properties, context: Context) -> dict[str, str]:
    """What the template says, and CloudFormation's own: there is always a tag, and it tells whose pipe it is."""
    return stack_calls.tags_of(properties, context) | owner_tags(context)


async def create(here: Here, properties: Properties, context: Context) -> str:
    """A repeated step finds the pipe by the tags that the stack gave it."""
    name: str = properties.get("Name") or context.name(NAME_MAX)
    tags = tags_of(properties, context)
    given = {**parameters(properties), "Name": name, "Source": properties["Source"], "Tags": tags}
    try:
        await ask(here, "CreatePipe", given)
    except ConflictException:
        if (await ask(here, "DescribePipe", {"Name": name}))["Tags"] != tags:
            raise
    try:
        await _settled(here, name)
    except ValidationException:
        await delete(here, name, properties, context)  # a creation that failed leaves nothing for the stack to delete
        raise
    return name


async def _settled(here: Here, name: str) -> None:
    """Until the pipe is where it was to go. Raises ValidationException where it did not get there."""
    while True:
        found = await ask(here, "DescribePipe", {"Name": name})
        state = found["CurrentState"]
        if state.endswith("_FAILED"):
            raise ValidationException(f"The pipe {name} is {state}: {found.get('StateReason', '')}")
        if state in ("RUNNING", "STOPPED"):
            return
        await here.world.clock.sleep(POLL_S)


async def update(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    blank: Properties = {member: "" for member in ("Description", "Enrichment") if old.get(member)}
    given = parameters(new)
    for member in ("SourceParameters", "EnrichmentParameters", "TargetParameters"):
        given[member] = {**_emptied(old.get(member) or {}), **(given.get(member) or {})}
    given["SourceParameters"] = {name: _without_start(value) for name, value in given["SourceParameters"].items()}
    await ask(here, "UpdatePipe", {**blank, **given, "Name": name})
    await _settled(here, name)
    arn = here.arn("pipes", f"pipe/{name}")
    before, after = tags_of(old, context), tags_of(new, context)
    await retag(here, "pipes", {"resourceArn": arn}, before, after, keys="tagKeys", tags="tags", listed=False)


def _emptied(parameters: Properties) -> Properties:
    """What UpdatePipe is told of a member that is not in the template any more: what is not said, stays."""
    return {name: "" if isinstance(value, str) else {} for name, value in parameters.items()}


def _without_start(settings: Properties) -> Properties:
    """UpdatePipe does not know where a stream's reading starts."""
    return {name: value for name, value in settings.items() if name != "StartingPosition"}


async def delete(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    """Until it is gone: a pipe of the same name could not be made before."""
    while not await _is_gone(here, name):
        await here.world.clock.sleep(POLL_S)


async def _is_gone(here: Here, name: str) -> bool:
    """Asks for it, too. A pipe on its way to another state is asked again later."""
    try:
        await ask(here, "DeletePipe", {"Name": name})
    except NotFoundException:
        return True
    except ConflictException:
        return False
    return False


async def attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    found = await ask(here, "DescribePipe", {"Name": name})
    shown = {member: found[member] for member in ("Arn", "CurrentState")}
    return shown | {"StateReason": found.get("StateReason", "")}


def _starts(old: Properties, new: Properties) -> frozenset[str]:
    """A stream is read from another place only by another pipe."""

    def start(properties: Properties) -> Any:
        settings = (properties.get("SourceParameters") or {}).get("DynamoDBStreamParameters") or {}
        return settings.get("StartingPosition")

    return frozenset({"SourceParameters"}) if start(old) != start(new) else frozenset()


PIPE = ResourceType(
    type_name="AWS::Pipes::Pipe",
    properties=frozenset({"Name", "Source", *CHANGEABLE, "Tags"}),
    required=frozenset({"Source", "Target", "RoleArn"}),
    replaces_on=frozenset({"Name", "Source"}),
    replaces_if=_starts,
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
RESOURCES = {PIPE.type_name: PIPE}
