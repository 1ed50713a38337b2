"""Authorizers. Lambda authorizers (TOKEN, REQUEST) are enforced; user pools come with Cognito."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigateway.kept import kept
from panregion.services.apigateway.model import ID_LENGTH, Authorizer, describe
from panregion.services.apigateway.patch import Operations, patched, rules

TTL_S = 300
TTL_S_MAX = 3600

AUTHORIZER_RULES = rules(
    replace="/name /authorizerUri /authorizerCredentials /identitySource /identityValidationExpression"
    " /authorizerResultTtlInSeconds /authType",
)


def create_authorizer(
    here: Here,
    rest_api_id: str,
    name: str,
    type: str,
    auth_type: str | None = None,
    authorizer_uri: str | None = None,
    authorizer_credentials: str | None = None,
    identity_source: str | None = None,
    identity_validation_expression: str | None = None,
    authorizer_result_ttl_in_seconds: int | None = None,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    if any(a.name == name for a in layout.AUTHORIZERS.all(here.tx, rest_api_id)):
        raise ConflictException("Authorizer name must be unique. Authorizer " + name + " already exists")
    ttl_s = authorizer_result_ttl_in_seconds
    authorizer = Authorizer(
        id=here.world.chance.token(ID_LENGTH),
        name=name,
        type=type,
        auth_type=auth_type or "custom",
        authorizer_uri=authorizer_uri,
        authorizer_credentials=authorizer_credentials,
        identity_source=identity_source,
        identity_validation_expression=identity_validation_expression,
        authorizer_result_ttl_in_seconds=TTL_S if ttl_s is None else ttl_s,
    )
    check_authorizer(authorizer)
    return describe(layout.AUTHORIZERS.put(here.tx, authorizer, rest_api_id, authorizer.id))


@reads
def get_authorizer(here: Here, rest_api_id: str, authorizer_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return describe(layout.AUTHORIZERS.require(here.tx, rest_api_id, authorizer_id))


@reads
def get_authorizers(
    here: Here, rest_api_id: str, position: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return page((describe(a) for a in layout.AUTHORIZERS.all(here.tx, rest_api_id)), position, limit)


def update_authorizer(
    here: Here, rest_api_id: str, authorizer_id: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    old = layout.AUTHORIZERS.require(here.tx, rest_api_id, authorizer_id)
    new = patched(old, patch_operations, AUTHORIZER_RULES)
    check_authorizer(new)
    return describe(layout.AUTHORIZERS.put(here.tx, new, rest_api_id, authorizer_id))


def delete_authorizer(here: Here, rest_api_id: str, authorizer_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    layout.AUTHORIZERS.require(here.tx, rest_api_id, authorizer_id)
    for resource in layout.RESOURCES.all(here.tx, rest_api_id):
        if any(method.authorizer_id == authorizer_id for method in resource.methods.values()):
            raise ConflictException("Authorizer is used by a method: " + resource.path)
    layout.AUTHORIZERS.delete(here.tx, rest_api_id, authorizer_id)
    return {}


@reads
def flush_stage_authorizers_cache(here: Here, rest_api_id: str, stage_name: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    layout.STAGES.require(here.tx, rest_api_id, stage_name)
    kept(here).forget_answers(rest_api_id, stage_name)
    return {}


def check_authorizer(authorizer: Authorizer) -> None:
    """What the model cannot say about an authorizer."""
    if authorizer.type == "COGNITO_USER_POOLS":
        raise unsupported("An authorizer of type COGNITO_USER_POOLS")
    if authorizer.type not in ("TOKEN", "REQUEST"):
        raise BadRequestException(
            "Invalid authorizer type specified. Must be one of TOKEN, REQUEST or COGNITO_USER_POOLS"
        )
    if ":lambda:path/" not in (authorizer.authorizer_uri or ""):
        raise BadRequestException("Invalid Authorizer URI: " + str(authorizer.authorizer_uri))
    if authorizer.type == "TOKEN" and not authorizer.identity_source:
        raise BadRequestException("Identity source must be specified for TOKEN authorizers")
    if not 0 <= (authorizer.authorizer_result_ttl_in_seconds or 0) <= TTL_S_MAX:
        raise BadRequestException("Authorizer result TTL must be between 0 and 3600 seconds")
