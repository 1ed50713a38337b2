"""OpenAPI documents (Swagger 2.0 and OpenAPI 3), with API Gateway's extensions, read into the parts of an API.

Pure: a document in, a `Definition` out. Authorizers and validators are named here; they get identifiers when the
definition is applied to an API.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panregion.services.apigateway.errors import BadRequestException, unsupported
from panregion.services.apigateway.model import (
    INTEGRATION_TIMEOUT_MS,
    Authorizer,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
)

Document = dict[str, Any]

X = "x-amazon-apigateway-"

VERBS = {
    **{verb: verb.upper() for verb in ("get", "head", "post", "put", "patch", "delete", "options")},
    X + "any-method": "ANY",
}
PLACES = {"path": "path", "query": "querystring", "header": "header"}
REFERENCES_MAX = 20


@dataclass
class Definition:
    """What a document says an API is. Methods name their authorizer and validator where ids will be."""

    name: str | None = None
    description: str | None = None
    version: str | None = None
    paths: dict[str, dict[str, Method]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    authorizers: dict[str, Authorizer] = field(default_factory=dict)
    validators: dict[str, dict[str, bool]] = field(default_factory=dict)
    gateway_responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    base_path: str = ""
    warnings: list[str] = field(default_factory=list)


def read(document: Document) -> Definition:
    """Read a document. Raises BadRequestException for what is no API, and for what is not here."""
    version = str(document.get("swagger") or document.get("openapi") or "")
    if not version.startswith(("2.", "3.")):
        raise BadRequestException("Unable to determine the version of the OpenAPI document")
    info = document.get("info") or {}
    definition = Definition(
        name=info.get("title"),
        description=info.get("description"),
        version=None if info.get("version") is None else str(info["version"]),
        base_path=_base_path(document),
        settings=_settings(document),
        authorizers=_authorizers(document),
        validators=document.get(X + "request-validators") or {},
        gateway_responses=document.get(X + "gateway-responses") or {},
    )
    schemas = document.get("definitions") or (document.get("components") or {}).get("schemas") or {}
    definition.models = {name: _text(schema) for name, schema in schemas.items()}
    for path, item in (document.get("paths") or {}).items():
        item = resolve(document, item or {})
        definition.paths[path] = {
            verb: _Operation(document, definition, item, resolve(document, item[key] or {}), path, verb).method()
            for key, verb in VERBS.items()
            if key in item
        }
    return definition


def resolve(document: Document, node: Any) -> Any:
    """Follow `$ref` within the document, one thing at a time."""
    for _ in range(REFERENCES_MAX):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return node
        reference = node["$ref"]
        if not reference.startswith("#/"):
            raise BadRequestException(f"Invalid reference in the OpenAPI document: {reference}")
        node = document
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or part not in node:
                raise BadRequestException(f"Unresolved reference in the OpenAPI document: {reference}")
            node = node[part]
    raise BadRequestException("References in the OpenAPI document go in a circle")


class _Operation:
    """One operation of the document, read into one method."""

    def __init__(
        self, document: Document, definition: Definition, item: Document, operation: Document, path: str, verb: str
    ) -> None:
        self._document = document
        self._definition = definition
        self._item = item
        self._operation = operation
        self._where = f"{verb} for '{path}'"
        self._verb = verb

    def method(self) -> Method:
        authorization, authorizer, scopes, api_key_required = self._security()
        operation = self._operation
        return Method(
            http_method=self._verb,
            authorization_type=authorization,
            authorizer_id=authorizer,
            authorization_scopes=scopes,
            api_key_required=api_key_required,
            operation_name=operation.get("operationId"),
            request_validator_id=operation.get(X + "request-validator", self._document.get(X + "request-validator")),
            request_parameters=self._request_parameters() or None,
            request_models=self._request_models() or None,
            method_responses=self._responses() or None,
            method_integration=self._integration(),
        )

    def _parameters(self) -> Iterator[Document]:
        for parameter in [*(self._item.get("parameters") or []), *(self._operation.get("parameters") or [])]:
            yield resolve(self._document, parameter)

    def _request_parameters(self) -> dict[str, bool]:
        return {
            f"method.request.{PLACES[parameter['in']]}.{parameter['name']}": bool(parameter.get("required"))
            for parameter in self._parameters()
            if parameter.get("in") in PLACES
        }

    def _request_models(self) -> dict[str, str]:
        models = {}
        for parameter in self._parameters():
            if parameter.get("in") == "body" and parameter.get("schema"):
                consumes = self._operation.get("consumes") or self._document.get("consumes") or ["application/json"]
                models = dict.fromkeys(consumes, self._model(parameter["schema"]))
        body = resolve(self._document, self._operation.get("requestBody") or {})
        for content_type, content in (body.get("content") or {}).items():
            if content.get("schema"):
                models[content_type] = self._model(content["schema"])
        return models

    def _model(self, schema: Document) -> str:
        """The name of a schema: what it refers to, or one made from what it says."""
        reference = schema.get("$ref")
        if reference:
            return str(reference.rsplit("/", 1)[-1])
        text = _text(schema)
        name = "MODEL" + hashlib.sha256(text.encode()).hexdigest()[:6]
        self._definition.models[name] = text
        return name

    def _responses(self) -> dict[str, MethodResponse]:
        responses = {}
        for code, response in (self._operation.get("responses") or {}).items():
            if not str(code).isdigit():
                continue
            response = resolve(self._document, response) or {}
            schemas = {kind: content.get("schema") for kind, content in (response.get("content") or {}).items()}
            if response.get("schema"):
                schemas["application/json"] = response["schema"]
            responses[str(code)] = MethodResponse(
                status_code=str(code),
                response_parameters={f"method.response.header.{name}": False for name in response.get("headers") or {}}
                or None,
                response_models={kind: self._model(schema) for kind, schema in schemas.items() if schema} or None,
            )
        return responses

    def _security(self) -> tuple[str, str | None, list[str] | None, bool]:
        """Authorization type, authorizer's name, scopes, whether an API key is needed."""
        authorization, authorizer, scopes, api_key_required = "NONE", None, None, False
        schemes = security_schemes(self._document)
        for requirement in self._operation.get("security", self._document.get("security")) or []:
            for name, wanted in requirement.items():
                scheme = schemes.get(name) or {}
                if name in self._definition.authorizers:
                    kind = self._definition.authorizers[name].type
                    authorization = "COGNITO_USER_POOLS" if kind == "COGNITO_USER_POOLS" else "CUSTOM"
                    authorizer, scopes = name, wanted or None
                elif scheme.get(X + "authtype") == "awsSigv4":
                    authorization = "AWS_IAM"
                elif scheme.get("type") == "apiKey" and str(scheme.get("name")).lower() == "x-api-key":
                    api_key_required = True
        auth = self._operation.get(X + "auth") or {}
        if str(auth.get("type", "")).upper() in ("AWS_IAM", "NONE"):
            authorization = str(auth["type"]).upper()
        return authorization, authorizer, scopes, api_key_required

    def _integration(self) -> Integration | None:
        given = resolve(self._document, self._operation.get(X + "integration"))
        if given is None:
            return None
        if str(given.get("connectionType", "INTERNET")).upper() != "INTERNET":
            raise unsupported(f"connectionType {given['connectionType']} ({self._where})")
        kind = str(given.get("type", "")).upper()
        timeout_ms = given.get("timeoutInMillis")
        return Integration(
            type=kind,
            http_method=given.get("httpMethod"),
            uri=given.get("uri"),
            connection_type=given.get("connectionType"),
            credentials=given.get("credentials"),
            request_parameters=given.get("requestParameters") or None,
            request_templates=given.get("requestTemplates") or None,
            passthrough_behavior=str(given.get("passthroughBehavior") or "WHEN_NO_MATCH").upper(),
            content_handling=given.get("contentHandling"),
            timeout_in_millis=INTEGRATION_TIMEOUT_MS if timeout_ms is None else int(timeout_ms),
            cache_namespace=given.get("cacheNamespace") or "",
            cache_key_parameters=given.get("cacheKeyParameters") or [],
            tls_config=given.get("tlsConfig"),
            integration_responses=dict(_integration_responses(given.get("responses") or {})) or None,
        )


