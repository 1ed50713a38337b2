"""The errors of a cluster's endpoint, named as AWS names them."""

from panregion.wire import AwsError


class ConflictException(AwsError):
    """A safety rule does not let the change pass, or another endpoint is changing states at this moment."""

    status = 409


class EndpointTemporarilyUnavailableException(AwsError):
    """This endpoint does not reach a majority of the cluster now: another one may."""

    status = 503


class ResourceNotFoundException(AwsError):
    """The cluster has no such routing control or control panel."""

    status = 404


class ServiceLimitExceededException(AwsError):
    """More routing controls in one call than can be changed together."""

    status = 402


class ValidationException(AwsError):
    """The request makes no sense."""
