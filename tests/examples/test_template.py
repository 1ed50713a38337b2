"""The template of examples/hello-global: what each region's stack has, and that panregion knows all of it."""

from pathlib import Path
from typing import Any

import pytest

from panregion.region import Region
from panregion.services.cloudformation.package import package
from tests.support import ServedRegion

TEMPLATE = Path(__file__).parent.parent.parent / "examples" / "hello-global" / "template.yaml"
SHARED = {"AWS::Route53::HostedZone", "AWS::DynamoDB::GlobalTable"}
OWN = {
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::CertificateManager::Certificate",
    "AWS::Lambda::Function",
    "AWS::Route53::HealthCheck",
    "AWS::Route53::RecordSet",
}


def planned(served: ServedRegion, **parameters: str) -> set[str]:
    """The types of what a change set would make."""
    packaged = package(TEMPLATE, "not-uploaded")
    client: Any = served.client("cloudformation")
    client.create_change_set(
        StackName="hello-planned",
        ChangeSetName="plan",
        ChangeSetType="CREATE",
        TemplateBody=packaged.template,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    client.get_waiter("change_set_create_complete").wait(
        StackName="hello-planned", ChangeSetName="plan", WaiterConfig={"Delay": 1}
    )
    found = client.describe_change_set(StackName="hello-planned", ChangeSetName="plan")
    client.delete_stack(StackName="hello-planned")
    return {change["ResourceChange"]["ResourceType"] for change in found["Changes"]}


def test_the_primary_region_owns_what_is_shared(served: ServedRegion) -> None:
    types = planned(served)
    assert types >= SHARED | OWN


def test_every_other_region_has_its_own_part_alone(served: ServedRegion) -> None:
    types = planned(served, PrimaryRegion="eu-central-1")
    assert types >= OWN
    assert not types & SHARED


@pytest.mark.parametrize("kind", sorted(SHARED | OWN))
async def test_every_type_is_known(region: Region, kind: str) -> None:
    assert kind in region.here.resource_types


CDN_TYPES = {
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Distribution",
    "AWS::Route53::RecordSet",
}


def test_the_variant_with_cloudfront_is_planned_whole(served: ServedRegion) -> None:
    client: Any = served.client("cloudformation")
    body = (TEMPLATE.parent / "cdn.yaml").read_text()
    change_set = {"StackName": "cdn-planned", "ChangeSetName": "plan"}
    client.create_change_set(**change_set, ChangeSetType="CREATE", TemplateBody=body)
    client.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig={"Delay": 1})
    found = client.describe_change_set(**change_set)
    client.delete_stack(StackName="cdn-planned")
    assert {change["ResourceChange"]["ResourceType"] for change in found["Changes"]} == CDN_TYPES
