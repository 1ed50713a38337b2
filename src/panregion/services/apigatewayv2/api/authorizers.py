"""Authorizers: functions that say who may pass, and issuers whose tokens do."""

from typing import Any
from urllib.parse import urlsplit

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.stages import deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException
from panregion.services.apigatewayv2.model import HTTP, WEBSOCKET, Api, Authorizer, describe

TTL_MAX_S = 3600
DEFAULT_TTL_S = 300


def create_authorizer(
    here: Here,
    api_id: str,
    name: str,
    authorizer_type: str,
    identity_source: list[str] | None = None,
    authorizer_uri: str | None = None,
    authorizer_payload_format_version: str | None = None,
    authorizer_result_ttl_in_seconds: int | None = None,
    enable_simple_responses: bool = False,
    authorizer_credentials_arn: str | None = None,
    identity_validation_expression: str | None = None,
    jwt_configuration: dict[str, Any] | None = None,
) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    sources = identity_source or []
    if identity_validation_expression:
        raise BadRequestException("IdentityValidationExpression is not supported")
    kept = bool(sources) and authorizer_type == "REQUEST" and api.protocol_type == HTTP
    ttl_s = authorizer_result_ttl_in_seconds
    authorizer = Authorizer(
        authorizer_id=here.world.chance.token(6),
        name=name,
        authorizer_type=authorizer_type,
        authorizer_uri=authorizer_uri or "",
        authorizer_payload_format_version=authorizer_payload_format_version or "",
        authorizer_result_ttl_in_seconds=(DEFAULT_TTL_S if kept else 0) if ttl_s is None else ttl_s,
        identity_source=sources,
        enable_simple_responses=enable_simple_responses,
        authorizer_credentials_arn=authorizer_credentials_arn,
        jwt_configuration=jwt_configuration,
    )
    return _keep(here, api, authorizer)


@reads
def get_authorizer(here: Here, api_id: str, authorizer_id: str) -> dict[str, Any]:
    return describe(layout.AUTHORIZERS.require(here.tx, api_id, authorizer_id))


