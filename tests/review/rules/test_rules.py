"""Every rule: a template in which it finds something, and the same one mended, in which it finds nothing."""

from pathlib import Path

import pytest

from panregion.review import Objectives
from panregion.review.rules import RULES
from tests.review.support import HOME, SECOND, of_rule, reviewed

FUNCTION = """
  F:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt R.Arn
      Code: {ZipFile: x}
      Environment: {Variables: {TABLE: orders, QUEUE: !Ref Q}}
  Q: {Type: AWS::SQS::Queue}
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["dynamodb:Get*", "dynamodb:PutItem"], Resource: "*"}
"""
API = """
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        paths:
          /health: {get: {x-amazon-apigateway-integration: {type: %s, uri: !Sub "arn:x/${%s.Arn}/invocations"}}}
          /item/{id}: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub "x/${F.Arn}/invocations"}}}
"""
IDLE = """
  Idle: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Nothing.Arn}}
  Nothing: {Type: AWS::IAM::Role, Properties: {Policies: []}}
"""
TABLE = "  T: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}\n"
GLOBAL = """
  T:
    Type: AWS::DynamoDB::GlobalTable
    Condition: IsHome
    Properties: {TableName: orders, Replicas: [%s]}
"""
EVERYWHERE = GLOBAL % "{Region: us-east-1}, {Region: eu-west-1}"
HERE_ALONE = GLOBAL % "{Region: us-east-1}"
CHECK = """
  C:
    Type: AWS::Route53::HealthCheck
    Properties: {HealthCheckConfig: {%s}}
"""
HTTPS = (
    "Type: HTTPS, FullyQualifiedDomainName: !Sub '${Api}.execute-api.x', ResourcePath: %s, RequestInterval: 10, "
    "FailureThreshold: 2"
)
RECORD = """
  Name:
    Type: AWS::Route53::RecordSet
    Properties: {Name: api.x.test., Type: A, %s}
"""
LATENCY = "Region: !Ref AWS::Region, SetIdentifier: !Ref AWS::Region, ResourceRecords: ['192.0.2.1'], TTL: %s"
CHECKED = "HealthCheckId: !Ref C, " + LATENCY
ALIAS = (
    "Region: !Ref AWS::Region, SetIdentifier: a, "
    "AliasTarget: {DNSName: !GetAtt %s, HostedZoneId: Z, EvaluateTargetHealth: true}"
)
DOMAIN = "  D: {Type: AWS::ApiGateway::DomainName, Properties: {DomainName: api.x.test%s}}\n"
BALANCER = "  B: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}\n"
DISTRIBUTION = """
  D:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Origins:
          - {Id: a, DomainName: abc.execute-api.us-east-1.amazonaws.com}
          - {Id: b, DomainName: abc.execute-api.eu-west-1.amazonaws.com}
        %s
"""
BUCKET = """
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "b-${AWS::Region}"%s}}
  W:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {BUCKET: !Ref Bucket}}}
"""
COPIED = (
    ", VersioningConfiguration: {Status: Enabled}, ReplicationConfiguration: {Rules: [{Status: Enabled, "
    "Destination: {Bucket: 'arn:aws:s3:::other', ReplicationTime: {Status: Enabled}}}]}"
)
CALLED = "  X: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {URL: '%s'}}}}\n"
OPERATOR = """
  O:
    Type: AWS::IAM::Role
    Properties: {Policies: [{PolicyDocument: {Statement: {Effect: Allow, Action: "%s", Resource: "*"}}}]}
"""
GEO = "GeoLocation: {%s}, SetIdentifier: a, TTL: 60, ResourceRecords: ['192.0.2.1']"

