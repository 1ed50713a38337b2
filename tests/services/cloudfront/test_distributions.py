"""Distributions through boto3, from AWS's API reference."""

import re
from typing import Any

import pytest

from tests.services.cloudfront.support import (
    DISABLED,
    OPTIMIZED,
    behavior,
    bucket,
    config,
    group,
    legacy_behavior,
    listed,
    origin,
    refused,
)
from tests.support import ServedRegion


@pytest.fixture
def cloudfront(served: ServedRegion) -> Any:
    return served.client("cloudfront")


def remove(cloudfront: Any, distribution_id: str) -> None:
    """Disable and delete."""
    current = cloudfront.get_distribution_config(Id=distribution_id)
    changed = cloudfront.update_distribution(
        Id=distribution_id,
        IfMatch=current["ETag"],
        DistributionConfig=current["DistributionConfig"] | {"Enabled": False},
    )
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=changed["ETag"])


def test_a_distribution_from_its_creation_to_its_end(cloudfront: Any) -> None:
    made = cloudfront.create_distribution(DistributionConfig=config("life"))
    distribution, etag = made["Distribution"], made["ETag"]
    distribution_id = distribution["Id"]
    assert re.fullmatch(r"E[A-Z0-9]{13}", distribution_id)
    assert re.fullmatch(r"d[a-z0-9]{13}\.cloudfront\.net", distribution["DomainName"])
    assert distribution["ARN"] == f"arn:aws:cloudfront::000000000000:distribution/{distribution_id}"
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["Location"].endswith(f"/2020-05-31/distribution/{distribution_id}")
    assert distribution["DistributionConfig"]["PriceClass"] == "PriceClass_All"
    assert distribution["ActiveTrustedKeyGroups"] == {"Enabled": False, "Quantity": 0}

    found = cloudfront.get_distribution(Id=distribution_id)
    assert (found["ETag"], found["Distribution"]["Status"]) == (etag, "Deployed")
    assert found["Distribution"]["InProgressInvalidationBatches"] == 0
    cloudfront.get_waiter("distribution_deployed").wait(Id=distribution_id, WaiterConfig={"MaxAttempts": 1})

    current = cloudfront.get_distribution_config(Id=distribution_id)
    wanted = current["DistributionConfig"] | {"Comment": "changed", "Enabled": False}
    assert refused(cloudfront.update_distribution, Id=distribution_id, DistributionConfig=wanted)[:2] == (
        "InvalidIfMatchVersion",
        400,
    )
    assert refused(cloudfront.delete_distribution, Id=distribution_id, IfMatch=etag)[:2] == (
        "DistributionNotDisabled",
        409,
    )
    changed = cloudfront.update_distribution(Id=distribution_id, IfMatch=etag, DistributionConfig=wanted)
    assert changed["ETag"] != etag
    assert changed["Distribution"]["DistributionConfig"]["Comment"] == "changed"
    stale = refused(cloudfront.update_distribution, Id=distribution_id, IfMatch=etag, DistributionConfig=wanted)
    assert stale[:2] == ("PreconditionFailed", 412)

    cloudfront.delete_distribution(Id=distribution_id, IfMatch=changed["ETag"])
    gone = ("NoSuchDistribution", 404, "The specified distribution does not exist.")
    assert refused(cloudfront.get_distribution, Id=distribution_id) == gone
    assert refused(cloudfront.get_distribution_config, Id=distribution_id) == gone
    assert refused(cloudfront.delete_distribution, Id=distribution_id, IfMatch="E1234567890123") == gone


