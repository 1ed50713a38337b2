"""Distributions: one function per operation, named as AWS names them."""

from collections.abc import Callable
from typing import Any

import msgspec

from panregion.services.cloudfront import describe, internal, layout
from panregion.services.cloudfront.api import parts
from panregion.services.cloudfront.api.ids import new_etag, new_id, require_match
from panregion.services.cloudfront.api.pages import page
from panregion.services.cloudfront.api.tagging import checked
from panregion.services.cloudfront.config import complete
from panregion.services.cloudfront.config.viewers import NO_CERTIFICATE, covers
from panregion.services.cloudfront.errors import (
    DistributionAlreadyExists,
    DistributionNotDisabled,
    IllegalUpdate,
    InvalidArgument,
    InvalidOriginAccessControl,
    InvalidOriginAccessIdentity,
    InvalidViewerCertificate,
    TrustedKeyGroupDoesNotExist,
)
from panregion.services.cloudfront.model import DOMAIN, Distribution, Kind, items, quantified
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.wire import AwsError

LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
BAD_CERTIFICATE = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid"
    " certificate chain."
)

Answer = dict[str, Any]


def create_distribution(here: Here, distribution_config: dict[str, Any]) -> Answer:
    return _create(here, distribution_config, {})


def create_distribution_with_tags(here: Here, distribution_config_with_tags: dict[str, Any]) -> Answer:
    tags = checked(distribution_config_with_tags["Tags"])
    return _create(here, distribution_config_with_tags["DistributionConfig"], tags)


def _create(here: Here, config: dict[str, Any], tags: dict[str, str]) -> Answer:
    full = complete(config)
    known_id = layout.distribution_of_reference(here, full["CallerReference"])
    if known_id is not None:
        known = layout.distribution(here, known_id)
        if known.config != full:
            raise DistributionAlreadyExists(
                "The caller reference that you are using to create a distribution is associated with another"
                f" distribution. Already exists: {known_id}"
            )
        return _created(here, known)
    _require_resources(here, full)
    distribution_id, now = new_id(here, "E"), here.now()
    new = Distribution(
        id=distribution_id,
        arn=f"arn:aws:cloudfront::{here.account_id}:distribution/{distribution_id}",
        domain=f"d{here.world.chance.token(13, LOWER)}{DOMAIN}",
        config=full,
        etag=new_etag(here),
        modified_at=now,
        created_at=now,
    )
    kept = layout.put_distribution(here, new)
    if tags:
        layout.put_tags(here, kept.arn, tags)
    return _created(here, kept)


def _created(here: Here, distribution: Distribution) -> Answer:
    return {
        "Distribution": _shown(here, distribution),
        "Location": f"{describe.ENDPOINT}/distribution/{distribution.id}",
        "ETag": distribution.etag,
    }


def _shown(here: Here, distribution: Distribution) -> Answer:
    under_way = sum(not internal.is_seen(here, one.sequence) for one in layout.invalidations(here, distribution.id))
    groups = [layout.part(here, "key-group", group_id) for group_id in _key_groups(distribution)]
    trusted = [group for group in groups if group is not None]
    return describe.distribution(distribution, _status(here, distribution), under_way, trusted)


def _key_groups(distribution: Distribution) -> list[str]:
    """The key groups that any behaviour trusts, each once."""
    named = [group for behavior in distribution.behaviors for group in items(behavior["TrustedKeyGroups"])]
    return list(dict.fromkeys(named))


def _status(here: Here, distribution: Distribution) -> str:
    return "Deployed" if internal.is_seen(here, distribution.sequence) else "InProgress"


def _require_resources(here: Here, config: dict[str, Any]) -> None:
    """What the configuration names, is there. Raises AwsError."""
    for behavior in [*items(config["CacheBehaviors"]), config["DefaultCacheBehavior"]]:
        for kind, member in parts.MEMBERS.items():
            if behavior.get(member):
                parts.require(here, kind, behavior[member])  # type: ignore[arg-type]
        for group_id in items(behavior["TrustedKeyGroups"]):
            if layout.part(here, "key-group", group_id) is None:
                raise TrustedKeyGroupDoesNotExist
    for origin in items(config["Origins"]):
        control, identity = origin["OriginAccessControlId"], parts.identity_of(origin)
        if control and layout.part(here, "origin-access-control", control) is None:
            raise InvalidOriginAccessControl
        if identity and layout.part(here, "origin-access-identity", identity) is None:
            raise InvalidOriginAccessIdentity
    _require_certificate(here, config)


def _require_certificate(here: Here, config: dict[str, Any]) -> None:
    """The certificate is one of ACM's in this, the service's home region, and covers every alternate name."""
    arn = config["ViewerCertificate"].get("ACMCertificateArn")
    if arn is None:
        return
    if arn.split(":")[3:4] != [here.region]:
        raise InvalidViewerCertificate(BAD_CERTIFICATE)
    try:
        found = here.call("acm", "DescribeCertificate", {"CertificateArn": arn})["Certificate"]
    except AwsError as error:
        raise InvalidViewerCertificate(BAD_CERTIFICATE) from error
    names = found["SubjectAlternativeNames"]
    if not all(covers(names, alias) for alias in items(config["Aliases"])):
        raise InvalidViewerCertificate(
            "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) that"
            " you're trying to add."
        )


