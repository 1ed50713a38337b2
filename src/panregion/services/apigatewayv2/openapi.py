"""OpenAPI 3 documents, with API Gateway's extensions, as the routes and integrations of an HTTP API. Pure."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml

from panregion.services.apigatewayv2.errors import BadRequestException, unsupported
from panregion.services.apigatewayv2.model import DEFAULT

X = "x-amazon-apigateway-"
VERBS = {
    **{verb: verb.upper() for verb in ("get", "head", "post", "put", "patch", "delete", "options")},
    X + "any-method": "ANY",
}


@dataclass
class Definition:
    """What a document says: route key -> the parameters of its integration, and of its route; authorizers by name."""

    name: str
    version: str | None
    description: str | None
    cors: dict[str, Any] | None
    routes: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    guards: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Route key -> {"AuthorizationType"}, perhaps {"AuthorizationScopes"} and, of an authorizer, its {"Name"}."""
    authorizers: dict[str, dict[str, Any]] = field(default_factory=dict)


def parse(body: str) -> dict[str, Any]:
    """JSON or YAML to a document."""
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        try:
            document = yaml.load(body, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise BadRequestException(f"Unable to parse the OpenAPI document: {error}") from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise BadRequestException("An HTTP API is imported from an OpenAPI 3 document")
    return document


def read(document: dict[str, Any]) -> Definition:
    """Raises BadRequestException for what is not here."""
    info = document.get("info") or {}
    cors = document.get(X + "cors")
    definition = Definition(
        name=str(info.get("title") or ""),
        version=None if info.get("version") is None else str(info["version"]),
        description=info.get("description"),
        cors={name[:1].upper() + name[1:]: value for name, value in cors.items()} if cors else None,
        tags={
            str(tag["name"]): str(tag.get(X + "tag-value", ""))
            for tag in document.get("tags") or []
            if X + "tag-value" in tag
        },
    )
    for path, item in (document.get("paths") or {}).items():
        for key, verb in VERBS.items():
            if key in (item or {}):
                route_key = DEFAULT if path.strip("/") == DEFAULT else f"{verb} {path}"
                operation = item[key] or {}
                definition.routes[route_key] = _integration(document, operation, route_key)
                guard = _guard(document, operation.get("security", document.get("security")), definition)
                if guard is not None:
                    definition.guards[route_key] = guard
    return definition


def _guard(document: dict[str, Any], security: Any, definition: Definition) -> dict[str, Any] | None:
    """Who may call an operation, by its first requirement; the authorizer that it names is noted."""
    if not security:
        return None
    name, scopes = next(iter(security[0].items()), ("", []))
    if not name:
        return None
    scheme = ((document.get("components") or {}).get("securitySchemes") or {}).get(name)
    if scheme is None and name == "NONE":  # as SAM writes a route that is open where others are not
        return None
    if scheme is None:
        raise BadRequestException(f"The security scheme {name} is not defined")
    if str(scheme.get(X + "authtype", "")).lower() in ("awssigv4", "aws_iam"):
        return {"AuthorizationType": "AWS_IAM"}
    given = scheme.get(X + "authorizer") or {}
    kind = str(given.get("type", "")).lower()
    if kind == "jwt":
        definition.authorizers[name] = _issuer(name, given)
        return {"AuthorizationType": "JWT", "Name": name, **({"AuthorizationScopes": scopes} if scopes else {})}
    if kind != "request":
        raise unsupported(f"The security scheme {name} of type {given.get('type', scheme.get('type'))}")
    params = {
        "Name": name,
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": given.get("authorizerUri"),
        "AuthorizerPayloadFormatVersion": str(given.get("authorizerPayloadFormatVersion", "1.0")),
        "AuthorizerResultTtlInSeconds": given.get("authorizerResultTtlInSeconds"),
        "EnableSimpleResponses": given.get("enableSimpleResponses"),
        "AuthorizerCredentialsArn": given.get("authorizerCredentials"),
        "IdentitySource": _sources(given),
    }
    definition.authorizers[name] = {name: value for name, value in params.items() if value is not None}
    return {"AuthorizationType": "CUSTOM", "Name": name}


def _issuer(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """An authorizer of tokens: `jwtConfiguration` with an issuer and an audience."""
    configuration = given.get("jwtConfiguration") or {}
    audience = configuration.get("audience") or []
    return {
        "Name": name,
        "AuthorizerType": "JWT",
        "IdentitySource": _sources(given) or ["$request.header.Authorization"],
        "JwtConfiguration": {
            "Issuer": str(configuration.get("issuer") or ""),
            "Audience": [str(each) for each in (audience if isinstance(audience, list) else [audience])],
        },
    }


def _sources(given: dict[str, Any]) -> list[str]:
    sources = given.get("identitySource") or ""
    if isinstance(sources, list):  # as SAM writes them
        return [str(source) for source in sources]
    return [each.strip() for each in sources.split(",") if each.strip()]


def _integration(document: dict[str, Any], operation: dict[str, Any], route_key: str) -> dict[str, Any]:
    given = operation.get(X + "integration")
    if isinstance(given, dict) and "$ref" in given:
        given = (document.get("components") or {}).get(X + "integrations", {}).get(given["$ref"].rpartition("/")[2])
    if not given:
        raise BadRequestException(f"No integration found for the route {route_key}")
    names = {
        "type": "IntegrationType",
        "uri": "IntegrationUri",
        "httpMethod": "IntegrationMethod",
        "payloadFormatVersion": "PayloadFormatVersion",
        "timeoutInMillis": "TimeoutInMillis",
        "connectionType": "ConnectionType",
        "credentials": "CredentialsArn",
        "description": "Description",
        "requestParameters": "RequestParameters",
        "responseParameters": "ResponseParameters",
        "integrationSubtype": "IntegrationSubtype",
    }
    params = {names[name]: value for name, value in given.items() if name in names}
    subtype = params.get("IntegrationSubtype")
    if subtype:
        params.pop("IntegrationUri", None)
        params.pop("IntegrationMethod", None)
    params["IntegrationType"] = str(params.get("IntegrationType", "")).upper()
    if "PayloadFormatVersion" in params:
        params["PayloadFormatVersion"] = str(params["PayloadFormatVersion"])
    return params
