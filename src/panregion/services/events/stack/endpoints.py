"""AWS::Events::Endpoint."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.events.errors import ResourceNotFoundException, ValidationException
from panregion.services.events.stack.common import NAME_MAX, SERVICE, create_named, delete_named
from panregion.services.stack import Properties
from panregion.services.stack_calls import ask, picked
from panregion.wire import AwsError

GIVEN = ("Description", "EventBuses", "ReplicationConfig", "RoleArn", "RoutingConfig")
LOOK_AGAIN_S = 0.05


async def create(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("Name") or context.name(NAME_MAX)
    await create_named(here, context, "CreateEndpoint", Name=name, **picked(properties, *GIVEN))
    await _settled(here, name)
    return name


async def _settled(here: Here, name: str) -> None:
    """Once it is active. Raises ValidationException where it cannot be."""
    while (found := await ask(here, SERVICE, "DescribeEndpoint", Name=name))["State"] in ("CREATING", "UPDATING"):
        await here.world.clock.sleep(LOOK_AGAIN_S)
    if found["State"] != "ACTIVE":
        raise ValidationException(f"Endpoint {name} is {found['State']}: {found.get('StateReason', '')}")


async def update(here: Here, name: str, _old: Properties, new: Properties, _context: Context) -> None:
    given = {"Description": "", "ReplicationConfig": {"State": "ENABLED"}, **picked(new, *GIVEN)}
    await ask(here, SERVICE, "UpdateEndpoint", Name=name, **given)
    await _settled(here, name)


async def delete(here: Here, name: str, _properties: Properties, context: Context) -> None:
    await delete_named(here, context, "DeleteEndpoint", Name=name)
    try:
        while True:
            await ask(here, SERVICE, "DescribeEndpoint", Name=name)
            await here.world.clock.sleep(LOOK_AGAIN_S)
    except AwsError as error:
        if error.code != ResourceNotFoundException.code:
            raise


async def attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    found = await ask(here, SERVICE, "DescribeEndpoint", Name=name)
    return {key: found[key] for key in ("Arn", "EndpointId", "EndpointUrl", "State", "StateReason") if key in found}


ENDPOINT = ResourceType(
    type_name="AWS::Events::Endpoint",
    properties=frozenset({"Name", *GIVEN}),
    required=frozenset({"EventBuses", "RoutingConfig"}),
    replaces_on=frozenset({"Name"}),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
