"""Tags of accelerators."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.globalaccelerator import layout
from panregion.services.globalaccelerator.errors import InvalidArgumentException
from panregion.services.globalaccelerator.model import TAGS_MAX

Json = dict[str, Any]


def merged(old: dict[str, str], given: list[Json] | None) -> dict[str, str]:
    """Raises InvalidArgumentException."""
    keys = [tag["Key"] for tag in given or []]
    if len(set(keys)) < len(keys):
        raise InvalidArgumentException("A tag key cannot be given twice")
    new = {**old, **{tag["Key"]: tag["Value"] for tag in given or []}}
    if len(new) > TAGS_MAX:
        raise InvalidArgumentException(f"A resource can have at most {TAGS_MAX} tags")
    return new


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> Json:
    layout.accelerator(here, resource_arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in layout.tags(here, resource_arn).items()]}


def tag_resource(here: Here, resource_arn: str, tags: list[Json]) -> Json:
    layout.accelerator(here, resource_arn)
    layout.put_tags(here, resource_arn, merged(layout.tags(here, resource_arn), tags))
    return {}


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> Json:
    layout.accelerator(here, resource_arn)
    kept = {key: value for key, value in layout.tags(here, resource_arn).items() if key not in tag_keys}
    layout.put_tags(here, resource_arn, kept)
    return {}
