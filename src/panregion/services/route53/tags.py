"""Tags of hosted zones and health checks."""

from typing import Any

from panregion.services.here import Here
from panregion.services.route53 import layout
from panregion.services.route53.errors import InvalidInput
from panregion.services.service import reads

TAGS_MAX = 50


def change_tags_for_resource(
    here: Here,
    resource_type: str,
    resource_id: str,
    add_tags: list[dict[str, str]] | None = None,
    remove_tag_keys: list[str] | None = None,
) -> dict[str, Any]:
    _require_resource(here, resource_type, resource_id)
    tags = layout.tags(here, resource_type, resource_id)
    tags |= {tag["Key"]: tag.get("Value", "") for tag in add_tags or []}
    for key in remove_tag_keys or []:
        tags.pop(key, None)
    if len(tags) > TAGS_MAX:
        raise InvalidInput(f"Invalid request: a resource has at most {TAGS_MAX} tags")
    layout.put_tags(here, resource_type, resource_id, tags)
    return {}


def _require_resource(here: Here, resource_type: str, resource_id: str) -> None:
    if resource_type == "hostedzone":
        layout.zone(here, resource_id)
    else:
        layout.check(here, resource_id)


@reads
def list_tags_for_resource(here: Here, resource_type: str, resource_id: str) -> dict[str, Any]:
    _require_resource(here, resource_type, resource_id)
    return {"ResourceTagSet": _tag_set(here, resource_type, resource_id)}


@reads
def list_tags_for_resources(here: Here, resource_type: str, resource_ids: list[str]) -> dict[str, Any]:
    for resource_id in resource_ids:
        _require_resource(here, resource_type, resource_id)
    return {"ResourceTagSets": [_tag_set(here, resource_type, resource_id) for resource_id in resource_ids]}


def _tag_set(here: Here, resource_type: str, resource_id: str) -> dict[str, Any]:
    tags = layout.tags(here, resource_type, resource_id)
    return {
        "ResourceType": resource_type,
        "ResourceId": resource_id,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
