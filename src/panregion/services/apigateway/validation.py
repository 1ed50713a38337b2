"""Request validators: required parameters are there, and a JSON body obeys the model of its content type."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.mapping import request_value
from panregion.services.apigateway.model import Method
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.transform import media_type

if TYPE_CHECKING:
    from jsonschema import Draft4Validator


def validate(invocation: Invocation, method: Method) -> None:
    """Let the request pass, or raise Refusal."""
    validator = invocation.deployed.validators.get(method.request_validator_id or "")
    if validator is None:
        return
    if validator.validate_request_parameters:
        _check_parameters(invocation, method)
    if validator.validate_request_body:
        _check_body(invocation, method)


def _check_parameters(invocation: Invocation, method: Method) -> None:
    missing = [
        source.split(".", 3)[3]
        for source, required in (method.request_parameters or {}).items()
        if required and not request_value(invocation, source)
    ]
    if missing:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise Refusal("BAD_REQUEST_PARAMETERS", message)


def _check_body(invocation: Invocation, method: Method) -> None:
    name = (method.request_models or {}).get(media_type(invocation.request.header("content-type")))
    if name is None:
        return
    try:
        document = msgspec.json.decode(invocation.request.body or b"null")
    except msgspec.DecodeError as error:
        raise Refusal("BAD_REQUEST_BODY", validation_error=f"[{error}]") from error
    models = tuple((model.name, model.schema or "{}") for model in invocation.deployed.models.values())
    problems = [problem.message for problem in _validator(name, models).iter_errors(document)]
    if problems:
        raise Refusal("BAD_REQUEST_BODY", validation_error=f"[{', '.join(problems)}]")


@lru_cache(256)
def _validator(name: str, models: tuple[tuple[str, str], ...]) -> "Draft4Validator":
    """A validator of one model that may refer to the others."""
    from jsonschema import Draft4Validator  # on demand: it takes long to import, and few APIs validate bodies

    schemas = {other: local(msgspec.json.decode(schema)) for other, schema in models}
    root = schemas.get(name, {})
    return Draft4Validator({**root, "definitions": {**schemas, **root.get("definitions", {})}})


def local(schema: Any) -> Any:
    """A schema whose references to other models (by URL, or within a document) are to its own definitions."""
    if isinstance(schema, list):
        return [local(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    names = ("$schema", "id", "$id")  # as texts they would move what references are relative to
    made = {name: local(inner) for name, inner in schema.items() if name not in names or not isinstance(inner, str)}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        made["$ref"] = "#/definitions/" + reference.rsplit("/", 1)[-1]
    return made
