"""Routes: which requests, or which messages, lead where."""

import re
from typing import Any

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.stages import deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigatewayv2.model import (
    CONNECT,
    DEFAULT,
    DISCONNECT,
    WEBSOCKET,
    Api,
    Route,
    describe,
)

ROUTE_KEY = re.compile(r"\$default|(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) /\S*")
RESERVED = (CONNECT, DISCONNECT, DEFAULT)


def create_route(
    here: Here,
    api_id: str,
    route_key: str,
    target: str | None = None,
    authorization_type: str = "NONE",
    api_key_required: bool = False,
    operation_name: str | None = None,
    authorizer_id: str | None = None,
    authorization_scopes: list[str] | None = None,
    route_response_selection_expression: str | None = None,
    request_models: dict[str, str] | None = None,
    request_parameters: dict[str, Any] | None = None,
    model_selection_expression: str | None = None,
) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    if request_models or request_parameters or model_selection_expression:
        raise unsupported("RequestModels, RequestParameters and ModelSelectionExpression of a route")
    route = Route(
        route_id=here.world.chance.token(7),
        route_key=route_key,
        authorization_type=authorization_type,
        api_key_required=api_key_required,
        target=target,
        operation_name=operation_name,
        authorizer_id=authorizer_id,
        authorization_scopes=authorization_scopes,
        route_response_selection_expression=route_response_selection_expression,
    )
    return _keep_route(here, api, route)


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
    api_key_required: bool | None = None,
    authorization_scopes: list[str] | None = None,
    route_response_selection_expression: str | None = None,
) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    changes = {
        "route_key": route_key,
        "target": target,
        "authorization_type": authorization_type,
        "operation_name": operation_name,
        "authorizer_id": authorizer_id,
        "api_key_required": api_key_required,
        "authorization_scopes": authorization_scopes,
        "route_response_selection_expression": route_response_selection_expression,
    }
    return _keep_route(here, api, changed(layout.ROUTES.require(here.tx, api_id, route_id), changes))


def delete_route(here: Here, api_id: str, route_id: str) -> dict[str, Any]:
    layout.ROUTES.require(here.tx, api_id, route_id)
    layout.ROUTES.delete(here.tx, api_id, route_id)
    layout.ROUTE_RESPONSES.delete_all(here.tx, api_id, route_id)
    deploy_automatically(here, api_id)
    return {}


def _keep_route(here: Here, api: Api, route: Route) -> dict[str, Any]:
    api_id = api.api_id
    if api.protocol_type == WEBSOCKET:
        _check_of_websocket(route)
    else:
        _check_of_http(route)
    if route.authorization_type in ("CUSTOM", "JWT"):
        _check_authorizer(here, api_id, route)
    elif route.authorization_scopes:
        raise BadRequestException("AuthorizationScopes are only supported with AuthorizationType JWT")
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


def _check_of_http(route: Route) -> None:
    if not ROUTE_KEY.fullmatch(route.route_key):
        raise BadRequestException(
            f"The provided route key is not formatted properly for HTTP protocol: {route.route_key}. Format should be"
            " '<HTTP METHOD> /<RESOURCE PATH>' or '$default'"
        )
    if route.api_key_required:
        raise BadRequestException("ApiKeyRequired is not currently supported for HTTP APIs")
    if route.route_response_selection_expression:
        raise BadRequestException("RouteResponseSelectionExpression is not currently supported for HTTP APIs")


def _check_of_websocket(route: Route) -> None:
    if not route.route_key or (route.route_key.startswith("$") and route.route_key not in RESERVED):
        raise BadRequestException(f"Invalid route key: {route.route_key}")
    if route.route_key != CONNECT and route.authorization_type != "NONE":
        raise BadRequestException("Currently, authorization is restricted to the $connect route only")
    if route.route_key != CONNECT and route.api_key_required:
        raise BadRequestException("Currently, API Key is restricted to the $connect route only")
    if route.authorization_type == "JWT":
        raise BadRequestException("AuthorizationType JWT is not supported for WebSocket APIs")
    if route.route_response_selection_expression not in (None, DEFAULT):
        raise BadRequestException("The route response selection expression must be $default")


def _check_authorizer(here: Here, api_id: str, route: Route) -> None:
    if not route.authorizer_id:
        raise BadRequestException(f"AuthorizerId is required for AuthorizationType {route.authorization_type}")
    authorizer = layout.AUTHORIZERS.require(here.tx, api_id, route.authorizer_id)
    wanted = "REQUEST" if route.authorization_type == "CUSTOM" else "JWT"
    if authorizer.authorizer_type != wanted:
        raise BadRequestException(
            f"AuthorizationType {route.authorization_type} needs an authorizer of the type {wanted}"
        )
    if route.authorization_scopes and wanted != "JWT":
        raise BadRequestException("AuthorizationScopes are only supported with AuthorizationType JWT")
