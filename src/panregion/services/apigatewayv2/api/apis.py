"""APIs themselves: HTTP and WebSocket APIs made empty, HTTP APIs also, with one target, or from an OpenAPI document."""

import re
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.integrations import create_integration
from panregion.services.apigatewayv2.api.routes import create_route
from panregion.services.apigatewayv2.api.stages import create_stage, deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException
from panregion.services.apigatewayv2.model import DEFAULT, HTTP, WEBSOCKET, Api, describe
from panregion.services.apigatewayv2.openapi import parse, read

HTTP_SELECTION = "$request.method $request.path"
API_KEY_HEADER = "$request.header.x-api-key"
API_KEY_SOURCES = (API_KEY_HEADER, "${request.header.x-api-key}", "$context.authorizer.usageIdentifierKey")
SELECTION = re.compile(r"\$[a-zA-Z_].*|.*\$\{.+\}.*")


def create_api(
    here: Here,
    name: str,
    protocol_type: str,
    cors_configuration: dict[str, Any] | None = None,
    description: str | None = None,
    disable_execute_api_endpoint: bool = False,
    route_key: str | None = None,
    target: str | None = None,
    tags: dict[str, str] | None = None,
    version: str | None = None,
    route_selection_expression: str | None = None,
    api_key_selection_expression: str | None = None,
) -> dict[str, Any]:
    sockets = protocol_type == WEBSOCKET
    if sockets and (cors_configuration or target or route_key):
        raise BadRequestException("CorsConfiguration, RouteKey and Target are only supported for HTTP APIs")
    if sockets and not route_selection_expression:
        raise BadRequestException("RouteSelectionExpression is a required field for WEBSOCKET protocol APIs")
    api_id = here.world.chance.token(10)
    api = Api(
        api_id=api_id,
        name=name,
        api_endpoint=f"{'wss' if sockets else 'https'}://{api_id}.execute-api.{here.region}.amazonaws.com",
        protocol_type=protocol_type,
        created_date=int(here.now()),
        route_selection_expression=route_selection_expression or HTTP_SELECTION,
        api_key_selection_expression=api_key_selection_expression or API_KEY_HEADER,
        disable_execute_api_endpoint=disable_execute_api_endpoint,
        tags=tags or {},
        description=description,
        version=version,
        cors_configuration=cors_configuration,
    )
    _check(api)
    layout.APIS.put(here.tx, api, api_id)
    if target:  # a quick create: one integration, one route, one stage
        create_stage(here, api_id, DEFAULT, auto_deploy=True)
        kind = "AWS_PROXY" if target.startswith("arn:") else "HTTP_PROXY"
        method = None if kind == "AWS_PROXY" else "ANY"
        made = create_integration(here, api_id, kind, integration_uri=target, integration_method=method)
        create_route(here, api_id, route_key or DEFAULT, target=f"integrations/{made['IntegrationId']}")
    return describe(api)


def _check(api: Api) -> None:
    """What the model cannot say about an API."""
    expression = api.route_selection_expression
    if api.protocol_type == HTTP and expression not in (HTTP_SELECTION, "${request.method} ${request.path}"):
        raise BadRequestException("RouteSelectionExpression of an HTTP API must be ${request.method} ${request.path}")
    if api.protocol_type == WEBSOCKET and not SELECTION.fullmatch(expression):
        raise BadRequestException(f"Invalid route selection expression: {expression}")
    if api.api_key_selection_expression not in API_KEY_SOURCES:
        raise BadRequestException(f"Invalid API key selection expression: {api.api_key_selection_expression}")
    if api.protocol_type == WEBSOCKET and api.cors_configuration:
        raise BadRequestException("CorsConfiguration is only supported for HTTP APIs")


def import_api(here: Here, body: str) -> dict[str, Any]:
    definition = read(parse(body))
    if not definition.name:
        raise BadRequestException("The document has no info.title")
    made = create_api(here, definition.name, "HTTP")
    return reimport_api(here, made["ApiId"], body)


def reimport_api(here: Here, api_id: str, body: str) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    if api.protocol_type != HTTP:
        raise BadRequestException("Only HTTP APIs can be imported from an OpenAPI document")
    definition = read(parse(body))
    layout.ROUTES.delete_all(here.tx, api_id)
    layout.INTEGRATIONS.delete_all(here.tx, api_id)
    layout.AUTHORIZERS.delete_all(here.tx, api_id)
    authorizers = {
        name: here.call("apigatewayv2", "CreateAuthorizer", {"ApiId": api_id, **params})["AuthorizerId"]
        for name, params in definition.authorizers.items()
    }
    for route_key, params in definition.routes.items():
        made = here.call("apigatewayv2", "CreateIntegration", {"ApiId": api_id, **params})
        route = {"ApiId": api_id, "RouteKey": route_key, "Target": f"integrations/{made['IntegrationId']}"}
        guard = definition.guards.get(route_key)
        if guard is not None:
            route |= {name: value for name, value in guard.items() if name != "Name"}
            if "Name" in guard:
                route["AuthorizerId"] = authorizers[guard["Name"]]
        here.call("apigatewayv2", "CreateRoute", route)
    api = msgspec.structs.replace(
        api,
        name=definition.name or api.name,
        version=definition.version,
        description=definition.description or api.description,
        cors_configuration=definition.cors,
        tags={**api.tags, **definition.tags},
    )
    layout.APIS.put(here.tx, api, api_id)
    deploy_automatically(here, api_id)
    return describe(api)


@reads
def get_api(here: Here, api_id: str) -> dict[str, Any]:
    return describe(layout.APIS.require(here.tx, api_id))


@reads
def get_apis(here: Here, max_results: str | None = None, next_token: str | None = None) -> dict[str, Any]:
    return page(layout.APIS.all(here.tx), max_results, next_token)


def update_api(
    here: Here,
    api_id: str,
    cors_configuration: dict[str, Any] | None = None,
    description: str | None = None,
    disable_execute_api_endpoint: bool | None = None,
    name: str | None = None,
    version: str | None = None,
    route_selection_expression: str | None = None,
    api_key_selection_expression: str | None = None,
) -> dict[str, Any]:
    changes = {
        "cors_configuration": cors_configuration,
        "description": description,
        "disable_execute_api_endpoint": disable_execute_api_endpoint,
        "name": name,
        "version": version,
        "route_selection_expression": route_selection_expression,
        "api_key_selection_expression": api_key_selection_expression,
    }
    api = changed(layout.APIS.require(here.tx, api_id), changes)
    _check(api)
    return describe(layout.APIS.put(here.tx, api, api_id))


def delete_api(here: Here, api_id: str) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    if any(mapping.api_id == api_id for mapping in layout.MAPPINGS.all(here.tx)):
        raise BadRequestException("Please remove all API mappings related to the API from your domain names")
    for table in layout.OF_AN_API:
        table.delete_all(here.tx, api_id)
    layout.APIS.delete(here.tx, api_id)
    return {}
