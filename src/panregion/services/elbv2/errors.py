"""Elastic Load Balancing's errors, named as its model names them; the codes on the wire come from the model."""

from panregion.wire import AwsError


class ValidationError(AwsError):
    """What the model cannot say is wrong."""


class AccessDenied(AwsError):
    """Lambda would not let the load balancer invoke the function."""

    status = 403


class CertificateNotFoundException(AwsError):
    """ACM has no such certificate in this region."""


class DuplicateListenerException(AwsError):
    """The load balancer listens on that port already."""


class DuplicateLoadBalancerNameException(AwsError):
    """There is one of that name with other settings."""


class DuplicateTagKeysException(AwsError):
    """A request names a tag twice."""


class DuplicateTargetGroupNameException(AwsError):
    """There is one of that name with other settings."""


class IncompatibleProtocolsException(AwsError):
    """The protocol does not go with the rest."""


class InvalidConfigurationRequestException(AwsError):
    """The parts do not go together."""


class InvalidLoadBalancerActionException(AwsError):
    """An action that cannot be what it is asked to be."""


class InvalidSecurityGroupException(AwsError):
    """There is no such security group."""


class InvalidTargetException(AwsError):
    """Such a target cannot be registered."""


class ListenerNotFoundException(AwsError):
    """There is no listener of that ARN."""


class LoadBalancerNotFoundException(AwsError):
    """There is no load balancer of that ARN or name."""


class OperationNotPermittedException(AwsError):
    """It is protected, or of a kind with which this cannot be done."""


class PriorityInUseException(AwsError):
    """Another rule of the listener has that priority."""


class ResourceInUseException(AwsError):
    """Something refers to it."""


class RuleNotFoundException(AwsError):
    """There is no rule of that ARN."""


class SSLPolicyNotFoundException(AwsError):
    """There is no security policy of that name."""


class SubnetNotFoundException(AwsError):
    """There is no such subnet."""


class TargetGroupAssociationLimitException(AwsError):
    """A target group serves another load balancer."""


class TargetGroupNotFoundException(AwsError):
    """There is no target group of that ARN or name."""


class TooManyActionsException(AwsError):
    """More actions than a rule may have."""


class TooManyCertificatesException(AwsError):
    """More certificates than a listener may have."""


class TooManyListenersException(AwsError):
    """More listeners than a load balancer may have."""


class TooManyLoadBalancersException(AwsError):
    """More load balancers than a region may have."""


class TooManyRulesException(AwsError):
    """More rules than a load balancer may have."""


class TooManyTagsException(AwsError):
    """More than 50 tags."""


class TooManyTargetsException(AwsError):
    """More targets than a group may have."""


class UnsupportedProtocolException(AwsError):
    """The kind of load balancer does not speak that protocol."""


class NotImplementedByLoadBalancing(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"


def unsupported(what: str) -> NotImplementedByLoadBalancing:
    return NotImplementedByLoadBalancing(f"panregion's elbv2 does not support {what}")
