"""CloudFormation's AWS::Lambda::Url."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.lambda_.errors import ResourceConflictException
from panregion.services.lambda_.stack import ask
from panregion.services.stack_calls import picked, truth, unless_gone

Properties = dict[str, Any]

CHANGEABLE = ("AuthType", "Cors", "InvokeMode")


def named(properties: Properties) -> Properties:
    found = {"FunctionName": properties["TargetFunctionArn"]}
    return found | ({"Qualifier": properties["Qualifier"]} if "Qualifier" in properties else {})


def changed(properties: Properties) -> Properties:
    found = picked(properties, *CHANGEABLE)
    if "Cors" in found:
        found["Cors"] = dict(found["Cors"])
        if "MaxAge" in found["Cors"]:
            found["Cors"]["MaxAge"] = int(found["Cors"]["MaxAge"])
        if "AllowCredentials" in found["Cors"]:
            found["Cors"]["AllowCredentials"] = truth(found["Cors"]["AllowCredentials"])
    return found


async def create(here: Here, properties: Properties, _context: Context) -> str:
    """A repeated step finds the address that it made."""
    try:
        made = await ask(here, "CreateFunctionUrlConfig", named(properties) | changed(properties))
    except ResourceConflictException:
        made = await ask(here, "GetFunctionUrlConfig", named(properties))
    return str(made["FunctionArn"])


async def update(here: Here, _id: str, _old: Properties, new: Properties, _context: Context) -> None:
    await ask(here, "UpdateFunctionUrlConfig", named(new) | changed(new))


async def delete(here: Here, _id: str, properties: Properties, _context: Context) -> None:
    await unless_gone(here, "lambda", "DeleteFunctionUrlConfig", **named(properties))


async def attributes(here: Here, _id: str, properties: Properties) -> dict[str, Any]:
    found = await ask(here, "GetFunctionUrlConfig", named(properties))
    return {"FunctionUrl": found["FunctionUrl"], "FunctionArn": found["FunctionArn"]}


URL = ResourceType(
    type_name="AWS::Lambda::Url",
    properties=frozenset({*CHANGEABLE, "TargetFunctionArn", "Qualifier"}),
    required=frozenset({"TargetFunctionArn", "AuthType"}),
    replaces_on=frozenset({"TargetFunctionArn", "Qualifier"}),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
