"""The actions and resource types that can be had here, as AWS describes them (FIS actions reference), a line each."""

import re
from dataclasses import dataclass, field

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
SECONDS = (86400, 3600, 60, 1)
DURATION_MAX_S = 12 * 3600
"""Of an action: PT12H."""

FUNCTION, ROLE, SUBNET = "aws:lambda:function", "aws:iam:role", "aws:ec2:subnet"
TABLE, GATEWAY = "aws:dynamodb:global-table", "aws:ec2:transit-gateway"

RESOURCE_TYPES = {
    TABLE: "A DynamoDB global table.",
    GATEWAY: "A transit gateway.",
    SUBNET: "A subnet of a VPC.",
    ROLE: "An IAM role.",
    FUNCTION: "A Lambda function.",
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an action."""

    description: str
    required: bool = True


@dataclass(frozen=True)
class Kind:
    """An action: what it says of itself, its targets by key, and its parameters."""

    description: str
    targets: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)


LASTS = {"duration": Parameter("How long it lasts, in ISO 8601 format, from PT1M to PT12H.")}
API_ERROR = {
    **LASTS,
    "service": Parameter("The AWS API namespace. AWS has ec2 and kinesis; here it is any service of the world."),
    "percentage": Parameter("The percentage of calls, from 1 to 100."),
    "operations": Parameter("The operations, separated by commas."),
}
INVOCATIONS = {"invocationPercentage": Parameter("The percentage of invocations, from 1 to 100.", required=False)}
ELSEWHERE = {**LASTS, "region": Parameter("The Region that is not to be reached.")}

ACTIONS: dict[str, Kind] = {
    "aws:dynamodb:global-table-pause-replication": Kind(
        "Pauses the replication of a global table to and from this Region.", {"Tables": TABLE}, LASTS
    ),
    "aws:fis:inject-api-internal-error": Kind("Answers API calls with internal errors.", {"Roles": ROLE}, API_ERROR),
    "aws:fis:inject-api-throttle-error": Kind("Answers API calls with throttling.", {"Roles": ROLE}, API_ERROR),
    "aws:fis:inject-api-unavailable-error": Kind(
        "Answers API calls with errors of unavailability.", {"Roles": ROLE}, API_ERROR
    ),
    "aws:fis:wait": Kind("Waits.", {}, {"duration": Parameter("How long, in ISO 8601 format, from PT1M to PT12H.")}),
    "aws:lambda:invocation-add-delay": Kind(
        "Delays invocations of a function.",
        {"Functions": FUNCTION},
        {**LASTS, **INVOCATIONS, "startupDelayMilliseconds": Parameter("The delay, in milliseconds.", required=False)},
    ),
    "aws:lambda:invocation-error": Kind(
        "Marks invocations of a function as failed.",
        {"Functions": FUNCTION},
        {**LASTS, **INVOCATIONS, "preventExecution": Parameter("true: the function does not run, either.")},
    ),
    "aws:network:disrupt-connectivity": Kind(
        "Denies traffic of subnets.",
        {"Subnets": SUBNET},
        {**LASTS, "scope": Parameter("all, dynamodb or s3.")},
    ),
    "aws:network:route-table-disrupt-cross-region-connectivity": Kind(
        "Blocks traffic from subnets to another Region.", {"Subnets": SUBNET}, ELSEWHERE
    ),
    "aws:network:transit-gateway-disrupt-cross-region-connectivity": Kind(
        "Blocks traffic through transit gateways to another Region.", {"TransitGateways": GATEWAY}, ELSEWHERE
    ),
}


def seconds_of(text: str) -> int:
    """An ISO 8601 duration such as PT5M in seconds. Raises ValueError."""
    found = DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{text} is not a duration in ISO 8601 format, such as PT5M")
    return sum(int(number or 0) * unit for number, unit in zip(found.groups(), SECONDS, strict=True))