def test_defaults_are_filled_in_as_aws_does(cloudfront: Any) -> None:
    made = cloudfront.create_distribution(DistributionConfig=config("defaults"))["Distribution"]
    full = made["DistributionConfig"]
    assert full["Origins"]["Items"][0] | {"CustomOriginConfig": None} == {
        "Id": "api",
        "DomainName": "abc.execute-api.us-east-1.amazonaws.com",
        "OriginPath": "",
        "CustomHeaders": {"Quantity": 0},
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
        "OriginAccessControlId": "",
        "CustomOriginConfig": None,
    }
    custom = full["Origins"]["Items"][0]["CustomOriginConfig"]
    assert (custom["OriginReadTimeout"], custom["OriginKeepaliveTimeout"]) == (30, 5)
    assert full["DefaultCacheBehavior"]["AllowedMethods"] == {
        "Quantity": 2,
        "Items": ["HEAD", "GET"],
        "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    }
    assert full["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True
    assert full["Restrictions"] == {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}
    assert full["HttpVersion"] == "http2"
    remove(cloudfront, made["Id"])


def test_ttls_of_a_behaviour_without_a_policy(cloudfront: Any) -> None:
    given = config("legacy", DefaultCacheBehavior=legacy_behavior(MinTTL=100_000))
    made = cloudfront.create_distribution(DistributionConfig=given)["Distribution"]
    default = made["DistributionConfig"]["DefaultCacheBehavior"]
    assert (default["MinTTL"], default["DefaultTTL"], default["MaxTTL"]) == (100_000, 100_000, 31_536_000)
    remove(cloudfront, made["Id"])


def test_the_same_reference_and_configuration_give_the_same_distribution(cloudfront: Any) -> None:
    first = cloudfront.create_distribution(DistributionConfig=config("twice"))
    again = cloudfront.create_distribution(DistributionConfig=config("twice"))
    assert again["Distribution"]["Id"] == first["Distribution"]["Id"]
    code, status, message = refused(
        cloudfront.create_distribution, DistributionConfig=config("twice", Comment="another")
    )
    assert (code, status) == ("DistributionAlreadyExists", 409)
    assert message.endswith(f"Already exists: {first['Distribution']['Id']}")
    remove(cloudfront, first["Distribution"]["Id"])


def test_lists_come_in_pages(cloudfront: Any) -> None:
    made = [
        cloudfront.create_distribution(DistributionConfig=config(f"page-{number}"))["Distribution"]["Id"]
        for number in range(3)
    ]
    pages = list(cloudfront.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 2}))
    found = {item["Id"]: item for page in pages for item in page["DistributionList"].get("Items", [])}
    assert set(made) <= set(found)
    assert found[made[0]]["Origins"]["Quantity"] == 1
    assert all(page["DistributionList"]["Quantity"] <= 2 for page in pages)
    assert refused(cloudfront.list_distributions, Marker="nobody")[:2] == ("InvalidArgument", 400)
    assert refused(cloudfront.list_distributions, MaxItems="many")[:2] == ("InvalidArgument", 400)
    by_policy = cloudfront.list_distributions_by_cache_policy_id(CachePolicyId=OPTIMIZED)["DistributionIdList"]
    assert set(made) <= set(by_policy["Items"])
    unknown = refused(cloudfront.list_distributions_by_cache_policy_id, CachePolicyId="x")
    assert unknown[:2] == ("NoSuchCachePolicy", 404)
    for distribution_id in made:
        remove(cloudfront, distribution_id)


def test_tags(cloudfront: Any) -> None:
    tagged = {"DistributionConfig": config("tags"), "Tags": {"Items": [{"Key": "a", "Value": "1"}]}}
    made = cloudfront.create_distribution_with_tags(DistributionConfigWithTags=tagged)["Distribution"]
    arn = made["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}]})
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [
        {"Key": "a", "Value": "3"},
        {"Key": "b", "Value": "2"},
    ]
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["a"]})
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [{"Key": "b", "Value": "2"}]
    reserved = {"Items": [{"Key": "aws:x", "Value": ""}]}
    assert refused(cloudfront.tag_resource, Resource=arn, Tags=reserved)[:2] == ("InvalidTagging", 400)
    unknown = "arn:aws:cloudfront::000000000000:distribution/ENOBODY"
    assert refused(cloudfront.list_tags_for_resource, Resource=unknown)[:2] == ("NoSuchResource", 404)
    assert refused(cloudfront.untag_resource, Resource="arn:x", TagKeys={"Items": []})[0] == "InvalidArgument"
    remove(cloudfront, made["Id"])


def certificate(served: ServedRegion, *names: str) -> str:
    acm = served.client("acm")
    made = acm.request_certificate(
        DomainName=names[0], ValidationMethod="DNS", **({"SubjectAlternativeNames": list(names)} if names[1:] else {})
    )
    return str(made["CertificateArn"])


