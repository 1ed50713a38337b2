"""Models (JSON schemas by name) and request validators."""

import re
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import BadRequestException, ConflictException
from panregion.services.apigateway.model import ID_LENGTH, Model, RequestValidator, describe
from panregion.services.apigateway.patch import Operations, patched, rules

MODEL_NAME = re.compile(r"[a-zA-Z0-9]+")

MODEL_RULES = rules(replace="/description /schema")
VALIDATOR_RULES = rules(replace="/name /validateRequestBody /validateRequestParameters")


def create_model(
    here: Here,
    rest_api_id: str,
    name: str,
    content_type: str,
    description: str | None = None,
    schema: str | None = None,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    if layout.MODELS.find(here.tx, rest_api_id, name):
        raise ConflictException("Model name already exists for this REST API")
    model = Model(
        id=here.world.chance.token(ID_LENGTH),
        name=name,
        content_type=content_type,
        description=description,
        schema=schema,
    )
    check_model(model)
    return describe(layout.MODELS.put(here.tx, model, rest_api_id, name))


@reads
def get_model(here: Here, rest_api_id: str, model_name: str, flatten: bool = False) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    if flatten:
        raise BadRequestException("flatten is not supported by panregion")
    return describe(layout.MODELS.require(here.tx, rest_api_id, model_name))


@reads
def get_models(here: Here, rest_api_id: str, position: str | None = None, limit: int | None = None) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return page((describe(m) for m in layout.MODELS.all(here.tx, rest_api_id)), position, limit)


def update_model(
    here: Here, rest_api_id: str, model_name: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    old = layout.MODELS.require(here.tx, rest_api_id, model_name)
    new = patched(old, patch_operations, MODEL_RULES)
    check_model(new)
    return describe(layout.MODELS.put(here.tx, new, rest_api_id, model_name))


def delete_model(here: Here, rest_api_id: str, model_name: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    layout.MODELS.require(here.tx, rest_api_id, model_name)
    for resource in layout.RESOURCES.all(here.tx, rest_api_id):
        for method in resource.methods.values():
            if model_name in (method.request_models or {}).values():
                raise ConflictException(
                    f"Cannot delete model '{model_name}', is referenced in method request: "
                    f"{resource.path}/{method.http_method}"
                )
    layout.MODELS.delete(here.tx, rest_api_id, model_name)
    return {}


def create_request_validator(
    here: Here,
    rest_api_id: str,
    name: str | None = None,
    validate_request_body: bool = False,
    validate_request_parameters: bool = False,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    validator = RequestValidator(
        id=here.world.chance.token(ID_LENGTH),
        name=name or "",
        validate_request_body=validate_request_body,
        validate_request_parameters=validate_request_parameters,
    )
    return describe(layout.VALIDATORS.put(here.tx, validator, rest_api_id, validator.id))


@reads
def get_request_validator(here: Here, rest_api_id: str, request_validator_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return describe(layout.VALIDATORS.require(here.tx, rest_api_id, request_validator_id))


@reads
def get_request_validators(
    here: Here, rest_api_id: str, position: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return page((describe(v) for v in layout.VALIDATORS.all(here.tx, rest_api_id)), position, limit)


def update_request_validator(
    here: Here, rest_api_id: str, request_validator_id: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    old = layout.VALIDATORS.require(here.tx, rest_api_id, request_validator_id)
    new = patched(old, patch_operations, VALIDATOR_RULES)
    return describe(layout.VALIDATORS.put(here.tx, new, rest_api_id, request_validator_id))


def delete_request_validator(here: Here, rest_api_id: str, request_validator_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    layout.VALIDATORS.require(here.tx, rest_api_id, request_validator_id)
    layout.VALIDATORS.delete(here.tx, rest_api_id, request_validator_id)
    return {}


def check_model(model: Model) -> None:
    """What the model cannot say about a model."""
    if not MODEL_NAME.fullmatch(model.name):
        raise BadRequestException("Model name must be alphanumeric: " + model.name)
    try:
        schema = msgspec.json.decode(model.schema or "{}")
    except msgspec.DecodeError as error:
        raise BadRequestException(f"Invalid model specified: {error}") from error
    if not isinstance(schema, dict):
        raise BadRequestException("Model schema must be a JSON object")
