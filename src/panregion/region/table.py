"""The services of a region, a line each. A module is imported when somebody first needs it.

`plane` marks those that take users' HTTP requests, `start` those with something to do when a region starts,
`stack` those that give CloudFormation resource types. `home` names where the control plane of a global service
lives; its requests are passed on to there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One service: its package, and what the region must know before importing it."""

    module: str
    plane: bool = False
    start: bool = False
    stack: bool = False
    home: str | None = None


GLOBAL = "us-east-1"
ACCELERATOR = "us-west-2"
RECOVERY = "us-west-2"

TABLE: dict[str, Entry] = {
    "acm": Entry("panregion.services.acm", stack=True),
    # Before the other, which takes every API's name: an HTTP API answers to its own only.
    "apigatewayv2": Entry("panregion.services.apigatewayv2", plane=True, stack=True),
    "apigateway": Entry("panregion.services.apigateway", plane=True, stack=True),
    "apigatewaymanagementapi": Entry("panregion.services.apigatewaymanagementapi"),
    "cloudfront": Entry("panregion.services.cloudfront", stack=True, home=GLOBAL),
    "arc-region-switch": Entry("panregion.services.arc_region_switch", stack=True),
    "cloudformation": Entry("panregion.services.cloudformation", stack=True),
    "cloudwatch": Entry("panregion.services.cloudwatch", stack=True),
    "dynamodb": Entry("panregion.services.dynamodb", start=True, stack=True),
    "dynamodbstreams": Entry("panregion.services.dynamodb.streams"),
    "ec2": Entry("panregion.services.ec2", stack=True),
    "elbv2": Entry("panregion.services.elbv2", start=True, stack=True),
    "fis": Entry("panregion.services.fis", stack=True),
    "globalaccelerator": Entry("panregion.services.globalaccelerator", stack=True, home=ACCELERATOR),
    "events": Entry("panregion.services.events", stack=True),
    "iam": Entry("panregion.services.iam", stack=True, home=GLOBAL),
    "lambda": Entry("panregion.services.lambda_", plane=True, start=True, stack=True),
    "logs": Entry("panregion.services.logs", stack=True),
    "pipes": Entry("panregion.services.pipes", start=True, stack=True),
    "route53": Entry("panregion.services.route53", stack=True, home=GLOBAL),
    "route53-recovery-cluster": Entry("panregion.services.route53_recovery_cluster"),
    "route53-recovery-control-config": Entry(
        "panregion.services.route53_recovery_control_config", stack=True, home=RECOVERY
    ),
    "s3": Entry("panregion.services.s3", plane=True, start=True, stack=True),
    "scheduler": Entry("panregion.services.scheduler", stack=True),
    "sns": Entry("panregion.services.sns", plane=True, stack=True),
    "sqs": Entry("panregion.services.sqs", stack=True),
    "ssm": Entry("panregion.services.ssm", stack=True),
    "sts": Entry("panregion.services.sts"),
}
