"""What concerns viewers: names, the certificate, error pages, restrictions. Pure."""

import re
from typing import Any

from panregion.services.cloudfront.errors import (
    InvalidArgument,
    InvalidDefaultRootObject,
    InvalidErrorCode,
    InvalidGeoRestrictionParameter,
    InvalidLocationCode,
    InvalidMinimumProtocolVersion,
    InvalidProtocolSettings,
    InvalidRelativePath,
    InvalidResponseCode,
    InvalidViewerCertificate,
    NotSupported,
    TooManyDistributionCNAMEs,
)
from panregion.services.cloudfront.model import items

ALIASES_MAX = 100
ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})
RESPONSE_CODES = {str(code) for code in ERROR_CODES | {200}}
ALIAS = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
ROOT_OBJECT = re.compile(r"[A-Za-z0-9_\-.*$/~\"'&]{0,255}")
PRICE_CLASSES = frozenset({"PriceClass_100", "PriceClass_200", "PriceClass_All"})
DEFAULT_CERTIFICATE = {
    "CloudFrontDefaultCertificate": True,
    "SSLSupportMethod": "vip",
    "MinimumProtocolVersion": "TLSv1",
    "CertificateSource": "cloudfront",
}
NO_CERTIFICATE = (
    "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that"
    " validates your authorization to use the domain name."
)


def complete_viewers(config: dict[str, Any]) -> dict[str, Any]:
    """The members that concern viewers, with AWS's defaults."""
    return {
        "CustomErrorResponses": _errors(config.get("CustomErrorResponses")),
        "ViewerCertificate": _certificate(config.get("ViewerCertificate") or {}),
        "Restrictions": config.get("Restrictions") or {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    }


def _errors(given: dict[str, Any] | None) -> dict[str, Any]:
    responses = [
        {"ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 10, **response} for response in items(given)
    ]
    return {"Quantity": len(responses), "Items": responses} if responses else {"Quantity": 0}


def _certificate(given: dict[str, Any]) -> dict[str, Any]:
    arn = given.get("ACMCertificateArn") or (given.get("CertificateSource") == "acm" and given.get("Certificate"))
    if given.get("IAMCertificateId") or given.get("CertificateSource") == "iam":
        raise NotSupported("certificates of IAM (IAMCertificateId)")
    if not arn:
        return dict(DEFAULT_CERTIFICATE)
    if given.get("CloudFrontDefaultCertificate"):
        raise InvalidViewerCertificate("A distribution has either CloudFront's certificate or one of its own.")
    method = given.get("SSLSupportMethod")
    if method is None:
        raise InvalidViewerCertificate("SSLSupportMethod must be specified with a certificate of one's own.")
    return {
        "CloudFrontDefaultCertificate": False,
        "ACMCertificateArn": arn,
        "SSLSupportMethod": method,
        "MinimumProtocolVersion": given.get("MinimumProtocolVersion", "TLSv1"),
        "Certificate": arn,
        "CertificateSource": "acm",
    }


def require_viewers(config: dict[str, Any]) -> None:
    """Raises AwsError."""
    root = config["DefaultRootObject"]
    if root.startswith("/") or not ROOT_OBJECT.fullmatch(root):
        raise InvalidDefaultRootObject
    if config["PriceClass"] not in PRICE_CLASSES:
        raise InvalidArgument("The parameter PriceClass is not valid for a standard distribution.")
    _require_aliases(config)
    _require_certificate(config["ViewerCertificate"])
    for response in items(config["CustomErrorResponses"]):
        _require_error(response)
    codes = [response["ErrorCode"] for response in items(config["CustomErrorResponses"])]
    if len(set(codes)) != len(codes):
        raise InvalidArgument("The parameter CustomErrorResponses contains duplicate error codes.")
    _require_restriction(config["Restrictions"]["GeoRestriction"])


def _require_aliases(config: dict[str, Any]) -> None:
    aliases = items(config["Aliases"])
    if len(aliases) > ALIASES_MAX:
        raise TooManyDistributionCNAMEs
    if len({name.lower() for name in aliases}) != len(aliases):
        raise InvalidArgument("The parameter CNAME contains duplicate items.")
    for name in aliases:
        if not ALIAS.fullmatch(name) or len(name) > 253:
            raise InvalidArgument("The parameter CNAME contains one or more parameters that are not valid.")
    if aliases and config["ViewerCertificate"]["CloudFrontDefaultCertificate"]:
        raise InvalidViewerCertificate(NO_CERTIFICATE)


def _require_certificate(certificate: dict[str, Any]) -> None:
    if certificate["CloudFrontDefaultCertificate"]:
        return
    method, version = certificate["SSLSupportMethod"], certificate["MinimumProtocolVersion"]
    if method != "sni-only":
        raise NotSupported(f"dedicated IP addresses for viewers (SSLSupportMethod {method})")
    if version == "SSLv3":
        raise InvalidProtocolSettings
    if not version.startswith("TLSv1"):
        raise InvalidMinimumProtocolVersion


def covers(names: list[str], alias: str) -> bool:
    """Whether a certificate of those names is good for an alternate domain name."""
    alias = alias.lower()
    wildcard = "*." + alias.partition(".")[2]
    return any(name.lower() in (alias, wildcard) for name in names)


def _require_error(response: dict[str, Any]) -> None:
    if response["ErrorCode"] not in ERROR_CODES:
        raise InvalidErrorCode
    path, code = response["ResponsePagePath"], response["ResponseCode"]
    if bool(path) != bool(code):
        raise InvalidArgument(
            "The parameters ResponsePagePath and ResponseCode must be specified together, or neither."
        )
    if path and (not path.startswith("/") or len(path) > 4000 or re.search(r"[\s\x7f-\U0010ffff]", path)):
        raise InvalidRelativePath
    if code and code not in RESPONSE_CODES:
        raise InvalidResponseCode
    if response["ErrorCachingMinTTL"] < 0:
        raise InvalidArgument("The parameter ErrorCachingMinTTL is not valid.")


def _require_restriction(restriction: dict[str, Any]) -> None:
    locations = items(restriction)
    if (restriction["RestrictionType"] == "none") == bool(locations):
        raise InvalidGeoRestrictionParameter
    for location in locations:
        if not re.fullmatch(r"[A-Z]{2}", location):
            raise InvalidLocationCode