CASES: dict[str, list[tuple[str, str, str, Objectives]]] = {
    # rule -> (what it finds something in, at which resource, the same mended, objectives)
    "one-region": [
        (
            "  F: {Type: AWS::Lambda::Function, Condition: IsHome}",
            "F",
            "  F: {Type: AWS::Lambda::Function}",
            Objectives(),
        )
    ],
    "one-way-in": [
        (
            BALANCER + RECORD % "AliasTarget: {DNSName: !GetAtt B.DNSName}",
            "Name",
            BALANCER + RECORD % (ALIAS % "B.DNSName"),
            Objectives(),
        ),
        (
            DISTRIBUTION % "Enabled: true",
            "D",
            DISTRIBUTION % "OriginGroups: {Items: [{Members: {Items: [{OriginId: a}, {OriginId: b}]}}]}",
            Objectives(),
        ),
    ],
    "no-way-in": [(BALANCER, "B", BALANCER + RECORD % (ALIAS % "B.DNSName"), Objectives())],
    "made-in-every-region": [
        (
            "  Z: {Type: AWS::Route53::HostedZone, Properties: {Name: x.test}}",
            "Z",
            "  Z: {Type: AWS::Route53::HostedZone, Condition: IsHome, Properties: {Name: x.test}}",
            Objectives(),
        ),
        (EVERYWHERE.replace("Condition: IsHome", "DeletionPolicy: Retain"), "T", EVERYWHERE, Objectives()),
    ],
    "record-without-health-check": [
        (RECORD % (LATENCY % 60), "Name", CHECK % "Type: TCP" + RECORD % (CHECKED % 60), Objectives()),
        (
            DOMAIN % "" + RECORD % (ALIAS % "D.RegionalDomainName"),
            "Name",
            BALANCER + RECORD % (ALIAS % "B.DNSName"),
            Objectives(),
        ),
        (
            RECORD % "Failover: PRIMARY, TTL: 60",
            "Name",
            RECORD % "Failover: SECONDARY, TTL: 60",
            Objectives(),
        ),
    ],
    "check-of-the-shared-name": [
        (
            CHECK % "Type: HTTP, FullyQualifiedDomainName: API.x.test" + RECORD % (CHECKED % 60),
            "C",
            CHECK % "Type: HTTP, FullyQualifiedDomainName: !Sub '${AWS::Region}.x.test'" + RECORD % (CHECKED % 60),
            Objectives(),
        )
    ],
    "alarm-of-the-lost-region": [
        (
            CHECK % "Type: CLOUDWATCH_METRIC, InsufficientDataHealthStatus: LastKnownStatus",
            "C",
            CHECK % "Type: CLOUDWATCH_METRIC, InsufficientDataHealthStatus: Unhealthy",
            Objectives(),
        )
    ],
    "no-deep-health-check": [
        (CHECK % "Type: TCP", "C", CHECK % "Type: HTTP, FullyQualifiedDomainName: elsewhere.test", Objectives()),
        (
            FUNCTION + TABLE + API % ("mock", "F") + CHECK % (HTTPS % "/health"),
            "C",
            FUNCTION + TABLE + API % ("aws_proxy", "F") + CHECK % (HTTPS % "/health"),
            Objectives(),
        ),
        (
            FUNCTION + IDLE + TABLE + API % ("aws_proxy", "Idle") + CHECK % (HTTPS % "/health"),
            "C",
            FUNCTION + IDLE + TABLE + API % ("aws_proxy", "F") + CHECK % (HTTPS % "/health"),
            Objectives(),
        ),
        (
            FUNCTION + TABLE + API % ("aws_proxy", "F") + CHECK % (HTTPS % "/helth"),
            "C",
            FUNCTION + TABLE + API % ("aws_proxy", "F") + CHECK % (HTTPS % "/item/7"),
            Objectives(),
        ),
    ],
    "ttl-too-long": [
        (RECORD % (LATENCY % 300), "Name", RECORD % (LATENCY % 60), Objectives()),
        (RECORD % (LATENCY % 60), "Name", RECORD % (LATENCY % 20), Objectives(rto_s=50)),
        (RECORD % (LATENCY.replace(", TTL: %s", "")), "Name", RECORD % (LATENCY % "!Ref Short"), Objectives()),
    ],
    "best-case-too-slow": [
        (
            CHECK % "Type: TCP, RequestInterval: 30" + RECORD % (CHECKED % 60),
            "Name",
            CHECK % "Type: TCP, RequestInterval: 10, FailureThreshold: 1" + RECORD % (CHECKED % 30),
            Objectives(rto_s=40),
        )
    ],
    "geolocation-without-default": [
        (
            RECORD % (GEO % "ContinentCode: EU"),
            "Name",
            RECORD % (GEO % "CountryCode: '*'"),
            Objectives(),
        )
    ],
    "edge-optimized-api": [
        (DOMAIN % "", "D", DOMAIN % ", EndpointConfiguration: {Types: [REGIONAL]}", Objectives())
    ],
    "single-region-store": [
        (FUNCTION + TABLE, "T", FUNCTION + EVERYWHERE, Objectives()),
        (BUCKET % "", "Bucket", BUCKET % COPIED, Objectives()),
    ],
    "missing-replicas": [(FUNCTION + HERE_ALONE, "T", FUNCTION + EVERYWHERE, Objectives())],
    "recovery-point": [
        (
            FUNCTION + EVERYWHERE,
            "T",
            FUNCTION + EVERYWHERE.replace("{TableName", "{MultiRegionConsistency: STRONG, TableName"),
            Objectives(rpo_s=0),
        ),
        (BUCKET % COPIED.replace(", ReplicationTime: {Status: Enabled}", ""), "Bucket", BUCKET % COPIED,
         Objectives(rpo_s=900)),
    ],
    "fixed-to-a-region": [
        (
            CALLED % "https://sqs.us-east-1.amazonaws.com/1/q",
            "X",
            CALLED % "us-east-1,eu-west-1",
            Objectives(),
        )
    ],
    "failover-by-control-plane": [
        (OPERATOR % "route53:Change*", "O", OPERATOR % "route53:List*", Objectives())
    ],
    "control-plane-pinned": [(CHECK % "Type: TCP", "C", FUNCTION, Objectives())],
    "not-reviewed": [
        ("  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x.yaml}}", "N", FUNCTION, Objectives()),
        ("  N: {Type: 'Custom::Thing', Properties: {ServiceToken: x}}", "N", FUNCTION, Objectives()),
    ],
}  # fmt: skip
HEAD = """
Parameters: {Short: {Type: Number, Default: 30}}
Conditions: {IsHome: !Equals [!Ref AWS::Region, us-east-1]}
Resources:
"""


