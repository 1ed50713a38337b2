"""What an API is: frozen records whose fields are the members of AWS's answers.

A field without a default is shown always; one with a default is left out while it has it. So the form in which
a record is stored is also the form in which it is described (`describe`), and a patch operation edits that form.
"""

from typing import Any

import msgspec

INTEGRATION_TIMEOUT_MS = 29_000
INTEGRATION_TIMEOUT_MS_MIN = 50
PAYLOAD_LIMIT_BYTES = 10 * 1024 * 1024
HTTP_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY")

ID_LENGTH = 6
API_ID_LENGTH = 10
API_KEY_LENGTH = 40


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The common form of all that API Gateway keeps."""


class RestApi(Record, frozen=True, kw_only=True):
    id: str
    name: str
    created_date: float
    root_resource_id: str
    endpoint_configuration: dict[str, Any]
    api_key_source: str = msgspec.field(name="apiKeySource")
    disable_execute_api_endpoint: bool = msgspec.field(name="disableExecuteApiEndpoint")
    description: str | None = None
    version: str | None = None
    warnings: list[str] | None = None
    binary_media_types: list[str] | None = None
    minimum_compression_size: int | None = None
    policy: str | None = None
    tags: dict[str, str] | None = None


class IntegrationResponse(Record, frozen=True, kw_only=True):
    status_code: str
    selection_pattern: str | None = None
    response_parameters: dict[str, str] | None = None
    response_templates: dict[str, str | None] | None = None
    content_handling: str | None = None


class Integration(Record, frozen=True, kw_only=True):
    type: str
    passthrough_behavior: str
    timeout_in_millis: int
    cache_namespace: str
    cache_key_parameters: list[str]
    http_method: str | None = None
    uri: str | None = None
    connection_type: str | None = None
    credentials: str | None = None
    request_parameters: dict[str, str] | None = None
    request_templates: dict[str, str | None] | None = None
    content_handling: str | None = None
    integration_responses: dict[str, IntegrationResponse] | None = None
    tls_config: dict[str, Any] | None = None


class MethodResponse(Record, frozen=True, kw_only=True):
    status_code: str
    response_parameters: dict[str, bool] | None = None
    response_models: dict[str, str] | None = None


class Method(Record, frozen=True, kw_only=True):
    http_method: str
    authorization_type: str
    api_key_required: bool
    authorizer_id: str | None = None
    request_validator_id: str | None = None
    operation_name: str | None = None
    request_parameters: dict[str, bool] | None = None
    request_models: dict[str, str] | None = None
    method_responses: dict[str, MethodResponse] | None = None
    method_integration: Integration | None = None
    authorization_scopes: list[str] | None = None


class Resource(Record, frozen=True, kw_only=True):
    id: str
    path: str
    parent_id: str | None = None
    path_part: str | None = None
    resource_methods: dict[str, Method] | None = None

    @property
    def methods(self) -> dict[str, Method]:
        return self.resource_methods or {}


class Authorizer(Record, frozen=True, kw_only=True):
    id: str
    name: str
    type: str
    provider_arns: list[str] | None = msgspec.field(name="providerARNs", default=None)
    auth_type: str | None = None
    authorizer_uri: str | None = None
    authorizer_credentials: str | None = None
    identity_source: str | None = None
    identity_validation_expression: str | None = None
    authorizer_result_ttl_in_seconds: int | None = None


class Model(Record, frozen=True, kw_only=True):
    id: str
    name: str
    content_type: str
    description: str | None = None
    schema: str | None = None


class RequestValidator(Record, frozen=True, kw_only=True):
    id: str
    name: str
    validate_request_body: bool
    validate_request_parameters: bool


class GatewayResponse(Record, frozen=True, kw_only=True):
    response_type: str
    response_parameters: dict[str, str]
    response_templates: dict[str, str]
    default_response: bool
    status_code: str | None = None


class Snapshot(Record, frozen=True, kw_only=True):
    """An API as it was when it was deployed; what its stages serve. Never changes."""

    api: RestApi
    resources: list[Resource]
    models: list[Model]
    authorizers: list[Authorizer]
    validators: list[RequestValidator]
    gateway_responses: list[GatewayResponse]


class Deployment(Record, frozen=True, kw_only=True):
    id: str
    created_date: float
    description: str | None = None


class Stage(Record, frozen=True, kw_only=True):
    stage_name: str
    deployment_id: str
    created_date: float
    last_updated_date: float
    cache_cluster_enabled: bool
    cache_cluster_status: str
    method_settings: dict[str, dict[str, Any]]
    tracing_enabled: bool
    description: str | None = None
    variables: dict[str, str] | None = None
    documentation_version: str | None = None
    access_log_settings: dict[str, Any] | None = None
    tags: dict[str, str] | None = None
    canary_settings: dict[str, Any] | None = None


class DomainName(Record, frozen=True, kw_only=True):
    domain_name: str
    domain_name_arn: str
    domain_name_status: str
    endpoint_configuration: dict[str, Any]
    regional_domain_name: str
    regional_hosted_zone_id: str
    security_policy: str
    routing_mode: str
    regional_certificate_name: str | None = None
    regional_certificate_arn: str | None = None
    ownership_verification_certificate_arn: str | None = None
    tags: dict[str, str] | None = None


class BasePathMapping(Record, frozen=True, kw_only=True):
    base_path: str
    rest_api_id: str
    stage: str | None = None


class ApiKey(Record, frozen=True, kw_only=True):
    id: str
    value: str
    enabled: bool
    created_date: float
    last_updated_date: float
    stage_keys: list[str]
    name: str | None = None
    customer_id: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None


class UsagePlan(Record, frozen=True, kw_only=True):
    id: str
    name: str
    api_stages: list[dict[str, Any]]
    description: str | None = None
    throttle: dict[str, Any] | None = None
    quota: dict[str, Any] | None = None
    product_code: str | None = None
    tags: dict[str, str] | None = None


class UsagePlanKey(Record, frozen=True, kw_only=True):
    id: str
    type: str
    value: str
    name: str | None = None


class Account(Record, frozen=True, kw_only=True):
    throttle_settings: dict[str, Any]
    features: list[str]
    api_key_version: str
    cloudwatch_role_arn: str | None = None


def describe(record: Record) -> dict[str, Any]:
    """A record as AWS answers it."""
    described: dict[str, Any] = msgspec.to_builtins(record)
    return described


EMPTY_MODEL_SCHEMA = (
    '{\n  "$schema": "http://json-schema.org/draft-04/schema#",\n  "title" : "Empty Schema",\n  "type" : "object"\n}'
)
ERROR_MODEL_SCHEMA = (
    '{\n  "$schema" : "http://json-schema.org/draft-04/schema#",\n  "title" : "Error Schema",\n'
    '  "type" : "object",\n  "properties" : {\n    "message" : { "type" : "string" }\n  }\n}'
)