def _integration_responses(given: Document) -> Iterator[tuple[str, IntegrationResponse]]:
    """By pattern in the document, by status in the API."""
    for pattern, response in given.items():
        status = str(response.get("statusCode") or "200")
        yield (
            status,
            IntegrationResponse(
                status_code=status,
                selection_pattern=None if pattern == "default" else str(pattern),
                response_parameters=response.get("responseParameters") or None,
                response_templates=response.get("responseTemplates") or None,
                content_handling=response.get("contentHandling"),
            ),
        )


def security_schemes(document: Document) -> Document:
    schemes: Document = (
        document.get("securityDefinitions") or (document.get("components") or {}).get("securitySchemes") or {}
    )
    return schemes


def _authorizers(document: Document) -> dict[str, Authorizer]:
    found = {}
    for name, scheme in security_schemes(document).items():
        given = scheme.get(X + "authorizer")
        if given is None:
            continue
        kind = str(given.get("type", "")).upper()
        source = given.get("identitySource")
        if kind == "TOKEN" or not source:
            source = f"method.request.header.{scheme.get('name', 'Authorization')}"
        ttl_s = given.get("authorizerResultTtlInSeconds")
        found[name] = Authorizer(
            id="",
            name=name,
            type=kind,
            auth_type=scheme.get(X + "authtype"),
            authorizer_uri=given.get("authorizerUri"),
            authorizer_credentials=given.get("authorizerCredentials"),
            identity_source=source,
            identity_validation_expression=given.get("identityValidationExpression"),
            authorizer_result_ttl_in_seconds=300 if ttl_s is None else int(ttl_s),
            provider_arns=given.get("providerARNs"),
        )
    return found


def _settings(document: Document) -> dict[str, Any]:
    """What the document says about the API as a whole, by the names that RestApi's fields have."""
    endpoint = document.get(X + "endpoint-configuration") or {}
    for server in document.get("servers") or []:
        endpoint = {**endpoint, **(server.get(X + "endpoint-configuration") or {})}
    if endpoint.get("vpcEndpointIds"):
        raise unsupported("vpcEndpointIds")
    policy = document.get(X + "policy")
    settings = {
        "binary_media_types": document.get(X + "binary-media-types"),
        "minimum_compression_size": document.get(X + "minimum-compression-size"),
        "api_key_source": document.get(X + "api-key-source"),
        "policy": None if policy is None else _text(policy),
        "disable_execute_api_endpoint": endpoint.get("disableExecuteApiEndpoint"),
    }
    return {name: value for name, value in settings.items() if value is not None}


def _base_path(document: Document) -> str:
    """Swagger's basePath, or the default of the variable of that name in OpenAPI's first server."""
    if "basePath" in document:
        return str(document["basePath"] or "").strip("/")
    for server in document.get("servers") or []:
        variable = (server.get("variables") or {}).get("basePath") or {}
        return str(variable.get("default") or "").strip("/")
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
