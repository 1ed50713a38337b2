"""CloudFormation's resource types of Lambda: properties become operations, attributes come from descriptions."""

from typing import Any

from panregion.functions import zipped
from panregion.services import Context, Here, ResourceType, stack_calls
from panregion.services.lambda_.errors import InvalidParameterValueException, ResourceConflictException
from panregion.services.stack import Properties
from panregion.services.stack_calls import as_text, is_owner, owner_tags, picked, retag, unless_gone
from panregion.wire import AwsError

CONFIGURATION = (
    *("Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig", "Environment", "Runtime"),
    *("DeadLetterConfig", "TracingConfig", "Layers", "EphemeralStorage", "SnapStart", "LoggingConfig"),
)
NUMBERS = frozenset({"Timeout", "MemorySize"})
CODE = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion")
WAIT_S = 0.1
WAITS_MAX = 300


async def ask(here: Here, operation: str, params: Properties) -> dict[str, Any]:
    return await here.request("lambda", operation, params)


# AWS::Lambda::Function


def inline(handler: str, runtime: str, source: str) -> bytes:
    """The zip of a function whose code stands in the template, in the file that CloudFormation gives it."""
    name = "index.js" if runtime.startswith("nodejs") else "index.py"
    if not handler.startswith("index."):
        raise InvalidParameterValueException(f"Inline code is in index: the handler cannot be {handler}", Type="User")
    return zipped({name: source})


def code_of(properties: Properties) -> Properties:
    code = picked(properties["Code"], *CODE)
    unknown = sorted(properties["Code"].keys() - set(CODE))
    if unknown:
        raise InvalidParameterValueException(f"panregion does not support Code.{unknown[0]}", Type="User")
    if "ZipFile" in code:
        source = code["ZipFile"]
        handler, runtime = properties.get("Handler", ""), properties.get("Runtime", "")
        code["ZipFile"] = source if isinstance(source, bytes) else inline(handler, runtime, source)
    return code


def configuration_of(properties: Properties) -> Properties:
    found = picked(properties, *CONFIGURATION)
    if "KmsKeyArn" in properties:
        found["KMSKeyArn"] = properties["KmsKeyArn"]
    for name in NUMBERS & found.keys():
        found[name] = int(found[name])
    if "Environment" in found:
        variables = found["Environment"].get("Variables", {})
        found["Environment"] = {"Variables": {name: as_text(value) for name, value in variables.items()}}
    if "EphemeralStorage" in found:
        found["EphemeralStorage"] = {"Size": int(found["EphemeralStorage"]["Size"])}
    return found


def tags_of(properties: Properties, context: Context) -> dict[str, str]:
    return stack_calls.tags_of(properties, context) | owner_tags(context)


async def create_function(here: Here, properties: Properties, context: Context) -> str:
    name: str = properties.get("FunctionName") or context.name(64)
    tags = tags_of(properties, context)
    params = {
        "FunctionName": name,
        "Code": code_of(properties),
        "Tags": tags,
        **configuration_of(properties),
        **picked(properties, "Architectures", "PackageType"),
    }
    try:
        await ask(here, "CreateFunction", params)
    except ResourceConflictException:
        found = await ask(here, "GetFunction", {"FunctionName": name})
        if not is_owner(found.get("Tags", {}), context):
            raise  # another's; ours is a repeated step
    await set_concurrency(here, name, properties)
    await settled(here, name)
    return name


async def settled(here: Here, name: str) -> None:
    """Wait until a function is ready. Raises where it will not be."""
    for _ in range(WAITS_MAX):
        found = await ask(here, "GetFunctionConfiguration", {"FunctionName": name})
        if found["State"] == "Active" and found["LastUpdateStatus"] == "Successful":
            return
        await here.world.clock.sleep(WAIT_S)
    raise AwsError.of("NotStabilized", f"{name} did not become Active in {WAIT_S * WAITS_MAX:.0f} s")


async def set_concurrency(here: Here, name: str, properties: Properties, old: Properties | None = None) -> None:
    reserved = properties.get("ReservedConcurrentExecutions")
    if reserved is not None:
        params = {"FunctionName": name, "ReservedConcurrentExecutions": int(reserved)}
        await ask(here, "PutFunctionConcurrency", params)
    elif old and "ReservedConcurrentExecutions" in old:
        await ask(here, "DeleteFunctionConcurrency", {"FunctionName": name})


DEFAULTS: Properties = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "Environment": {"Variables": {}},
    "Layers": [],
    "EphemeralStorage": {"Size": 512},
    "LoggingConfig": {"LogFormat": "Text"},
}
"""What a property goes back to when it leaves the template."""


async def update_function(here: Here, name: str, old: Properties, new: Properties, context: Context) -> None:
    if old.get("Code") != new.get("Code") or old.get("Architectures") != new.get("Architectures"):
        params = {"FunctionName": name, **code_of(new), **picked(new, "Architectures")}
        await ask(here, "UpdateFunctionCode", params)
    before, after = configuration_of(old), configuration_of(new)
    if before != after:
        left = {key: DEFAULTS[key] for key in before.keys() - after.keys() if key in DEFAULTS}
        await ask(here, "UpdateFunctionConfiguration", {"FunctionName": name, **left, **after})
    await set_concurrency(here, name, new, old)
    resource = {"Resource": here.arn("lambda", f"function:{name}")}
    await retag(here, "lambda", resource, tags_of(old, context), tags_of(new, context), listed=False)
    await settled(here, name)


