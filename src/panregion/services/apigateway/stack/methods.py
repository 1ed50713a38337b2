"""AWS::ApiGateway::Resource, Method, Model, RequestValidator, Authorizer and GatewayResponse."""

from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.apigateway.stack.support import (
    SERVICE,
    Params,
    Properties,
    call,
    gone,
    members,
    number,
    patch,
    texts,
    truths,
)
from panregion.services.once import once
from panregion.services.stack_calls import truth


async def create_resource(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = members(properties, "RestApiId ParentId PathPart")
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateResource", **params)["id"]))


async def delete_resource(here: Here, physical_id: str, properties: dict[str, Any], context: Context) -> None:
    key = {"restApiId": properties["RestApiId"], "resourceId": physical_id}
    await gone(here, context, lambda here: call(here, "DeleteResource", **key))


async def resource_attributes(_here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    return {"ResourceId": physical_id}


async def create_method(here: Here, properties: dict[str, Any], context: Context) -> str:
    def make(here: Here) -> str:
        _put_method(here, properties)
        return "|".join(_method_key(properties).values())

    return await once(here, SERVICE, context, make)


async def update_method(
    here: Here, _physical_id: str, old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    def step(here: Here) -> None:
        call(here, "DeleteMethod", **_method_key(old))
        _put_method(here, new)

    await here.transact(step)
    return None


async def delete_method(here: Here, _physical_id: str, properties: dict[str, Any], context: Context) -> None:
    await gone(here, context, lambda here: call(here, "DeleteMethod", **_method_key(properties)))


def _method_key(properties: Properties) -> dict[str, str]:
    return {
        "restApiId": properties["RestApiId"],
        "resourceId": properties["ResourceId"],
        "httpMethod": properties["HttpMethod"],
    }


def _put_method(here: Here, properties: Properties) -> None:
    """A method with its responses, its integration and that one's responses."""
    key = _method_key(properties)
    call(
        here,
        "PutMethod",
        **key,
        authorizationType=properties.get("AuthorizationType") or "NONE",
        apiKeyRequired=truth(properties.get("ApiKeyRequired", False)),
        requestParameters=truths(properties.get("RequestParameters")),
        **members(properties, "AuthorizerId AuthorizationScopes OperationName RequestModels RequestValidatorId"),
    )
    for response in properties.get("MethodResponses") or []:
        call(
            here,
            "PutMethodResponse",
            **key,
            statusCode=str(response["StatusCode"]),
            responseParameters=truths(response.get("ResponseParameters")),
            responseModels=response.get("ResponseModels"),
        )
    if properties.get("Integration"):
        _put_integration(here, key, properties["Integration"])


def _put_integration(here: Here, key: dict[str, str], given: Properties) -> None:
    call(
        here,
        "PutIntegration",
        **key,
        timeoutInMillis=number(given.get("TimeoutInMillis")),
        requestParameters=texts(given.get("RequestParameters")),
        **members(
            given,
            "Type IntegrationHttpMethod Uri ConnectionType ConnectionId Credentials RequestTemplates"
            " PassthroughBehavior CacheNamespace CacheKeyParameters ContentHandling",
        ),
    )
    for response in given.get("IntegrationResponses") or []:
        call(
            here,
            "PutIntegrationResponse",
            **key,
            statusCode=str(response["StatusCode"]),
            responseParameters=texts(response.get("ResponseParameters")),
            **members(response, "SelectionPattern ResponseTemplates ContentHandling"),
        )


async def create_model(here: Here, properties: dict[str, Any], context: Context) -> str:
    schema = properties.get("Schema") or {}
    params: Params = {
        "contentType": "application/json",
        **members(properties, "RestApiId ContentType Description"),
        "name": properties.get("Name") or "".join(c for c in context.name() if c.isalnum()),
        "schema": schema if isinstance(schema, str) else msgspec.json.encode(schema).decode(),
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateModel", **params)["name"]))


async def delete_model(here: Here, physical_id: str, properties: dict[str, Any], context: Context) -> None:
    key = {"restApiId": properties["RestApiId"], "modelName": physical_id}
    await gone(here, context, lambda here: call(here, "DeleteModel", **key))


async def create_validator(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = {
        **members(properties, "RestApiId Name"),
        "validateRequestBody": truth(properties.get("ValidateRequestBody", False)),
        "validateRequestParameters": truth(properties.get("ValidateRequestParameters", False)),
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateRequestValidator", **params)["id"]))


async def update_validator(
    here: Here, physical_id: str, _old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    operations = [
        patch("/validateRequestBody", truth(new.get("ValidateRequestBody", False))),
        patch("/validateRequestParameters", truth(new.get("ValidateRequestParameters", False))),
    ]
    key = {"restApiId": new["RestApiId"], "requestValidatorId": physical_id}
    await here.request("apigateway", "UpdateRequestValidator", {**key, "patchOperations": operations})
    return None


async def delete_validator(here: Here, physical_id: str, properties: dict[str, Any], context: Context) -> None:
    key = {"restApiId": properties["RestApiId"], "requestValidatorId": physical_id}
    await gone(here, context, lambda here: call(here, "DeleteRequestValidator", **key))


async def validator_attributes(_here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    return {"RequestValidatorId": physical_id}


async def create_authorizer(here: Here, properties: dict[str, Any], context: Context) -> str:
    params = {
        **members(
            properties,
            "RestApiId Type AuthType AuthorizerUri AuthorizerCredentials IdentitySource IdentityValidationExpression",
        ),
        "name": properties.get("Name") or context.name(),
        "authorizerResultTtlInSeconds": number(properties.get("AuthorizerResultTtlInSeconds")),
    }
    return await once(here, SERVICE, context, lambda here: str(call(here, "CreateAuthorizer", **params)["id"]))


async def delete_authorizer(here: Here, physical_id: str, properties: dict[str, Any], context: Context) -> None:
    key = {"restApiId": properties["RestApiId"], "authorizerId": physical_id}
    await gone(here, context, lambda here: call(here, "DeleteAuthorizer", **key))


async def authorizer_attributes(_here: Here, physical_id: str, _properties: dict[str, Any]) -> dict[str, Any]:
    return {"AuthorizerId": physical_id}


async def create_gateway_response(here: Here, properties: dict[str, Any], context: Context) -> str:
    def make(here: Here) -> str:
        _put_gateway_response(here, properties)
        return f"{properties['RestApiId']}|{properties['ResponseType']}"

    return await once(here, SERVICE, context, make)


async def update_gateway_response(
    here: Here, _physical_id: str, _old: dict[str, Any], new: dict[str, Any], _context: Context
) -> str | None:
    await here.transact(lambda here: _put_gateway_response(here, new))
    return None


async def delete_gateway_response(here: Here, _physical_id: str, properties: dict[str, Any], context: Context) -> None:
    key = members(properties, "RestApiId ResponseType")
    await gone(here, context, lambda here: call(here, "DeleteGatewayResponse", **key))


def _put_gateway_response(here: Here, properties: Properties) -> None:
    status = properties.get("StatusCode")
    call(
        here,
        "PutGatewayResponse",
        statusCode=None if status is None else str(status),
        **members(properties, "RestApiId ResponseType ResponseParameters ResponseTemplates"),
    )


RESOURCE = ResourceType(
    type_name="AWS::ApiGateway::Resource",
    properties=frozenset({"RestApiId", "ParentId", "PathPart"}),
    required=frozenset({"RestApiId", "ParentId", "PathPart"}),
    create=create_resource,
    delete=delete_resource,
    attributes=resource_attributes,
)

METHOD = ResourceType(
    type_name="AWS::ApiGateway::Method",
    properties=frozenset(
        {
            *("ApiKeyRequired", "AuthorizationScopes", "AuthorizationType", "AuthorizerId", "HttpMethod"),
            *("Integration", "MethodResponses", "OperationName", "RequestModels", "RequestParameters"),
            *("RequestValidatorId", "ResourceId", "RestApiId"),
        }
    ),
    required=frozenset({"RestApiId", "ResourceId", "HttpMethod"}),
    create=create_method,
    delete=delete_method,
    update=update_method,
    replaces_on=frozenset({"RestApiId", "ResourceId", "HttpMethod"}),
)

MODEL = ResourceType(
    type_name="AWS::ApiGateway::Model",
    properties=frozenset({"ContentType", "Description", "Name", "RestApiId", "Schema"}),
    required=frozenset({"RestApiId"}),
    create=create_model,
    delete=delete_model,
)

VALIDATOR = ResourceType(
    type_name="AWS::ApiGateway::RequestValidator",
    properties=frozenset({"Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"}),
    required=frozenset({"RestApiId"}),
    create=create_validator,
    delete=delete_validator,
    update=update_validator,
    attributes=validator_attributes,
    replaces_on=frozenset({"RestApiId", "Name"}),
)

AUTHORIZER = ResourceType(
    type_name="AWS::ApiGateway::Authorizer",
    properties=frozenset(
        {
            *("AuthType", "AuthorizerCredentials", "AuthorizerResultTtlInSeconds", "AuthorizerUri"),
            *("IdentitySource", "IdentityValidationExpression", "Name", "RestApiId", "Type"),
        }
    ),
    required=frozenset({"RestApiId", "Type"}),
    create=create_authorizer,
    delete=delete_authorizer,
    attributes=authorizer_attributes,
)

GATEWAY_RESPONSE = ResourceType(
    type_name="AWS::ApiGateway::GatewayResponse",
    properties=frozenset({"ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"}),
    required=frozenset({"RestApiId", "ResponseType"}),
    create=create_gateway_response,
    delete=delete_gateway_response,
    update=update_gateway_response,
    replaces_on=frozenset({"RestApiId", "ResponseType"}),
)

TYPES = (RESOURCE, METHOD, MODEL, VALIDATOR, AUTHORIZER, GATEWAY_RESPONSE)
