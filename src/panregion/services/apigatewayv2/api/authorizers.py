"""Authorizers of HTTP APIs: functions that say who may pass."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed, page
from panregion.services.apigatewayv2.api.stages import deploy_automatically
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigatewayv2.model import Authorizer, describe

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
) -> dict[str, Any]:
    layout.APIS.require(here.tx, api_id)
    sources = identity_source or []
    ttl_s = authorizer_result_ttl_in_seconds
    authorizer = Authorizer(
        authorizer_id=here.world.chance.token(6),
        name=name,
        authorizer_type=authorizer_type,
        authorizer_uri=authorizer_uri or "",
        authorizer_payload_format_version=authorizer_payload_format_version or "",
        authorizer_result_ttl_in_seconds=(DEFAULT_TTL_S if sources else 0) if ttl_s is None else ttl_s,
        identity_source=sources,
        enable_simple_responses=enable_simple_responses,
        authorizer_credentials_arn=authorizer_credentials_arn,
    )
    return _keep(here, api_id, authorizer)


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
) -> dict[str, Any]:
    changes = {
        "name": name,
        "authorizer_type": authorizer_type,
        "identity_source": identity_source,
        "authorizer_uri": authorizer_uri,
        "authorizer_payload_format_version": authorizer_payload_format_version,
        "authorizer_result_ttl_in_seconds": authorizer_result_ttl_in_seconds,
        "enable_simple_responses": enable_simple_responses,
        "authorizer_credentials_arn": authorizer_credentials_arn,
    }
    return _keep(here, api_id, changed(layout.AUTHORIZERS.require(here.tx, api_id, authorizer_id), changes))


def delete_authorizer(here: Here, api_id: str, authorizer_id: str) -> dict[str, Any]:
    layout.AUTHORIZERS.require(here.tx, api_id, authorizer_id)
    if any(route.authorizer_id == authorizer_id for route in layout.ROUTES.all(here.tx, api_id)):
        raise ConflictException(f"Cannot delete authorizer '{authorizer_id}', is referenced by a route")
    layout.AUTHORIZERS.delete(here.tx, api_id, authorizer_id)
    deploy_automatically(here, api_id)
    return {}


def _keep(here: Here, api_id: str, authorizer: Authorizer) -> dict[str, Any]:
    if authorizer.authorizer_type == "JWT":
        raise unsupported("AuthorizerType JWT")
    if not authorizer.authorizer_uri:
        raise BadRequestException("AuthorizerUri is required for REQUEST authorizers")
    if authorizer.authorizer_payload_format_version not in ("1.0", "2.0"):
        raise BadRequestException("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer")
    if authorizer.enable_simple_responses and authorizer.authorizer_payload_format_version == "1.0":
        raise BadRequestException("EnableSimpleResponses is only supported for payload format version 2.0")
    if not 0 <= authorizer.authorizer_result_ttl_in_seconds <= TTL_MAX_S:
        raise BadRequestException(f"AuthorizerResultTtlInSeconds must be between 0 and {TTL_MAX_S}")
    if authorizer.authorizer_result_ttl_in_seconds and not authorizer.identity_source:
        raise BadRequestException("IdentitySource is required to keep an authorizer's results")
    for source in authorizer.identity_source:
        if not source.startswith(("$request.header.", "$request.querystring.", "$context.", "$stageVariables.")):
            raise BadRequestException(f"Invalid identity source: {source}")
    layout.AUTHORIZERS.put(here.tx, authorizer, api_id, authorizer.authorizer_id)
    deploy_automatically(here, api_id)
    return describe(authorizer)
