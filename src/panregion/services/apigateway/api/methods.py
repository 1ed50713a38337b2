"""Methods of resources, and their responses. A method lives within its resource."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.errors import BadRequestException, ConflictException, NotFoundException
from panregion.services.apigateway.model import (
    HTTP_METHODS,
    Integration,
    Method,
    MethodResponse,
    Resource,
    describe,
)
from panregion.services.apigateway.patch import Operations, patched, rules

AUTHORIZATION_TYPES = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")

METHOD_RULES = rules(
    replace="/authorizationType /authorizerId /apiKeyRequired /operationName /requestValidatorId",
    anyway="/requestParameters/* /requestModels/* /authorizationScopes /authorizationScopes/*",
)
RESPONSE_RULES = rules(anyway="/responseParameters/* /responseModels/*", replace="/statusCode")


def put_method(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    authorization_type: str,
    authorizer_id: str | None = None,
    api_key_required: bool = False,
    operation_name: str | None = None,
    request_parameters: dict[str, bool] | None = None,
    request_models: dict[str, str] | None = None,
    request_validator_id: str | None = None,
    authorization_scopes: list[str] | None = None,
) -> dict[str, Any]:
    resource = require_resource(here, rest_api_id, resource_id)
    if http_method in resource.methods:
        raise ConflictException("Method already exists for this resource")
    method = Method(
        http_method=http_method,
        authorization_type=authorization_type,
        api_key_required=api_key_required,
        authorizer_id=authorizer_id,
        request_validator_id=request_validator_id,
        operation_name=operation_name,
        request_parameters=request_parameters,
        request_models=request_models,
        authorization_scopes=authorization_scopes,
    )
    check_method(here, rest_api_id, method)
    keep_method(here, rest_api_id, resource, method)
    return describe(method)


@reads
def get_method(here: Here, rest_api_id: str, resource_id: str, http_method: str) -> dict[str, Any]:
    return describe(require_method(here, rest_api_id, resource_id, http_method)[1])


def update_method(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    patch_operations: Operations | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    method = patched(method, patch_operations, METHOD_RULES)
    check_method(here, rest_api_id, method)
    keep_method(here, rest_api_id, resource, method)
    return describe(method)


def delete_method(here: Here, rest_api_id: str, resource_id: str, http_method: str) -> dict[str, Any]:
    resource, _ = require_method(here, rest_api_id, resource_id, http_method)
    rest = {name: method for name, method in resource.methods.items() if name != http_method}
    resource = msgspec.structs.replace(resource, resource_methods=rest or None)
    layout.RESOURCES.put(here.tx, resource, rest_api_id, resource.id)
    return {}


def put_method_response(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    status_code: str,
    response_parameters: dict[str, bool] | None = None,
    response_models: dict[str, str] | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    if status_code in (method.method_responses or {}):
        raise ConflictException("Response already exists for this resource")
    response = MethodResponse(
        status_code=status_code, response_parameters=response_parameters, response_models=response_models
    )
    keep_responses(here, rest_api_id, resource, method, {status_code: response})
    return describe(response)


@reads
def get_method_response(
    here: Here, rest_api_id: str, resource_id: str, http_method: str, status_code: str
) -> dict[str, Any]:
    _, method = require_method(here, rest_api_id, resource_id, http_method)
    return describe(_require_response(method, status_code))


def update_method_response(
    here: Here,
    rest_api_id: str,
    resource_id: str,
    http_method: str,
    status_code: str,
    patch_operations: Operations | None = None,
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    response = patched(_require_response(method, status_code), patch_operations, RESPONSE_RULES)
    keep_responses(here, rest_api_id, resource, method, {status_code: response})
    return describe(response)


def delete_method_response(
    here: Here, rest_api_id: str, resource_id: str, http_method: str, status_code: str
) -> dict[str, Any]:
    resource, method = require_method(here, rest_api_id, resource_id, http_method)
    _require_response(method, status_code)
    keep_responses(here, rest_api_id, resource, method, {status_code: None})
    return {}


def require_resource(here: Here, api_id: str, resource_id: str) -> Resource:
    layout.require_api(here.tx, here.account_id, api_id)
    return layout.RESOURCES.require(here.tx, api_id, resource_id)


def require_method(here: Here, api_id: str, resource_id: str, http_method: str) -> tuple[Resource, Method]:
    """The resource and its method, or AWS's complaint about the first that is missing."""
    resource = require_resource(here, api_id, resource_id)
    method = resource.methods.get(http_method)
    if method is None:
        raise NotFoundException("Invalid Method identifier specified")
    return resource, method


def require_integration(method: Method) -> Integration:
    if method.method_integration is None:
        raise NotFoundException("Invalid Integration identifier specified")
    return method.method_integration


def keep_method(here: Here, api_id: str, resource: Resource, method: Method) -> None:
    """Write a method back into its resource."""
    methods = {**resource.methods, method.http_method: method}
    resource = msgspec.structs.replace(resource, resource_methods=methods)
    layout.RESOURCES.put(here.tx, resource, api_id, resource.id)


def keep_responses(
    here: Here, api_id: str, resource: Resource, method: Method, changed: dict[str, MethodResponse | None]
) -> None:
    """Write responses back into their method; None deletes."""
    responses = {**(method.method_responses or {}), **changed}
    left = {code: response for code, response in responses.items() if response is not None}
    keep_method(here, api_id, resource, msgspec.structs.replace(method, method_responses=left or None))


def check_method(here: Here, api_id: str, method: Method) -> None:
    """What the model cannot say about a method."""
    if method.http_method not in HTTP_METHODS:
        raise BadRequestException(
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"
        )
    if method.authorization_type not in AUTHORIZATION_TYPES:
        raise BadRequestException(
            "Invalid Authorization type. Authorization type must be one of NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS"
        )
    if method.authorization_type in ("CUSTOM", "COGNITO_USER_POOLS") and (
        method.authorizer_id is None or layout.AUTHORIZERS.find(here.tx, api_id, method.authorizer_id) is None
    ):
        raise BadRequestException(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or"
            " COGNITO_USER_POOLS requires a valid authorizer."
        )
    validator = method.request_validator_id
    if validator and layout.VALIDATORS.find(here.tx, api_id, validator) is None:
        raise BadRequestException("Invalid Request Validator identifier specified")
    for name in (method.request_models or {}).values():
        if layout.MODELS.find(here.tx, api_id, name) is None:
            raise BadRequestException(f"Invalid model identifier specified: {name}")


def _require_response(method: Method, status_code: str) -> MethodResponse:
    response = (method.method_responses or {}).get(status_code)
    if response is None:
        raise NotFoundException("Invalid Response status code specified")
    return response
