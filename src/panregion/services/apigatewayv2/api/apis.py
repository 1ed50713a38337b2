"""HTTP APIs themselves, made empty, with one target, or from an OpenAPI document."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.routes import create_integration, create_route
from panregion.services.apigatewayv2.api.stages import create_stage, deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException, unsupported
from panregion.services.apigatewayv2.model import DEFAULT, Api, describe
from panregion.services.apigatewayv2.openapi import parse, read


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
) -> dict[str, Any]:
    if protocol_type != "HTTP":
        raise unsupported(f"ProtocolType {protocol_type}")
    api_id = here.world.chance.token(10)
    api = Api(
        api_id=api_id,
        name=name,
        api_endpoint=f"https://{api_id}.execute-api.{here.region}.amazonaws.com",
        protocol_type=protocol_type,
        created_date=int(here.now()),
        route_selection_expression="$request.method $request.path",
        api_key_selection_expression="$request.header.x-api-key",
        disable_execute_api_endpoint=disable_execute_api_endpoint,
        tags=tags or {},
        description=description,
        version=version,
        cors_configuration=cors_configuration,
    )
    layout.APIS.put(here.tx, api, api_id)
    if target:  # a quick create: one integration, one route, one stage
        create_stage(here, api_id, DEFAULT, auto_deploy=True)
        kind = "AWS_PROXY" if target.startswith("arn:") else "HTTP_PROXY"
        method = None if kind == "AWS_PROXY" else "ANY"
        made = create_integration(here, api_id, kind, integration_uri=target, integration_method=method)
        create_route(here, api_id, route_key or DEFAULT, target=f"integrations/{made['IntegrationId']}")
    return describe(api)


def import_api(here: Here, body: str) -> dict[str, Any]:
    definition = read(parse(body))
    if not definition.name:
        raise BadRequestException("The document has no info.title")
    made = create_api(here, definition.name, "HTTP")
    return reimport_api(here, made["ApiId"], body)


def reimport_api(here: Here, api_id: str, body: str) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
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
            route["AuthorizationType"] = guard["AuthorizationType"]
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
) -> dict[str, Any]:
    changes = {
        "cors_configuration": cors_configuration,
        "description": description,
        "disable_execute_api_endpoint": disable_execute_api_endpoint,
        "name": name,
        "version": version,
    }
    return describe(layout.APIS.put(here.tx, changed(layout.APIS.require(here.tx, api_id), changes), api_id))


def delete_api(here: Here, api_id: str) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    if any(mapping.api_id == api_id for mapping in layout.MAPPINGS.all(here.tx)):
        raise BadRequestException("Please remove all API mappings related to the API from your domain names")
    for table in layout.OF_AN_API:
        table.delete_all(here.tx, api_id)
    layout.APIS.delete(here.tx, api_id)
    return {}
