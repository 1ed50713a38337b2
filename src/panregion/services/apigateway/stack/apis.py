"""AWS::ApiGateway::RestApi, Deployment and Stage."""

from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.stack.support import (
    SERVICE,
    Params,
    Properties,
    call,
    camel,
    escaped,
    gone,
    members,
    patch,
    tags,
    texts,
)
from panregion.services.once import once
from panregion.services.stack_calls import truth

METHOD_SETTINGS = {
    "MetricsEnabled": "metrics/enabled",
    "LoggingLevel": "logging/loglevel",
    "DataTraceEnabled": "logging/dataTrace",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
    "CachingEnabled": "caching/enabled",
}


async def create_api(here: Here, properties: dict[str, Any], context: Context) -> str:
    document = await _document(here, properties)

    def make(here: Here) -> str:
        made = call(
            here,
            "CreateRestApi",
            name=properties.get("Name") or _title(document),
            cloneFrom=properties.get("CloneFrom"),
            endpointConfiguration=_endpoint(properties),
            tags=tags(properties, context),
        )
        _configure(here, made["id"], properties, document)
        return str(made["id"])

    return await once(here, SERVICE, context, make)


async def update_api(
    here: Here, physical_id: str, old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    document = await _document(here, new)
    if document is None and (old.get("Body") or old.get("BodyS3Location")):
        document = {"swagger": "2.0", "info": {"title": new.get("Name", "")}, "paths": {}}
    await here.transact(lambda here: _configure(here, physical_id, new, document))
    return None


async def delete_api(here: Here, physical_id: str, _properties: dict[str, Any], context: Context) -> None:
    await gone(here, context, lambda here: call(here, "DeleteRestApi", restApiId=physical_id))


async def api_attributes(here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    api = await here.request("apigateway", "GetRestApi", {"restApiId": physical_id})
    return {"RestApiId": physical_id, "RootResourceId": api["rootResourceId"]}


async def _document(here: Here, properties: Properties) -> Params | bytes | None:
    """The API's OpenAPI document: within the template, or an object in S3."""
    place = properties.get("BodyS3Location")
    if place is None:
        body: Params | None = properties.get("Body")
        return body
    params = {"Bucket": place["Bucket"], "Key": place["Key"]}
    if place.get("Version"):
        params["VersionId"] = place["Version"]
    found = await here.request("s3", "GetObject", params)
    content = found["Body"]
    if isinstance(content, bytes):
        return content
    return b"".join([chunk async for chunk in content])


def _title(document: Params | bytes | None) -> str:
    """What the API is called until its document says so."""
    if isinstance(document, bytes):
        return "imported"
    title = ((document or {}).get("info") or {}).get("title")
    if not title:
        raise BadRequestException("Either Name or Body must be specified")
    return str(title)


def _endpoint(properties: Properties) -> Params | None:
    given = properties.get("EndpointConfiguration")
    if isinstance(given, dict):
        return members(given, "Types VpcEndpointIds IpAddressType")
    kind = (properties.get("Parameters") or {}).get("endpointConfigurationTypes")
    return {"types": [kind]} if kind else None


def _configure(here: Here, api_id: str, properties: Properties, document: Params | bytes | None) -> None:
    """Bring an API to what its properties say: the document first, then what they say beside it."""
    if document is not None:
        call(
            here,
            "PutRestApi",
            restApiId=api_id,
            mode=properties.get("Mode") or "overwrite",
            failOnWarnings=truth(properties.get("FailOnWarnings", False)),
            parameters=texts(properties.get("Parameters")),
            body=document if isinstance(document, bytes) else msgspec.json.encode(document),
        )
    current = call(here, "GetRestApi", restApiId=api_id)
    policy = properties.get("Policy")
    settings = {
        "name": properties.get("Name"),
        "description": properties.get("Description"),
        "apiKeySource": properties.get("ApiKeySourceType"),
        "minimumCompressionSize": properties.get("MinimumCompressionSize"),
        "policy": policy if policy is None or isinstance(policy, str) else msgspec.json.encode(policy).decode(),
    }
    operations = [patch(f"/{name}", value) for name, value in settings.items() if value is not None]
    if "DisableExecuteApiEndpoint" in properties:
        operations.append(patch("/disableExecuteApiEndpoint", truth(properties["DisableExecuteApiEndpoint"])))
    endpoint = _endpoint(properties)
    if endpoint and endpoint.get("types"):
        was = current["endpointConfiguration"]["types"][0]
        operations.append(patch(f"/endpointConfiguration/types/{was}", endpoint["types"][0]))
    operations += _media_types(current.get("binaryMediaTypes") or [], properties.get("BinaryMediaTypes"))
    call(here, "UpdateRestApi", restApiId=api_id, patchOperations=operations)


def _media_types(current: list[str], wanted: list[str] | None) -> list[dict[str, str]]:
    """Templates may write a slash as ~1."""
    if wanted is None:
        return []
    names = [name.replace("~1", "/") for name in wanted]
    removed = [patch(f"/binaryMediaTypes/{escaped(n)}", "", "remove") for n in current if n not in names]
    return removed + [patch(f"/binaryMediaTypes/{escaped(n)}", "", "add") for n in names if n not in current]


async def create_deployment(here: Here, properties: dict[str, Any], context: Context) -> str:
    described = properties.get("StageDescription") or {}

    def make(here: Here) -> str:
        made = call(
            here,
            "CreateDeployment",
            restApiId=properties["RestApiId"],
            stageName=properties.get("StageName"),
            stageDescription=described.get("Description"),
            variables=texts(described.get("Variables")),
            description=properties.get("Description"),
            canarySettings=_canary(properties.get("DeploymentCanarySettings")),
        )
        return str(made["id"])

    return await once(here, SERVICE, context, make)


async def update_deployment(
    here: Here, physical_id: str, _old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    params = {
        "restApiId": new["RestApiId"],
        "deploymentId": physical_id,
        "patchOperations": [patch("/description", new.get("Description") or "")],
    }
    await here.request("apigateway", "UpdateDeployment", params)
    return None


async def delete_deployment(here: Here, physical_id: str, properties: dict[str, Any], context: Context) -> None:
    api_id, stage_name = properties["RestApiId"], properties.get("StageName")

    def remove(here: Here) -> None:
        serving = call(here, "GetStages", restApiId=api_id, deploymentId=physical_id)["item"]
        if any(stage["stageName"] == stage_name for stage in serving):
            call(here, "DeleteStage", restApiId=api_id, stageName=stage_name)
        call(here, "DeleteDeployment", restApiId=api_id, deploymentId=physical_id)

    await gone(here, context, remove)


async def deployment_attributes(_here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    return {"DeploymentId": physical_id}


async def create_stage(here: Here, properties: dict[str, Any], context: Context) -> str:
    def make(here: Here) -> str:
        made = call(
            here,
            "CreateStage",
            restApiId=properties["RestApiId"],
            stageName=properties["StageName"],
            deploymentId=properties["DeploymentId"],
            description=properties.get("Description"),
            documentationVersion=properties.get("DocumentationVersion"),
            variables=texts(properties.get("Variables")),
            tracingEnabled=truth(properties.get("TracingEnabled", False)),
            cacheClusterEnabled=truth(properties.get("CacheClusterEnabled", False)),
            canarySettings=_canary(properties.get("CanarySetting")),
            tags=tags(properties, context),
        )
        operations = _stage_settings(properties)
        call(here, "UpdateStage", **_stage_key(properties), patchOperations=operations)
        return str(made["stageName"])

    return await once(here, SERVICE, context, make)


async def update_stage(
    here: Here, _physical_id: str, old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    variables = texts(new.get("Variables")) or {}
    operations = [
        patch("/deploymentId", new["DeploymentId"]),
        patch("/description", new.get("Description") or ""),
        patch("/tracingEnabled", truth(new.get("TracingEnabled", False))),
        *(patch(f"/variables/{name}", "", "remove") for name in old.get("Variables") or {} if name not in variables),
        *(patch(f"/variables/{name}", value) for name, value in variables.items()),
        *(
            patch(f"/{_settings_path(setting)}", "", "remove")
            for setting in old.get("MethodSettings") or []
            if setting not in (new.get("MethodSettings") or [])
        ),
        *_stage_settings(new),
        *_canary_operations(old.get("CanarySetting"), new.get("CanarySetting")),
    ]
    await here.request("apigateway", "UpdateStage", {**_stage_key(new), "patchOperations": operations})
    return None


async def delete_stage(here: Here, _physical_id: str, properties: dict[str, Any], context: Context) -> None:
    await gone(here, context, lambda here: call(here, "DeleteStage", **_stage_key(properties)))


def _canary(given: Properties | None) -> Params | None:
    """CanarySetting of a template as API Gateway's canarySettings."""
    if not given:
        return None
    made: Params = {"percentTraffic": float(given.get("PercentTraffic", 0))}
    for name in ("DeploymentId", "StageVariableOverrides"):
        if given.get(name):
            made[camel(name)] = texts(given[name]) if isinstance(given[name], dict) else given[name]
    return {**made, "useStageCache": truth(given.get("UseStageCache", False))}


def _canary_operations(old: Properties | None, new: Properties | None) -> list[dict[str, str]]:
    made = _canary(new)
    if made is None:
        return [patch("/canarySettings", "", "remove")] if old else []
    overrides = made.pop("stageVariableOverrides", {})
    gone = [name for name in (old or {}).get("StageVariableOverrides") or {} if name not in overrides]
    return [
        *(patch(f"/canarySettings/{name}", value) for name, value in made.items()),
        *(patch(f"/canarySettings/stageVariableOverrides/{name}", "", "remove") for name in gone),
        *(patch(f"/canarySettings/stageVariableOverrides/{name}", value) for name, value in overrides.items()),
    ]


def _stage_key(properties: Properties) -> Params:
    return {"restApiId": properties["RestApiId"], "stageName": properties["StageName"]}


def _stage_settings(properties: Properties) -> list[dict[str, str]]:
    """What can only be patched: settings of methods, and the access log."""
    log = properties.get("AccessLogSetting") or {}
    operations = [patch(f"/accessLogSettings/{camel(name)}", value) for name, value in log.items()]
    for setting in properties.get("MethodSettings") or []:
        path = _settings_path(setting)
        operations += [
            patch(f"/{path}/{METHOD_SETTINGS[name]}", value)
            for name, value in setting.items()
            if name in METHOD_SETTINGS
        ]
    return operations


def _settings_path(setting: Properties) -> str:
    """`/*` or `/item/{id}` of a template, as the first two parts of a patch path."""
    resource = setting.get("ResourcePath", "/*")
    resource = "*" if resource in ("/*", "*") else escaped(resource)
    return f"{resource}/{setting.get('HttpMethod', '*')}"


REST_API = ResourceType(
    type_name="AWS::ApiGateway::RestApi",
    properties=frozenset(
        {
            *("ApiKeySourceType", "BinaryMediaTypes", "Body", "BodyS3Location", "CloneFrom", "Description"),
            *("DisableExecuteApiEndpoint", "EndpointConfiguration", "FailOnWarnings", "MinimumCompressionSize"),
            *("Mode", "Name", "Parameters", "Policy", "Tags"),
        }
    ),
    create=create_api,
    delete=delete_api,
    update=update_api,
    attributes=api_attributes,
    replaces_on=frozenset({"CloneFrom"}),
)

DEPLOYMENT = ResourceType(
    type_name="AWS::ApiGateway::Deployment",
    properties=frozenset({"DeploymentCanarySettings", "Description", "RestApiId", "StageDescription", "StageName"}),
    required=frozenset({"RestApiId"}),
    create=create_deployment,
    delete=delete_deployment,
    update=update_deployment,
    attributes=deployment_attributes,
    replaces_on=frozenset({"DeploymentCanarySettings", "RestApiId", "StageDescription", "StageName"}),
)

STAGE = ResourceType(
    type_name="AWS::ApiGateway::Stage",
    properties=frozenset(
        {
            *("AccessLogSetting", "CacheClusterEnabled", "DeploymentId", "Description", "DocumentationVersion"),
            *("CanarySetting", "MethodSettings", "RestApiId", "StageName", "Tags", "TracingEnabled", "Variables"),
        }
    ),
    required=frozenset({"RestApiId", "DeploymentId", "StageName"}),
    create=create_stage,
    delete=delete_stage,
    update=update_stage,
    replaces_on=frozenset({"RestApiId", "StageName"}),
)

TYPES = (REST_API, DEPLOYMENT, STAGE)
