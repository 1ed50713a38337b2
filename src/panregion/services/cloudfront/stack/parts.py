"""Policies, access controls, identities, keys and key groups: one way for every kind."""

from typing import Any

from panregion.services.cloudfront.describe import name_of
from panregion.services.cloudfront.model import Kind
from panregion.services.cloudfront.stack.translate import api_config
from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.wire import AwsError

SERVICE = "cloudfront"
REFERENCED = ("public-key", "origin-access-identity")
"""Kinds whose configuration has a caller reference."""


def _resource_type(kind: Kind) -> ResourceType:
    name = name_of(kind)
    config_member = f"{name}Config"

    def config_of(properties: Properties, reference: str) -> dict[str, Any]:
        given = properties[config_member]
        if kind in REFERENCED:
            given = {"CallerReference": reference, **given}
        return api_config(f"Create{name}", config_member, given)

    async def create(here: Here, properties: Properties, context: Context) -> str:
        params = {"kind": kind, "config": config_of(properties, context.name(64)), "token": context.suffix}
        made = await here.request(SERVICE, "panregion:CreatePart", params)
        return str(made[name]["Id"])

    async def update(here: Here, physical_id: str, _old: Properties, new: Properties, _context: Context) -> str | None:
        current = await here.request(SERVICE, f"Get{name}Config", {"Id": physical_id})
        reference = current[config_member].get("CallerReference", "")
        params = {"Id": physical_id, "IfMatch": current["ETag"], config_member: config_of(new, reference)}
        await here.request(SERVICE, f"Update{name}", params)
        return None

    async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
        try:
            current = await here.request(SERVICE, f"Get{name}Config", {"Id": physical_id})
            await here.request(SERVICE, f"Delete{name}", {"Id": physical_id, "IfMatch": current["ETag"]})
        except AwsError as error:
            if error.status != 404 and not error.code.startswith("NoSuch"):
                raise

    async def attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
        found = (await here.request(SERVICE, f"Get{name}", {"Id": physical_id}))[name]
        told = {member: str(found[member]) for member in ("LastModifiedTime", "CreatedTime") if member in found}
        user = {"S3CanonicalUserId": found["S3CanonicalUserId"]} if "S3CanonicalUserId" in found else {}
        return {"Id": physical_id, **told, **user}

    return ResourceType(
        type_name=f"AWS::CloudFront::{name}",
        properties=frozenset({config_member}),
        required=frozenset({config_member}),
        create=create,
        delete=delete,
        update=update,
        attributes=attributes,
    )


KINDS: tuple[Kind, ...] = (
    *("cache-policy", "origin-request-policy", "response-headers-policy", "origin-access-control"),
    *("origin-access-identity", "public-key", "key-group"),
)
PARTS = [_resource_type(kind) for kind in KINDS]
