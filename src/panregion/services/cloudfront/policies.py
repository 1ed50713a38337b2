"""What policies, access controls and keys must be, and what they are where nothing is said. Pure.

`RULES` has, for each kind: how its configuration is completed and checked, and the errors that speak of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panregion.services.cloudfront import errors
from panregion.services.cloudfront.config import require_quantities
from panregion.services.cloudfront.errors import CloudFrontError, InvalidArgument
from panregion.services.cloudfront.model import Kind, items

Config = dict[str, Any]
NAMES_MAX = 10
CUSTOM_HEADERS_MAX, REMOVED_HEADERS_MAX, CSP_MAX = 10, 10, 1783
KEYS_IN_GROUP_MAX = 5
NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
HEADER = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
NOT_TO_SET = frozenset(
    {
        *("connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate"),
        *("proxy-authorization", "proxy-connection", "trailer", "transfer-encoding", "upgrade", "via"),
        *("x-cache", "x-edge-location"),
    }
)
NOT_IN_KEY = frozenset(
    {
        *("accept-encoding", "connection", "content-length", "cookie", "expect", "if-match", "if-modified-since"),
        *("if-none-match", "if-range", "if-unmodified-since", "proxy-authenticate", "proxy-authorization"),
        *("proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade", "via"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How one kind of part is made and spoken of."""

    complete: Callable[[Config], Config]
    missing: type[CloudFrontError]
    exists: type[CloudFrontError]
    in_use: type[CloudFrontError]
    immutable: dict[str, type[CloudFrontError]] = field(default_factory=dict)
    """Members that an update may not change, and the error that says so."""


def _named(config: Config) -> Config:
    if not NAME.fullmatch(config["Name"]):
        raise InvalidArgument("The parameter Name is not valid: it has letters, digits, - and _, at most 128.")
    require_quantities(config)
    return {"Comment": "", **config}


def cache_policy(config: Config) -> Config:
    """Raises AwsError."""
    full = _named(config)
    least = full["MinTTL"]
    full.setdefault("DefaultTTL", max(86_400, least))
    full.setdefault("MaxTTL", max(31_536_000, full["DefaultTTL"]))
    if not 0 <= least <= full["DefaultTTL"] <= full["MaxTTL"]:
        raise InvalidArgument("The parameter MinTTL, DefaultTTL or MaxTTL is not valid: they must be in that order.")
    key = full.get("ParametersInCacheKeyAndForwardedToOrigin") or {
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }
    key = {"EnableAcceptEncodingBrotli": False, **key}
    headers = _selected(key["HeadersConfig"], "Header", errors.TooManyHeadersInCachePolicy)
    _selected(key["CookiesConfig"], "Cookie", errors.TooManyCookiesInCachePolicy)
    _selected(key["QueryStringsConfig"], "QueryString", errors.TooManyQueryStringsInCachePolicy)
    for name in headers:
        if name.lower() in NOT_IN_KEY or not HEADER.fullmatch(name):
            raise InvalidArgument(f"The parameter Headers contains {name} that is not allowed.")
    if least == full["MaxTTL"] == 0 and (headers or _is_keyed(key)):
        raise InvalidArgument(
            "The parameter HeaderBehavior, CookieBehavior, QueryStringBehavior or EnableAcceptEncoding is invalid for"
            " policy with caching disabled."
        )
    full["ParametersInCacheKeyAndForwardedToOrigin"] = key
    return full


def _is_keyed(key: Config) -> bool:
    encodings = key["EnableAcceptEncodingGzip"] or key["EnableAcceptEncodingBrotli"]
    cookies, queries = key["CookiesConfig"]["CookieBehavior"], key["QueryStringsConfig"]["QueryStringBehavior"]
    return bool(encodings) or cookies != "none" or queries != "none"


def _selected(config: Config, what: str, too_many: type[CloudFrontError]) -> list[str]:
    """The names of a selection, which are there exactly where its behaviour speaks of names."""
    names = [str(name) for name in items(config.get(f"{what}s"))]
    behavior = config[f"{what}Behavior"]
    needs = behavior in ("whitelist", "allExcept", "allViewerAndWhitelistCloudFront")
    if needs != bool(names):
        raise InvalidArgument(f"The parameter {what}s is not valid with the {what}Behavior {behavior}.")
    if len(names) > NAMES_MAX and behavior != "allViewerAndWhitelistCloudFront":
        raise too_many
    return names


def origin_request_policy(config: Config) -> Config:
    """Raises AwsError."""
    full = _named(config)
    headers = _selected(full["HeadersConfig"], "Header", errors.TooManyHeadersInOriginRequestPolicy)
    _selected(full["CookiesConfig"], "Cookie", errors.TooManyCookiesInOriginRequestPolicy)
    _selected(full["QueryStringsConfig"], "QueryString", errors.TooManyQueryStringsInOriginRequestPolicy)
    for name in headers:
        if name.lower() in NOT_IN_KEY | {"authorization"} or not HEADER.fullmatch(name):
            raise InvalidArgument(f"The parameter Headers contains {name} that is not allowed.")
    if full["HeadersConfig"]["HeaderBehavior"] == "allViewerAndWhitelistCloudFront":
        for name in headers:
            if not name.lower().startswith("cloudfront-"):
                raise InvalidArgument(f"The parameter Headers contains {name} that is not a CloudFront header.")
    return full


