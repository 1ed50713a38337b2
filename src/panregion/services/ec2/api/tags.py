"""Tags of everything that has an id."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.ec2 import layout
from panregion.services.ec2.errors import invalid_value
from panregion.services.ec2.filters import members, paged, passing
from panregion.wire import AwsError

Json = dict[str, Any]

TYPES = {
    "vpc": "vpc",
    "subnet": "subnet",
    "internetGateway": "internet-gateway",
    "routeTable": "route-table",
    "security group": "security-group",
}


def specified(kind: str, specifications: list[Json] | None) -> list[Json]:
    """The tags that a request gives to what it creates. Raises InvalidParameterValue."""
    tags: list[Json] = []
    for each in specifications or []:
        if each.get("ResourceType") != TYPES[kind]:
            raise invalid_value("TagSpecifications", each.get("ResourceType"), f"It must be {TYPES[kind]}")
        tags += each.get("Tags") or []
    return merged([], tags)


def merged(old: list[Json], given: list[Json]) -> list[Json]:
    tags = {tag["Key"]: tag.get("Value", "") for tag in [*old, *given]}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def create_tags(here: Here, resources: list[str], tags: list[Json]) -> Json:
    for thing_id in resources:
        kind = _kind(thing_id)
        thing = layout.changeable(here, kind, thing_id)
        layout.put(here, kind, {**thing, "Tags": merged(thing["Tags"], tags)})
    return {}


def delete_tags(here: Here, resources: list[str], tags: list[Json] | None = None) -> Json:
    """Without a value a tag goes whatever its value; without any tag all go."""
    for thing_id in resources:
        kind = _kind(thing_id)
        thing = layout.changeable(here, kind, thing_id)
        gone = {(tag["Key"], tag.get("Value")) for tag in tags or []}
        kept = [
            tag
            for tag in thing["Tags"]
            if tags is not None and (tag["Key"], None) not in gone and (tag["Key"], tag["Value"]) not in gone
        ]
        layout.put(here, kind, {**thing, "Tags": kept})
    return {}


def _kind(thing_id: str) -> str:
    kind = layout.kind_of(thing_id)
    if kind is None:
        raise AwsError.of("InvalidID", f"The ID '{thing_id}' is not valid")
    return kind


@reads
def describe_tags(
    here: Here, filters: list[Json] | None = None, max_results: int | None = None, next_token: str | None = None
) -> Json:
    rows = [
        {"ResourceId": thing[layout.ID_MEMBERS[kind]], "ResourceType": TYPES[kind], **tag}
        for kind in TYPES
        for thing in layout.everything(here, kind)
        for tag in thing["Tags"]
    ]
    known = {
        "key": members("Key"),
        "value": members("Value"),
        "resource-id": members("ResourceId"),
        "resource-type": members("ResourceType"),
    }
    shown, following = paged(passing(rows, filters, known), next_token, max_results)
    return {"Tags": shown, **following}
