"""Integrations of methods, and their responses. An integration lives within its method."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway.api.methods import keep_method, require_integration, require_method
from panregion.services.apigateway.errors import BadRequestException, NotFoundException, unsupported
from panregion.services.apigateway.model import (
    INTEGRATION_TIMEOUT_MS,
    INTEGRATION_TIMEOUT_MS_MIN,
    Integration,
    IntegrationResponse,
    Method,
    Resource,
    describe,
)
from panregion.services.apigateway.patch import Operations, patched, rules

INTEGRATION_TYPES = ("HTTP", "HTTP_PROXY", "AWS", "AWS_PROXY", "MOCK")

INTEGRATION_RULES = rules(
    replace="/type /httpMethod /uri /credentials /passthroughBehavior /contentHandling /timeoutInMillis"
    " /cacheNamespace /tlsConfig/insecureSkipVerification",
    anyway="/requestParameters/* /requestTemplates/*",
    add_remove="/cacheKeyParameters /cacheKeyParameters/*",
)
RESPONSE_RULES = rules(
    replace="/selectionPattern /contentHandling",
    anyway="/responseParameters/* /responseTemplates/*",
)


def put_integration(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    type: str,
    integration_http_method: str | None = None,
    uri: str | None = None,
    connection_type: str | None = None,
    credentials: str | None = None,
    request_parameters: dict[str, str] | None = None,
    request_templates: dict[str, str | None] | None = None,
    passthrough_behavior: str | None = None,
    cache_namespace: str | None = None,
    cache_key_parameters: list[str] | None = None,
    content_handling: str | None = None,
    timeout_in_millis: int | None = None,
    tls_config: dict[str, Any] | None = None,
    response_transfer_mode: str | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    if response_transfer_mode not in (None, "BUFFERED"):
        raise unsupported(f"responseTransferMode {response_transfer_mode}")
    old = method.method_integration
    integration = Integration(
        type=type,
        http_method=integration_http_method,
        uri=uri,
        connection_type=connection_type,
        credentials=credentials,
        request_parameters=request_parameters,
        request_templates=request_templates,
        passthrough_behavior=passthrough_behavior or "WHEN_NO_MATCH",
        timeout_in_millis=INTEGRATION_TIMEOUT_MS if timeout_in_millis is None else timeout_in_millis,
        cache_namespace=cache_namespace or resource_id,
        cache_key_parameters=cache_key_parameters or [],
        content_handling=content_handling,
        integration_responses=old.integration_responses if old else None,
        tls_config=tls_config,
    )
    check_integration(integration)
    return _keep(here, rest_api_id, resource, method, integration)


@reads
def get_integration(here: Here, rest_api_id: str, resource_id: str, http_method: str) -> dict[str, Any]:
    return describe(require_integration(require_method(here, rest_api_id, resource_id, http_method)[1]))


def update_integration(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    patch_operations: Operations | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    integration = patched(require_integration(method), patch_operations, INTEGRATION_RULES)
    check_integration(integration)
    return _keep(here, rest_api_id, resource, method, integration)


def delete_integration(here: Here, rest_api_id: str, resource_id: str, http_method: str) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    require_integration(method)
    _keep(here, rest_api_id, resource, method, None)
    return {}


def put_integration_response(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    status_code: str,
    selection_pattern: str | None = None,
    response_parameters: dict[str, str] | None = None,
    response_templates: dict[str, str | None] | None = None,
    content_handling: str | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    integration = require_integration(method)
    if status_code not in (method.method_responses or {}):
        raise NotFoundException("Invalid Response status code specified")
    response = IntegrationResponse(
        status_code=status_code,
        selection_pattern=selection_pattern,
        response_parameters=response_parameters,
        response_templates=response_templates,
        content_handling=content_handling,
    )
    check_response_parameters(method, response)
    _keep_response(here, rest_api_id, resource, method, integration, status_code, response)
    return describe(response)


@reads
def get_integration_response(
    here: Here, rest_api_id: str, resource_id: str, http_method: str, status_code: str
) -> dict[str, Any]:
    _, method = require_method(here, rest_api_id, resource_id, http_method)
    return describe(_require_response(require_integration(method), status_code))


def update_integration_response(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    status_code: str,
    patch_operations: Operations | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    integration = require_integration(method)
    response = patched(_require_response(integration, status_code), patch_operations, RESPONSE_RULES)
    check_response_parameters(method, response)
    _keep_response(here, rest_api_id, resource, method, integration, status_code, response)
    return describe(response)


def delete_integration_response(
    here: Here, rest_api_id: str, resource_id: str, http_method: str, status_code: str
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    integration = require_integration(method)
    _require_response(integration, status_code)
    _keep_response(here, rest_api_id, resource, method, integration, status_code, None)
    return {}


def check_integration(integration: Integration) -> None:
    """What the model cannot say about an integration."""
    kind, uri = integration.type, integration.uri or ""
    if kind not in INTEGRATION_TYPES:
        raise BadRequestException(
            "Invalid integration type specified. Must be one of HTTP, HTTP_PROXY, AWS, AWS_PROXY or MOCK"
        )
    if integration.connection_type not in (None, "INTERNET"):
        raise unsupported(f"connectionType {integration.connection_type}")
    if kind != "MOCK" and not integration.http_method:
        raise BadRequestException("Enumeration value for HttpMethod must be non-empty")
    if kind in ("AWS", "AWS_PROXY") and not uri.startswith("arn:"):
        raise BadRequestException("Invalid ARN specified in the request")
    if kind == "AWS_PROXY" and ":lambda:path/" not in uri:
        raise BadRequestException(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
        )
    if kind in ("HTTP", "HTTP_PROXY") and not uri.startswith(("http://", "https://", "${stageVariables.")):
        raise BadRequestException("Invalid HTTP endpoint specified for URI")
    if not INTEGRATION_TIMEOUT_MS_MIN <= integration.timeout_in_millis <= INTEGRATION_TIMEOUT_MS:
        raise BadRequestException(
            f"Timeout should be between {INTEGRATION_TIMEOUT_MS_MIN} ms and {INTEGRATION_TIMEOUT_MS} ms"
        )


def check_response_parameters(method: Method, response: IntegrationResponse) -> None:
    """A header can be mapped only if the method's response of that status declares it."""
    declared = (method.method_responses or {}).get(response.status_code)
    known = (declared.response_parameters or {}) if declared else {}
    for target in response.response_parameters or {}:
        if target not in known:
            raise BadRequestException(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors :"
                f" [Invalid mapping expression parameter specified: {target}]"
            )


def _keep(
    here: Here, api_id: str, resource: Resource, method: Method, integration: Integration | None
) -> dict[str, Any]:
    keep_method(here, api_id, resource, msgspec.structs.replace(method, method_integration=integration))
    return describe(integration) if integration else {}


def _keep_response(
    here: Here,
    api_id: str,
    resource: Resource,
    method: Method,
    integration: Integration,
    status_code: str,
    response: IntegrationResponse | None,
) -> None:
    responses = {**(integration.integration_responses or {}), status_code: response}
    left = {code: kept for code, kept in responses.items() if kept is not None}
    changed = msgspec.structs.replace(integration, integration_responses=left or None)
    _keep(here, api_id, resource, method, changed)


def _require_response(integration: Integration, status_code: str) -> IntegrationResponse:
    response = (integration.integration_responses or {}).get(status_code)
    if response is None:
        raise NotFoundException("Invalid Response status code specified")
    return response
