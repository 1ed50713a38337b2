"""Templates that nobody meant well with: whatever a property holds, a review ends, with findings or a refusal."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.review import Review
from panregion.review.graph import NAMES, OWNERS
from panregion.review.stores import KINDS
from panregion.services.cloudformation.errors import ValidationError
from tests.review.support import reviewed

TYPES = sorted(
    {
        *(OWNERS | NAMES | KINDS),
        *("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup", "AWS::Route53::HealthCheck"),
        *("AWS::CloudFront::Distribution", "AWS::GlobalAccelerator::Accelerator", "AWS::ApiGateway::RestApi"),
        *("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup"),
        *("AWS::ApiGatewayV2::Api", "AWS::IAM::Role", "AWS::Lambda::Url", "AWS::CloudWatch::Alarm"),
    }
)
NAMED = ["A", "B", "C"]
KEYS = [
    "AliasTarget", "ApiId", "Body", "Certificate", "DNSName", "DistributionConfig", "DomainName", "Environment",
    "FailureThreshold", "Failover", "FullyQualifiedDomainName", "GeoLocation", "HealthCheckConfig", "HealthCheckId",
    "Items", "Members", "Name", "OriginGroups", "Origins", "ParentId", "Policies", "PolicyDocument", "RecordSets",
    "Region", "Replicas", "RequestInterval", "ResourcePath", "ResourceRecords", "RestApiId", "Role", "Rules",
    "SetIdentifier", "Statement", "TTL", "TableName", "Type", "Variables", "Weight", "paths",
    "x-amazon-apigateway-integration", "uri",
]  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**18), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["A", "HTTPS", "CALCULATED", "CLOUDWATCH_METRIC", "PRIMARY", "us-east-1"]),
    st.sampled_from(["*", "/{a+}", "[", "é\ue000A\ue001"]),
    st.sampled_from(NAMED).map(lambda name: {"Ref": name}),
    st.sampled_from(NAMED).map(lambda name: {"Fn::GetAtt": [name, "Arn"]}),
    st.sampled_from(NAMED).map(lambda name: {"Fn::Sub": f"x/${{{name}.Arn}}/y"}),
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)
RESOURCES = st.dictionaries(
    st.sampled_from(NAMED),
    st.fixed_dictionaries(
        {"Type": st.sampled_from(TYPES), "Properties": st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)}
    ),
    min_size=1,
)


@given(RESOURCES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_properties_are_reviewed_or_refused(tmp_path: Path, resources: dict[str, Any]) -> None:
    text = msgspec.json.encode({"Resources": resources}).decode()
    try:
        found = asyncio.run(reviewed(tmp_path, text))
    except ValidationError:
        return
    assert isinstance(msgspec.json.decode(msgspec.json.encode(found), type=Review), Review)


@pytest.mark.parametrize(
    "text",
    [
        "Parameters: 5\nResources: {A: {Type: 'AWS::SQS::Queue'}}",
        "Parameters: {P: 5}\nResources: {A: {Type: 'AWS::SQS::Queue'}}",
        "Parameters: {P: {}}\nResources: {A: {Type: 'AWS::SQS::Queue'}}",
        "Transform: Mine\nResources: {A: {Type: 'AWS::SQS::Queue'}}",
        "Transform: AWS::Serverless-2016-10-31\nGlobals: 5\nResources: {A: {Type: 'AWS::Serverless::Function'}}",
        "Transform: AWS::Serverless-2016-10-31\nResources: []",
        "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'AWS::Serverless::Api', Properties: "
        "{StageName: a, DefinitionUri: ../../../nowhere.yaml}}}",
        "Conditions: {C: !Condition C}\nResources: {A: {Type: 'AWS::SQS::Queue', Condition: C}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {Name: !Ref B}}}",
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: [1]}}",
        "Resources: &a {A: *a}",
    ],
)
async def test_what_no_template_is_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        await reviewed(tmp_path, text)


@pytest.mark.parametrize(
    "properties",
    [
        "{QueueName: !ImportValue Elsewhere}",
        "{QueueName: !Select [7, [a]]}",
        "{QueueName: !FindInMap [M, a, b]}",
        "{QueueName: !Ref P}",
        "{QueueName: !Ref AWS::StackId}",
        "{QueueName: !Join ['', !Ref P]}",
    ],
)
async def test_what_only_a_deployment_knows_is_left_open(properties: str, tmp_path: Path) -> None:
    text = (
        "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}}\n"
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: %s}}"
    )
    found = await reviewed(tmp_path, text % properties)
    assert found.unknown_parameters == ("P",)


async def test_a_rest_api_whose_resources_are_their_own_parents(tmp_path: Path) -> None:
    text = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: R, Integration: {Type: MOCK}}}
  C:
    Type: AWS::Route53::HealthCheck
    Properties:
      HealthCheckConfig: {Type: HTTPS, FullyQualifiedDomainName: !Sub "${Api}.x", ResourcePath: /}
"""
    found = await reviewed(tmp_path, text)
    assert "no-deep-health-check" in {one.rule for one in found.findings}
