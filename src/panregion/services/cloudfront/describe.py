"""What CloudFront shows of what it keeps, under AWS's names."""

from typing import Any

from panregion.services.cloudfront.model import Distribution, Invalidation, Part, items, quantified

ENDPOINT = "https://cloudfront.amazonaws.com/2020-05-31"
NOBODY = {"Enabled": False, "Quantity": 0}


def distribution(
    one: Distribution, status: str, invalidations_in_progress: int, key_groups: list[Part]
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Id": one.id,
        "ARN": one.arn,
        "Status": status,
        "LastModifiedTime": one.modified_at,
        "InProgressInvalidationBatches": invalidations_in_progress,
        "DomainName": one.domain,
        "ActiveTrustedSigners": dict(NOBODY),
        "ActiveTrustedKeyGroups": _active(key_groups),
        "DistributionConfig": one.config,
    }
    if one.aliases:
        shown["AliasICPRecordals"] = _recordals(one)
    return shown


def _active(key_groups: list[Part]) -> dict[str, Any]:
    shown = [{"KeyGroupId": group.id, "KeyPairIds": quantified(group.config["Items"])} for group in key_groups]
    return {"Enabled": bool(shown), **quantified(shown)}


def _recordals(one: Distribution) -> list[dict[str, str]]:
    return [{"CNAME": name, "ICPRecordalStatus": "APPROVED"} for name in items(one.config["Aliases"])]


def summary(one: Distribution, status: str) -> dict[str, Any]:
    members = (
        *("Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors", "CustomErrorResponses"),
        *("Comment", "PriceClass", "Enabled", "ViewerCertificate", "Restrictions", "WebACLId", "HttpVersion"),
        *("IsIPV6Enabled", "Staging"),
    )
    return {
        "Id": one.id,
        "ARN": one.arn,
        "ETag": one.etag,
        "Status": status,
        "LastModifiedTime": one.modified_at,
        "DomainName": one.domain,
        **{member: one.config[member] for member in members},
        "AliasICPRecordals": _recordals(one),
    }


def invalidation(one: Invalidation, status: str) -> dict[str, Any]:
    return {
        "Id": one.id,
        "Status": status,
        "CreateTime": one.created_at,
        "InvalidationBatch": {"Paths": quantified(one.paths), "CallerReference": one.caller_reference},
    }


def part(one: Part) -> dict[str, Any]:
    """A policy, an access control or a key, whole."""
    match one.kind:
        case "origin-access-control":
            return {"Id": one.id, "OriginAccessControlConfig": one.config}
        case "origin-access-identity":
            return {"Id": one.id, **_user(one), "CloudFrontOriginAccessIdentityConfig": one.config}
        case "public-key":
            return {"Id": one.id, "CreatedTime": one.modified_at, "PublicKeyConfig": one.config}
        case "key-group":
            return {"Id": one.id, "LastModifiedTime": one.modified_at, "KeyGroupConfig": one.config}
    return {"Id": one.id, "LastModifiedTime": one.modified_at, f"{name_of(one.kind)}Config": one.config}


def _user(one: Part) -> dict[str, str]:
    return {"S3CanonicalUserId": one.more["S3CanonicalUserId"]}


def part_summary(one: Part) -> dict[str, Any]:
    """As its kind's list shows it."""
    match one.kind:
        case "origin-access-control":
            return {"Id": one.id, **one.config}
        case "origin-access-identity":
            return {"Id": one.id, **_user(one), "Comment": one.config["Comment"]}
        case "public-key":
            shown = {member: one.config[member] for member in ("Name", "EncodedKey", "Comment")}
            return {"Id": one.id, "CreatedTime": one.modified_at, **shown}
        case "key-group":
            return {"KeyGroup": part(one)}
    return {"Type": one.more.get("type", "custom"), name_of(one.kind): part(one)}


def name_of(kind: str) -> str:
    """AWS's name of a kind: CachePolicy for cache-policy."""
    name = "".join(word.capitalize() for word in kind.split("-"))
    return f"CloudFront{name}" if kind == "origin-access-identity" else name


def path_of(kind: str) -> str:
    """Where AWS keeps a kind: the end of its collection's URL."""
    return f"{kind}/cloudfront" if kind == "origin-access-identity" else kind
