"""AWS::Events::Connection and ApiDestination."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.events.errors import ValidationException
from panregion.services.events.stack.common import NAME_MAX, SERVICE, create_named, delete_named
from panregion.services.stack import Properties
from panregion.services.stack_calls import ask, picked

LOOK_AGAIN_S = 0.05
OF_CONNECTION = ("AuthorizationType", "AuthParameters", "Description", "KmsKeyIdentifier")
OF_DESTINATION = (
    *("ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint"),
    "InvocationRateLimitPerSecond",
)


async def create_connection(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("Name") or context.name(NAME_MAX)
    await create_named(here, context, "CreateConnection", Name=name, **picked(properties, *OF_CONNECTION))
    await _authorized(here, name)
    return name


async def _authorized(here: Here, name: str) -> None:
    """Once it is. Raises ValidationException where it is refused."""
    while (found := await ask(here, SERVICE, "DescribeConnection", Name=name))["ConnectionState"] == "AUTHORIZING":
        await here.world.clock.sleep(LOOK_AGAIN_S)
    if found["ConnectionState"] != "AUTHORIZED":
        raise ValidationException(f"Connection {name} is {found['ConnectionState']}: {found.get('StateReason', '')}")


async def update_connection(here: Here, name: str, _old: Properties, new: Properties, _context: Context) -> None:
    given = {"Description": "", **picked(new, *OF_CONNECTION)}
    await ask(here, SERVICE, "UpdateConnection", Name=name, **given)
    await _authorized(here, name)


async def delete_connection(here: Here, name: str, _properties: Properties, context: Context) -> None:
    await delete_named(here, context, "DeleteConnection", Name=name)


async def attributes_of_connection(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    found = await ask(here, SERVICE, "DescribeConnection", Name=name)
    arn: str = found["ConnectionArn"]
    return {"Arn": arn, "ArnForPolicy": arn.rpartition("/")[0], "SecretArn": found["SecretArn"]}


async def create_destination(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("Name") or context.name(NAME_MAX)
    await create_named(here, context, "CreateApiDestination", Name=name, **picked(properties, *OF_DESTINATION))
    return name


async def update_destination(here: Here, name: str, _old: Properties, new: Properties, _context: Context) -> None:
    given = {"Description": "", "InvocationRateLimitPerSecond": 300, **picked(new, *OF_DESTINATION)}
    await ask(here, SERVICE, "UpdateApiDestination", Name=name, **given)


async def delete_destination(here: Here, name: str, _properties: Properties, context: Context) -> None:
    await delete_named(here, context, "DeleteApiDestination", Name=name)


async def attributes_of_destination(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    arn: str = (await ask(here, SERVICE, "DescribeApiDestination", Name=name))["ApiDestinationArn"]
    return {"Arn": arn, "ArnForPolicy": arn.rpartition("/")[0]}


CONNECTION = ResourceType(
    type_name="AWS::Events::Connection",
    properties=frozenset({"Name", *OF_CONNECTION}),
    replaces_on=frozenset({"Name"}),
    create=create_connection,
    update=update_connection,
    delete=delete_connection,
    attributes=attributes_of_connection,
)
DESTINATION = ResourceType(
    type_name="AWS::Events::ApiDestination",
    properties=frozenset({"Name", *OF_DESTINATION}),
    required=frozenset({"ConnectionArn", "HttpMethod", "InvocationEndpoint"}),
    replaces_on=frozenset({"Name"}),
    create=create_destination,
    update=update_destination,
    delete=delete_destination,
    attributes=attributes_of_destination,
)
