"""From an OpenAPI document to the tables: what an import overwrites, merges and keeps.

`overwrite` leaves only what the document says; `merge` adds it, the document winning where both say something.
Resources that stay keep their identifiers. Deployments and stages are not touched: an import shows only when the API
is deployed again.
"""

from typing import Any

import msgspec
import yaml

from panregion.services import Here
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.authorizers import check_authorizer
from panregion.services.apigateway.api.integrations import check_integration
from panregion.services.apigateway.api.methods import check_method
from panregion.services.apigateway.api.resources import check_place, new_child
from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.model import (
    ID_LENGTH,
    GatewayResponse,
    Method,
    Model,
    RequestValidator,
    Resource,
    RestApi,
)
from panregion.services.apigateway.openapi import Definition, read
from panregion.services.apigateway.responses import TYPES, default_response


def parse(body: bytes) -> dict[str, Any]:
    """JSON or YAML to a document."""
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        try:
            document = yaml.load(body, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise BadRequestException(f"Invalid OpenAPI input: {error}") from error
    if not isinstance(document, dict):
        raise BadRequestException("Invalid OpenAPI input.")
    return document


def apply(here: Here, api: RestApi, document: dict[str, Any], *, mode: str, base_path: str) -> RestApi:
    """Write the document's API into the tables; the changed RestApi is returned, not written."""
    definition = read(document)
    if mode == "overwrite":
        _clear(here, api.id, {_placed(path, definition.base_path, base_path) for path in definition.paths})
    for name, schema in definition.models.items():
        _keep_model(here, api.id, name, schema)
    authorizers = _keep_authorizers(here, api.id, definition)
    validators = _keep_validators(here, api.id, definition)
    for kind, given in definition.gateway_responses.items():
        _keep_gateway_response(here, api.id, kind, given)
    _keep_paths(here, api, definition, base_path, authorizers, validators)
    changes: dict[str, Any] = {**definition.settings, "warnings": definition.warnings or None}
    changes["version"] = definition.version
    if mode == "overwrite" and definition.name:
        changes |= {"name": definition.name, "description": definition.description}
    try:
        return msgspec.convert(msgspec.to_builtins(msgspec.structs.replace(api, **changes)), RestApi, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequestException(f"Invalid OpenAPI input: {error}") from error


def _clear(here: Here, api_id: str, wanted: set[str]) -> None:
    """Forget everything; the resources that lie on a wanted path stay, bare, with their identifiers."""
    layout.MODELS.delete_all(here.tx, api_id)
    layout.AUTHORIZERS.delete_all(here.tx, api_id)
    layout.VALIDATORS.delete_all(here.tx, api_id)
    layout.GATEWAY_RESPONSES.delete_all(here.tx, api_id)
    for resource in list(layout.RESOURCES.all(here.tx, api_id)):
        if _needed(resource.path, wanted):
            bare = msgspec.structs.replace(resource, resource_methods=None)
            layout.RESOURCES.put(here.tx, bare, api_id, resource.id)
        else:
            layout.RESOURCES.delete(here.tx, api_id, resource.id)


def _keep_model(here: Here, api_id: str, name: str, schema: str) -> None:
    old = layout.MODELS.find(here.tx, api_id, name)
    model = Model(
        id=old.id if old else here.world.chance.token(ID_LENGTH),
        name=name,
        content_type="application/json",
        schema=schema,
    )
    layout.MODELS.put(here.tx, model, api_id, name)


def _keep_authorizers(here: Here, api_id: str, definition: Definition) -> dict[str, str]:
    """Returns their identifiers by name."""
    ids = {authorizer.name: authorizer.id for authorizer in layout.AUTHORIZERS.all(here.tx, api_id)}
    for name, authorizer in definition.authorizers.items():
        check_authorizer(authorizer)
        ids.setdefault(name, here.world.chance.token(ID_LENGTH))
        kept = msgspec.structs.replace(authorizer, id=ids[name])
        layout.AUTHORIZERS.put(here.tx, kept, api_id, kept.id)
    return ids


def _keep_validators(here: Here, api_id: str, definition: Definition) -> dict[str, str]:
    """Returns their identifiers by name."""
    ids = {validator.name: validator.id for validator in layout.VALIDATORS.all(here.tx, api_id)}
    for name, given in definition.validators.items():
        ids.setdefault(name, here.world.chance.token(ID_LENGTH))
        validator = RequestValidator(
            id=ids[name],
            name=name,
            validate_request_body=bool(given.get("validateRequestBody")),
            validate_request_parameters=bool(given.get("validateRequestParameters")),
        )
        layout.VALIDATORS.put(here.tx, validator, api_id, validator.id)
    return ids


def _keep_gateway_response(here: Here, api_id: str, kind: str, given: dict[str, Any]) -> None:
    if kind not in TYPES:
        raise BadRequestException(f"Invalid gateway response type specified: {kind}")
    base = default_response(kind)
    status = given.get("statusCode")
    response = GatewayResponse(
        response_type=kind,
        status_code=base.status_code if status is None else str(status),
        response_parameters=given.get("responseParameters") or {},
        response_templates=given.get("responseTemplates") or base.response_templates,
        default_response=False,
    )
    layout.GATEWAY_RESPONSES.put(here.tx, response, api_id, kind)


def _keep_paths(
    here: Here,
    api: RestApi,
    definition: Definition,
    base_path: str,
    authorizers: dict[str, str],
    validators: dict[str, str],
) -> None:
    known = {resource.path: resource for resource in layout.RESOURCES.all(here.tx, api.id)}
    wanted = {_placed(path, definition.base_path, base_path): m for path, m in definition.paths.items()}
    for path, methods in wanted.items():
        resource = _resource_at(here, api.id, path, known)
        ready = {
            verb: _ready(here, api.id, resource, method, authorizers, validators) for verb, method in methods.items()
        }
        known[path] = msgspec.structs.replace(resource, resource_methods={**resource.methods, **ready} or None)
        layout.RESOURCES.put(here.tx, known[path], api.id, resource.id)


def _needed(path: str, wanted: set[str]) -> bool:
    return path == "/" or any(other == path or other.startswith(path + "/") for other in wanted)


def _placed(path: str, document_base: str, base_path: str) -> str:
    """Where a path goes: `prepend` puts the document's base path before it, `split` all but its first part."""
    base = document_base
    if base_path == "ignore":
        base = ""
    elif base_path == "split":
        base = base.partition("/")[2]
    whole = f"/{base}/{path.strip('/')}" if base else f"/{path.strip('/')}"
    return whole.rstrip("/") or "/"


def _resource_at(here: Here, api_id: str, path: str, known: dict[str, Resource]) -> Resource:
    """The resource of a path, made with all above it where it is not there."""
    if path in known:
        return known[path]
    above, _, part = path.rpartition("/")
    parent = _resource_at(here, api_id, above or "/", known)
    resource = new_child(here, parent, part)
    check_place(resource, parent, known.values())
    known[path] = layout.RESOURCES.put(here.tx, resource, api_id, resource.id)
    return resource


def _ready(
    here: Here,
    api_id: str,
    resource: Resource,
    method: Method,
    authorizers: dict[str, str],
    validators: dict[str, str],
) -> Method:
    """A method with identifiers where the document had names, and checked."""
    validator = method.request_validator_id
    if validator and validator not in validators:
        raise BadRequestException(f"Request validator '{validator}' is not defined ({resource.path})")
    integration = method.method_integration
    if integration:
        integration = msgspec.structs.replace(integration, cache_namespace=integration.cache_namespace or resource.id)
        check_integration(integration)
    ready = msgspec.structs.replace(
        method,
        authorizer_id=authorizers[method.authorizer_id] if method.authorizer_id else None,
        request_validator_id=validators[validator] if validator else None,
        method_integration=integration,
    )
    check_method(here, api_id, ready)
    return ready
