"""AWS::ApiGatewayV2::Api, Integration, Route, their responses, Authorizer, Model, Stage, Deployment, DomainName and
ApiMapping."""

import contextlib
from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.apigatewayv2.errors import NotFoundException
from panregion.services.once import note_of, once
from panregion.services.stack_calls import truth
from panregion.wire import AwsError, check

Properties = dict[str, Any]

SERVICE = "apigatewayv2"


async def gone(here: Here, context: Context, operation: str, **key: Any) -> None:
    """Delete; what is not there is gone already."""

    def step(here: Here) -> None:
        here.tx.delete(note_of(SERVICE, context))
        with contextlib.suppress(NotFoundException):
            try:
                call(here, operation, key)
            except AwsError as error:
                if error.code != "NotFoundException":  # the REST service has a class of its own
                    raise

    await here.transact(step)


def call(here: Here, operation: str, params: Properties) -> Properties:
    """One of this service's operations in this transaction, checked; None is left out."""
    given = {name: value for name, value in params.items() if value is not None}
    check("apigatewayv2", operation, given)
    return here.call("apigatewayv2", operation, given)


def simple(
    kind: str, identifier: str, names: str, *, required: str, fixed: str = "", below: str | None = None
) -> ResourceType:
    """A type whose properties are the parameters of CreateX and UpdateX, below an API, and perhaps `below` a part."""

    async def create(here: Here, properties: Properties, context: Context) -> str:
        return await once(
            here, SERVICE, context, lambda here: str(call(here, f"Create{kind}", coerced(properties))[identifier])
        )

    async def update(here: Here, physical_id: str, _old: Properties, new: Properties, _context: Context) -> str | None:
        params = {**coerced(new), identifier: physical_id}
        params.pop("Tags", None)
        await here.transact(lambda here: call(here, f"Update{kind}", params))
        return None

    async def delete(here: Here, physical_id: str, properties: Properties, context: Context) -> None:
        above = {below: properties[below]} if below else {}
        await gone(here, context, f"Delete{kind}", ApiId=properties["ApiId"], **above, **{identifier: physical_id})

    async def attributes(_here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
        return {identifier: physical_id}

    return ResourceType(
        type_name=f"AWS::ApiGatewayV2::{kind}",
        properties=frozenset(names.split()),
        required=frozenset(required.split()),
        create=create,
        delete=delete,
        update=None if kind == "Deployment" else update,
        attributes=attributes,
        replaces_on=frozenset({"ApiId", *fixed.split(), *([below] if below else [])}),
    )


def coerced(properties: Properties) -> Properties:
    """Templates may write booleans and numbers as text."""
    made = dict(properties)
    for name in ("AutoDeploy", "ApiKeyRequired", "DisableExecuteApiEndpoint", "EnableSimpleResponses"):
        if name in made:
            made[name] = truth(made[name])
    for name in ("TimeoutInMillis", "AuthorizerResultTtlInSeconds"):
        if name in made:
            made[name] = int(made[name])
    if isinstance(made.get("ResponseParameters"), dict):
        made["ResponseParameters"] = {status: _pairs(given) for status, given in made["ResponseParameters"].items()}
    for name in ("RequestTemplates", "ResponseTemplates", "StageVariables", "RequestParameters"):
        if isinstance(made.get(name), dict):
            made[name] = {str(key): _text(value) for key, value in made[name].items()}
    if isinstance(made.get("Schema"), dict):
        made["Schema"] = msgspec.json.encode(made["Schema"]).decode()
    return made


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _pairs(given: Any) -> Any:
    """CloudFormation writes the mapping for a status as a list of sources and destinations."""
    if isinstance(given, dict) and "ResponseParameters" in given:
        return {each["Destination"]: each["Source"] for each in given["ResponseParameters"]}
    return given


def cors_of(given: Properties | None) -> Properties | None:
    if given is None:
        return None
    made = dict(given)
    if "AllowCredentials" in made:
        made["AllowCredentials"] = truth(made["AllowCredentials"])
    if "MaxAge" in made:
        made["MaxAge"] = int(made["MaxAge"])
    return made


async def create_api(here: Here, properties: Properties, context: Context) -> str:
    document = await _document(here, properties)

    def make(here: Here) -> str:
        name = properties.get("Name") or context.name()
        params = {
            "Name": name,
            "ProtocolType": properties.get("ProtocolType", "HTTP"),
            "Target": properties.get("Target"),
            "RouteSelectionExpression": properties.get("RouteSelectionExpression"),
            "ApiKeySelectionExpression": properties.get("ApiKeySelectionExpression"),
        }
        tags = {**context.tags, **(properties.get("Tags") or {})}
        made = call(here, "CreateApi", {**params, "RouteKey": properties.get("RouteKey"), "Tags": tags})
        _configure(here, made["ApiId"], properties, document)
        return str(made["ApiId"])

    return await once(here, SERVICE, context, make)


async def update_api(here: Here, physical_id: str, _old: Properties, new: Properties, _context: Context) -> str | None:
    document = await _document(here, new)
    await here.transact(lambda here: _configure(here, physical_id, new, document))
    return None


async def delete_api(here: Here, physical_id: str, _properties: Properties, context: Context) -> None:
    await gone(here, context, "DeleteApi", ApiId=physical_id)


async def api_attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    api = await here.request("apigatewayv2", "GetApi", {"ApiId": physical_id})
    return {"ApiId": physical_id, "ApiEndpoint": api["ApiEndpoint"]}


def _configure(here: Here, api_id: str, properties: Properties, document: str | None) -> None:
    if document is not None:
        call(here, "ReimportApi", {"ApiId": api_id, "Body": document})
    disable = properties.get("DisableExecuteApiEndpoint")
    changes = {
        "Name": properties.get("Name"),
        "Description": properties.get("Description"),
        "Version": properties.get("Version"),
        "CorsConfiguration": cors_of(properties.get("CorsConfiguration")),
        "DisableExecuteApiEndpoint": None if disable is None else truth(disable),
        "RouteSelectionExpression": properties.get("RouteSelectionExpression"),
        "ApiKeySelectionExpression": properties.get("ApiKeySelectionExpression"),
    }
    call(here, "UpdateApi", {"ApiId": api_id, **changes})


async def _document(here: Here, properties: Properties) -> str | None:
    """The API's OpenAPI document: within the template, or an object in S3."""
    if properties.get("Body") is not None:
        return msgspec.json.encode(properties["Body"]).decode()
    place = properties.get("BodyS3Location")
    if place is None:
        return None
    content = (await here.request("s3", "GetObject", {"Bucket": place["Bucket"], "Key": place["Key"]}))["Body"]
    whole = content if isinstance(content, bytes) else b"".join([chunk async for chunk in content])
    return whole.decode()


async def create_domain(here: Here, properties: Properties, context: Context) -> str:
    params = {
        "DomainName": properties["DomainName"],
        "DomainNameConfigurations": properties.get("DomainNameConfigurations"),
        "Tags": {**context.tags, **(properties.get("Tags") or {})},
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateDomainName", params)["DomainName"]))


async def delete_domain(here: Here, physical_id: str, _properties: Properties, context: Context) -> None:
    await gone(here, context, "DeleteDomainName", DomainName=physical_id)


async def domain_attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    domain = await here.request("apigatewayv2", "GetDomainName", {"DomainName": physical_id})
    [configuration] = domain["DomainNameConfigurations"]
    return {
        "DomainNameArn": domain["DomainNameArn"],
        "RegionalDomainName": configuration["ApiGatewayDomainName"],
        "RegionalHostedZoneId": configuration["HostedZoneId"],
    }


async def create_mapping(here: Here, properties: Properties, context: Context) -> str:
    return await once(
        here, SERVICE, context, lambda here: str(call(here, "CreateApiMapping", properties)["ApiMappingId"])
    )


async def delete_mapping(here: Here, physical_id: str, properties: Properties, context: Context) -> None:
    await gone(here, context, "DeleteApiMapping", ApiMappingId=physical_id, DomainName=properties["DomainName"])


async def mapping_attributes(_here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"ApiMappingId": physical_id}


API = ResourceType(
    type_name="AWS::ApiGatewayV2::Api",
    properties=frozenset(
        {
            *("Body", "BodyS3Location", "CorsConfiguration", "Description", "DisableExecuteApiEndpoint"),
            *("FailOnWarnings", "Name", "ProtocolType", "RouteKey", "Tags", "Target", "Version"),
            *("ApiKeySelectionExpression", "RouteSelectionExpression"),
        }
    ),
    create=create_api,
    delete=delete_api,
    update=update_api,
    attributes=api_attributes,
    replaces_on=frozenset({"ProtocolType", "RouteKey", "Target"}),
)

DOMAIN_NAME = ResourceType(
    type_name="AWS::ApiGatewayV2::DomainName",
    properties=frozenset({"DomainName", "DomainNameConfigurations", "Tags"}),
    required=frozenset({"DomainName"}),
    create=create_domain,
    delete=delete_domain,
    attributes=domain_attributes,
)

API_MAPPING = ResourceType(
    type_name="AWS::ApiGatewayV2::ApiMapping",
    properties=frozenset({"ApiId", "ApiMappingKey", "DomainName", "Stage"}),
    required=frozenset({"ApiId", "DomainName", "Stage"}),
    create=create_mapping,
    delete=delete_mapping,
    attributes=mapping_attributes,
)

INTEGRATION = simple(
    "Integration",
    "IntegrationId",
    "ApiId ConnectionType ContentHandlingStrategy CredentialsArn Description IntegrationMethod IntegrationSubtype"
    " IntegrationType IntegrationUri PassthroughBehavior PayloadFormatVersion RequestParameters RequestTemplates"
    " ResponseParameters TemplateSelectionExpression TimeoutInMillis TlsConfig",
    required="ApiId IntegrationType",
    fixed="ConnectionType",
)
INTEGRATION_RESPONSE = simple(
    "IntegrationResponse",
    "IntegrationResponseId",
    "ApiId ContentHandlingStrategy IntegrationId IntegrationResponseKey ResponseParameters ResponseTemplates"
    " TemplateSelectionExpression",
    required="ApiId IntegrationId IntegrationResponseKey",
    below="IntegrationId",
)
ROUTE_RESPONSE = simple(
    "RouteResponse",
    "RouteResponseId",
    "ApiId ModelSelectionExpression ResponseModels RouteId RouteResponseKey",
    required="ApiId RouteId RouteResponseKey",
    below="RouteId",
)
MODEL = simple("Model", "ModelId", "ApiId ContentType Description Name Schema", required="ApiId Name Schema")
ROUTE = simple(
    "Route",
    "RouteId",
    "ApiId ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId OperationName RouteKey"
    " RouteResponseSelectionExpression Target",
    required="ApiId RouteKey",
)
AUTHORIZER = simple(
    "Authorizer",
    "AuthorizerId",
    "ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType"
    " AuthorizerUri EnableSimpleResponses IdentitySource JwtConfiguration Name",
    required="ApiId AuthorizerType Name",
)
STAGE = simple(
    "Stage",
    "StageName",
    "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings DeploymentId Description RouteSettings StageName"
    " StageVariables Tags",
    required="ApiId StageName",
    fixed="StageName Tags",
)
DEPLOYMENT = simple("Deployment", "DeploymentId", "ApiId Description StageName", required="ApiId")

KINDS = (
    API,
    INTEGRATION,
    INTEGRATION_RESPONSE,
    ROUTE,
    ROUTE_RESPONSE,
    AUTHORIZER,
    MODEL,
    STAGE,
    DEPLOYMENT,
    DOMAIN_NAME,
    API_MAPPING,
)
RESOURCES = {kind.type_name: kind for kind in KINDS}
