"""What a WebSocket's client is answered: responses of routes and of integrations; and models of messages."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.stages import deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigatewayv2.model import (
    DEFAULT,
    WEBSOCKET,
    IntegrationResponse,
    Model,
    RouteResponse,
    describe,
)


def create_route_response(
    here: Here,
    api_id: str,
    route_id: str,
    route_response_key: str,
    model_selection_expression: str | None = None,
    response_models: dict[str, str] | None = None,
) -> dict[str, Any]:
    _require_websocket(here, api_id)
    layout.ROUTES.require(here.tx, api_id, route_id)
    if any(layout.ROUTE_RESPONSES.all(here.tx, api_id, route_id)):
        raise ConflictException(f"A route response already exists for route {route_id}")
    response = RouteResponse(
        route_response_id=here.world.chance.token(7),
        route_response_key=route_response_key,
        model_selection_expression=model_selection_expression,
        response_models=response_models,
    )
    return _keep_route_response(here, api_id, route_id, response)


@reads
def get_route_response(here: Here, api_id: str, route_id: str, route_response_id: str) -> dict[str, Any]:
    return describe(layout.ROUTE_RESPONSES.require(here.tx, api_id, route_id, route_response_id))


@reads
def get_route_responses(
    here: Here, api_id: str, route_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.ROUTES.require(here.tx, api_id, route_id)
    return page(layout.ROUTE_RESPONSES.all(here.tx, api_id, route_id), max_results, next_token)


def update_route_response(
    here: Here,
    api_id: str,
    route_id: str,
    route_response_id: str,
    route_response_key: str | None = None,
    model_selection_expression: str | None = None,
    response_models: dict[str, str] | None = None,
) -> dict[str, Any]:
    changes = {
        "route_response_key": route_response_key,
        "model_selection_expression": model_selection_expression,
        "response_models": response_models,
    }
    old = layout.ROUTE_RESPONSES.require(here.tx, api_id, route_id, route_response_id)
    return _keep_route_response(here, api_id, route_id, changed(old, changes))


def delete_route_response(here: Here, api_id: str, route_id: str, route_response_id: str) -> dict[str, Any]:
    layout.ROUTE_RESPONSES.require(here.tx, api_id, route_id, route_response_id)
    layout.ROUTE_RESPONSES.delete(here.tx, api_id, route_id, route_response_id)
    deploy_automatically(here, api_id)
    return {}


def _keep_route_response(here: Here, api_id: str, route_id: str, response: RouteResponse) -> dict[str, Any]:
    if response.route_response_key != DEFAULT:
        raise BadRequestException("The route response key must be $default")
    layout.ROUTE_RESPONSES.put(here.tx, response, api_id, route_id, response.route_response_id)
    deploy_automatically(here, api_id)
    return describe(response)


def create_integration_response(
    here: Here,
    api_id: str,
    integration_id: str,
    integration_response_key: str,
    content_handling_strategy: str | None = None,
    response_parameters: dict[str, str] | None = None,
    response_templates: dict[str, str] | None = None,
    template_selection_expression: str | None = None,
) -> dict[str, Any]:
    _require_websocket(here, api_id)
    layout.INTEGRATIONS.require(here.tx, api_id, integration_id)
    response = IntegrationResponse(
        integration_response_id=here.world.chance.token(7),
        integration_response_key=integration_response_key,
        content_handling_strategy=content_handling_strategy,
        response_parameters=response_parameters,
        response_templates=response_templates,
        template_selection_expression=template_selection_expression,
    )
    return _keep_integration_response(here, api_id, integration_id, response)


@reads
def get_integration_response(
    here: Here, api_id: str, integration_id: str, integration_response_id: str
) -> dict[str, Any]:
    return describe(layout.INTEGRATION_RESPONSES.require(here.tx, api_id, integration_id, integration_response_id))


@reads
def get_integration_responses(
    here: Here, api_id: str, integration_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.INTEGRATIONS.require(here.tx, api_id, integration_id)
    return page(layout.INTEGRATION_RESPONSES.all(here.tx, api_id, integration_id), max_results, next_token)


def update_integration_response(
    here: Here,
    api_id: str,
    integration_id: str,
    integration_response_id: str,
    integration_response_key: str | None = None,
    content_handling_strategy: str | None = None,
    response_parameters: dict[str, str] | None = None,
    response_templates: dict[str, str] | None = None,
    template_selection_expression: str | None = None,
) -> dict[str, Any]:
    changes = {
        "integration_response_key": integration_response_key,
        "content_handling_strategy": content_handling_strategy,
        "response_parameters": response_parameters,
        "response_templates": response_templates,
        "template_selection_expression": template_selection_expression,
    }
    old = layout.INTEGRATION_RESPONSES.require(here.tx, api_id, integration_id, integration_response_id)
    return _keep_integration_response(here, api_id, integration_id, changed(old, changes))


def delete_integration_response(
    here: Here, api_id: str, integration_id: str, integration_response_id: str
) -> dict[str, Any]:
    layout.INTEGRATION_RESPONSES.require(here.tx, api_id, integration_id, integration_response_id)
    layout.INTEGRATION_RESPONSES.delete(here.tx, api_id, integration_id, integration_response_id)
    deploy_automatically(here, api_id)
    return {}


def _keep_integration_response(
    here: Here, api_id: str, integration_id: str, response: IntegrationResponse
) -> dict[str, Any]:
    key = response.integration_response_key
    if key != DEFAULT and not (len(key) > 2 and key.startswith("/") and key.endswith("/")):
        raise BadRequestException("The integration response key must be $default or an expression between slashes")
    if response.response_parameters:
        raise unsupported("ResponseParameters of a WebSocket API's integration response")
    if response.content_handling_strategy:
        raise unsupported("ContentHandlingStrategy of a WebSocket API's integration response")
    for other in layout.INTEGRATION_RESPONSES.all(here.tx, api_id, integration_id):
        if other.integration_response_key == key and other.integration_response_id != response.integration_response_id:
            raise ConflictException(f"An integration response with the key {key} already exists")
    layout.INTEGRATION_RESPONSES.put(here.tx, response, api_id, integration_id, response.integration_response_id)
    deploy_automatically(here, api_id)
    return describe(response)


def create_model(
    here: Here, api_id: str, name: str, schema: str, content_type: str | None = None, description: str | None = None
) -> dict[str, Any]:
    _require_websocket(here, api_id)
    if any(model.name == name for model in layout.MODELS.all(here.tx, api_id)):
        raise ConflictException(f"Model with name {name} already exists for this API")
    identifier = here.world.chance.token(6)
    model = Model(model_id=identifier, name=name, schema=schema, content_type=content_type, description=description)
    return _keep_model(here, api_id, model)


@reads
def get_model(here: Here, api_id: str, model_id: str) -> dict[str, Any]:
    return describe(layout.MODELS.require(here.tx, api_id, model_id))


@reads
def get_models(
    here: Here, api_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    return page(layout.MODELS.all(here.tx, api_id), max_results, next_token)


def update_model(
    here: Here,
    api_id: str,
    model_id: str,
    name: str | None = None,
    schema: str | None = None,
    content_type: str | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    changes = {"name": name, "schema": schema, "content_type": content_type, "description": description}
    return _keep_model(here, api_id, changed(layout.MODELS.require(here.tx, api_id, model_id), changes))


def delete_model(here: Here, api_id: str, model_id: str) -> dict[str, Any]:
    layout.MODELS.require(here.tx, api_id, model_id)
    layout.MODELS.delete(here.tx, api_id, model_id)
    return {}


def _keep_model(here: Here, api_id: str, model: Model) -> dict[str, Any]:
    if not model.name.isalnum():
        raise BadRequestException("Model name must be alphanumeric")
    try:
        msgspec.json.decode(model.schema)
    except msgspec.DecodeError as error:
        raise BadRequestException(f"Model schema must have valid JSON: {error}") from error
    return describe(layout.MODELS.put(here.tx, model, api_id, model.model_id))


def _require_websocket(here: Here, api_id: str) -> None:
    if layout.APIS.require(here.tx, api_id).protocol_type != WEBSOCKET:
        raise BadRequestException("This operation is only supported for WebSocket APIs")
