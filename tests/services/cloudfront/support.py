"""Distributions' configurations in a line, and what a call was refused with."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def listed(*items: Any) -> dict[str, Any]:
    """CloudFront's way of writing a list."""
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def origin(id: str = "api", domain: str = "abc.execute-api.us-east-1.amazonaws.com", **more: Any) -> dict[str, Any]:
    """A custom origin; `custom` changes its CustomOriginConfig."""
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only", **more.pop("custom", {})}
    return {"Id": id, "DomainName": domain, "CustomOriginConfig": custom, **more}


def bucket(id: str = "files", domain: str = "files.s3.us-east-1.amazonaws.com", **more: Any) -> dict[str, Any]:
    return {"Id": id, "DomainName": domain, "S3OriginConfig": {"OriginAccessIdentity": ""}, **more}


def behavior(target: str = "api", policy: str = OPTIMIZED, **more: Any) -> dict[str, Any]:
    return {"TargetOriginId": target, "ViewerProtocolPolicy": "allow-all", "CachePolicyId": policy, **more}


def legacy_behavior(target: str = "api", **more: Any) -> dict[str, Any]:
    """A behaviour without a cache policy."""
    forwarded = {"QueryString": False, "Cookies": {"Forward": "none"}, **more.pop("forwarded", {})}
    return {"TargetOriginId": target, "ViewerProtocolPolicy": "allow-all", "ForwardedValues": forwarded, **more}


def group(id: str = "both", first: str = "api", second: str = "spare", codes: tuple[int, ...] = (500, 502)) -> Any:
    criteria = {"StatusCodes": listed(*codes)}
    return {"Id": id, "FailoverCriteria": criteria, "Members": listed({"OriginId": first}, {"OriginId": second})}


def config(reference: str, *origins: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The smallest DistributionConfig that AWS takes, and `more`."""
    return {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": True,
        "Origins": listed(*(origins or (origin(),))),
        "DefaultCacheBehavior": behavior((origins or (origin(),))[0]["Id"]),
        **more,
    }


def refused(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    told = caught.value.response
    return told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Message"]
