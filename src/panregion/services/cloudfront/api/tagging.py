"""Tags of distributions: one function per operation."""

from typing import Any

from panregion.services.cloudfront import layout
from panregion.services.cloudfront.errors import InvalidArgument, InvalidTagging, NoSuchDistribution, NoSuchResource
from panregion.services.cloudfront.model import items
from panregion.services.here import Here
from panregion.services.service import reads

TAGS_MAX = 50


def _require(here: Here, arn: str) -> None:
    parts = arn.split(":")
    if parts[:3] != ["arn", "aws", "cloudfront"] or len(parts) != 6:
        raise InvalidArgument(f"Invalid resource ARN: {arn}")
    kind, _, resource_id = parts[5].partition("/")
    if kind != "distribution" or parts[4] != here.account_id:
        raise NoSuchResource
    try:
        layout.distribution(here, resource_id)
    except NoSuchDistribution as error:
        raise NoSuchResource from error


def checked(tags: dict[str, Any]) -> dict[str, str]:
    """Tags by key. Raises InvalidTagging."""
    given = items(tags)
    found = {tag["Key"]: tag.get("Value", "") for tag in given}
    if len(found) != len(given) or len(found) > TAGS_MAX or any(key.lower().startswith("aws:") for key in found):
        raise InvalidTagging
    return found


def tag_resource(here: Here, resource: str, tags: dict[str, Any]) -> dict[str, Any]:
    _require(here, resource)
    changed = layout.tags(here, resource) | checked(tags)
    if len(changed) > TAGS_MAX:
        raise InvalidTagging
    layout.put_tags(here, resource, changed)
    return {}


def untag_resource(here: Here, resource: str, tag_keys: dict[str, Any]) -> dict[str, Any]:
    _require(here, resource)
    gone = set(items(tag_keys))
    left = {key: value for key, value in layout.tags(here, resource).items() if key not in gone}
    layout.put_tags(here, resource, left)
    return {}


@reads
def list_tags_for_resource(here: Here, resource: str) -> dict[str, Any]:
    _require(here, resource)
    return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in layout.tags(here, resource).items()]}}
