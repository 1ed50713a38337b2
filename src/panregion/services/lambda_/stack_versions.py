"""CloudFormation's AWS::Lambda::Version and AWS::Lambda::Alias, with their provisioned concurrency."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.lambda_.errors import ResourceConflictException
from panregion.services.lambda_.stack import WAIT_S, WAITS_MAX, ask
from panregion.services.stack_calls import picked, unless_gone
from panregion.wire import AwsError

Properties = dict[str, Any]


def kept_warm(properties: Properties) -> int:
    """The ProvisionedConcurrencyConfig of a version or an alias; 0 for none."""
    return int((properties.get("ProvisionedConcurrencyConfig") or {}).get("ProvisionedConcurrentExecutions", 0))


async def keep_warm(here: Here, function: str, qualifier: str, new: Properties, old: Properties | None = None) -> None:
    """Change provisioned concurrency, and wait until all of it is there. Raises where it will not be."""
    named = {"FunctionName": function, "Qualifier": qualifier}
    count = kept_warm(new)
    if not count:
        if old is not None and kept_warm(old):
            await unless_gone(
                here, "lambda", "DeleteProvisionedConcurrencyConfig", FunctionName=function, Qualifier=qualifier
            )
        return
    await ask(here, "PutProvisionedConcurrencyConfig", {**named, "ProvisionedConcurrentExecutions": count})
    for _ in range(WAITS_MAX):
        found = await ask(here, "GetProvisionedConcurrencyConfig", named)
        if found["Status"] == "READY":
            return
        if found["Status"] == "FAILED":
            raise AwsError.of("NotStabilized", found["StatusReason"])
        await here.world.clock.sleep(WAIT_S)
    raise AwsError.of("NotStabilized", f"{function} had not {count} environments in {WAIT_S * WAITS_MAX:.0f} s")


# AWS::Lambda::Version


async def create_version(here: Here, properties: Properties, _context: Context) -> str:
    params = picked(properties, "FunctionName", "CodeSha256", "Description")
    made = await ask(here, "PublishVersion", params)
    await keep_warm(here, made["FunctionName"], made["Version"], properties)
    arn: str = made["FunctionArn"]
    return arn


async def update_version(here: Here, arn: str, old: Properties, new: Properties, _context: Context) -> None:
    function, _, version = arn.rpartition(":")
    await keep_warm(here, function, version, new, old)


async def delete_version(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    function, _, version = arn.rpartition(":")
    await unless_gone(here, "lambda", "DeleteFunction", FunctionName=function, Qualifier=version)


async def version_attributes(_here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    return {"Version": arn.rpartition(":")[2], "FunctionArn": arn}


VERSION = ResourceType(
    type_name="AWS::Lambda::Version",
    properties=frozenset({"FunctionName", "CodeSha256", "Description", "ProvisionedConcurrencyConfig"}),
    required=frozenset({"FunctionName"}),
    replaces_on=frozenset({"FunctionName", "CodeSha256", "Description"}),
    create=create_version,
    update=update_version,
    delete=delete_version,
    attributes=version_attributes,
)

# AWS::Lambda::Alias


def alias_of(properties: Properties) -> Properties:
    params = picked(properties, "FunctionName", "Name", "FunctionVersion", "Description")
    params["FunctionVersion"] = str(params["FunctionVersion"])
    weights = (properties.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
    routed = {str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in weights}
    return {**params, "RoutingConfig": {"AdditionalVersionWeights": routed}}


async def create_alias(here: Here, properties: Properties, _context: Context) -> str:
    params = alias_of(properties)
    try:
        made = await ask(here, "CreateAlias", params)
    except ResourceConflictException:
        # a repeated step finds its own alias; another's alias of the same version would be no different
        made = await ask(here, "GetAlias", picked(params, "FunctionName", "Name"))
        if made["FunctionVersion"] != params["FunctionVersion"]:
            raise
    await keep_warm(here, params["FunctionName"], params["Name"], properties)
    arn: str = made["AliasArn"]
    return arn


async def update_alias(here: Here, _arn: str, old: Properties, new: Properties, _context: Context) -> None:
    await ask(here, "UpdateAlias", alias_of(new))
    await keep_warm(here, new["FunctionName"], new["Name"], new, old)


async def delete_alias(here: Here, _arn: str, properties: Properties, _context: Context) -> None:
    await unless_gone(here, "lambda", "DeleteAlias", **picked(properties, "FunctionName", "Name"))


async def alias_attributes(_here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    return {"AliasArn": arn}


ALIAS = ResourceType(
    type_name="AWS::Lambda::Alias",
    properties=frozenset(
        {"FunctionName", "Name", "FunctionVersion", "Description", "RoutingConfig", "ProvisionedConcurrencyConfig"}
    ),
    required=frozenset({"FunctionName", "Name", "FunctionVersion"}),
    replaces_on=frozenset({"FunctionName", "Name"}),
    create=create_alias,
    update=update_alias,
    delete=delete_alias,
    attributes=alias_attributes,
)
