"""What AWS's services answer when they are asked too often, or fail: the codes, statuses and words of each. Pure.

Where a service's model declares such an error, its name is taken from there; some services declare none and are known
by their documentation ("Common Errors", "Error responses"); the rest say what their protocol's services usually say.
"""

from functools import cache
from typing import Literal, NamedTuple

from panregion.wire import AwsError, UnknownOperationException, service_model

How = Literal["internal", "unavailable", "throttle"]


class Words(NamedTuple):
    """How a service says it."""

    code: str
    message: str
    status: int


RATE = "Rate exceeded"
KNOWN: dict[tuple[str, How], Words] = {
    ("dynamodb", "throttle"): Words(
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your "
        "provisioning level with the UpdateTable API.",
        400,
    ),
    ("dynamodb", "internal"): Words("InternalServerError", "Internal server error", 500),
    ("s3", "throttle"): Words("SlowDown", "Please reduce your request rate.", 503),
    ("s3", "internal"): Words("InternalError", "We encountered an internal error. Please try again.", 500),
    ("s3", "unavailable"): Words("ServiceUnavailable", "Service is unable to handle request.", 503),
    ("lambda", "throttle"): Words("TooManyRequestsException", "Rate Exceeded.", 429),
    ("lambda", "internal"): Words("ServiceException", "An error occurred and the request cannot be processed.", 500),
    ("sqs", "throttle"): Words("RequestThrottled", "The request was denied due to request throttling.", 403),
    ("sns", "throttle"): Words("Throttled", RATE, 429),
    ("sns", "internal"): Words("InternalError", "Internal Error", 500),
    ("ec2", "throttle"): Words("RequestLimitExceeded", "Request limit exceeded.", 503),
    ("ec2", "internal"): Words("InternalError", "An internal error has occurred", 500),
    ("ec2", "unavailable"): Words("Unavailable", "The server is overloaded and can't handle the request.", 503),
    ("cloudwatch", "throttle"): Words("Throttling", RATE, 400),
    ("iam", "internal"): Words(
        "ServiceFailure", "The request processing has failed because of an internal error.", 500
    ),
    ("apigatewaymanagementapi", "throttle"): Words("LimitExceededException", RATE, 429),
}

MODELLED: dict[How, tuple[str, ...]] = {
    "throttle": ("ThrottlingException", "TooManyRequestsException"),
    "internal": (
        "InternalServerException",
        "InternalServerError",
        "InternalException",
        "InternalFailureException",
        "InternalServiceErrorException",
        "InternalServiceError",
        "ServiceException",
    ),
    "unavailable": ("ServiceUnavailableException",),
}
"""Names that models give to such errors, the likelier first."""

USUAL: dict[How, Words] = {
    "throttle": Words("Throttling", RATE, 400),
    "internal": Words("InternalFailure", "The request processing has failed because of an unknown error.", 500),
    "unavailable": Words("ServiceUnavailable", "The service is temporarily unavailable.", 503),
}
STATUS: dict[How, int] = {"throttle": 400, "internal": 500, "unavailable": 503}


@cache
def words(service: str, how: How) -> Words:
    """How a service says it."""
    known = KNOWN.get((service, how))
    if known is not None:
        return known
    usual = USUAL[how]
    try:
        model = service_model(service)
    except UnknownOperationException:  # no such service
        return usual
    for name in MODELLED[how]:
        shape = model.errors.get(name)
        if shape is not None:
            trait = shape.definition.error
            status = (trait.http_status_code if trait else None) or STATUS[how]
            return Words(name, RATE if how == "throttle" else usual.message, status)
    if how == "throttle" and model.metadata.protocol not in ("query", "ec2", "rest-xml"):
        return Words("ThrottlingException", RATE, 400)
    return usual


def error(service: str, how: How) -> AwsError:
    """The error itself."""
    said = words(service, how)
    return AwsError.of(said.code, said.message, said.status)
