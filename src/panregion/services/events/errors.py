"""EventBridge's errors, named as AWS names them."""

from panregion.wire import AwsError


class IllegalStatusException(AwsError):
    """What is asked for cannot be done in the state that it is in."""


class InvalidEventPatternException(AwsError):
    """The pattern is none."""


class LimitExceededException(AwsError):
    """One more than there may be."""


class ManagedRuleException(AwsError):
    """The rule is AWS's own."""


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


def managed(name: str) -> ManagedRuleException:
    return ManagedRuleException(f"Rule {name} is managed by an AWS service and can't be modified by you.")
