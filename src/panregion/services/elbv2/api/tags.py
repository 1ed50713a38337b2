"""Tags of load balancers, listeners, rules and target groups."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.elbv2 import layout
from panregion.services.elbv2.errors import (
    DuplicateTagKeysException,
    TooManyTagsException,
    ValidationError,
)
from panregion.services.elbv2.model import TAGS_MAX

RESOURCES_MAX = 20


def require(here: Here, arn: str) -> None:
    """Raises the error of whatever kind of thing is not there."""
    for kind, find in (
        (":loadbalancer/", layout.balancer),
        (":targetgroup/", layout.group),
        (":listener-rule/", layout.rule),
        (":listener/", layout.listener),
    ):
        if kind in arn:
            find(here, arn)
            return
    raise ValidationError(f"'{arn}' is not a valid ARN of a load balancer, target group, listener or rule")


def put_new(here: Here, arn: str, tags: list[dict[str, str]] | None) -> None:
    """The tags of something new."""
    layout.put_tags(here, arn, merged({}, tags or []))


def merged(old: dict[str, str], given: list[dict[str, str]]) -> dict[str, str]:
    """Raises DuplicateTagKeysException, TooManyTagsException, ValidationError."""
    keys = [tag["Key"] for tag in given]
    if len(set(keys)) < len(keys):
        raise DuplicateTagKeysException("Tag keys cannot be duplicated")
    for key in keys:
        if key.lower().startswith("aws:") and not key.startswith("aws:cloudformation:"):
            raise ValidationError(f"Tag key '{key}' begins with the reserved prefix 'aws:'")
    new = {**old, **{tag["Key"]: tag.get("Value", "") for tag in given}}
    if len(new) > TAGS_MAX:
        raise TooManyTagsException(f"A resource can have at most {TAGS_MAX} tags")
    return new


def add_tags(here: Here, resource_arns: list[str], tags: list[dict[str, str]]) -> dict[str, Any]:
    for arn in resource_arns:
        require(here, arn)
        layout.put_tags(here, arn, merged(layout.tags(here, arn), tags))
    return {}


def remove_tags(here: Here, resource_arns: list[str], tag_keys: list[str]) -> dict[str, Any]:
    for arn in resource_arns:
        require(here, arn)
        kept = {key: value for key, value in layout.tags(here, arn).items() if key not in tag_keys}
        layout.put_tags(here, arn, kept)
    return {}


@reads
def describe_tags(here: Here, resource_arns: list[str]) -> dict[str, Any]:
    if len(resource_arns) > RESOURCES_MAX:
        raise ValidationError(f"At most {RESOURCES_MAX} resources can be described at once")
    described = []
    for arn in resource_arns:
        require(here, arn)
        tags = [{"Key": key, "Value": value} for key, value in layout.tags(here, arn).items()]
        described.append({"ResourceArn": arn, "Tags": tags})
    return {"TagDescriptions": described}
