"""Gateway responses: what an API says when it, and not its integration, answers."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.errors import NotFoundException
from panregion.services.apigateway.model import GatewayResponse, describe
from panregion.services.apigateway.patch import Operations, patched, rules
from panregion.services.apigateway.responses import TYPES, default_response

RULES = rules(replace="/statusCode", anyway="/responseParameters/* /responseTemplates/*")


def put_gateway_response(
    here: Here,
    rest_api_id: str,
    response_type: str,
    status_code: str | None = None,
    response_parameters: dict[str, str] | None = None,
    response_templates: dict[str, str] | None = None,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    base = default_response(response_type)
    response = GatewayResponse(
        response_type=response_type,
        status_code=status_code or base.status_code,
        response_parameters=response_parameters or {},
        response_templates=response_templates or base.response_templates,
        default_response=False,
    )
    return describe(layout.GATEWAY_RESPONSES.put(here.tx, response, rest_api_id, response_type))


@reads
def get_gateway_response(here: Here, rest_api_id: str, response_type: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return describe(_current(here, rest_api_id, response_type))


@reads
def get_gateway_responses(here: Here, rest_api_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return {"items": [describe(_current(here, rest_api_id, kind)) for kind in TYPES]}


def update_gateway_response(
    here: Here, rest_api_id: str, response_type: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    new = patched(_current(here, rest_api_id, response_type), patch_operations, RULES)
    new = msgspec.structs.replace(new, default_response=False)
    return describe(layout.GATEWAY_RESPONSES.put(here.tx, new, rest_api_id, response_type))


def delete_gateway_response(here: Here, rest_api_id: str, response_type: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    if layout.GATEWAY_RESPONSES.find(here.tx, rest_api_id, response_type) is None:
        raise NotFoundException("Gateway response type not defined on api")
    layout.GATEWAY_RESPONSES.delete(here.tx, rest_api_id, response_type)
    return {}


def _current(here: Here, api_id: str, response_type: str) -> GatewayResponse:
    return layout.GATEWAY_RESPONSES.find(here.tx, api_id, response_type) or default_response(response_type)
