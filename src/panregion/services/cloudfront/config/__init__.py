"""What a distribution's configuration must be, and what it is where nothing is said. Pure.

`complete` takes the API's DistributionConfig and returns it with AWS's defaults filled in. What only other
resources can tell (policies, certificates, alternate domain names of others) is asked by the operations.
"""

from typing import Any

from panregion.services.cloudfront.config.behaviors import complete_behavior, require_behaviors
from panregion.services.cloudfront.config.origins import complete_origin, require_groups, require_origins
from panregion.services.cloudfront.config.unsupported import refuse_unsupported
from panregion.services.cloudfront.config.viewers import complete_viewers, require_viewers
from panregion.services.cloudfront.errors import InconsistentQuantities, InvalidArgument

__all__ = ["complete", "require_quantities"]

COMMENT_MAX = 128


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with defaults. Raises AwsError."""
    require_quantities(config)
    refuse_unsupported(config)
    if len(config["Comment"]) > COMMENT_MAX:
        raise InvalidArgument("The parameter Comment is too long: it can have at most 128 characters.")
    full = {
        "CallerReference": config["CallerReference"],
        "Aliases": config.get("Aliases") or {"Quantity": 0},
        "DefaultRootObject": config.get("DefaultRootObject", ""),
        "Origins": _each(config["Origins"], complete_origin),
        "OriginGroups": config.get("OriginGroups") or {"Quantity": 0},
        "DefaultCacheBehavior": complete_behavior(config["DefaultCacheBehavior"]),
        "CacheBehaviors": _each(config.get("CacheBehaviors") or {"Quantity": 0}, complete_behavior),
        "Comment": config["Comment"],
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "PriceClass": config.get("PriceClass", "PriceClass_All"),
        "Enabled": config["Enabled"],
        "WebACLId": "",
        "HttpVersion": config.get("HttpVersion", "http2"),
        "IsIPV6Enabled": config.get("IsIPV6Enabled", False),
        "ContinuousDeploymentPolicyId": "",
        "Staging": False,
        **complete_viewers(config),
    }
    require_origins(full)
    require_groups(full)
    require_behaviors(full)
    require_viewers(full)
    return full


def _each(quantified: dict[str, Any], completed: Any) -> dict[str, Any]:
    if not quantified.get("Items"):
        return {"Quantity": 0}
    return {"Quantity": quantified["Quantity"], "Items": [completed(item) for item in quantified["Items"]]}


def require_quantities(value: Any) -> None:
    """Every Quantity, at any depth, is the number of its items. Raises InconsistentQuantities."""
    if isinstance(value, dict):
        if "Quantity" in value and value["Quantity"] != len(value.get("Items") or []):
            raise InconsistentQuantities
        for inner in value.values():
            require_quantities(inner)
    elif isinstance(value, list):
        for inner in value:
            require_quantities(inner)
