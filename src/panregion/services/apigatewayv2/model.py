"""What an HTTP or WebSocket API is: frozen records whose fields are the members of AWS's answers."""

from typing import Any

import msgspec

INTEGRATION_TIMEOUT_MS = 30_000
PAYLOAD_LIMIT_BYTES = 10 * 1024 * 1024
DEFAULT = "$default"
CONNECT, DISCONNECT = "$connect", "$disconnect"
WEBSOCKET_TIMEOUT_MS = 29_000
HTTP, WEBSOCKET = "HTTP", "WEBSOCKET"


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """The common form: a field without a default is always shown, one with a default only when it differs."""


class Api(Record, frozen=True, kw_only=True):
    api_id: str
    name: str
    api_endpoint: str
    protocol_type: str
    created_date: float
    route_selection_expression: str
    api_key_selection_expression: str
    disable_execute_api_endpoint: bool
    tags: dict[str, str]
    description: str | None = None
    version: str | None = None
    cors_configuration: dict[str, Any] | None = None


class Route(Record, frozen=True, kw_only=True):
    route_id: str
    route_key: str
    authorization_type: str
    api_key_required: bool
    target: str | None = None
    operation_name: str | None = None
    authorizer_id: str | None = None
    authorization_scopes: list[str] | None = None
    route_response_selection_expression: str | None = None


class RouteResponse(Record, frozen=True, kw_only=True):
    """That a WebSocket's route answers."""

    route_response_id: str
    route_response_key: str
    model_selection_expression: str | None = None
    response_models: dict[str, str] | None = None


class Authorizer(Record, frozen=True, kw_only=True):
    """Who says who may pass: a function (REQUEST), or the issuer of tokens (JWT)."""

    authorizer_id: str
    name: str
    authorizer_type: str
    identity_source: list[str]
    authorizer_uri: str = ""
    authorizer_payload_format_version: str = ""
    authorizer_result_ttl_in_seconds: int = 0
    enable_simple_responses: bool = False
    authorizer_credentials_arn: str | None = None
    identity_validation_expression: str | None = None
    jwt_configuration: dict[str, Any] | None = None


class Integration(Record, frozen=True, kw_only=True):
    integration_id: str
    integration_type: str
    payload_format_version: str
    timeout_in_millis: int
    connection_type: str
    integration_uri: str | None = None
    integration_method: str | None = None
    description: str | None = None
    credentials_arn: str | None = None
    content_handling_strategy: str | None = None
    integration_response_selection_expression: str | None = None
    integration_subtype: str | None = None
    passthrough_behavior: str | None = None
    request_parameters: dict[str, str] | None = None
    request_templates: dict[str, str] | None = None
    response_parameters: dict[str, dict[str, str]] | None = None
    template_selection_expression: str | None = None
    tls_config: dict[str, Any] | None = None


class IntegrationResponse(Record, frozen=True, kw_only=True):
    """What a WebSocket's client is sent of an integration's answer."""

    integration_response_id: str
    integration_response_key: str
    content_handling_strategy: str | None = None
    response_parameters: dict[str, str] | None = None
    response_templates: dict[str, str] | None = None
    template_selection_expression: str | None = None


class Model(Record, frozen=True, kw_only=True):
    """A JSON schema by name."""

    model_id: str
    name: str
    schema: str
    content_type: str | None = None
    description: str | None = None


class Stage(Record, frozen=True, kw_only=True):
    stage_name: str
    auto_deploy: bool
    created_date: float
    last_updated_date: float
    default_route_settings: dict[str, Any]
    route_settings: dict[str, dict[str, Any]]
    stage_variables: dict[str, str]
    tags: dict[str, str]
    deployment_id: str | None = None
    description: str | None = None
    access_log_settings: dict[str, Any] | None = None


class Deployment(Record, frozen=True, kw_only=True):
    deployment_id: str
    auto_deployed: bool
    created_date: float
    deployment_status: str
    description: str | None = None


class Snapshot(Record, frozen=True, kw_only=True):
    """An API as it was when it was deployed."""

    routes: list[Route]
    integrations: list[Integration]
    authorizers: list[Authorizer] = []
    answering: list[str] = []
    """The routes, by identifier, that have a response."""
    integration_responses: dict[str, list[IntegrationResponse]] = {}
    """By the identifier of their integration."""


class ApiMapping(Record, frozen=True, kw_only=True):
    api_mapping_id: str
    api_id: str
    stage: str
    api_mapping_key: str


def describe(record: Record) -> dict[str, Any]:
    """A record as AWS answers it."""
    described: dict[str, Any] = msgspec.to_builtins(record)
    return described
