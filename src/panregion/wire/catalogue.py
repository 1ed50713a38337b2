"""Which service a name on the wire means: signing names, X-Amz-Target prefixes, API versions, endpoint prefixes.

Most signing names are botocore's name for the service. The tables below hold those that are not, and those that
several services share, for the services met every day. Anything else is looked up in the metadata at the head of
botocore's model files, all of them: that takes about 60 ms, once, and only if somebody asks.
"""

import zlib
from functools import cache

import msgspec

from panregion.wire.model import Metadata, data_folder, model_file

SERVICE_BY_SIGNING_NAME = {
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "execute-api": "apigatewaymanagementapi",
    "tagging": "resourcegroupstaggingapi",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "iotdata": "iot-data",
    "servicequotas": "service-quotas",
    "aps": "amp",
    "cloudcontrolapi": "cloudcontrol",
    "cassandra": "keyspaces",
    "profile": "customer-profiles",
    "sso-oauth": "sso-oidc",
}

SERVICE_BY_TARGET = {
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodbstreams",
    "AmazonSQS": "sqs",
    "AWSStepFunctions": "stepfunctions",
    "AWSEvents": "events",
    "Logs_20140328": "logs",
    "AmazonSSM": "ssm",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
    "GraniteServiceVersion20100801": "cloudwatch",
    "Kinesis_20131202": "kinesis",
    "Firehose_20150804": "firehose",
    "CertificateManager": "acm",
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "GlobalAccelerator_V20180706": "globalaccelerator",
    "AnyScaleFrontendService": "application-autoscaling",
    "AWSWAF_20190729": "wafv2",
    "ToggleCustomerAPI": "route53-recovery-cluster",
    "ArcRegionSwitch": "arc-region-switch",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
    "AmazonAthena": "athena",
    "AWSGlue": "glue",
}

SERVICE_BY_QUERY_VERSION = {
    "2011-06-15": "sts",
    "2010-05-08": "iam",
    "2010-03-31": "sns",
    "2012-11-05": "sqs",
    "2010-05-15": "cloudformation",
    "2016-11-15": "ec2",
    "2014-10-31": "rds",
    "2010-08-01": "cloudwatch",
    "2015-12-01": "elbv2",
    "2012-06-01": "elb",
    "2011-01-01": "autoscaling",
    "2010-12-01": "ses",
}

SERVICE_BY_ENDPOINT = {
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "streams.dynamodb": "dynamodbstreams",
    "queue": "sqs",
    "email": "ses",
    "tagging": "resourcegroupstaggingapi",
    "s3-control": "s3control",
    "elasticloadbalancing": "elbv2",
    "eventbridge": "events",
}


@cache
def by_signing_name(signing_name: str) -> str | None:
    known = SERVICE_BY_SIGNING_NAME.get(signing_name)
    if known or model_file(signing_name):
        return known or signing_name
    for service, metadata in all_metadata().items():
        if signing_name == (metadata.signing_name or metadata.endpoint_prefix):
            return service
    return None


@cache
def by_target(prefix: str) -> str | None:
    known = SERVICE_BY_TARGET.get(prefix)
    if known:
        return known
    for service, metadata in all_metadata().items():
        if metadata.target_prefix == prefix:
            return service
    return None


def by_query_version(version: str) -> str | None:
    return SERVICE_BY_QUERY_VERSION.get(version)


@cache
def by_endpoint(prefix: str) -> str | None:
    """`sqs` of `sqs.eu-west-1.amazonaws.com`."""
    known = SERVICE_BY_ENDPOINT.get(prefix)
    return known or (prefix if model_file(prefix) else None)


@cache
def all_metadata() -> dict[str, Metadata]:
    """The metadata of every service that botocore knows, in order of name."""
    services = sorted(folder.name for folder in data_folder().iterdir() if folder.is_dir())
    found = {service: _read_metadata(service) for service in services}
    return {service: metadata for service, metadata in found.items() if metadata is not None}


def _read_metadata(service: str) -> Metadata | None:
    """Only the head of the file is unpacked: botocore writes the metadata first."""
    file = model_file(service)
    if file is None:
        return None
    with file.open("rb") as packed:
        head = zlib.decompressobj(31).decompress(packed.read(3072), 8192)
    start = head.find(b"{", head.find(b'"metadata"'))
    return msgspec.json.decode(head[start : _closing(head, start)], type=Metadata)


def _closing(text: bytes, start: int) -> int:
    """Where the object that opens at `start` ends. Metadata holds no braces inside its strings."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] == ord("{"):
            depth += 1
        elif text[position] == ord("}"):
            depth -= 1
            if depth == 0:
                return position + 1
    raise AssertionError("the metadata is not at the head of the model file")
