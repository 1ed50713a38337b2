"""Who answers a health check's path, through every kind of front door."""

from pathlib import Path

import pytest

from panregion.review import Asked, Objectives, read_application
from panregion.review.answers import answering
from panregion.review.scene import Scene
from tests.review.support import HOME, WORLD

HEAD = """
Resources:
  F: {Type: AWS::Lambda::Function}
  G: {Type: AWS::Lambda::Function}
  C:
    Type: AWS::Route53::HealthCheck
    Properties: {HealthCheckConfig: {Type: HTTPS, FullyQualifiedDomainName: %s, ResourcePath: %s}}
"""
URI = '!Sub "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${%s.Arn}/invocations"'
REST = f"""
  Api: {{Type: AWS::ApiGateway::RestApi}}
  Stage: {{Type: AWS::ApiGateway::Stage, Properties: {{RestApiId: !Ref Api, StageName: prod}}}}
  A: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref Api, PathPart: a}}}}
  Id: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref Api, ParentId: !Ref A, PathPart: "{{id}}"}}}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties: {{RestApiId: !Ref Api, ResourceId: !Ref Id, Integration: {{Type: AWS_PROXY, Uri: {URI % "F"}}}}}
  Mock:
    Type: AWS::ApiGateway::Method
    Properties: {{RestApiId: !Ref Api, ResourceId: !Ref A, Integration: {{Type: MOCK}}}}
  D: {{Type: AWS::ApiGateway::DomainName, Properties: {{DomainName: api.x.test}}}}
  M: {{Type: AWS::ApiGateway::BasePathMapping, Properties: {{DomainName: !Ref D, RestApiId: !Ref Api}}}}
"""
HTTP = f"""
  Api: {{Type: AWS::ApiGatewayV2::Api}}
  Stage: {{Type: AWS::ApiGatewayV2::Stage, Properties: {{ApiId: !Ref Api, StageName: $default}}}}
  I: {{Type: AWS::ApiGatewayV2::Integration, Properties: {{ApiId: !Ref Api, IntegrationUri: !GetAtt F.Arn,
      IntegrationType: AWS_PROXY}}}}
  J: {{Type: AWS::ApiGatewayV2::Integration, Properties: {{ApiId: !Ref Api, IntegrationUri: {URI % "G"},
      IntegrationType: AWS_PROXY}}}}
  R: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: "GET /a",
      Target: !Sub "integrations/${{I}}"}}}}
  S: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: $default,
      Target: !Sub "integrations/${{J}}"}}}}
"""
BALANCER = """
  B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  L:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref B, DefaultActions: [{Type: fixed-response}]}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref L
      Priority: 5
      Conditions: [{Field: path-pattern, PathPatternConfig: {Values: ["/a*"]}}]
      Actions: [{Type: forward, TargetGroupArn: !Ref T}]
  T: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Targets: [{Id: !GetAtt F.Arn}]}}
"""


@pytest.mark.parametrize(
    ("body", "name", "path", "kind", "by"),
    [
        (REST, '!Sub "${Api}.execute-api.x"', "/prod/a/7", "function", "F"),
        (REST, '!Sub "${Api}.execute-api.x"', "/prod/a?deep=1", "fixed", ""),
        (REST, '!Sub "${Api}.execute-api.x"', "/prod/b", "nobody", ""),
        (REST, "api.x.test", "/a/7", "function", "F"),
        (REST, "!GetAtt D.RegionalDomainName", "/a/", "fixed", ""),
        (HTTP, '!Sub "${Api}.execute-api.x"', "/a", "function", "F"),
        (HTTP, '!Sub "${Api}.execute-api.x"', "/other", "function", "G"),
        (BALANCER, "!GetAtt B.DNSName", "/alive", "function", "F"),
        (BALANCER, "!GetAtt B.DNSName", "/", "fixed", ""),
        ("", "elsewhere.test", "/", "unknown", ""),
    ],
)
async def test_who_answers(body: str, name: str, path: str, kind: str, by: str, tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(HEAD % (name, path) + body)
    scene = Scene(await read_application(WORLD, [Asked(file, (HOME,), "app", {})], Objectives()))
    (check,) = scene.application.of_type("AWS::Route53::HealthCheck")
    answer = answering(scene.graph, check)
    assert answer.kind == kind
    assert [one.logical_id for one in answer.by] == ([by] if by else [])
