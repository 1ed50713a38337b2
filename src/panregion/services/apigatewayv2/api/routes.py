"""Routes of HTTP APIs, and the integrations that they lead to."""

import re
from typing import Any

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.stages import deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigatewayv2.model import INTEGRATION_TIMEOUT_MS, Integration, Route, describe

ROUTE_KEY = re.compile(r"\$default|(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) /\S*")


def create_integration(
    here: Here,
    api_id: str,
    integration_type: str,
    connection_type: str = "INTERNET",
    credentials_arn: str | None = None,
    description: str | None = None,
    integration_method: str | None = None,
    integration_uri: str | None = None,
    payload_format_version: str | None = None,
    timeout_in_millis: int = INTEGRATION_TIMEOUT_MS,
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    integration = Integration(
        integration_id=here.world.chance.token(7),
        integration_type=integration_type,
        payload_format_version=payload_format_version or "1.0",
        timeout_in_millis=timeout_in_millis,
        connection_type=connection_type,
        integration_uri=integration_uri,
        integration_method=integration_method or ("POST" if integration_type == "AWS_PROXY" else None),
        description=description,
        credentials_arn=credentials_arn,
    )
    return _keep_integration(here, api_id, integration)


@reads
def get_integration(here: Here, api_id: str, integration_id: str) -> dict[str, Any]:
    return describe(layout.INTEGRATIONS.require(here.tx, api_id, integration_id))


@reads
def get_integrations(
    here: Here, api_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    return page(layout.INTEGRATIONS.all(here.tx, api_id), max_results, next_token)


def update_integration(
    here: Here,
    api_id: str,
    integration_id: str,
    integration_type: str | None = None,
    integration_method: str | None = None,
    integration_uri: str | None = None,
    payload_format_version: str | None = None,
    timeout_in_millis: int | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    changes = {
        "integration_type": integration_type,
        "integration_method": integration_method,
        "integration_uri": integration_uri,
        "payload_format_version": payload_format_version,
        "timeout_in_millis": timeout_in_millis,
        "description": description,
    }
    return _keep_integration(
        here, api_id, changed(layout.INTEGRATIONS.require(here.tx, api_id, integration_id), changes)
    )


def delete_integration(here: Here, api_id: str, integration_id: str) -> dict[str, Any]:
    layout.INTEGRATIONS.require(here.tx, api_id, integration_id)
    target = f"integrations/{integration_id}"
    if any(route.target == target for route in layout.ROUTES.all(here.tx, api_id)):
        raise ConflictException(f"Cannot delete Integration '{integration_id}': it is the target of a route")
    layout.INTEGRATIONS.delete(here.tx, api_id, integration_id)
    return {}


def create_route(
    here: Here,
    api_id: str,
    route_key: str,
    target: str | None = None,
    authorization_type: str = "NONE",
    api_key_required: bool = False,
    operation_name: str | None = None,
    authorizer_id: str | None = None,
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    route = Route(
        route_id=here.world.chance.token(7),
        route_key=route_key,
        authorization_type=authorization_type,
        api_key_required=api_key_required,
        target=target,
        operation_name=operation_name,
        authorizer_id=authorizer_id,
    )
    return _keep_route(here, api_id, route)


@reads
def get_route(here: Here, api_id: str, route_id: str) -> dict[str, Any]:
    return describe(layout.ROUTES.require(here.tx, api_id, route_id))


@reads
def get_routes(
    here: Here, api_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    return page(layout.ROUTES.all(here.tx, api_id), max_results, next_token)


def update_route(
    here: Here,
    api_id: str,
    route_id: str,
    route_key: str | None = None,
    target: str | None = None,
    authorization_type: str | None = None,
    operation_name: str | None = None,
    authorizer_id: str | None = None,
) -> dict[str, Any]:
    changes = {
        "route_key": route_key,
        "target": target,
        "authorization_type": authorization_type,
        "operation_name": operation_name,
        "authorizer_id": authorizer_id,
    }
    return _keep_route(here, api_id, changed(layout.ROUTES.require(here.tx, api_id, route_id), changes))


def delete_route(here: Here, api_id: str, route_id: str) -> dict[str, Any]:
    layout.ROUTES.require(here.tx, api_id, route_id)
    layout.ROUTES.delete(here.tx, api_id, route_id)
    deploy_automatically(here, api_id)
    return {}


def _keep_route(here: Here, api_id: str, route: Route) -> dict[str, Any]:
    if not ROUTE_KEY.fullmatch(route.route_key):
        raise BadRequestException(
            f"The provided route key is not formatted properly for HTTP protocol: {route.route_key}. Format should be"
            " '<HTTP METHOD> /<RESOURCE PATH>' or '$default'"
        )
    if route.authorization_type == "JWT":
        raise unsupported("AuthorizationType JWT of a route")
    if route.api_key_required:
        raise BadRequestException("ApiKeyRequired is not currently supported for HTTP APIs")
    if route.authorization_type == "CUSTOM":
        layout.AUTHORIZERS.require(here.tx, api_id, route.authorizer_id or "")
    for other in layout.ROUTES.all(here.tx, api_id):
        if other.route_key == route.route_key and other.route_id != route.route_id:
            raise ConflictException(f"Route with key {route.route_key} already exists for this API")
    if route.target:
        kind, _, integration_id = route.target.partition("/")
        if kind != "integrations" or layout.INTEGRATIONS.find(here.tx, api_id, integration_id) is None:
            raise BadRequestException(f"Invalid target: {route.target}")
    layout.ROUTES.put(here.tx, route, api_id, route.route_id)
    deploy_automatically(here, api_id)
    return describe(route)


def _keep_integration(here: Here, api_id: str, integration: Integration) -> dict[str, Any]:
    if integration.integration_type not in ("AWS_PROXY", "HTTP_PROXY"):
        raise unsupported(f"IntegrationType {integration.integration_type} of an HTTP API")
    if integration.connection_type != "INTERNET":
        raise unsupported(f"ConnectionType {integration.connection_type}")
    if not integration.integration_uri:
        raise BadRequestException("IntegrationUri is required")
    if integration.payload_format_version not in ("1.0", "2.0"):
        raise BadRequestException("PayloadFormatVersion must be 1.0 or 2.0")
    if not 50 <= integration.timeout_in_millis <= INTEGRATION_TIMEOUT_MS:
        raise BadRequestException(f"Timeout should be between 50 ms and {INTEGRATION_TIMEOUT_MS} ms")
    layout.INTEGRATIONS.put(here.tx, integration, api_id, integration.integration_id)
    deploy_automatically(here, api_id)
    return describe(integration)
