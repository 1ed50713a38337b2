"""What there is to be done, and to what."""

from typing import Any

from panregion.services.fis.api.pages import PAGE_SIZE, page
from panregion.services.fis.catalogue import ACTIONS, RESOURCE_TYPES, Kind
from panregion.services.fis.errors import ResourceNotFoundException
from panregion.services.here import Here
from panregion.services.service import reads


def _summary(here: Here, id: str, kind: Kind) -> dict[str, Any]:
    targets = {key: {"resourceType": resource_type} for key, resource_type in kind.targets.items()}
    arn = here.arn("fis", f"action/{id}")
    return {"id": id, "arn": arn, "description": kind.description, "targets": targets, "tags": {}}


@reads
def get_action(here: Here, id: str) -> dict[str, Any]:
    if id not in ACTIONS:
        raise ResourceNotFoundException(f"Action {id} does not exist; there are {', '.join(ACTIONS)}.")
    parameters = {
        name: {"description": parameter.description, "required": parameter.required}
        for name, parameter in ACTIONS[id].parameters.items()
    }
    return {"action": {**_summary(here, id, ACTIONS[id]), "parameters": parameters}}


@reads
def list_actions(here: Here, max_results: int = PAGE_SIZE, next_token: str | None = None) -> dict[str, Any]:
    found = [_summary(here, name, kind) for name, kind in ACTIONS.items()]
    return page("actions", found, next_token, max_results)


@reads
def get_target_resource_type(_here: Here, resource_type: str) -> dict[str, Any]:
    if resource_type not in RESOURCE_TYPES:
        known = ", ".join(RESOURCE_TYPES)
        raise ResourceNotFoundException(f"Target resource type {resource_type} does not exist; there are {known}.")
    description = RESOURCE_TYPES[resource_type]
    return {"targetResourceType": {"resourceType": resource_type, "description": description, "parameters": {}}}


@reads
def list_target_resource_types(
    _here: Here, max_results: int = PAGE_SIZE, next_token: str | None = None
) -> dict[str, Any]:
    found = [{"resourceType": name, "description": text} for name, text in RESOURCE_TYPES.items()]
    return page("targetResourceTypes", found, next_token, max_results)
