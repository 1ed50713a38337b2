"""Route 53's errors, by AWS's names."""

from panregion.wire import AwsError


class InvalidInput(AwsError):
    """The input is not valid."""


class InvalidChangeBatch(AwsError):
    """No change of the batch was made."""

    def __init__(self, *messages: str) -> None:
        super().__init__(f"[{', '.join(messages)}]")


class InvalidDomainName(AwsError):
    """The specified domain name is not valid."""


class NoSuchHostedZone(AwsError):
    status = 404

    @classmethod
    def named(cls, zone_id: str) -> "NoSuchHostedZone":
        return cls(f"No hosted zone found with ID: {zone_id}")


class HostedZoneAlreadyExists(AwsError):
    status = 409


class HostedZoneNotEmpty(AwsError):
    """The zone holds more than its own NS and SOA."""


class NoSuchHealthCheck(AwsError):
    status = 404

    @classmethod
    def named(cls, check_id: str) -> "NoSuchHealthCheck":
        return cls(f"No health check exists with the specified ID {check_id}.")


class HealthCheckAlreadyExists(AwsError):
    status = 409


class HealthCheckVersionMismatch(AwsError):
    status = 409


class NoSuchChange(AwsError):
    status = 404


class NoSuchDelegationSet(AwsError):
    """A reusable delegation set of this id does not exist."""


class NoSuchGeoLocation(AwsError):
    status = 404


class NoSuchCidrCollectionException(AwsError):
    status = 404


class CidrCollectionAlreadyExistsException(AwsError):
    """A collection of this name exists, made by another call."""


class CidrCollectionInUseException(AwsError):
    """The collection still has locations, or records use it."""


class CidrCollectionVersionMismatchException(AwsError):
    status = 409


class CidrBlockInUseException(AwsError):
    """A block belongs to one location of a collection."""


class ServiceUnavailable(AwsError):
    """The edge, which alone knows this, does not answer."""

    status = 503


class TooManyHostedZones(AwsError):
    """As many zones as the quota allows."""


class TooManyHealthChecks(AwsError):
    """As many health checks as the quota allows."""


class LimitsExceeded(AwsError):
    """As many as the quota allows."""


class HostedZoneNotPrivate(AwsError):
    """Only private zones have VPCs."""


class HostedZoneNotFound(AwsError):
    """For a delegation set."""

    status = 404


class DelegationSetAlreadyCreated(AwsError):
    """The caller reference was used before."""


class DelegationSetAlreadyReusable(AwsError):
    """A zone's set is made reusable once."""


class DelegationSetInUse(AwsError):
    """It still has zones."""


class DelegationSetNotAvailable(AwsError):
    """It has a zone of that name."""


class TrafficPolicyAlreadyExists(AwsError):
    """Names of traffic policies are unique."""

    status = 409


class NoSuchTrafficPolicy(AwsError):
    """No such policy, or no such version."""

    status = 404


class TrafficPolicyInUse(AwsError):
    """It has instances."""


class TooManyTrafficPolicies(AwsError):
    """As many as the quota allows."""


class TooManyTrafficPolicyVersionsForCurrentPolicy(AwsError):
    """A policy has at most 1000 versions."""


class InvalidTrafficPolicyDocument(AwsError):
    """The document is not of the traffic policies' format."""


class NoSuchTrafficPolicyInstance(AwsError):
    """No instance of that id."""

    status = 404


class TrafficPolicyInstanceAlreadyExists(AwsError):
    """A name has one instance of a type."""

    status = 409


class TooManyTrafficPolicyInstances(AwsError):
    """As many as the quota allows."""


class ConflictingTypes(AwsError):
    """An instance keeps the type of its records."""


class NoSuchCidrLocationException(AwsError):
    """The collection has no such location."""

    status = 404
