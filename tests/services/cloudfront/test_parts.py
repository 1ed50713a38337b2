"""Policies, access controls, keys and invalidations through boto3, from AWS's API reference."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.services.cloudfront.support import behavior, bucket, config, listed, refused
from tests.services.cloudfront.test_distributions import remove
from tests.support import ServedRegion


@pytest.fixture
def cloudfront(served: ServedRegion) -> Any:
    return served.client("cloudfront")


def key(**more: Any) -> dict[str, Any]:
    """What a cache policy puts into the key."""
    return {
        "EnableAcceptEncodingGzip": True,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        **more,
    }


def cache_policy(name: str, **more: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"ParametersInCacheKeyAndForwardedToOrigin": key(), "MinTTL": 1, **more}
    return {"Name": name, **wanted}


def request_policy(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "HeadersConfig": {"HeaderBehavior": "allViewer"},
        "CookiesConfig": {"CookieBehavior": "all"},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
        **more,
    }


def headers_policy(name: str, **more: Any) -> dict[str, Any]:
    custom = {"Header": "X-Site", "Value": "yes", "Override": True}
    return {"Name": name, "CustomHeadersConfig": listed(custom), **more}


KINDS = [("cache_policy", "CachePolicy", cache_policy)]
KINDS += [("origin_request_policy", "OriginRequestPolicy", request_policy)]
KINDS += [("response_headers_policy", "ResponseHeadersPolicy", headers_policy)]


@pytest.mark.parametrize(("snake", "camel", "make"), KINDS)
def test_a_policy_from_its_creation_to_its_end(cloudfront: Any, snake: str, camel: str, make: Any) -> None:
    def call(verb: str, **parameters: Any) -> Any:
        return getattr(cloudfront, f"{verb}_{snake}")(**parameters)

    made = call("create", **{f"{camel}Config": make("life")})
    policy_id, etag = made[camel]["Id"], made["ETag"]
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert call("get", Id=policy_id)[camel] == made[camel]
    current = getattr(cloudfront, f"get_{snake}_config")(Id=policy_id)
    assert (current["ETag"], current[f"{camel}Config"]["Name"]) == (etag, "life")

    create = getattr(cloudfront, f"create_{snake}")
    assert refused(create, **{f"{camel}Config": make("life")})[:2] == (f"{camel}AlreadyExists", 409)
    assert refused(create, **{f"{camel}Config": make("not valid")})[0] == "InvalidArgument"

    update = getattr(cloudfront, f"update_{snake}")
    changed = make("life") | {"Comment": "changed"}
    assert refused(update, Id=policy_id, **{f"{camel}Config": changed})[0] == "InvalidIfMatchVersion"
    after = update(Id=policy_id, IfMatch=etag, **{f"{camel}Config": changed})
    assert after[camel][f"{camel}Config"]["Comment"] == "changed"
    assert refused(update, Id=policy_id, IfMatch=etag, **{f"{camel}Config": changed})[0] == "PreconditionFailed"

    with_it = config(f"uses-{snake}", DefaultCacheBehavior=behavior(**{f"{camel}Id": policy_id}))
    distribution = cloudfront.create_distribution(DistributionConfig=with_it)["Distribution"]
    users = getattr(cloudfront, f"list_distributions_by_{snake}_id")(**{f"{camel}Id": policy_id})
    assert users["DistributionIdList"]["Items"] == [distribution["Id"]]
    delete = getattr(cloudfront, f"delete_{snake}")
    assert refused(delete, Id=policy_id, IfMatch=after["ETag"])[:2] == (f"{camel}InUse", 409)
    remove(cloudfront, distribution["Id"])
    delete(Id=policy_id, IfMatch=after["ETag"])
    assert refused(delete, Id=policy_id, IfMatch=after["ETag"])[:2] == (f"NoSuch{camel}", 404)
    assert refused(getattr(cloudfront, f"get_{snake}"), Id=policy_id)[:2] == (f"NoSuch{camel}", 404)


def test_aws_manages_policies_of_its_own(cloudfront: Any) -> None:
    listed_policies = cloudfront.list_cache_policies(Type="managed")["CachePolicyList"]
    by_name = {
        item["CachePolicy"]["CachePolicyConfig"]["Name"]: item["CachePolicy"] for item in listed_policies["Items"]
    }
    assert len(by_name) == listed_policies["Quantity"] == 7
    optimized = by_name["Managed-CachingOptimized"]
    assert optimized["Id"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert optimized["CachePolicyConfig"]["DefaultTTL"] == 86_400
    assert by_name["Managed-CachingDisabled"]["CachePolicyConfig"]["MaxTTL"] == 0
    policy = cloudfront.get_origin_request_policy(Id="b689b0a8-53d0-40ab-baf2-68738e2966ac")
    assert policy["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["HeadersConfig"] == {
        "HeaderBehavior": "allExcept",
        "Headers": listed("Host"),
    }
    assert cloudfront.list_origin_request_policies(Type="managed")["OriginRequestPolicyList"]["Quantity"] == 8
    assert cloudfront.list_response_headers_policies(Type="managed")["ResponseHeadersPolicyList"]["Quantity"] == 5
    found = refused(cloudfront.delete_cache_policy, Id=optimized["Id"], IfMatch="E23ZP02F085DFQ")
    assert found[:2] == ("IllegalDelete", 400)
    change = cache_policy("mine")
    assert refused(cloudfront.update_cache_policy, Id=optimized["Id"], CachePolicyConfig=change)[0] == "IllegalUpdate"
    assert refused(cloudfront.list_cache_policies, Type="odd")[0] == "InvalidArgument"


def names(count: int) -> dict[str, Any]:
    return listed(*(f"n{number}" for number in range(count)))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"MinTTL": 10, "MaxTTL": 5, "DefaultTTL": 10}, "InvalidArgument"),
        ({"MinTTL": 0, "MaxTTL": 0, "DefaultTTL": 0}, "InvalidArgument"),
        ({"key": {"HeadersConfig": {"HeaderBehavior": "whitelist"}}}, "InvalidArgument"),
        ({"key": {"HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": listed("Cookie")}}}, "InvalidArgument"),
        (
            {"key": {"HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": names(11)}}},
            "TooManyHeadersInCachePolicy",
        ),
        (
            {"key": {"CookiesConfig": {"CookieBehavior": "allExcept", "Cookies": names(11)}}},
            "TooManyCookiesInCachePolicy",
        ),
        (
            {"key": {"QueryStringsConfig": {"QueryStringBehavior": "whitelist", "QueryStrings": names(11)}}},
            "TooManyQueryStringsInCachePolicy",
        ),
        (
            {
                "key": {
                    "QueryStringsConfig": {
                        "QueryStringBehavior": "whitelist",
                        "QueryStrings": {"Quantity": 2, "Items": ["a"]},
                    }
                }
            },
            "InconsistentQuantities",
        ),
    ],
)
def test_cache_policies_that_aws_refuses(cloudfront: Any, wanted: dict[str, Any], code: str) -> None:
    wanted = {**wanted}
    changes = {"ParametersInCacheKeyAndForwardedToOrigin": key(**wanted.pop("key", {}))}
    policy = cache_policy("refused", **changes, **wanted)
    assert refused(cloudfront.create_cache_policy, CachePolicyConfig=policy)[0] == code


def test_other_policies_that_aws_refuses(cloudfront: Any) -> None:
    wanted = request_policy("refused", HeadersConfig={"HeaderBehavior": "whitelist", "Headers": names(11)})
    found = refused(cloudfront.create_origin_request_policy, OriginRequestPolicyConfig=wanted)
    assert found[0] == "TooManyHeadersInOriginRequestPolicy"
    own = {"HeaderBehavior": "allViewerAndWhitelistCloudFront", "Headers": listed("X-Mine")}
    wanted = request_policy("refused", HeadersConfig=own)
    assert refused(cloudfront.create_origin_request_policy, OriginRequestPolicyConfig=wanted)[0] == "InvalidArgument"
    create = cloudfront.create_response_headers_policy
    many = listed(*({"Header": f"X-{n}", "Value": "", "Override": True} for n in range(11)))
    wanted = headers_policy("refused", CustomHeadersConfig=many)
    found = refused(create, ResponseHeadersPolicyConfig=wanted)
    assert found[0] == "TooManyCustomHeadersInResponseHeadersPolicy"
    removed = listed(*({"Header": f"X-{n}"} for n in range(11)))
    wanted = headers_policy("refused", RemoveHeadersConfig=removed)
    found = refused(create, ResponseHeadersPolicyConfig=wanted)
    assert found[0] == "TooManyRemoveHeadersInResponseHeadersPolicy"
    wanted = headers_policy("refused", RemoveHeadersConfig=listed({"Header": "Via"}))
    assert refused(create, ResponseHeadersPolicyConfig=wanted)[0] == "InvalidArgument"
    long = {"ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": "x" * 1784}}
    wanted = headers_policy("refused", SecurityHeadersConfig=long)
    assert refused(create, ResponseHeadersPolicyConfig=wanted)[0] == "TooLongCSPInResponseHeadersPolicy"


def control(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }


def test_an_origin_access_control(cloudfront: Any) -> None:
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=control("one"))
    control_id = made["OriginAccessControl"]["Id"]
    create = cloudfront.create_origin_access_control
    assert refused(create, OriginAccessControlConfig=control("one"))[:2] == ("OriginAccessControlAlreadyExists", 409)
    found = cloudfront.get_origin_access_control_config(Id=control_id)
    assert found["OriginAccessControlConfig"] == control("one") | {"Description": ""}
    assert cloudfront.get_origin_access_control(Id=control_id)["ETag"] == made["ETag"]
    summaries = cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    assert control_id in [item["Id"] for item in summaries["Items"]]

    given = config("controlled", bucket(OriginAccessControlId=control_id))
    distribution = cloudfront.create_distribution(DistributionConfig=given)["Distribution"]
    delete = cloudfront.delete_origin_access_control
    assert refused(delete, Id=control_id, IfMatch=made["ETag"])[:2] == ("OriginAccessControlInUse", 409)
    remove(cloudfront, distribution["Id"])
    changed = cloudfront.update_origin_access_control(
        Id=control_id, IfMatch=made["ETag"], OriginAccessControlConfig=control("two")
    )
    delete(Id=control_id, IfMatch=changed["ETag"])
    assert refused(cloudfront.get_origin_access_control, Id=control_id)[:2] == ("NoSuchOriginAccessControl", 404)


def test_an_origin_access_identity(cloudfront: Any) -> None:
    wanted = {"CallerReference": "identity", "Comment": "files"}
    create = cloudfront.create_cloud_front_origin_access_identity
    made = create(CloudFrontOriginAccessIdentityConfig=wanted)
    identity = made["CloudFrontOriginAccessIdentity"]
    assert len(identity["S3CanonicalUserId"]) == 96
    assert create(CloudFrontOriginAccessIdentityConfig=wanted)["CloudFrontOriginAccessIdentity"] == identity
    other = wanted | {"Comment": "other"}
    found = refused(create, CloudFrontOriginAccessIdentityConfig=other)
    assert found[0] == "CloudFrontOriginAccessIdentityAlreadyExists"
    named = {"S3OriginConfig": {"OriginAccessIdentity": f"origin-access-identity/cloudfront/{identity['Id']}"}}
    distribution = cloudfront.create_distribution(DistributionConfig=config("identified", bucket() | named))
    delete = cloudfront.delete_cloud_front_origin_access_identity
    found = refused(delete, Id=identity["Id"], IfMatch=made["ETag"])
    assert found[:2] == ("CloudFrontOriginAccessIdentityInUse", 409)
    remove(cloudfront, distribution["Distribution"]["Id"])
    changed = cloudfront.update_cloud_front_origin_access_identity(
        Id=identity["Id"], IfMatch=made["ETag"], CloudFrontOriginAccessIdentityConfig=other
    )
    summaries = cloudfront.list_cloud_front_origin_access_identities()["CloudFrontOriginAccessIdentityList"]
    assert "other" in [item["Comment"] for item in summaries["Items"]]
    current = cloudfront.get_cloud_front_origin_access_identity_config(Id=identity["Id"])
    assert current["CloudFrontOriginAccessIdentityConfig"] == other
    delete(Id=identity["Id"], IfMatch=changed["ETag"])
    found = refused(cloudfront.get_cloud_front_origin_access_identity, Id=identity["Id"])
    assert found[:2] == ("NoSuchCloudFrontOriginAccessIdentity", 404)


def encoded_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_public_keys_and_key_groups(cloudfront: Any) -> None:
    wanted = {"CallerReference": "key", "Name": "key", "EncodedKey": encoded_key()}
    made = cloudfront.create_public_key(PublicKeyConfig=wanted)
    key_id = made["PublicKey"]["Id"]
    assert key_id.startswith("K")
    assert refused(cloudfront.create_public_key, PublicKeyConfig=wanted)[:2] == ("PublicKeyAlreadyExists", 409)
    bad = wanted | {"Name": "bad", "CallerReference": "bad", "EncodedKey": "no key"}
    assert refused(cloudfront.create_public_key, PublicKeyConfig=bad)[0] == "InvalidArgument"
    found = refused(
        cloudfront.update_public_key,
        Id=key_id,
        IfMatch=made["ETag"],
        PublicKeyConfig=wanted | {"EncodedKey": encoded_key()},
    )
    assert found[0] == "CannotChangeImmutablePublicKeyFields"
    changed = cloudfront.update_public_key(
        Id=key_id, IfMatch=made["ETag"], PublicKeyConfig=wanted | {"Comment": "mine"}
    )
    assert cloudfront.get_public_key(Id=key_id)["PublicKey"]["PublicKeyConfig"]["Comment"] == "mine"
    assert cloudfront.get_public_key_config(Id=key_id)["ETag"] == changed["ETag"]
    assert key_id in [item["Id"] for item in cloudfront.list_public_keys()["PublicKeyList"]["Items"]]

    nobody = {"Name": "group", "Items": ["Knobody"]}
    assert refused(cloudfront.create_key_group, KeyGroupConfig=nobody)[0] == "InvalidArgument"
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "group", "Items": [key_id]})
    group_id = group["KeyGroup"]["Id"]
    again = {"Name": "group", "Items": [key_id]}
    assert refused(cloudfront.create_key_group, KeyGroupConfig=again)[:2] == ("KeyGroupAlreadyExists", 409)
    assert cloudfront.get_key_group(Id=group_id)["KeyGroup"]["KeyGroupConfig"]["Items"] == [key_id]
    assert cloudfront.get_key_group_config(Id=group_id)["ETag"] == group["ETag"]
    assert cloudfront.list_key_groups()["KeyGroupList"]["Items"][0]["KeyGroup"]["Id"] == group_id
    assert cloudfront.list_distributions_by_key_group(KeyGroupId=group_id)["DistributionIdList"]["Quantity"] == 0
    trusted: dict[str, Any] = {"TrustedKeyGroups": {"Enabled": True, **listed(group_id)}}
    signed = config("trusting", DefaultCacheBehavior=behavior(**trusted))
    distribution = cloudfront.create_distribution(DistributionConfig=signed)["Distribution"]
    assert distribution["ActiveTrustedKeyGroups"] == {
        "Enabled": True,
        **listed({"KeyGroupId": group_id, "KeyPairIds": listed(key_id)}),
    }
    found = refused(cloudfront.delete_key_group, Id=group_id, IfMatch=group["ETag"])
    assert found[:2] == ("ResourceInUse", 409)
    users = cloudfront.list_distributions_by_key_group(KeyGroupId=group_id)["DistributionIdList"]
    assert users["Items"] == [distribution["Id"]]
    remove(cloudfront, distribution["Id"])
    delete = cloudfront.delete_public_key
    assert refused(delete, Id=key_id, IfMatch=changed["ETag"])[:2] == ("PublicKeyInUse", 409)
    renamed = cloudfront.update_key_group(
        Id=group_id, IfMatch=group["ETag"], KeyGroupConfig={"Name": "renamed", "Items": [key_id]}
    )
    cloudfront.delete_key_group(Id=group_id, IfMatch=renamed["ETag"])
    assert refused(cloudfront.get_key_group, Id=group_id)[:2] == ("NoSuchResource", 404)
    delete(Id=key_id, IfMatch=changed["ETag"])
    assert refused(cloudfront.get_public_key, Id=key_id)[:2] == ("NoSuchPublicKey", 404)


def batch(reference: str, *paths: str) -> dict[str, Any]:
    return {"Paths": listed(*paths), "CallerReference": reference}


def test_invalidations(cloudfront: Any) -> None:
    made = cloudfront.create_distribution(DistributionConfig=config("invalidated"))["Distribution"]
    distribution_id = made["Id"]

    def create(wanted: dict[str, Any]) -> Any:
        return cloudfront.create_invalidation(DistributionId=distribution_id, InvalidationBatch=wanted)

    first = create(batch("1", "/a/*", "/b"))
    assert first["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert first["Invalidation"]["InvalidationBatch"] == batch("1", "/a/*", "/b")
    assert create(batch("1", "/a/*", "/b"))["Invalidation"]["Id"] == first["Invalidation"]["Id"]
    assert refused(create, batch("1", "/c"))[0] == "InvalidArgument"
    second = create(batch("2", "/*"))
    found = cloudfront.get_invalidation(DistributionId=distribution_id, Id=second["Invalidation"]["Id"])
    assert found["Invalidation"]["Status"] == "Completed"
    pages = list(
        cloudfront.get_paginator("list_invalidations").paginate(
            DistributionId=distribution_id, PaginationConfig={"PageSize": 1}
        )
    )
    ids = [item["Id"] for page in pages for item in page["InvalidationList"].get("Items", [])]
    assert set(ids) == {first["Invalidation"]["Id"], second["Invalidation"]["Id"]}
    for bad in ("a", "/a*b", "/a b"):
        assert refused(create, batch("3", bad))[0] == "InvalidArgument"
    assert refused(create, batch("3"))[0] == "InvalidArgument"
    assert refused(create, batch("4", *(f"/{number}" for number in range(3001))))[:2] == ("BatchTooLarge", 413)
    get = cloudfront.get_invalidation
    assert refused(get, DistributionId=distribution_id, Id="I1")[:2] == ("NoSuchInvalidation", 404)
    assert refused(get, DistributionId="E1", Id="I1")[:2] == ("NoSuchDistribution", 404)
    remove(cloudfront, distribution_id)