def test_every_rule_has_its_cases() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "number"), [(rule, number) for rule, cases in CASES.items() for number in range(len(cases))]
)
async def test_a_rule_finds_it_and_is_silent_when_it_is_mended(rule: str, number: int, tmp_path: Path) -> None:
    broken, where, mended, objectives = CASES[rule][number]
    found = of_rule(await reviewed(tmp_path, HEAD + broken, objectives=objectives), rule)
    assert where in {one.logical_id for one in found}
    for one in found:
        assert one.why
        assert one.mend
        assert one.line is not None
        assert one.line > HEAD.count("\n") - 1
    left = of_rule(await reviewed(tmp_path, HEAD + mended, objectives=objectives), rule)
    assert where not in {one.logical_id for one in left}, left


async def test_what_is_the_same_everywhere_is_said_once(tmp_path: Path) -> None:
    found = of_rule(await reviewed(tmp_path, HEAD + RECORD % (LATENCY % 60)), "record-without-health-check")
    assert [one.regions for one in found] == [(HOME, SECOND)]


async def test_a_queue_is_worth_a_warning_and_a_table_more(tmp_path: Path) -> None:
    text = (HEAD + FUNCTION + TABLE).replace("dynamodb:PutItem", "*")
    found = of_rule(await reviewed(tmp_path, text), "single-region-store")
    assert {(one.logical_id, one.severity) for one in found} == {("T", "blocks"), ("Q", "weakens")}


async def test_a_function_that_may_only_read_writes_nothing(tmp_path: Path) -> None:
    text = (HEAD + FUNCTION + TABLE).replace(', "dynamodb:PutItem"', "")
    assert of_rule(await reviewed(tmp_path, text), "single-region-store") == []
