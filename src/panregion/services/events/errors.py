"""EventBridge's errors, named as AWS names them."""

from panregion.wire import AwsError
from panregion.wire.errors import Fault


class IllegalStatusException(AwsError):
    """What is asked for cannot be done in the state that it is in."""


class InvalidEventPatternException(AwsError):
    """The pattern is none."""


class LimitExceededException(AwsError):
    """One more than there may be."""


class ManagedRuleException(AwsError):
    """The rule is AWS's own."""


class NotDelivered(AwsError):
    """A web server took no event; whether it may be tried again, and at the earliest when. The code is AWS's in dead
    letters."""

    code = "SDK_CLIENT_ERROR"

    def __init__(self, message: str, *, again: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.again = again
        self.retry_after_s = retry_after_s

    @property
    def fault(self) -> Fault:
        return "Receiver" if self.again else "Sender"


class ResourceAlreadyExistsException(AwsError):
    """It exists."""


class ResourceNotFoundException(AwsError):
    """No such bus, rule, archive and so on."""


class Unsupported(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


class ValidationException(AwsError):
    """A parameter says what cannot be."""


def no_bus(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Event bus {name} does not exist.")


def no_rule(name: str, bus: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus}.")


def no_connection(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Connection '{name}' does not exist.")


def no_destination(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"An api-destination '{name}' does not exist.")


def no_archive(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Archive {name} does not exist.")


def no_replay(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Replay {name} does not exist.")


def no_endpoint(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Endpoint '{name}' does not exist.")


def managed(name: str) -> ManagedRuleException:
    return ManagedRuleException(f"Rule {name} is managed by an AWS service and can't be modified by you.")