@reads
def get_authorizers(
    here: Here, api_id: str, max_results: str | None = None, next_token: str | None = None
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    return page(layout.AUTHORIZERS.all(here.tx, api_id), max_results, next_token)


def update_authorizer(
    here: Here,
    api_id: str,
    authorizer_id: str,
    name: str | None = None,
    authorizer_type: str | None = None,
    identity_source: list[str] | None = None,
    authorizer_uri: str | None = None,
    authorizer_payload_format_version: str | None = None,
    authorizer_result_ttl_in_seconds: int | None = None,
    enable_simple_responses: bool | None = None,
    authorizer_credentials_arn: str | None = None,
    jwt_configuration: dict[str, Any] | None = None,
) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    changes = {
        "name": name,
        "authorizer_type": authorizer_type,
        "identity_source": identity_source,
        "authorizer_uri": authorizer_uri,
        "authorizer_payload_format_version": authorizer_payload_format_version,
        "authorizer_result_ttl_in_seconds": authorizer_result_ttl_in_seconds,
        "enable_simple_responses": enable_simple_responses,
        "authorizer_credentials_arn": authorizer_credentials_arn,
        "jwt_configuration": jwt_configuration,
    }
    return _keep(here, api, changed(layout.AUTHORIZERS.require(here.tx, api_id, authorizer_id), changes))


def delete_authorizer(here: Here, api_id: str, authorizer_id: str) -> dict[str, Any]:
    layout.AUTHORIZERS.require(here.tx, api_id, authorizer_id)
    if any(route.authorizer_id == authorizer_id for route in layout.ROUTES.all(here.tx, api_id)):
        raise ConflictException(f"Cannot delete authorizer '{authorizer_id}', is referenced by a route")
    layout.AUTHORIZERS.delete(here.tx, api_id, authorizer_id)
    deploy_automatically(here, api_id)
    return {}


def _keep(here: Here, api: Api, authorizer: Authorizer) -> dict[str, Any]:
    if authorizer.authorizer_type == "JWT":
        _check_tokens(api, authorizer)
    else:
        _check_function(api, authorizer)
    for other in layout.AUTHORIZERS.all(here.tx, api.api_id):
        if other.name == authorizer.name and other.authorizer_id != authorizer.authorizer_id:
            raise ConflictException(f"Authorizer name must be unique. Authorizer {authorizer.name} already exists")
    layout.AUTHORIZERS.put(here.tx, authorizer, api.api_id, authorizer.authorizer_id)
    deploy_automatically(here, api.api_id)
    return describe(authorizer)


def _check_tokens(api: Api, authorizer: Authorizer) -> None:
    given = authorizer.jwt_configuration or {}
    if api.protocol_type == WEBSOCKET:
        raise BadRequestException("JWT authorizers are not supported for WebSocket APIs")
    if not given.get("Issuer") or not given.get("Audience"):
        raise BadRequestException("JwtConfiguration with an Issuer and an Audience is required for JWT authorizers")
    issuer = urlsplit(given["Issuer"])
    if issuer.scheme not in ("https", "http") or not issuer.netloc:
        raise BadRequestException(f"Invalid issuer: {given['Issuer']}. Issuer must be a URL")
    sources = authorizer.identity_source
    if len(sources) != 1 or not sources[0].startswith(("$request.header.", "$request.querystring.")):
        raise BadRequestException("JWT authorizers need one identity source: a header or a query string parameter")
    if authorizer.authorizer_uri or authorizer.authorizer_payload_format_version or authorizer.enable_simple_responses:
        raise BadRequestException("AuthorizerUri and what belongs to it are only supported for REQUEST authorizers")


def _check_function(api: Api, authorizer: Authorizer) -> None:
    if authorizer.jwt_configuration:
        raise BadRequestException("JwtConfiguration is only supported for JWT authorizers")
    if not authorizer.authorizer_uri:
        raise BadRequestException("AuthorizerUri is required for REQUEST authorizers")
    if api.protocol_type == WEBSOCKET:
        _check_of_websocket(authorizer)
        return
    if authorizer.authorizer_payload_format_version not in ("1.0", "2.0"):
        raise BadRequestException("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer")
    if authorizer.enable_simple_responses and authorizer.authorizer_payload_format_version == "1.0":
        raise BadRequestException("EnableSimpleResponses is only supported for payload format version 2.0")
    if not 0 <= authorizer.authorizer_result_ttl_in_seconds <= TTL_MAX_S:
        raise BadRequestException(f"AuthorizerResultTtlInSeconds must be between 0 and {TTL_MAX_S}")
    if authorizer.authorizer_result_ttl_in_seconds and not authorizer.identity_source:
        raise BadRequestException("IdentitySource is required to keep an authorizer's results")
    _check_sources(authorizer, ("$request.header.", "$request.querystring.", "$context.", "$stageVariables."))


def _check_of_websocket(authorizer: Authorizer) -> None:
    if authorizer.authorizer_payload_format_version or authorizer.enable_simple_responses:
        raise BadRequestException(
            "AuthorizerPayloadFormatVersion and EnableSimpleResponses are only supported for HTTP APIs"
        )
    if authorizer.authorizer_result_ttl_in_seconds:
        raise BadRequestException("AuthorizerResultTtlInSeconds is only supported for HTTP APIs")
    if not authorizer.identity_source:
        raise BadRequestException("IdentitySource is required for the authorizer of a WebSocket API")
    _check_sources(authorizer, ("route.request.header.", "route.request.querystring.", "context.", "stageVariables."))


def _check_sources(authorizer: Authorizer, beginnings: tuple[str, ...]) -> None:
    for source in authorizer.identity_source:
        if not source.startswith(beginnings):
            raise BadRequestException(f"Invalid identity source: {source}")
