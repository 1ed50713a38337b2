"""From a template's way of writing CloudFront's structures to the API's. Pure.

CloudFormation writes plain lists where the API has {Quantity, Items}, spells a few names differently, leaves out
what the API requires, and is loose about scalars. The API's model tells the rest.
"""

from collections.abc import Callable
from typing import Any

from panregion.services.cloudfront.errors import InvalidArgument
from panregion.services.stack_calls import truth
from panregion.wire import Shape, service_model

RENAMED = {
    "Origin": {"OriginCustomHeaders": "CustomHeaders"},
    "DistributionConfig": {"IPV6Enabled": "IsIPV6Enabled"},
    "GeoRestriction": {"Locations": "Items"},
}
"""Names of CloudFormation's that differ by more than case, by the structure's shape."""

Fix = Callable[[dict[str, Any]], dict[str, Any]]


def api_config(operation: str, member: str, given: dict[str, Any]) -> dict[str, Any]:
    """A template's configuration as the operation's parameter `member` has it. Raises InvalidArgument."""
    shape = service_model("cloudfront").operation(operation).input
    assert shape is not None
    config: dict[str, Any] = _value(given, shape.members[member], member)
    return config


def distribution_config(given: dict[str, Any], reference: str) -> dict[str, Any]:
    """A template's DistributionConfig as CreateDistribution has it. Raises InvalidArgument."""
    if given.get("CNAMEs") or given.get("S3Origin") or given.get("CustomOrigin"):
        raise InvalidArgument(
            "CNAMEs, S3Origin and CustomOrigin are of CloudFront's first API: use Aliases and Origins"
        )
    defaults = {"CallerReference": reference, "Comment": "", "HttpVersion": "http1.1"}
    return api_config("CreateDistribution", "DistributionConfig", {**defaults, **given})


def _value(value: Any, shape: Shape, path: str) -> Any:
    if shape.type == "structure":
        return _structure(value, shape, path)
    if shape.type == "list":
        if not isinstance(value, list):
            raise InvalidArgument(f"{path} must be a list")
        return [_value(item, shape.member, path) for item in value]
    return _scalar(value, shape.type, path)


def _structure(value: Any, shape: Shape, path: str) -> dict[str, Any]:
    if isinstance(value, list) and "Items" in shape.members and "Quantity" in shape.members:
        value = {"Items": value}
    if not isinstance(value, dict):
        raise InvalidArgument(f"{path} must be an object")
    value = FIXES.get(shape.name, dict)(value)
    names = {name.lower(): name for name in shape.members}
    config: dict[str, Any] = {}
    for given, inner in value.items():
        name = RENAMED.get(shape.name, {}).get(given) or names.get(given.lower())
        if name is None:
            raise InvalidArgument(f"{path} has no property {given}")
        if inner is not None and name != "Quantity":
            config[name] = _value(inner, shape.members[name], f"{path}/{name}")
    if "Quantity" in shape.members:
        found = config.get("Items") or []
        config["Quantity"] = len(found)
        if not found:
            config.pop("Items", None)
        if "Enabled" in shape.members:
            config.setdefault("Enabled", bool(found))
    return config


def _scalar(value: Any, kind: str, path: str) -> Any:
    if isinstance(value, dict | list):
        raise InvalidArgument(f"{path} must be a {kind}")
    try:
        if kind in ("integer", "long"):
            return int(value)
        if kind in ("float", "double"):
            return float(value)
    except ValueError as error:
        raise InvalidArgument(f"{path} must be a number, not {value}") from error
    if kind == "boolean":
        if str(value).lower() not in ("true", "false"):
            raise InvalidArgument(f"{path} must be true or false, not {value}")
        return truth(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    """CachedMethods stands beside AllowedMethods in a template, and inside it in the API."""
    fixed = {**behavior}
    cached = fixed.pop("CachedMethods", None)
    allowed = fixed.get("AllowedMethods") or (["GET", "HEAD"] if cached else None)
    if allowed is not None:
        fixed["AllowedMethods"] = {"Items": allowed, "CachedMethods": cached or ["GET", "HEAD"]}
    return fixed


def _custom_origin(origin: dict[str, Any]) -> dict[str, Any]:
    return {"HTTPPort": 80, "HTTPSPort": 443, **origin}


def _bucket_origin(origin: dict[str, Any]) -> dict[str, Any]:
    return {"OriginAccessIdentity": "", **origin}


def _forwarded(values: dict[str, Any]) -> dict[str, Any]:
    return {"Cookies": {"Forward": "none"}, **values}


def _logging(config: dict[str, Any]) -> dict[str, Any]:
    return {"Enabled": bool(config), **config}


FIXES: dict[str, Fix] = {
    "DefaultCacheBehavior": _behavior,
    "CacheBehavior": _behavior,
    "CustomOriginConfig": _custom_origin,
    "S3OriginConfig": _bucket_origin,
    "ForwardedValues": _forwarded,
    "LoggingConfig": _logging,
}