def with_names(served: ServedRegion, *names: str, certified: tuple[str, ...]) -> dict[str, Any]:
    viewer = {
        "ACMCertificateArn": certificate(served, *certified),
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    return {"Aliases": listed(*names), "ViewerCertificate": viewer}


def test_alternate_domain_names_need_a_certificate_and_are_unique(served: ServedRegion, cloudfront: Any) -> None:
    create = cloudfront.create_distribution
    bare = config("alias-0", Aliases=listed("www.alias.test"))
    code, _, message = refused(create, DistributionConfig=bare)
    assert code == "InvalidViewerCertificate"
    assert message.startswith("To add an alternate domain name (CNAME)")
    other = config("alias-1", **with_names(served, "www.alias.test", certified=("other.test",)))
    assert refused(create, DistributionConfig=other)[0] == "InvalidViewerCertificate"
    missing = config("alias-2", **with_names(served, "www.alias.test", certified=("*.alias.test",)))
    missing["ViewerCertificate"]["ACMCertificateArn"] += "0"
    assert refused(create, DistributionConfig=missing)[0] == "InvalidViewerCertificate"

    good = config("alias-3", **with_names(served, "www.alias.test", certified=("*.alias.test",)))
    first = create(DistributionConfig=good)["Distribution"]
    assert first["AliasICPRecordals"] == [{"CNAME": "www.alias.test", "ICPRecordalStatus": "APPROVED"}]
    taken = config("alias-4", **with_names(served, "WWW.alias.test", certified=("*.alias.test",)))
    assert refused(create, DistributionConfig=taken)[:2] == ("CNAMEAlreadyExists", 409)

    second = create(DistributionConfig=config("alias-5", **with_names(served, certified=("*.alias.test",))))
    second_id = second["Distribution"]["Id"]
    found = cloudfront.list_conflicting_aliases(DistributionId=second_id, Alias="www.alias.test")
    conflict = found["ConflictingAliasesList"]["Items"][0]
    assert conflict["Alias"] == "www.alias.test"
    assert conflict["DistributionId"].startswith("*" * 7)
    assert first["Id"].endswith(conflict["DistributionId"].strip("*"))
    cloudfront.associate_alias(TargetDistributionId=second_id, Alias="www.alias.test")
    now = cloudfront.get_distribution_config(Id=second_id)["DistributionConfig"]["Aliases"]
    assert now == listed("www.alias.test")
    assert cloudfront.get_distribution_config(Id=first["Id"])["DistributionConfig"]["Aliases"] == {"Quantity": 0}
    acm, arn = served.client("acm"), good["ViewerCertificate"]["ACMCertificateArn"]
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] == [first["ARN"]]
    assert refused(acm.delete_certificate, CertificateArn=arn)[0] == "ResourceInUseException"
    for distribution_id in (first["Id"], second_id):
        remove(cloudfront, distribution_id)
    acm.delete_certificate(CertificateArn=arn)


