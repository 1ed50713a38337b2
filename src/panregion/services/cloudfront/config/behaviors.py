"""Cache behaviours: their defaults and rules. Pure."""

import re
from typing import Any

from panregion.services.cloudfront.errors import (
    InvalidArgument,
    InvalidForwardCookies,
    InvalidTTLOrder,
    NoSuchOrigin,
    TooManyCacheBehaviors,
    TooManyCookieNamesInWhiteList,
    TooManyHeadersInForwardedValues,
    TooManyKeyGroupsAssociatedToDistribution,
    TooManyQueryStringParameters,
)
from panregion.services.cloudfront.model import items

BEHAVIORS_MAX = 75
NAMES_MAX = 10
KEY_GROUPS_MAX = 4
PATTERN = re.compile(r"[A-Za-z0-9_\-.*$/~\"'@:+&?=%!(),;\[\]|^]{1,255}")
METHOD_SETS = [
    frozenset({"GET", "HEAD"}),
    frozenset({"GET", "HEAD", "OPTIONS"}),
    frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}),
]
TTLS = {"MinTTL": 0, "DefaultTTL": 86_400, "MaxTTL": 31_536_000}


def complete_behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    """A cache behaviour with AWS's defaults."""
    full = {
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "SmoothStreaming": False,
        "Compress": False,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FunctionAssociations": {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        "GrpcConfig": {"Enabled": False},
        **behavior,
    }
    methods = dict(behavior.get("AllowedMethods") or {"Quantity": 2, "Items": ["HEAD", "GET"]})
    methods.setdefault("CachedMethods", {"Quantity": 2, "Items": ["HEAD", "GET"]})
    full["AllowedMethods"] = methods
    if behavior.get("ForwardedValues") and not behavior.get("CachePolicyId"):
        given = {member: behavior[member] for member in TTLS if member in behavior}
        least = given.get("MinTTL", 0)
        full |= {member: max(least, default) for member, default in TTLS.items()} | given
        full["ForwardedValues"] = {
            "Headers": {"Quantity": 0},
            "QueryStringCacheKeys": {"Quantity": 0},
            **behavior["ForwardedValues"],
        }
    return full


def require_behaviors(config: dict[str, Any]) -> None:
    """Raises AwsError."""
    behaviors = items(config["CacheBehaviors"])
    if len(behaviors) > BEHAVIORS_MAX:
        raise TooManyCacheBehaviors
    patterns = [behavior["PathPattern"].removeprefix("/") for behavior in behaviors]
    if len(set(patterns)) != len(patterns):
        raise InvalidArgument("The parameter PathPattern contains duplicates: every path pattern must be unique.")
    for behavior in behaviors:
        if not PATTERN.fullmatch(behavior["PathPattern"]):
            raise InvalidArgument("The parameter PathPattern contains characters that are not allowed, or too many.")
    groups = {group["Id"] for group in items(config["OriginGroups"])}
    origins = {origin["Id"] for origin in items(config["Origins"])}
    for behavior in [*behaviors, config["DefaultCacheBehavior"]]:
        if behavior["TargetOriginId"] not in groups | origins:
            raise NoSuchOrigin
        _require_methods(behavior, behavior["TargetOriginId"] in groups)
        _require_cache(behavior)
        _require_key_groups(behavior["TrustedKeyGroups"])


def _require_key_groups(trusted: dict[str, Any]) -> None:
    groups = items(trusted)
    if trusted["Enabled"] != bool(groups) or len(set(groups)) != len(groups):
        raise InvalidArgument("The parameter TrustedKeyGroups must name key groups, each once, if it is enabled.")
    if len(groups) > KEY_GROUPS_MAX:
        raise TooManyKeyGroupsAssociatedToDistribution


def _require_methods(behavior: dict[str, Any], is_group: bool) -> None:
    allowed = frozenset(items(behavior["AllowedMethods"]))
    cached = frozenset(items(behavior["AllowedMethods"]["CachedMethods"]))
    if allowed not in METHOD_SETS:
        raise InvalidArgument("The parameter AllowedMethods is not one of the sets of methods that are allowed.")
    if cached not in METHOD_SETS[:2] or not cached <= allowed:
        raise InvalidArgument("The parameter CachedMethods is not one of the sets of methods that are allowed.")
    if is_group and allowed == METHOD_SETS[2]:
        raise InvalidArgument(
            "The parameter AllowedMethods cannot include POST, PUT, PATCH, and DELETE for a cached behavior associated"
            " with an origin group."
        )


def _require_cache(behavior: dict[str, Any]) -> None:
    forwarded = behavior.get("ForwardedValues")
    if behavior.get("CachePolicyId"):
        for member in ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"):
            if behavior.get(member) is not None:
                raise InvalidArgument(
                    f"The parameter {member} cannot be used when a cache policy is associated to the cache behavior."
                )
        return
    if behavior.get("OriginRequestPolicyId"):
        raise InvalidArgument(
            "The parameter OriginRequestPolicyId cannot be used when no cache policy is associated to the cache"
            " behavior."
        )
    if forwarded is None:
        raise InvalidArgument("The parameter ForwardedValues is required when no cache policy is associated.")
    if not 0 <= behavior["MinTTL"] <= behavior["DefaultTTL"] <= behavior["MaxTTL"]:
        raise InvalidTTLOrder
    _require_forwarded(forwarded)


def _require_forwarded(forwarded: dict[str, Any]) -> None:
    headers, cookies = items(forwarded["Headers"]), forwarded["Cookies"]
    if len(headers) > NAMES_MAX and headers != ["*"]:
        raise TooManyHeadersInForwardedValues
    names = items(cookies.get("WhitelistedNames"))
    if (cookies["Forward"] == "whitelist") != bool(names):
        raise InvalidForwardCookies
    if len(names) > NAMES_MAX:
        raise TooManyCookieNamesInWhiteList
    if len(items(forwarded["QueryStringCacheKeys"])) > NAMES_MAX:
        raise TooManyQueryStringParameters
