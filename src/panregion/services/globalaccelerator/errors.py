"""Global Accelerator's errors, named as AWS names them."""

from panregion.wire import AwsError


class AcceleratorNotDisabledException(AwsError):
    """An accelerator must be disabled before it is deleted."""


class AcceleratorNotFoundException(AwsError):
    """There is no accelerator of that ARN."""


class AssociatedEndpointGroupFoundException(AwsError):
    """The listener has endpoint groups."""


class AssociatedListenerFoundException(AwsError):
    """The accelerator has listeners."""


class EndpointAlreadyExistsException(AwsError):
    """The group has that endpoint."""


class EndpointGroupAlreadyExistsException(AwsError):
    """The listener has a group in that region."""


class EndpointGroupNotFoundException(AwsError):
    """There is no endpoint group of that ARN."""


class EndpointNotFoundException(AwsError):
    """The group has no such endpoint, or the region no such load balancer."""


class InternalServiceErrorException(AwsError):
    """The region of an endpoint did not answer."""

    status = 500


class InvalidArgumentException(AwsError):
    """What the model cannot say is wrong."""


class InvalidNextTokenException(AwsError):
    """No list has such a token."""


class InvalidPortRangeException(AwsError):
    """Ports that are no range, or that another listener has."""


class LimitExceededException(AwsError):
    """More than an account may have."""


class ListenerNotFoundException(AwsError):
    """There is no listener of that ARN."""


class NotImplementedByAccelerators(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


def unsupported(what: str) -> NotImplementedByAccelerators:
    return NotImplementedByAccelerators(f"panregion's globalaccelerator does not support {what}")
