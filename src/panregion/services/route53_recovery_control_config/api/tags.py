"""Tags of clusters, control panels and safety rules."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.errors import ResourceNotFoundException, ValidationException
from panregion.services.route53_recovery_control_config.model import Row
from panregion.services.service import reads

TAGS_MAX = 50


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> dict[str, Any]:
    return {"Tags": _tagged(here, resource_arn).tags}


def tag_resource(here: Here, resource_arn: str, tags: dict[str, str]) -> dict[str, Any]:
    row = _tagged(here, resource_arn)
    after = {**row.tags, **tags}
    if len(after) > TAGS_MAX:
        raise ValidationException(f"A resource can have at most {TAGS_MAX} tags")
    layout.put(here, msgspec.structs.replace(row, tags=after))
    return {}


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    row = _tagged(here, resource_arn)
    after = {key: value for key, value in row.tags.items() if key not in tag_keys}
    layout.put(here, msgspec.structs.replace(row, tags=after))
    return {}


def _tagged(here: Here, arn: str) -> Row:
    """Raises ResourceNotFoundException, also for routing controls, which have no tags."""
    row = layout.find(here, arn)
    if row is None or row.kind == "routingcontrol":
        raise ResourceNotFoundException(f"No resource that has tags was found with the ARN {arn}")
    return row
