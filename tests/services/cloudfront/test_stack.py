"""CloudFront's CloudFormation types: templates' way of writing, in a region."""

from typing import Any

import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.cloudfront import SERVICE
from panregion.services.cloudfront.errors import InvalidArgument
from panregion.services.cloudfront.stack.translate import distribution_config
from panregion.wire import AwsError, check

TYPES = SERVICE.resources
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def context(name: str = "Cdn", suffix: str = "ABCDEFGHIJKL") -> Context:
    return Context(stack_name="app", stack_id="arn:stack", logical_id=name, suffix=suffix, tags={"stack": "app"})


TEMPLATE: dict[str, Any] = {
    "Enabled": "true",
    "IPV6Enabled": True,
    "HttpVersion": "http2",
    "Comment": "hello",
    "Origins": [
        {
            "Id": "api",
            "DomainName": "api.hello.test",
            "OriginCustomHeaders": [{"HeaderName": "X-From", "HeaderValue": "cdn"}],
            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
        },
        {
            "Id": "spare",
            "DomainName": "spare.hello.test",
            "ConnectionAttempts": "1",
            "CustomOriginConfig": {"OriginProtocolPolicy": "http-only", "HTTPPort": "8080"},
        },
        {"Id": "files", "DomainName": "files.s3.us-east-1.amazonaws.com", "S3OriginConfig": {}},
    ],
    "OriginGroups": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "both",
                "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [500, "503"]}},
                "Members": {"Quantity": 2, "Items": [{"OriginId": "api"}, {"OriginId": "spare"}]},
            }
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "both",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
        "CachedMethods": ["GET", "HEAD"],
        "CachePolicyId": OPTIMIZED,
        "Compress": True,
    },
    "CacheBehaviors": [
        {
            "PathPattern": "/static/*",
            "TargetOriginId": "files",
            "ViewerProtocolPolicy": "allow-all",
            "ForwardedValues": {"QueryString": False, "Headers": ["Origin"], "QueryStringCacheKeys": []},
            "DefaultTTL": "60",
        }
    ],
    "CustomErrorResponses": [{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/index.html"}],
    "Restrictions": {"GeoRestriction": {"RestrictionType": "blacklist", "Locations": ["KP"]}},
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
}


def test_a_templates_configuration_becomes_the_apis() -> None:
    config = distribution_config(TEMPLATE, "reference")
    check("cloudfront", "CreateDistribution", {"DistributionConfig": config})
    api, spare, files = config["Origins"]["Items"]
    assert api["CustomHeaders"] == {"Quantity": 1, "Items": [{"HeaderName": "X-From", "HeaderValue": "cdn"}]}
    assert api["CustomOriginConfig"]["OriginSslProtocols"] == {"Quantity": 1, "Items": ["TLSv1.2"]}
    assert (spare["CustomOriginConfig"]["HTTPPort"], spare["CustomOriginConfig"]["HTTPSPort"]) == (8080, 443)
    assert files["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert config["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"]["Quantity"] == 2
    assert config["OriginGroups"]["Items"][0]["FailoverCriteria"]["StatusCodes"]["Items"] == [500, 503]
    static = config["CacheBehaviors"]["Items"][0]
    assert static["ForwardedValues"]["Headers"] == {"Quantity": 1, "Items": ["Origin"]}
    assert static["ForwardedValues"]["QueryStringCacheKeys"] == {"Quantity": 0}
    assert config["CustomErrorResponses"]["Items"][0]["ResponseCode"] == "200"
    assert config["Restrictions"]["GeoRestriction"] == {
        "RestrictionType": "blacklist",
        "Quantity": 1,
        "Items": ["KP"],
    }
    assert (config["IsIPV6Enabled"], config["Enabled"]) == (True, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"Nonsense": 1},
        {"Origins": "api"},
        {"Enabled": "maybe"},
        {"CNAMEs": ["a.test"]},
        {"Origins": [{"Id": "a", "DomainName": "a.test", "CustomOriginConfig": {"HTTPPort": "x"}}]},
        {"Comment": ["a"]},
    ],
)
def test_what_no_template_may_say(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        distribution_config({**TEMPLATE, **changes}, "reference")


async def test_a_distribution_is_made_once_changed_and_gone_twice(region: Region) -> None:
    kind = TYPES["AWS::CloudFront::Distribution"]
    properties = {"DistributionConfig": TEMPLATE, "Tags": [{"Key": "mine", "Value": "1"}]}
    made = await kind.create(region.here, properties, context())
    assert await kind.create(region.here, properties, context()) == made, "the same step again finds its own"
    told = await kind.attributes(region.here, made, properties)
    assert told["Id"] == made
    assert told["DomainName"].endswith(".cloudfront.net")
    arn = f"arn:aws:cloudfront::000000000000:distribution/{made}"
    tags = await region.ask("cloudfront", "ListTagsForResource", {"Resource": arn})
    assert {tag["Key"] for tag in tags["Tags"]["Items"]} == {"mine", "stack"}

    changed = {"DistributionConfig": {**TEMPLATE, "Comment": "other"}}
    assert kind.update is not None
    assert await kind.update(region.here, made, properties, changed, context()) is None
    found = await region.ask("cloudfront", "GetDistribution", {"Id": made})
    assert found["Distribution"]["DistributionConfig"]["Comment"] == "other"
    tags = await region.ask("cloudfront", "ListTagsForResource", {"Resource": arn})
    assert [tag["Key"] for tag in tags["Tags"]["Items"]] == ["stack"]
    await kind.delete(region.here, made, changed, context())
    await kind.delete(region.here, made, changed, context())
    with pytest.raises(AwsError) as refused:
        await region.ask("cloudfront", "GetDistribution", {"Id": made})
    assert refused.value.code == "NoSuchDistribution"


PARTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "CachePolicy": (
        {
            "Name": "keys",
            "MinTTL": "0",
            "DefaultTTL": 60,
            "MaxTTL": 600,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "EnableAcceptEncodingGzip": "true",
                "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Accept-Language"]},
                "CookiesConfig": {"CookieBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "all"},
            },
        },
        {"MaxTTL": 700},
    ),
    "OriginRequestPolicy": (
        {
            "Name": "request",
            "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": ["Host"]},
            "CookiesConfig": {"CookieBehavior": "all"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
        {"Comment": "other"},
    ),
    "ResponseHeadersPolicy": (
        {
            "Name": "response",
            "CorsConfig": {
                "AccessControlAllowCredentials": False,
                "AccessControlAllowHeaders": {"Items": ["*"]},
                "AccessControlAllowMethods": {"Items": ["GET"]},
                "AccessControlAllowOrigins": {"Items": ["*"]},
                "OriginOverride": True,
            },
            "RemoveHeadersConfig": {"Items": [{"Header": "X-Powered-By"}]},
        },
        {"Comment": "other"},
    ),
    "OriginAccessControl": (
        {
            "Name": "control",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        },
        {"Description": "other"},
    ),
    "CloudFrontOriginAccessIdentity": ({"Comment": "identity"}, {"Comment": "other"}),
}


@pytest.mark.parametrize("name", sorted(PARTS))
async def test_a_part_is_made_once_changed_and_gone_twice(region: Region, name: str) -> None:
    kind = TYPES[f"AWS::CloudFront::{name}"]
    given, changes = PARTS[name]
    old, new = {f"{name}Config": given}, {f"{name}Config": {**given, **changes}}
    made = await kind.create(region.here, old, context())
    assert await kind.create(region.here, old, context()) == made, "the same step again finds its own"
    if "Name" in given:
        with pytest.raises(AwsError, match="AlreadyExists"):
            await kind.create(region.here, old, context(suffix="MNOPQRSTUVWX"))
    assert (await kind.attributes(region.here, made, old))["Id"] == made
    assert kind.update is not None
    assert await kind.update(region.here, made, old, new, context()) is None
    found = await region.ask("cloudfront", f"Get{name}Config", {"Id": made})
    for member, value in changes.items():
        assert found[f"{name}Config"][member] == value
    await kind.delete(region.here, made, new, context())
    await kind.delete(region.here, made, new, context())
