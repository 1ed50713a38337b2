"""REST APIs themselves, made empty, as a copy, or from an OpenAPI document."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import BadRequestException, unsupported
from panregion.services.apigateway.imports import apply, parse
from panregion.services.apigateway.model import (
    API_ID_LENGTH,
    EMPTY_MODEL_SCHEMA,
    ERROR_MODEL_SCHEMA,
    ID_LENGTH,
    Model,
    Resource,
    RestApi,
    describe,
)
from panregion.services.apigateway.patch import Operations, patched, rules

API_KEY_SOURCES = ("HEADER", "AUTHORIZER")

API_RULES = rules(
    replace="/name /description /policy /apiKeySource /disableExecuteApiEndpoint /version"
    " /endpointConfiguration/types/* /endpointConfiguration/ipAddressType",
    anyway="/binaryMediaTypes/* /minimumCompressionSize",
)


def create_rest_api(
    here: Here,
    name: str,
    description: str | None = None,
    version: str | None = None,
    clone_from: str | None = None,
    binary_media_types: list[str] | None = None,
    minimum_compression_size: int | None = None,
    api_key_source: str | None = None,
    endpoint_configuration: dict[str, Any] | None = None,
    policy: str | None = None,
    tags: dict[str, str] | None = None,
    disable_execute_api_endpoint: bool = False,
) -> dict[str, Any]:
    source = layout.require_api(here.tx, here.account_id, clone_from) if clone_from else None
    api = RestApi(
        id=here.world.chance.token(API_ID_LENGTH),
        name=name,
        created_date=int(here.now()),
        root_resource_id=source.root_resource_id if source else here.world.chance.token(API_ID_LENGTH),
        endpoint_configuration=_endpoint(endpoint_configuration),
        api_key_source=api_key_source or "HEADER",
        disable_execute_api_endpoint=disable_execute_api_endpoint,
        description=description,
        version=version,
        binary_media_types=binary_media_types or None,
        minimum_compression_size=minimum_compression_size,
        policy=policy or None,
        tags=tags or None,
    )
    check_api(api)
    layout.APIS.put(here.tx, api, api.id)
    if source:
        _copy(here, source.id, api.id)
    else:
        _begin(here, api)
    return describe(api)


def import_rest_api(
    here: Here,
    body: bytes,
    fail_on_warnings: bool = False,
    parameters: dict[str, str] | None = None,
) -> dict[str, Any]:
    parameters = parameters or {}
    document = parse(body)
    endpoint = {"types": [parameters["endpointConfigurationTypes"]]} if _typed(parameters) else None
    title = str((document.get("info") or {}).get("title") or "")
    if not title:
        raise BadRequestException("API name must be specified in the info.title of the document")
    made = create_rest_api(here, title, endpoint_configuration=endpoint)
    return _imported(here, made["id"], document, "overwrite", fail_on_warnings, parameters)


def put_rest_api(
    here: Here,
    rest_api_id: str,
    body: bytes,
    mode: str = "merge",
    fail_on_warnings: bool = False,
    parameters: dict[str, str] | None = None,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return _imported(here, rest_api_id, parse(body), mode, fail_on_warnings, parameters or {})


@reads
def get_rest_api(here: Here, rest_api_id: str) -> dict[str, Any]:
    return describe(layout.require_api(here.tx, here.account_id, rest_api_id))


@reads
def get_rest_apis(here: Here, position: str | None = None, limit: int | None = None) -> dict[str, Any]:
    return page((describe(api) for api in layout.APIS.all(here.tx)), position, limit)


def update_rest_api(here: Here, rest_api_id: str, patch_operations: Operations | None = None) -> dict[str, Any]:
    api = patched(layout.require_api(here.tx, here.account_id, rest_api_id), patch_operations, API_RULES)
    check_api(api)
    return describe(layout.APIS.put(here.tx, api, api.id))


def delete_rest_api(here: Here, rest_api_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    for domain in layout.DOMAINS.all(here.tx):
        for mapping in layout.MAPPINGS.all(here.tx, domain.domain_name):
            if mapping.rest_api_id == rest_api_id:
                raise BadRequestException(
                    "Please remove all base path mappings related to the API from your domains: " + domain.domain_name
                )
    for table in layout.OF_AN_API:
        table.delete_all(here.tx, rest_api_id)
    layout.APIS.delete(here.tx, rest_api_id)
    return {}


def check_api(api: RestApi) -> None:
    """What the model cannot say about an API."""
    if not api.name:
        raise BadRequestException("API Name should not be blank")
    if api.api_key_source not in API_KEY_SOURCES:
        raise BadRequestException("Invalid API key source specified. Must be one of HEADER or AUTHORIZER")
    if api.endpoint_configuration["types"] == ["PRIVATE"]:
        raise unsupported("The endpoint type PRIVATE")
    size = api.minimum_compression_size
    if size is not None and not 0 <= size <= 10_485_760:
        raise BadRequestException("Invalid minimum compression size, must be between 0 and 10485760 bytes inclusive")


def _typed(parameters: dict[str, str]) -> bool:
    return "endpointConfigurationTypes" in parameters


def _endpoint(given: dict[str, Any] | None) -> dict[str, Any]:
    """AWS makes an API edge-optimized unless told otherwise. Its own endpoint is in its region either way."""
    types = (given or {}).get("types") or ["EDGE"]
    return {"types": types, "ipAddressType": (given or {}).get("ipAddressType") or "ipv4"}


def _begin(here: Here, api: RestApi) -> None:
    """What a new API has: the root of its paths and two models."""
    root = Resource(id=api.root_resource_id, path="/")
    layout.RESOURCES.put(here.tx, root, api.id, root.id)
    for name, description, schema in (
        ("Empty", "This is a default empty schema model", EMPTY_MODEL_SCHEMA),
        ("Error", "This is a default error schema model", ERROR_MODEL_SCHEMA),
    ):
        model = Model(
            id=here.world.chance.token(ID_LENGTH),
            name=name,
            content_type="application/json",
            description=description,
            schema=schema,
        )
        layout.MODELS.put(here.tx, model, api.id, name)


def _copy(here: Here, source_id: str, api_id: str) -> None:
    """The parts of an API that a clone takes over: everything that is not deployed."""
    for resource in list(layout.RESOURCES.all(here.tx, source_id)):
        layout.RESOURCES.put(here.tx, resource, api_id, resource.id)
    for model in list(layout.MODELS.all(here.tx, source_id)):
        layout.MODELS.put(here.tx, model, api_id, model.name)
    for authorizer in list(layout.AUTHORIZERS.all(here.tx, source_id)):
        layout.AUTHORIZERS.put(here.tx, authorizer, api_id, authorizer.id)
    for validator in list(layout.VALIDATORS.all(here.tx, source_id)):
        layout.VALIDATORS.put(here.tx, validator, api_id, validator.id)
    for response in list(layout.GATEWAY_RESPONSES.all(here.tx, source_id)):
        layout.GATEWAY_RESPONSES.put(here.tx, response, api_id, response.response_type)


def _imported(
    here: Here,
    api_id: str,
    document: dict[str, Any],
    mode: str,
    fail_on_warnings: bool,
    parameters: dict[str, str],
) -> dict[str, Any]:
    base_path = parameters.get("basepath", "ignore")
    api = apply(here, layout.APIS.require(here.tx, api_id), document, mode=mode, base_path=base_path)
    if api.warnings and fail_on_warnings:
        raise BadRequestException("Warnings found during import: " + "; ".join(api.warnings))
    if _typed(parameters):
        types = {**api.endpoint_configuration, "types": [parameters["endpointConfigurationTypes"]]}
        api = msgspec.structs.replace(api, endpoint_configuration=types)
    check_api(api)
    layout.APIS.put(here.tx, msgspec.structs.replace(api, warnings=None), api.id)
    return describe(api)