@reads
def get_distribution(here: Here, id: str) -> Answer:
    found = layout.distribution(here, id)
    return {"Distribution": _shown(here, found), "ETag": found.etag}


@reads
def get_distribution_config(here: Here, id: str) -> Answer:
    found = layout.distribution(here, id)
    return {"DistributionConfig": found.config, "ETag": found.etag}


def update_distribution(here: Here, distribution_config: dict[str, Any], id: str, if_match: str = "") -> Answer:
    old = layout.distribution(here, id)
    require_match(if_match, old.etag)
    full = complete(distribution_config)
    if full["CallerReference"] != old.config["CallerReference"]:
        raise IllegalUpdate("The caller reference of a distribution cannot be changed.")
    _require_resources(here, full)
    return _changed(here, old, full)


def _changed(here: Here, old: Distribution, config: dict[str, Any]) -> Answer:
    new = msgspec.structs.replace(old, config=config, etag=new_etag(here), modified_at=here.now())
    kept = layout.put_distribution(here, new, old)
    return {"Distribution": _shown(here, kept), "ETag": kept.etag}


def delete_distribution(here: Here, id: str, if_match: str = "") -> Answer:
    old = layout.distribution(here, id)
    require_match(if_match, old.etag)
    if old.config["Enabled"] or not internal.is_seen(here, old.sequence):
        raise DistributionNotDisabled
    layout.delete_distribution(here, old)
    return {}


@reads
def list_distributions(here: Here, marker: str = "", max_items: str = "100") -> Answer:
    found = layout.distributions(here)
    show = _summarize(here)
    return {"DistributionList": page(found, marker, max_items, lambda one: one.id, show)}


def _summarize(here: Here) -> Callable[[Distribution], Answer]:
    return lambda one: describe.summary(one, _status(here, one))


def _using(here: Here, kind: Kind, part_id: str, marker: str, max_items: str) -> Answer:
    parts.require(here, kind, part_id)
    found = [one for one in layout.distributions(here) if parts.uses(one, kind, part_id)]
    return {"DistributionIdList": page(found, marker, max_items, lambda one: one.id, lambda one: one.id)}


@reads
def list_distributions_by_cache_policy_id(
    here: Here, cache_policy_id: str, marker: str = "", max_items: str = "100"
) -> Answer:
    return _using(here, "cache-policy", cache_policy_id, marker, max_items)


@reads
def list_distributions_by_origin_request_policy_id(
    here: Here, origin_request_policy_id: str, marker: str = "", max_items: str = "100"
) -> Answer:
    return _using(here, "origin-request-policy", origin_request_policy_id, marker, max_items)


@reads
def list_distributions_by_response_headers_policy_id(
    here: Here, response_headers_policy_id: str, marker: str = "", max_items: str = "100"
) -> Answer:
    return _using(here, "response-headers-policy", response_headers_policy_id, marker, max_items)


@reads
def list_distributions_by_key_group(here: Here, key_group_id: str, marker: str = "", max_items: str = "100") -> Answer:
    return _using(here, "key-group", key_group_id, marker, max_items)


def associate_alias(here: Here, target_distribution_id: str, alias: str) -> Answer:
    """Move an alternate domain name here from the distribution that has it."""
    target = layout.distribution(here, target_distribution_id)
    config = _with_aliases(target, [*items(target.config["Aliases"]), alias])
    if alias.lower() in target.aliases:
        return {}
    if config["ViewerCertificate"]["CloudFrontDefaultCertificate"]:
        raise InvalidArgument(NO_CERTIFICATE)
    try:
        _require_certificate(here, complete(config))
    except InvalidViewerCertificate as error:
        raise InvalidArgument(error.message) from error
    holder_id = layout.distribution_of_alias(here, alias)
    if holder_id is not None:
        holder = layout.distribution(here, holder_id)
        left = [name for name in items(holder.config["Aliases"]) if name.lower() != alias.lower()]
        _changed(here, holder, _with_aliases(holder, left))
    _changed(here, target, config)
    return {}


def _with_aliases(distribution: Distribution, names: list[str]) -> dict[str, Any]:
    return distribution.config | {"Aliases": quantified(names)}


@reads
def list_conflicting_aliases(
    here: Here, distribution_id: str, alias: str, marker: str = "", max_items: int = 100
) -> Answer:
    """Other distributions' names that would keep an alias out; ids are half hidden, as AWS does."""
    own = layout.distribution(here, distribution_id)
    parent = alias.lower().partition(".")[2]
    found = [
        {"Alias": name, "DistributionId": _hidden(other.id), "AccountId": _hidden(here.account_id)}
        for other in layout.distributions(here)
        for name in other.aliases
        if other.id != own.id and name in (alias.lower(), f"*.{parent}")
    ]
    listed = page(found, marker, max_items, lambda one: str(one["Alias"]), lambda one: one, flagged=False)
    return {"ConflictingAliasesList": listed}


def _hidden(text: str) -> str:
    half = len(text) // 2
    return "*" * half + text[half:]
