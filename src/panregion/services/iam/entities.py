"""What roles, users and groups have in common: their names, inline policies, attached policies, tags."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.iam import layout
from panregion.services.iam.errors import DeleteConflictException, NoSuchEntityException, ValidationError
from panregion.services.iam.model import Entity, check_document, encoded, present, tag_list, tag_map

ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
AWS_POLICY = "arn:aws:iam::aws:policy/"
PAGE = 100

replaced = msgspec.structs.replace


def new_id(here: Here, prefix: str) -> str:
    return prefix + here.world.chance.token(17, ID_ALPHABET)


def arn_of(here: Here, entity: Entity) -> str:
    return f"arn:aws:iam::{here.account_id}:{entity.kind}{entity.path}{entity.name}"


def create(
    here: Here, kind: str, name: str, path: str | None, tags: list[dict[str, str]] | None, **more: Any
) -> Entity:
    layout.refuse(here.tx, kind, name)
    entity = Entity(
        kind=kind,
        name=name,
        id=new_id(here, Entity.prefixes[kind]),
        path=path or "/",
        created=here.now(),
        tags=tag_map(tags),
        **present(more),
    )
    return layout.put(here.tx, entity)


def delete(here: Here, kind: str, name: str) -> None:
    entity = layout.require(here.tx, kind, name)
    if entity.attached or entity.inline:
        what = "detach" if entity.attached else "delete"
        raise DeleteConflictException(f"Cannot delete entity, must {what} all policies first.")
    layout.delete(here.tx, entity)


def page(items: list[Any], max_items: int | None, marker: str | None) -> tuple[list[Any], dict[str, Any]]:
    """One page, and the members that say whether more follow."""
    if marker is not None and not marker.isdigit():
        raise ValidationError(f"Invalid Marker: {marker}")
    start, size = int(marker or 0), max_items or PAGE
    more = start + size < len(items)
    return items[start : start + size], present({"IsTruncated": more, "Marker": str(start + size) if more else None})


def put_inline(here: Here, kind: str, name: str, policy_name: str, document: str) -> None:
    check_document(document)
    entity = layout.require(here.tx, kind, name)
    layout.put(here.tx, replaced(entity, inline={**entity.inline, policy_name: document}))


def get_inline(here: Here, kind: str, name: str, policy_name: str) -> dict[str, str]:
    entity = layout.require(here.tx, kind, name)
    if policy_name not in entity.inline:
        raise NoSuchEntityException(f"The {kind} policy with name {policy_name} cannot be found.")
    return {
        f"{kind.title()}Name": entity.name,
        "PolicyName": policy_name,
        "PolicyDocument": encoded(entity.inline[policy_name]),
    }


def delete_inline(here: Here, kind: str, name: str, policy_name: str) -> None:
    entity = layout.require(here.tx, kind, name)
    if policy_name not in entity.inline:
        raise NoSuchEntityException(f"The {kind} policy with name {policy_name} cannot be found.")
    kept = {one: document for one, document in entity.inline.items() if one != policy_name}
    layout.put(here.tx, replaced(entity, inline=kept))


def list_inline(here: Here, kind: str, name: str, max_items: int | None, marker: str | None) -> dict[str, Any]:
    found, more = page(sorted(layout.require(here.tx, kind, name).inline), max_items, marker)
    return {"PolicyNames": found, **more}


def attach(here: Here, kind: str, name: str, policy_arn: str) -> None:
    """AWS's own policies are known by their form: any of them may be attached."""
    entity = layout.require(here.tx, kind, name)
    if not policy_arn.startswith(AWS_POLICY) and layout.find_policy(here.tx, policy_arn) is None:
        raise NoSuchEntityException(f"Policy {policy_arn} does not exist or is not attachable.")
    if policy_arn not in entity.attached:
        layout.put(here.tx, replaced(entity, attached=[*entity.attached, policy_arn]))


def detach(here: Here, kind: str, name: str, policy_arn: str) -> None:
    entity = layout.require(here.tx, kind, name)
    if policy_arn not in entity.attached:
        raise NoSuchEntityException(f"Policy {policy_arn} was not found.")
    layout.put(here.tx, replaced(entity, attached=[one for one in entity.attached if one != policy_arn]))


def list_attached(here: Here, kind: str, name: str, max_items: int | None, marker: str | None) -> dict[str, Any]:
    found, more = page(layout.require(here.tx, kind, name).attached, max_items, marker)
    shown = [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in found]
    return {"AttachedPolicies": shown, **more}


def tag(here: Here, kind: str, name: str, tags: list[dict[str, str]]) -> None:
    entity = layout.require(here.tx, kind, name)
    layout.put(here.tx, replaced(entity, tags=entity.tags | tag_map(tags)))


def untag(here: Here, kind: str, name: str, keys: list[str]) -> None:
    entity = layout.require(here.tx, kind, name)
    kept = {key: value for key, value in entity.tags.items() if key not in keys}
    layout.put(here.tx, replaced(entity, tags=kept))


def list_tags(here: Here, kind: str, name: str, max_items: int | None, marker: str | None) -> dict[str, Any]:
    found, more = page(tag_list(layout.require(here.tx, kind, name).tags), max_items, marker)
    return {"Tags": found, **more}


def listed(here: Here, kind: str, path_prefix: str | None) -> list[Entity]:
    return [entity for entity in layout.entities(here.tx, kind) if entity.path.startswith(path_prefix or "/")]


def described(here: Here, entity: Entity) -> dict[str, Any]:
    """The members that all three have."""
    title = entity.kind.title()
    return {
        "Path": entity.path,
        f"{title}Name": entity.name,
        f"{title}Id": entity.id,
        "Arn": arn_of(here, entity),
        "CreateDate": entity.created,
    }
