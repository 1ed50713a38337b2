"""What the routes of an API lead to: functions, web servers, operations of AWS, or nothing but a template."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.stages import deploy_automatically
from panregion.services.apigatewayv2.direct import check_subtype
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigatewayv2.mapping import check_request, check_response
from panregion.services.apigatewayv2.model import (
    INTEGRATION_TIMEOUT_MS,
    WEBSOCKET,
    WEBSOCKET_TIMEOUT_MS,
    Api,
    Integration,
    describe,
)

OF_WEBSOCKETS = ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK")
OF_HTTP = ("AWS_PROXY", "HTTP_PROXY")
PASSTHROUGH = ("WHEN_NO_MATCH", "NEVER", "WHEN_NO_TEMPLATES")


def create_integration(
    here: Here,
    api_id: str,
    integration_type: str,
    connection_id: str | None = None,
    connection_type: str = "INTERNET",
    content_handling_strategy: str | None = None,
    credentials_arn: str | None = None,
    description: str | None = None,
    integration_method: str | None = None,
    integration_subtype: str | None = None,
    integration_uri: str | None = None,
    passthrough_behavior: str | None = None,
    payload_format_version: str | None = None,
    request_parameters: dict[str, str] | None = None,
    request_templates: dict[str, str] | None = None,
    response_parameters: dict[str, dict[str, str]] | None = None,
    template_selection_expression: str | None = None,
    timeout_in_millis: int | None = None,
    tls_config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    sockets = api.protocol_type == WEBSOCKET
    if connection_id:
        raise unsupported("ConnectionId")
    function = integration_type == "AWS_PROXY" and not integration_subtype
    integration = Integration(
        integration_id=here.world.chance.token(7),
        integration_type=integration_type,
        payload_format_version=payload_format_version or "1.0",
        timeout_in_millis=timeout_in_millis or (WEBSOCKET_TIMEOUT_MS if sockets else INTEGRATION_TIMEOUT_MS),
        connection_type=connection_type,
        integration_uri=integration_uri,
        integration_method=integration_method or ("POST" if function else None),
        description=description,
        credentials_arn=credentials_arn,
        content_handling_strategy=content_handling_strategy,
        integration_response_selection_expression="${integration.response.statuscode}" if sockets else None,
        integration_subtype=integration_subtype,
        passthrough_behavior=passthrough_behavior or ("WHEN_NO_MATCH" if sockets else None),
        request_parameters=request_parameters,
        request_templates=request_templates,
        response_parameters=response_parameters,
        template_selection_expression=template_selection_expression,
        tls_config=tls_config,
    )
    return _keep(here, api, integration)


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
    connection_type: str | None = None,
    content_handling_strategy: str | None = None,
    credentials_arn: str | None = None,
    description: str | None = None,
    integration_method: str | None = None,
    integration_subtype: str | None = None,
    integration_type: str | None = None,
    integration_uri: str | None = None,
    passthrough_behavior: str | None = None,
    payload_format_version: str | None = None,
    request_parameters: dict[str, str] | None = None,
    request_templates: dict[str, str] | None = None,
    response_parameters: dict[str, dict[str, str]] | None = None,
    template_selection_expression: str | None = None,
    timeout_in_millis: int | None = None,
    tls_config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    old = layout.INTEGRATIONS.require(here.tx, api_id, integration_id)
    changes = {
        "connection_type": connection_type,
        "content_handling_strategy": content_handling_strategy,
        "credentials_arn": credentials_arn,
        "description": description,
        "integration_method": integration_method,
        "integration_subtype": integration_subtype,
        "integration_type": integration_type,
        "integration_uri": integration_uri,
        "passthrough_behavior": passthrough_behavior,
        "payload_format_version": payload_format_version,
        "request_parameters": merged(old.request_parameters, request_parameters),
        "request_templates": merged(old.request_templates, request_templates),
        "response_parameters": response_parameters,
        "template_selection_expression": template_selection_expression,
        "timeout_in_millis": timeout_in_millis,
        "tls_config": tls_config,
    }
    return _keep(here, api, changed(old, changes))


def merged(old: dict[str, str] | None, given: dict[str, str] | None) -> dict[str, str] | None:
    """An update of parameters adds to them; an empty text takes one away."""
    if given is None:
        return None
    return {name: value for name, value in {**(old or {}), **given}.items() if value != ""}


def delete_integration(here: Here, api_id: str, integration_id: str) -> dict[str, Any]:
    layout.INTEGRATIONS.require(here.tx, api_id, integration_id)
    target = f"integrations/{integration_id}"
    if any(route.target == target for route in layout.ROUTES.all(here.tx, api_id)):
        raise ConflictException(f"Cannot delete Integration '{integration_id}': it is the target of a route")
    layout.INTEGRATION_RESPONSES.delete_all(here.tx, api_id, integration_id)
    layout.INTEGRATIONS.delete(here.tx, api_id, integration_id)
    return {}


def _keep(here: Here, api: Api, integration: Integration) -> dict[str, Any]:
    if integration.connection_type != "INTERNET":
        raise unsupported(f"ConnectionType {integration.connection_type}")
    if api.protocol_type == WEBSOCKET:
        _check_of_websocket(integration)
    else:
        _check_of_http(integration)
    limit_ms = WEBSOCKET_TIMEOUT_MS if api.protocol_type == WEBSOCKET else INTEGRATION_TIMEOUT_MS
    if not 50 <= integration.timeout_in_millis <= limit_ms:
        raise BadRequestException(f"Timeout should be between 50 ms and {limit_ms} ms")
    layout.INTEGRATIONS.put(here.tx, integration, api.api_id, integration.integration_id)
    deploy_automatically(here, api.api_id)
    return describe(integration)


def _check_of_http(integration: Integration) -> None:
    kind = integration.integration_type
    if kind not in OF_HTTP:
        raise BadRequestException(f"Invalid integration type: {kind}. An HTTP API takes AWS_PROXY and HTTP_PROXY")
    for given, name in (
        (integration.request_templates, "RequestTemplates"),
        (integration.template_selection_expression, "TemplateSelectionExpression"),
        (integration.content_handling_strategy, "ContentHandlingStrategy"),
        (integration.passthrough_behavior, "PassthroughBehavior"),
    ):
        if given:
            raise BadRequestException(f"{name} is not currently supported for HTTP APIs")
    if integration.payload_format_version not in ("1.0", "2.0"):
        raise BadRequestException("PayloadFormatVersion must be 1.0 or 2.0")
    if integration.integration_subtype:
        check_subtype(integration)
    elif not integration.integration_uri:
        raise BadRequestException("IntegrationUri is required")
    else:
        check_request(integration.request_parameters or {})
    check_response(integration.response_parameters or {})


def _check_of_websocket(integration: Integration) -> None:
    kind = integration.integration_type
    if kind not in OF_WEBSOCKETS:
        raise BadRequestException(f"Invalid integration type: {kind}")
    if kind != "MOCK" and not integration.integration_uri:
        raise BadRequestException("IntegrationUri is required")
    if kind in ("AWS", "HTTP", "HTTP_PROXY") and not integration.integration_method:
        raise BadRequestException("IntegrationMethod is required")
    if integration.integration_subtype:
        raise BadRequestException("IntegrationSubtype is not supported for WebSocket APIs")
    if integration.passthrough_behavior not in PASSTHROUGH:
        raise BadRequestException(f"Invalid passthrough behavior: {integration.passthrough_behavior}")
    if integration.request_parameters:
        raise unsupported("RequestParameters of a WebSocket API's integration")
    if integration.content_handling_strategy:
        raise unsupported("ContentHandlingStrategy of a WebSocket API's integration")
