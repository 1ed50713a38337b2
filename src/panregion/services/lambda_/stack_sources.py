"""CloudFormation's AWS::Lambda::EventSourceMapping."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.lambda_.stack import ask
from panregion.services.stack_calls import picked, truth, unless_gone

Properties = dict[str, Any]

NUMBERS = (
    *("BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor", "MaximumRecordAgeInSeconds"),
    *("MaximumRetryAttempts", "TumblingWindowInSeconds"),
)
TRUTHS = ("Enabled", "BisectBatchOnFunctionError")
CHANGEABLE = ("FunctionName", "FilterCriteria", "ScalingConfig", "DestinationConfig", "FunctionResponseTypes")
FIXED = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")


def parameters(properties: Properties, names: tuple[str, ...]) -> Properties:
    """The API's parameters, with the numbers and truth values that templates write as texts."""
    found = picked(properties, *names)
    found |= {name: int(value) for name, value in picked(properties, *NUMBERS).items()}
    found |= {name: truth(value) for name, value in picked(properties, *TRUTHS).items()}
    if "ScalingConfig" in found:
        found["ScalingConfig"] = {name: int(value) for name, value in found["ScalingConfig"].items()}
    return found


async def create(here: Here, properties: Properties, _context: Context) -> str:
    """A repeated step finds the mapping that it made."""
    asked = {"EventSourceArn": properties["EventSourceArn"], "FunctionName": properties["FunctionName"]}
    for known in (await ask(here, "ListEventSourceMappings", asked))["EventSourceMappings"]:
        return str(known["UUID"])
    made = await ask(here, "CreateEventSourceMapping", parameters(properties, (*CHANGEABLE, *FIXED)))
    return str(made["UUID"])


async def update(here: Here, uuid: str, _old: Properties, new: Properties, _context: Context) -> None:
    await ask(here, "UpdateEventSourceMapping", {"UUID": uuid, **parameters(new, CHANGEABLE)})


async def delete(here: Here, uuid: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, "lambda", "DeleteEventSourceMapping", UUID=uuid)


async def attributes(here: Here, uuid: str, _properties: Properties) -> dict[str, Any]:
    found = await ask(here, "GetEventSourceMapping", {"UUID": uuid})
    return {"Id": uuid, "EventSourceMappingArn": found["EventSourceMappingArn"]}


EVENT_SOURCE_MAPPING = ResourceType(
    type_name="AWS::Lambda::EventSourceMapping",
    properties=frozenset({*NUMBERS, *TRUTHS, *CHANGEABLE, *FIXED, "Tags"}),
    required=frozenset({"FunctionName", "EventSourceArn"}),
    replaces_on=frozenset(FIXED),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
