"""Origins and origin groups: their defaults and rules. Pure."""

import re
from typing import Any

from panregion.services.cloudfront.errors import (
    IllegalOriginAccessConfiguration,
    InvalidArgument,
    InvalidDomainNameForOriginAccessControl,
    InvalidOriginKeepaliveTimeout,
    InvalidOriginReadTimeout,
    NoSuchOrigin,
    TooManyOriginCustomHeaders,
    TooManyOriginGroupsPerDistribution,
    TooManyOrigins,
)
from panregion.services.cloudfront.model import items

ORIGINS_MAX, GROUPS_MAX, CUSTOM_HEADERS_MAX, MEMBERS = 25, 10, 30, 2
FAILOVER_CODES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
PROTOCOLS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"]
HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE
)
S3_HOST = re.compile(
    r"[a-z0-9][a-z0-9.-]*\.s3[.-]?([a-z0-9-]+\.)?(dualstack\.)?([a-z0-9-]+\.)?amazonaws\.com", re.IGNORECASE
)
NOT_TO_ADD = frozenset(
    {
        *("cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since"),
        *("if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate"),
        *("proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding"),
        *("upgrade", "via", "x-real-ip"),
    }
)


def complete_origin(origin: dict[str, Any]) -> dict[str, Any]:
    """An origin with AWS's defaults."""
    full = {
        "OriginPath": "",
        "CustomHeaders": {"Quantity": 0},
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
        "OriginAccessControlId": "",
        **origin,
    }
    custom = origin.get("CustomOriginConfig")
    if custom is not None:
        full["CustomOriginConfig"] = {
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
            "OriginReadTimeout": 30,
            "OriginKeepaliveTimeout": 5,
            "IpAddressType": "ipv4",
            **custom,
        }
    if origin.get("S3OriginConfig") is not None:
        full["S3OriginConfig"] = {"OriginReadTimeout": 30, **origin["S3OriginConfig"]}
    return full


def require_origins(config: dict[str, Any]) -> None:
    """Raises AwsError."""
    origins = items(config["Origins"])
    if not origins:
        raise InvalidArgument("The parameter Origins must contain at least one origin.")
    if len(origins) > ORIGINS_MAX:
        raise TooManyOrigins
    ids = [origin["Id"] for origin in origins]
    if len(set(ids)) != len(ids):
        raise InvalidArgument("The parameter Origin Id contains duplicates: every origin has an Id of its own.")
    for origin in origins:
        _require_origin(origin)


def _require_origin(origin: dict[str, Any]) -> None:
    custom, bucket = origin.get("CustomOriginConfig"), origin.get("S3OriginConfig")
    if (custom is None) == (bucket is None):
        raise InvalidArgument("Exactly one of CustomOriginConfig and S3OriginConfig must be specified")
    domain = origin["DomainName"]
    if not HOST.fullmatch(domain):
        raise InvalidArgument("The parameter Origin DomainName does not refer to a valid domain name.")
    if bucket is not None and not is_bucket(domain):
        raise InvalidArgument("The parameter Origin DomainName does not refer to a valid S3 bucket.")
    path = origin["OriginPath"]
    if path and (not path.startswith("/") or path.endswith("/") or len(path) > 255):
        raise InvalidArgument("The parameter OriginPath must begin with a slash (/), and must not end with one.")
    _require_range("ConnectionAttempts", origin["ConnectionAttempts"], 1, 3)
    _require_range("ConnectionTimeout", origin["ConnectionTimeout"], 1, 10)
    _require_custom_headers(items(origin["CustomHeaders"]))
    _require_access(origin, bucket or {})
    if custom is not None:
        _require_custom(custom)
    completion_s = origin.get("ResponseCompletionTimeout")
    read_s = (custom or bucket or {})["OriginReadTimeout"]
    if completion_s and completion_s < read_s:
        raise InvalidArgument("The parameter ResponseCompletionTimeout must not be less than OriginReadTimeout.")


def is_bucket(domain: str) -> bool:
    """Whether a domain name is that of an S3 bucket's REST endpoint (its website's is a custom origin)."""
    return S3_HOST.fullmatch(domain) is not None and ".s3-website" not in domain.lower()


def _require_access(origin: dict[str, Any], bucket: dict[str, Any]) -> None:
    if not origin["OriginAccessControlId"]:
        return
    if bucket.get("OriginAccessIdentity"):
        raise IllegalOriginAccessConfiguration
    if ".s3-website" in origin["DomainName"].lower():
        raise InvalidDomainNameForOriginAccessControl


def _require_custom(custom: dict[str, Any]) -> None:
    for member in ("HTTPPort", "HTTPSPort"):
        port = custom[member]
        if port not in (80, 443) and not 1024 <= port <= 65535:
            raise InvalidArgument(f"The parameter {member} is not valid: it is 80, 443, or from 1024 to 65535.")
    if not 1 <= custom["OriginReadTimeout"] <= 120:
        raise InvalidOriginReadTimeout
    if not 1 <= custom["OriginKeepaliveTimeout"] <= 120:
        raise InvalidOriginKeepaliveTimeout
    protocols = items(custom["OriginSslProtocols"])
    if not protocols or not set(protocols) <= set(PROTOCOLS):
        raise InvalidArgument("The parameter OriginSslProtocols must name at least one protocol that there is.")


def _require_custom_headers(headers: list[dict[str, Any]]) -> None:
    if len(headers) > CUSTOM_HEADERS_MAX:
        raise TooManyOriginCustomHeaders
    names = [header["HeaderName"].lower() for header in headers]
    for name in names:
        if name in NOT_TO_ADD or name.startswith(("x-amz-", "x-edge-")) or not re.fullmatch(r"[!-9;-~]+", name):
            raise InvalidArgument(f"The parameter HeaderName contains {name}, which CloudFront cannot add.")
    if len(set(names)) != len(names):
        raise InvalidArgument("The parameter OriginCustomHeaders contains duplicate header names.")
    if any("\r" in header["HeaderValue"] or "\n" in header["HeaderValue"] for header in headers):
        raise InvalidArgument("The parameter HeaderValue is not valid.")


def _require_range(member: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidArgument(f"The parameter {member} is not valid: it is from {least} to {most}.")


def require_groups(config: dict[str, Any]) -> None:
    """Origin groups have two members that are origins, and criteria that there are. Raises AwsError."""
    groups = items(config["OriginGroups"])
    if len(groups) > GROUPS_MAX:
        raise TooManyOriginGroupsPerDistribution
    origins = {origin["Id"] for origin in items(config["Origins"])}
    ids = [group["Id"] for group in groups]
    if len({*ids, *origins}) != len(ids) + len(origins):
        raise InvalidArgument("The parameter Origin Group Id is not unique among origins and origin groups.")
    for group in groups:
        members = [member["OriginId"] for member in items(group["Members"])]
        if len(members) != MEMBERS or len(set(members)) != MEMBERS:
            raise InvalidArgument("The parameter Members of an origin group must name exactly two different origins.")
        if not set(members) <= origins:
            raise NoSuchOrigin
        codes = items(group["FailoverCriteria"]["StatusCodes"])
        if not codes or not set(codes) <= FAILOVER_CODES:
            raise InvalidArgument("The parameter StatusCodes of an origin group's failover criteria is not valid.")