def response_headers_policy(config: Config) -> Config:
    """Raises AwsError."""
    full = _named(config)
    custom, removed = items(full.get("CustomHeadersConfig")), items(full.get("RemoveHeadersConfig"))
    if len(custom) > CUSTOM_HEADERS_MAX:
        raise errors.TooManyCustomHeadersInResponseHeadersPolicy
    if len(removed) > REMOVED_HEADERS_MAX:
        raise errors.TooManyRemoveHeadersInResponseHeadersPolicy
    for header in [*custom, *removed]:
        name = header["Header"]
        if name.lower() in NOT_TO_SET or name.lower().startswith("x-amz-cf-") or not HEADER.fullmatch(name):
            raise InvalidArgument(f"The parameter Header contains {name} that is not allowed.")
        if re.search(r"[\r\n\0]", header.get("Value", "")):
            raise InvalidArgument("The parameter Value of a custom header is not valid.")
    security = full.get("SecurityHeadersConfig") or {}
    if len((security.get("ContentSecurityPolicy") or {}).get("ContentSecurityPolicy", "")) > CSP_MAX:
        raise errors.TooLongCSPInResponseHeadersPolicy
    xss = security.get("XSSProtection") or {}
    if xss.get("ModeBlock") and xss.get("ReportUri"):
        raise InvalidArgument("The parameter ReportUri cannot be used with ModeBlock.")
    rate = (full.get("ServerTimingHeadersConfig") or {}).get("SamplingRate", 0)
    if not 0 <= rate <= 100:
        raise InvalidArgument("The parameter SamplingRate is not valid: it is from 0 to 100.")
    cors = full.get("CorsConfig")
    if cors and cors["AccessControlAllowCredentials"]:
        for member in ("AccessControlAllowOrigins", "AccessControlAllowHeaders"):
            if "*" in items(cors[member]) and member == "AccessControlAllowHeaders":
                raise InvalidArgument(f"The parameter {member} cannot be * when credentials are allowed.")
    return full


def origin_access_control(config: Config) -> Config:
    """Raises AwsError."""
    if not 1 <= len(config["Name"]) <= 64:
        raise InvalidArgument("The parameter Name is not valid: it has at most 64 characters.")
    return {"Description": "", **config}


def origin_access_identity(config: Config) -> Config:
    if len(config["Comment"]) > 128:
        raise InvalidArgument("The parameter Comment is too long: it can have at most 128 characters.")
    return config


def public_key(config: Config) -> Config:
    """Raises AwsError."""
    from cryptography.exceptions import UnsupportedAlgorithm  # on demand: cryptography takes long to import
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    refusal = InvalidArgument("Your request contains an empty/invalid/out of limits RSA Encoded Key")
    try:
        key = load_pem_public_key(config["EncodedKey"].encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refusal from error
    if not (isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048) and not (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    ):
        raise refusal
    return {"Comment": "", **config}


def key_group(config: Config) -> Config:
    """Raises AwsError."""
    if len(config["Items"]) > KEYS_IN_GROUP_MAX:
        raise errors.TooManyPublicKeysInKeyGroup
    if not config["Items"] or len(set(config["Items"])) != len(config["Items"]):
        raise InvalidArgument("The parameter Items of a key group must name public keys, each once.")
    return {"Comment": "", **config}


RULES: dict[Kind, Rules] = {
    "cache-policy": Rules(
        complete=cache_policy,
        missing=errors.NoSuchCachePolicy,
        exists=errors.CachePolicyAlreadyExists,
        in_use=errors.CachePolicyInUse,
    ),
    "origin-request-policy": Rules(
        complete=origin_request_policy,
        missing=errors.NoSuchOriginRequestPolicy,
        exists=errors.OriginRequestPolicyAlreadyExists,
        in_use=errors.OriginRequestPolicyInUse,
    ),
    "response-headers-policy": Rules(
        complete=response_headers_policy,
        missing=errors.NoSuchResponseHeadersPolicy,
        exists=errors.ResponseHeadersPolicyAlreadyExists,
        in_use=errors.ResponseHeadersPolicyInUse,
    ),
    "origin-access-control": Rules(
        complete=origin_access_control,
        missing=errors.NoSuchOriginAccessControl,
        exists=errors.OriginAccessControlAlreadyExists,
        in_use=errors.OriginAccessControlInUse,
    ),
    "origin-access-identity": Rules(
        complete=origin_access_identity,
        missing=errors.NoSuchCloudFrontOriginAccessIdentity,
        exists=errors.CloudFrontOriginAccessIdentityAlreadyExists,
        in_use=errors.CloudFrontOriginAccessIdentityInUse,
        immutable={"CallerReference": errors.IllegalUpdate},
    ),
    "public-key": Rules(
        complete=public_key,
        missing=errors.NoSuchPublicKey,
        exists=errors.PublicKeyAlreadyExists,
        in_use=errors.PublicKeyInUse,
        immutable={
            "CallerReference": errors.CannotChangeImmutablePublicKeyFields,
            "EncodedKey": errors.CannotChangeImmutablePublicKeyFields,
            "Name": errors.CannotChangeImmutablePublicKeyFields,
        },
    ),
    "key-group": Rules(
        complete=key_group,
        missing=errors.NoSuchResource,
        exists=errors.KeyGroupAlreadyExists,
        in_use=errors.ResourceInUse,
    ),
}
