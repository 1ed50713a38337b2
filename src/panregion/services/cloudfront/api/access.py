"""Origin access controls and identities, public keys and key groups: one function per operation."""

from typing import Any

from panregion.services.cloudfront import layout
from panregion.services.cloudfront.api import parts
from panregion.services.cloudfront.errors import CloudFrontOriginAccessIdentityAlreadyExists
from panregion.services.here import Here
from panregion.services.service import reads

Answer = dict[str, Any]


def create_origin_access_control(here: Here, origin_access_control_config: dict[str, Any]) -> Answer:
    return parts.create(here, "origin-access-control", origin_access_control_config)


@reads
def get_origin_access_control(here: Here, id: str) -> Answer:
    return parts.get(here, "origin-access-control", id)


@reads
def get_origin_access_control_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "origin-access-control", id)


def update_origin_access_control(
    here: Here, origin_access_control_config: dict[str, Any], id: str, if_match: str = ""
) -> Answer:
    return parts.update(here, "origin-access-control", id, if_match, origin_access_control_config)


def delete_origin_access_control(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "origin-access-control", id, if_match)


@reads
def list_origin_access_controls(here: Here, marker: str = "", max_items: str = "100") -> Answer:
    return parts.list_parts(here, "origin-access-control", marker, max_items, flagged=True)


def create_cloud_front_origin_access_identity(
    here: Here, cloud_front_origin_access_identity_config: dict[str, Any]
) -> Answer:
    config = cloud_front_origin_access_identity_config
    for known in layout.parts(here, "origin-access-identity"):
        if known.config["CallerReference"] == config["CallerReference"]:
            if known.config != config:
                raise CloudFrontOriginAccessIdentityAlreadyExists
            return parts.created(known)
    user = {"S3CanonicalUserId": parts.canonical_user(here)}
    return parts.create(here, "origin-access-identity", config, user)


@reads
def get_cloud_front_origin_access_identity(here: Here, id: str) -> Answer:
    return parts.get(here, "origin-access-identity", id)


@reads
def get_cloud_front_origin_access_identity_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "origin-access-identity", id)


def update_cloud_front_origin_access_identity(
    here: Here, cloud_front_origin_access_identity_config: dict[str, Any], id: str, if_match: str = ""
) -> Answer:
    return parts.update(here, "origin-access-identity", id, if_match, cloud_front_origin_access_identity_config)


def delete_cloud_front_origin_access_identity(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "origin-access-identity", id, if_match)


@reads
def list_cloud_front_origin_access_identities(here: Here, marker: str = "", max_items: str = "100") -> Answer:
    return parts.list_parts(here, "origin-access-identity", marker, max_items, flagged=True)


def create_public_key(here: Here, public_key_config: dict[str, Any]) -> Answer:
    return parts.create(here, "public-key", public_key_config)


@reads
def get_public_key(here: Here, id: str) -> Answer:
    return parts.get(here, "public-key", id)


@reads
def get_public_key_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "public-key", id)


def update_public_key(here: Here, public_key_config: dict[str, Any], id: str, if_match: str = "") -> Answer:
    return parts.update(here, "public-key", id, if_match, public_key_config)


def delete_public_key(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "public-key", id, if_match)


@reads
def list_public_keys(here: Here, marker: str = "", max_items: str = "100") -> Answer:
    return parts.list_parts(here, "public-key", marker, max_items, flagged=False)


def create_key_group(here: Here, key_group_config: dict[str, Any]) -> Answer:
    return parts.create(here, "key-group", key_group_config)


@reads
def get_key_group(here: Here, id: str) -> Answer:
    return parts.get(here, "key-group", id)


@reads
def get_key_group_config(here: Here, id: str) -> Answer:
    return parts.get_config(here, "key-group", id)


def update_key_group(here: Here, key_group_config: dict[str, Any], id: str, if_match: str = "") -> Answer:
    return parts.update(here, "key-group", id, if_match, key_group_config)


def delete_key_group(here: Here, id: str, if_match: str = "") -> Answer:
    return parts.delete(here, "key-group", id, if_match)


@reads
def list_key_groups(here: Here, marker: str = "", max_items: str = "100") -> Answer:
    return parts.list_parts(here, "key-group", marker, max_items, flagged=False)
