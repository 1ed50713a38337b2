"""What is taken away from APIs and stages, what is forgotten, and changes of deployments and mappings."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.api.common import changed
from panregion.services.apigatewayv2.api.domains import check_mapping
from panregion.services.apigatewayv2.authorizing import forget_answers
from panregion.services.apigatewayv2.errors import NotFoundException
from panregion.services.apigatewayv2.model import describe


def delete_access_log_settings(here: Here, api_id: str, stage_name: str) -> dict[str, Any]:
    stage = layout.STAGES.require(here.tx, api_id, stage_name)
    layout.STAGES.put(here.tx, msgspec.structs.replace(stage, access_log_settings=None), api_id, stage_name)
    return {}


def delete_route_settings(here: Here, api_id: str, stage_name: str, route_key: str) -> dict[str, Any]:
    stage = layout.STAGES.require(here.tx, api_id, stage_name)
    if route_key not in stage.route_settings:
        raise NotFoundException(f"Unable to find Route by key {route_key} within the provided RouteSettings")
    kept = {key: settings for key, settings in stage.route_settings.items() if key != route_key}
    layout.STAGES.put(here.tx, msgspec.structs.replace(stage, route_settings=kept), api_id, stage_name)
    return {}


def delete_cors_configuration(here: Here, api_id: str) -> dict[str, Any]:
    api = layout.APIS.require(here.tx, api_id)
    layout.APIS.put(here.tx, msgspec.structs.replace(api, cors_configuration=None), api_id)
    return {}


@reads
def reset_authorizers_cache(here: Here, api_id: str, stage_name: str) -> dict[str, Any]:
    layout.STAGES.require(here.tx, api_id, stage_name)
    forget_answers(here, api_id, stage_name)
    return {}


def update_deployment(here: Here, api_id: str, deployment_id: str, description: str | None = None) -> dict[str, Any]:
    old = layout.DEPLOYMENTS.require(here.tx, api_id, deployment_id)
    return describe(layout.DEPLOYMENTS.put(here.tx, changed(old, {"description": description}), api_id, deployment_id))


def update_api_mapping(
    here: Here,
    api_mapping_id: str,
    api_id: str,
    domain_name: str,
    api_mapping_key: str | None = None,
    stage: str | None = None,
) -> dict[str, Any]:
    domain = domain_name.lower()
    old = layout.MAPPINGS.require(here.tx, domain, api_mapping_id)
    key = None if api_mapping_key is None else api_mapping_key.strip("/")
    new = changed(old, {"api_id": api_id, "api_mapping_key": key, "stage": stage})
    check_mapping(here, domain, new)
    return describe(layout.MAPPINGS.put(here.tx, new, domain, api_mapping_id))
