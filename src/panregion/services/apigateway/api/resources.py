"""Resources: the tree of an API's paths."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import BadRequestException, ConflictException
from panregion.services.apigateway.model import ID_LENGTH, Resource, describe
from panregion.services.apigateway.patch import Operations, patched, rules

PATH_PART = re.compile(r"\{[a-zA-Z0-9._:-]+\+?\}|[a-zA-Z0-9._:$@&',~!*-]+")

RESOURCE_RULES = rules(replace="/pathPart /parentId")


def create_resource(here: Here, rest_api_id: str, parent_id: str, path_part: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    parent = layout.RESOURCES.require(here.tx, rest_api_id, parent_id)
    resource = new_child(here, parent, path_part)
    check_place(resource, parent, layout.RESOURCES.all(here.tx, rest_api_id))
    layout.RESOURCES.put(here.tx, resource, rest_api_id, resource.id)
    return describe(resource)


@reads
def get_resource(here: Here, rest_api_id: str, resource_id: str, embed: list[str] | None = None) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return described(layout.RESOURCES.require(here.tx, rest_api_id, resource_id), embed)


@reads
def get_resources(
    here: Here,
    rest_api_id: str,
    position: str | None = None,
    limit: int | None = None,
    embed: list[str] | None = None,
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    return page(
        (described(resource, embed) for resource in layout.RESOURCES.all(here.tx, rest_api_id)),
        position,
        limit,
    )


def update_resource(
    here: Here, rest_api_id: str, resource_id: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    old = layout.RESOURCES.require(here.tx, rest_api_id, resource_id)
    new = patched(old, patch_operations, RESOURCE_RULES)
    if new.parent_id is None or new.path_part is None:
        raise BadRequestException("Root resource cannot be modified")
    others = [r for r in layout.RESOURCES.all(here.tx, rest_api_id) if not under(r, old)]
    parent = layout.RESOURCES.require(here.tx, rest_api_id, new.parent_id)
    if under(parent, old):
        raise BadRequestException("Resource cannot be its own ancestor")
    check_place(new, parent, others)
    for resource in list(layout.RESOURCES.all(here.tx, rest_api_id)):
        if under(resource, old):
            moved = new if resource.id == old.id else resource
            path = join(parent.path, new.path_part) + resource.path.removeprefix(old.path)
            layout.RESOURCES.put(here.tx, msgspec.structs.replace(moved, path=path), rest_api_id, resource.id)
    return describe(layout.RESOURCES.require(here.tx, rest_api_id, resource_id))


def delete_resource(here: Here, rest_api_id: str, resource_id: str) -> dict[str, Any]:
    layout.require_api(here.tx, here.account_id, rest_api_id)
    gone = layout.RESOURCES.require(here.tx, rest_api_id, resource_id)
    if gone.parent_id is None:
        raise BadRequestException("Root resource cannot be deleted")
    for resource in list(layout.RESOURCES.all(here.tx, rest_api_id)):
        if under(resource, gone):
            layout.RESOURCES.delete(here.tx, rest_api_id, resource.id)
    return {}


def new_child(here: Here, parent: Resource, path_part: str) -> Resource:
    """A resource below `parent`, not yet kept."""
    return Resource(
        id=here.world.chance.token(ID_LENGTH),
        parent_id=parent.id,
        path_part=path_part,
        path=join(parent.path, path_part),
    )


def check_place(resource: Resource, parent: Resource, others: Iterable[Resource]) -> None:
    """Refuse a path part of a wrong form, one that a sibling has, and a second variable beside a first."""
    part = resource.path_part or ""
    if not PATH_PART.fullmatch(part):
        raise BadRequestException(
            "Resource's path part only allow a-zA-Z0-9._-:$ or a valid greedy path variable and curly braces"
            " at the beginning and the end."
        )
    if (parent.path_part or "").endswith("+}"):
        raise BadRequestException(
            f"Cannot create a child of a resource with a greedy path variable: {parent.path_part}"
        )
    for other in others:
        if other.parent_id != parent.id or other.id == resource.id:
            continue
        if other.path_part == part:
            raise ConflictException(f"Another resource with the same parent already has this name: {part}")
        if (
            is_variable(part)
            and is_variable(other.path_part or "")
            and is_greedy(part) == is_greedy(other.path_part or "")
        ):
            raise BadRequestException(
                f"A sibling ({other.path_part}) of this resource already has a variable path part"
                " -- only one is allowed"
            )


def is_variable(part: str) -> bool:
    return part.startswith("{")


def is_greedy(part: str) -> bool:
    return part.endswith("+}")


def join(parent_path: str, part: str) -> str:
    return f"{parent_path.rstrip('/')}/{part}"


def under(resource: Resource, top: Resource) -> bool:
    """Whether `resource` is `top` or below it."""
    return resource.id == top.id or resource.path.startswith(top.path.rstrip("/") + "/")


def described(resource: Resource, embed: list[str] | None) -> dict[str, Any]:
    """A resource; its methods are empty unless the caller asked to have them embedded."""
    answer = describe(resource)
    if "resourceMethods" in answer and "methods" not in (embed or []):
        answer["resourceMethods"] = {name: {} for name in answer["resourceMethods"]}
    return answer