async def delete_function(here: Here, name: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, "lambda", "DeleteFunction", FunctionName=name)


async def function_attributes(here: Here, name: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("lambda", f"function:{name}")}


FUNCTION = ResourceType(
    type_name="AWS::Lambda::Function",
    properties=frozenset(
        {
            *CONFIGURATION,
            *("FunctionName", "Code", "Architectures", "PackageType", "KmsKeyArn", "Tags"),
            "ReservedConcurrentExecutions",
        }
    ),
    required=frozenset({"Code", "Role"}),
    replaces_on=frozenset({"FunctionName", "PackageType"}),
    create=create_function,
    update=update_function,
    delete=delete_function,
    attributes=function_attributes,
)

# AWS::Lambda::Permission


async def create_permission(here: Here, properties: Properties, context: Context) -> str:
    statement = context.name(100)
    params = picked(properties, "FunctionName", "Action", "Principal", "SourceArn", "EventSourceToken")
    params |= picked(properties, "FunctionUrlAuthType", "PrincipalOrgID", "InvokedViaFunctionUrl")
    if "SourceAccount" in properties:
        params["SourceAccount"] = as_text(properties["SourceAccount"])
    try:
        await ask(here, "AddPermission", {**params, "StatementId": statement})
    except ResourceConflictException:
        return statement  # a repeated step: the name is its own
    return statement


async def delete_permission(here: Here, statement: str, properties: Properties, _context: Context) -> None:
    params = {"FunctionName": properties["FunctionName"], "StatementId": statement}
    await unless_gone(here, "lambda", "RemovePermission", **params)


async def permission_attributes(_here: Here, statement: str, _properties: Properties) -> dict[str, Any]:
    return {"Id": statement}


PERMISSION = ResourceType(
    type_name="AWS::Lambda::Permission",
    properties=frozenset(
        {
            *("FunctionName", "Action", "Principal", "SourceArn", "SourceAccount", "EventSourceToken"),
            *("FunctionUrlAuthType", "PrincipalOrgID", "InvokedViaFunctionUrl"),
        }
    ),
    required=frozenset({"FunctionName", "Action", "Principal"}),
    create=create_permission,
    delete=delete_permission,
    attributes=permission_attributes,
)

# AWS::Lambda::LayerVersion


async def create_layer(here: Here, properties: Properties, context: Context) -> str:
    params = {
        "LayerName": properties.get("LayerName") or context.logical_id,
        "Content": picked(properties["Content"], "S3Bucket", "S3Key", "S3ObjectVersion"),
        **picked(properties, "Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"),
    }
    arn: str = (await ask(here, "PublishLayerVersion", params))["LayerVersionArn"]
    return arn


async def delete_layer(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    layer, _, version = arn.rpartition(":")
    await unless_gone(here, "lambda", "DeleteLayerVersion", LayerName=layer, VersionNumber=int(version))


async def layer_attributes(_here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    return {"LayerVersionArn": arn}


LAYER = ResourceType(
    type_name="AWS::Lambda::LayerVersion",
    properties=frozenset(
        {"LayerName", "Content", "Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"}
    ),
    required=frozenset({"Content"}),
    create=create_layer,
    delete=delete_layer,
    attributes=layer_attributes,
)

# AWS::Lambda::EventInvokeConfig


async def create_event_invoke(here: Here, properties: Properties, _context: Context) -> str:
    await put_event_invoke(here, properties)
    return f"{properties['FunctionName']}|{properties['Qualifier']}"


async def put_event_invoke(here: Here, properties: Properties) -> None:
    params = picked(properties, "FunctionName", "Qualifier", "DestinationConfig")
    numbers = picked(properties, "MaximumRetryAttempts", "MaximumEventAgeInSeconds")
    params |= {name: int(value) for name, value in numbers.items()}
    await ask(here, "PutFunctionEventInvokeConfig", params)


async def update_event_invoke(here: Here, _id: str, _old: Properties, new: Properties, _context: Context) -> None:
    await put_event_invoke(here, new)


async def delete_event_invoke(here: Here, _id: str, properties: Properties, _context: Context) -> None:
    params = picked(properties, "FunctionName", "Qualifier")
    await unless_gone(here, "lambda", "DeleteFunctionEventInvokeConfig", **params)


EVENT_INVOKE = ResourceType(
    type_name="AWS::Lambda::EventInvokeConfig",
    properties=frozenset(
        {"FunctionName", "Qualifier", "DestinationConfig", "MaximumRetryAttempts", "MaximumEventAgeInSeconds"}
    ),
    required=frozenset({"FunctionName", "Qualifier"}),
    replaces_on=frozenset({"FunctionName", "Qualifier"}),
    create=create_event_invoke,
    update=update_event_invoke,
    delete=delete_event_invoke,
)

RESOURCES = {each.type_name: each for each in (FUNCTION, PERMISSION, LAYER, EVENT_INVOKE)}
