"""Making, changing and deleting what distributions refer to: the same for every kind.

The operations under AWS's names are in the modules beside this one.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from panregion.services.cloudfront import describe, layout
from panregion.services.cloudfront.api.ids import new_etag, new_id, require_match
from panregion.services.cloudfront.api.pages import page
from panregion.services.cloudfront.errors import IllegalDelete, IllegalUpdate, InvalidArgument
from panregion.services.cloudfront.managed import MANAGED
from panregion.services.cloudfront.model import Distribution, Kind, Part, items
from panregion.services.cloudfront.policies import RULES
from panregion.services.here import Here

LETTERS = {"origin-access-control": "E", "origin-access-identity": "E", "public-key": "K"}


def require(here: Here, kind: Kind, part_id: str) -> Part:
    """The part of that id, AWS's own policies included. Raises the kind's error for a missing one."""
    found = MANAGED.get((kind, part_id)) or layout.part(here, kind, part_id)
    if found is None:
        raise RULES[kind].missing
    return found


def everything(here: Here, kind: Kind) -> Iterator[Part]:
    """AWS's own first."""
    yield from (part for (of, _), part in MANAGED.items() if of == kind)
    yield from layout.parts(here, kind)


def create(here: Here, kind: Kind, config: dict[str, Any], more: dict[str, str] | None = None) -> dict[str, Any]:
    full = RULES[kind].complete(config)
    _require_name_free(here, kind, full, "")
    if kind == "key-group":
        _require_keys(here, full)
    part_id = new_id(here, LETTERS[kind]) if kind in LETTERS else here.world.chance.uuid()
    part = Part(kind=kind, id=part_id, config=full, etag=new_etag(here), modified_at=here.now(), more=more or {})
    layout.put_part(here, part)
    return created(part)


def create_once(here: Here, kind: Kind, config: dict[str, Any], token: str) -> dict[str, Any]:
    """As `create`; a second time with the same token gives the same part."""
    for known in layout.parts(here, kind):
        if known.more.get("token") == token:
            return created(known)
    more = {"token": token}
    if kind == "origin-access-identity":
        more["S3CanonicalUserId"] = canonical_user(here)
    return create(here, kind, config, more)


def canonical_user(here: Here) -> str:
    """An identity's id in S3's access control lists."""
    return here.world.chance.token(96, "0123456789abcdef")


def created(part: Part) -> dict[str, Any]:
    """As Create answers."""
    location = f"{describe.ENDPOINT}/{describe.path_of(part.kind)}/{part.id}"
    return {describe.name_of(part.kind): describe.part(part), "Location": location, "ETag": part.etag}


def _require_name_free(here: Here, kind: Kind, config: dict[str, Any], own_id: str) -> None:
    for other in everything(here, kind):
        if other.id == own_id:
            continue
        if "Name" in config and other.config["Name"] == config["Name"]:
            raise RULES[kind].exists
        if kind == "public-key" and other.config["CallerReference"] == config["CallerReference"]:
            raise RULES[kind].exists


def _require_keys(here: Here, config: dict[str, Any]) -> None:
    for key_id in config["Items"]:
        if layout.part(here, "public-key", key_id) is None:
            raise InvalidArgument(f"The parameter Items names {key_id}, which is no public key.")


def get(here: Here, kind: Kind, part_id: str) -> dict[str, Any]:
    part = require(here, kind, part_id)
    return {describe.name_of(kind): describe.part(part), "ETag": part.etag}


def get_config(here: Here, kind: Kind, part_id: str) -> dict[str, Any]:
    part = require(here, kind, part_id)
    member = "KeyGroupConfig" if kind == "key-group" else f"{describe.name_of(kind)}Config"
    return {member: part.config, "ETag": part.etag}


def update(here: Here, kind: Kind, part_id: str, if_match: str, config: dict[str, Any]) -> dict[str, Any]:
    old = require(here, kind, part_id)
    if (kind, part_id) in MANAGED:
        raise IllegalUpdate("You cannot update a managed policy.")
    require_match(if_match, old.etag)
    full = RULES[kind].complete(config)
    for member, refusal in RULES[kind].immutable.items():
        if full[member] != old.config[member]:
            raise refusal
    _require_name_free(here, kind, full, part_id)
    if kind == "key-group":
        _require_keys(here, full)
    new = msgspec.structs.replace(old, config=full, etag=new_etag(here), modified_at=_changed_at(here, old))
    layout.put_part(here, new)
    return {describe.name_of(kind): describe.part(new), "ETag": new.etag}


def _changed_at(here: Here, old: Part) -> float:
    """A public key tells only when it was made."""
    return old.modified_at if old.kind == "public-key" else here.now()


def delete(here: Here, kind: Kind, part_id: str, if_match: str) -> dict[str, Any]:
    old = require(here, kind, part_id)
    if (kind, part_id) in MANAGED:
        raise IllegalDelete
    require_match(if_match, old.etag)
    if any(uses(distribution, kind, part_id) for distribution in layout.distributions(here)) or (
        kind == "public-key" and any(part_id in group.config["Items"] for group in layout.parts(here, "key-group"))
    ):
        raise RULES[kind].in_use
    layout.delete_part(here, old)
    return {}


MEMBERS = {
    "cache-policy": "CachePolicyId",
    "origin-request-policy": "OriginRequestPolicyId",
    "response-headers-policy": "ResponseHeadersPolicyId",
}


def uses(distribution: Distribution, kind: Kind, part_id: str) -> bool:
    """Whether a distribution refers to it."""
    if kind in MEMBERS:
        return any(behavior.get(MEMBERS[kind]) == part_id for behavior in distribution.behaviors)
    origins = items(distribution.config["Origins"])
    if kind == "origin-access-control":
        return any(origin["OriginAccessControlId"] == part_id for origin in origins)
    if kind == "origin-access-identity":
        return any(identity_of(origin) == part_id for origin in origins)
    return any(part_id in items(behavior["TrustedKeyGroups"]) for behavior in distribution.behaviors)


def identity_of(origin: dict[str, Any]) -> str:
    """The id of the origin access identity that an S3 origin names, if any."""
    named = (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity") or ""
    return str(named).removeprefix("origin-access-identity/cloudfront/")


def list_policies(here: Here, kind: Kind, type: str | None, marker: str, max_items: str | int) -> dict[str, Any]:
    if type not in (None, "managed", "custom"):
        raise InvalidArgument(f"Invalid Type: {type}")
    found = [part for part in everything(here, kind) if type in (None, part.more.get("type", "custom"))]
    name = describe.name_of(kind)
    return {f"{name}List": page(found, marker, max_items, lambda part: part.id, describe.part_summary, flagged=False)}


def list_parts(here: Here, kind: Kind, marker: str, max_items: str | int, *, flagged: bool) -> dict[str, Any]:
    name = describe.name_of(kind)
    listed = page(
        layout.parts(here, kind), marker, max_items, lambda part: part.id, describe.part_summary, flagged=flagged
    )
    return {f"{name}List": listed}