EVERY_METHOD = listed("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
SPARE = origin("spare")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Aliases": {"Quantity": 2, "Items": ["a.test"]}}, "InconsistentQuantities"),
        ({"DefaultRootObject": "/index.html"}, "InvalidDefaultRootObject"),
        ({"DefaultCacheBehavior": behavior("nobody")}, "NoSuchOrigin"),
        ({"DefaultCacheBehavior": behavior(policy="nobody")}, "NoSuchCachePolicy"),
        ({"DefaultCacheBehavior": behavior(OriginRequestPolicyId="nobody")}, "NoSuchOriginRequestPolicy"),
        ({"DefaultCacheBehavior": behavior(ResponseHeadersPolicyId="nobody")}, "NoSuchResponseHeadersPolicy"),
        (
            {"DefaultCacheBehavior": behavior(TrustedKeyGroups={"Enabled": True, **listed("nobody")})},
            "TrustedKeyGroupDoesNotExist",
        ),
        (
            {"DefaultCacheBehavior": behavior(TrustedKeyGroups={"Enabled": True, **listed(*"abcde")})},
            "TooManyKeyGroupsAssociatedToDistribution",
        ),
        ({"DefaultCacheBehavior": behavior(TrustedKeyGroups={"Enabled": True, "Quantity": 0})}, "InvalidArgument"),
        ({"DefaultCacheBehavior": behavior(MinTTL=1)}, "InvalidArgument"),
        ({"DefaultCacheBehavior": legacy_behavior(MinTTL=10, DefaultTTL=5, MaxTTL=20)}, "InvalidTTLOrder"),
        (
            {"DefaultCacheBehavior": legacy_behavior(forwarded={"Cookies": {"Forward": "whitelist"}})},
            "InvalidForwardCookies",
        ),
        (
            {"DefaultCacheBehavior": legacy_behavior(forwarded={"Headers": listed(*(f"H{n}" for n in range(11)))})},
            "TooManyHeadersInForwardedValues",
        ),
        ({"DefaultCacheBehavior": behavior(AllowedMethods=listed("GET", "POST"))}, "InvalidArgument"),
        ({"Origins": listed(origin(), origin())}, "InvalidArgument"),
        ({"Origins": listed(*(origin(f"o{number}") for number in range(26)))}, "TooManyOrigins"),
        ({"Origins": listed({"Id": "api", "DomainName": "a.test"})}, "InvalidArgument"),
        ({"Origins": listed(origin(domain="http://a.test"))}, "InvalidArgument"),
        ({"Origins": listed(bucket("api", "no-bucket.example.com"))}, "InvalidArgument"),
        ({"Origins": listed(origin(OriginPath="prod/"))}, "InvalidArgument"),
        ({"Origins": listed(origin(ConnectionAttempts=4))}, "InvalidArgument"),
        ({"Origins": listed(origin(custom={"HTTPPort": 22}))}, "InvalidArgument"),
        ({"Origins": listed(origin(custom={"OriginReadTimeout": 121}))}, "InvalidOriginReadTimeout"),
        ({"Origins": listed(origin(custom={"OriginKeepaliveTimeout": 0}))}, "InvalidOriginKeepaliveTimeout"),
        (
            {"Origins": listed(origin(CustomHeaders=listed({"HeaderName": "Host", "HeaderValue": "x"})))},
            "InvalidArgument",
        ),
        ({"Origins": listed(bucket("api", OriginAccessControlId="nobody"))}, "InvalidOriginAccessControl"),
        (
            {
                "Origins": listed(
                    bucket("api") | {"S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/EX"}}
                )
            },
            "InvalidOriginAccessIdentity",
        ),
        ({"OriginGroups": listed(group())}, "NoSuchOrigin"),
        ({"Origins": listed(origin(), SPARE), "OriginGroups": listed(group(codes=(501,)))}, "InvalidArgument"),
        ({"Origins": listed(origin(), SPARE), "OriginGroups": listed(group("api"))}, "InvalidArgument"),
        (
            {
                "Origins": listed(origin(), SPARE),
                "OriginGroups": listed(group()),
                "DefaultCacheBehavior": behavior("both", AllowedMethods=EVERY_METHOD),
            },
            "InvalidArgument",
        ),
        ({"CacheBehaviors": listed(behavior(PathPattern="/a/{x}"))}, "InvalidArgument"),
        ({"CacheBehaviors": listed(behavior(PathPattern="/a"), behavior(PathPattern="a"))}, "InvalidArgument"),
        (
            {"CacheBehaviors": listed(*(behavior(PathPattern=f"/{number}") for number in range(76)))},
            "TooManyCacheBehaviors",
        ),
        ({"CustomErrorResponses": listed({"ErrorCode": 401})}, "InvalidErrorCode"),
        ({"CustomErrorResponses": listed({"ErrorCode": 404, "ResponseCode": "200"})}, "InvalidArgument"),
        (
            {
                "CustomErrorResponses": listed(
                    {"ErrorCode": 404, "ResponseCode": "299", "ResponsePagePath": "/index.html"}
                )
            },
            "InvalidResponseCode",
        ),
        (
            {"CustomErrorResponses": listed({"ErrorCode": 404, "ResponseCode": "200", "ResponsePagePath": "x"})},
            "InvalidRelativePath",
        ),
        (
            {"Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Quantity": 0}}},
            "InvalidGeoRestrictionParameter",
        ),
        (
            {"Restrictions": {"GeoRestriction": {"RestrictionType": "blacklist", **listed("Germany")}}},
            "InvalidLocationCode",
        ),
        ({"PriceClass": "None"}, "InvalidArgument"),
        ({"WebACLId": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/x/y"}, "NotImplemented"),
        ({"Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "b", "Prefix": ""}}, "NotImplemented"),
        (
            {
                "DefaultCacheBehavior": behavior(
                    LambdaFunctionAssociations=listed(
                        {
                            "LambdaFunctionARN": "arn:aws:lambda:us-east-1:000000000000:function:f:1",
                            "EventType": "viewer-request",
                        }
                    )
                )
            },
            "NotImplemented",
        ),
        (
            {"Origins": listed(origin(OriginShield={"Enabled": True, "OriginShieldRegion": "us-east-1"}))},
            "NotImplemented",
        ),
    ],
)
def test_what_aws_refuses(cloudfront: Any, changes: dict[str, Any], code: str) -> None:
    assert refused(cloudfront.create_distribution, DistributionConfig=config("refused", **changes))[0] == code


def test_a_refusal_names_what_is_not_supported(cloudfront: Any) -> None:
    association = {
        "FunctionARN": "arn:aws:cloudfront::000000000000:function/f",
        "EventType": "viewer-request",
    }
    wanted = config("functions", DefaultCacheBehavior=behavior(FunctionAssociations=listed(association)))
    code, status, message = refused(cloudfront.create_distribution, DistributionConfig=wanted)
    assert (code, status) == ("NotImplemented", 501)
    assert message == "panregion's cloudfront does not support CloudFront Functions (FunctionAssociations)"
    signed: dict[str, Any] = {"TrustedSigners": {"Enabled": True, **listed("self")}}
    wanted = config("signed", DefaultCacheBehavior=behavior(**signed))
    assert "signed URLs by account" in refused(cloudfront.create_distribution, DistributionConfig=wanted)[2]
    assert refused(cloudfront.list_functions)[0] == "NotImplemented"


def test_a_caller_reference_does_not_change(cloudfront: Any) -> None:
    made = cloudfront.create_distribution(DistributionConfig=config("reference"))
    wanted = made["Distribution"]["DistributionConfig"] | {"CallerReference": "another"}
    found = refused(
        cloudfront.update_distribution,
        Id=made["Distribution"]["Id"],
        IfMatch=made["ETag"],
        DistributionConfig=wanted,
    )
    assert found[:2] == ("IllegalUpdate", 400)
    remove(cloudfront, made["Distribution"]["Id"])


def test_everything_at_once_comes_back_as_it_was_given(cloudfront: Any) -> None:
    given = config(
        "everything",
        origin(CustomHeaders=listed({"HeaderName": "X-From", "HeaderValue": "cdn"}), ConnectionAttempts=1),
        SPARE,
        bucket(),
        OriginGroups=listed(group(codes=(500, 503, 504))),
        DefaultCacheBehavior=behavior("both", DISABLED, Compress=True),
        CacheBehaviors=listed(behavior("files", PathPattern="/static/*"), legacy_behavior(PathPattern="*.jpg")),
        CustomErrorResponses=listed(
            {"ErrorCode": 404, "ResponsePagePath": "/404.html", "ResponseCode": "200", "ErrorCachingMinTTL": 5}
        ),
        DefaultRootObject="index.html",
        PriceClass="PriceClass_100",
        Restrictions={"GeoRestriction": {"RestrictionType": "blacklist", **listed("KP")}},
        HttpVersion="http2and3",
        IsIPV6Enabled=True,
    )
    made = cloudfront.create_distribution(DistributionConfig=given)["Distribution"]
    full = made["DistributionConfig"]
    assert full["OriginGroups"] == given["OriginGroups"]
    assert full["CustomErrorResponses"] == given["CustomErrorResponses"]
    assert full["Restrictions"] == given["Restrictions"]
    assert [item["PathPattern"] for item in full["CacheBehaviors"]["Items"]] == ["/static/*", "*.jpg"]
    assert full["Origins"]["Items"][0]["CustomHeaders"] == given["Origins"]["Items"][0]["CustomHeaders"]
    assert (full["HttpVersion"], full["IsIPV6Enabled"], full["PriceClass"]) == ("http2and3", True, "PriceClass_100")
    remove(cloudfront, made["Id"])
