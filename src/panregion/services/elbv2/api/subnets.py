"""Subnets and security groups of a load balancer.

Load balancers here are in no network: what is named is checked against EC2's descriptions where EC2 knows it, kept
and shown. A subnet that EC2 has never heard of is taken as it is, each in an availability zone of its own.
"""

from dataclasses import dataclass
from typing import Any

from panregion.services import Here
from panregion.services.elbv2.errors import (
    InvalidConfigurationRequestException,
    InvalidSecurityGroupException,
    SubnetNotFoundException,
    ValidationError,
    unsupported,
)
from panregion.wire import AwsError

UNKNOWN_VPC = "vpc-00000000000000000"
SUBNETS_MIN = 2


@dataclass(frozen=True)
class Placement:
    """Where a load balancer is said to be: [zone, subnet] pairs of one VPC."""

    vpc_id: str
    zones: list[tuple[str, str]]


def placed(
    here: Here, subnets: list[str] | None, mappings: list[dict[str, Any]] | None, *, least: int = SUBNETS_MIN
) -> Placement:
    """Raises ValidationError, SubnetNotFoundException, InvalidConfigurationRequestException."""
    if subnets and mappings:
        raise ValidationError("You cannot specify both subnets and subnet mappings")
    for mapping in mappings or []:
        if set(mapping) - {"SubnetId"}:
            raise unsupported(f"{', '.join(sorted(set(mapping) - {'SubnetId'}))} of subnet mappings")
    ids = list(subnets or [mapping["SubnetId"] for mapping in mappings or []])
    if not ids:
        raise ValidationError("Subnets must be specified")
    if len(set(ids)) < least:
        raise ValidationError("At least two subnets in two different Availability Zones must be specified")
    for each_id in ids:
        if not each_id.startswith("subnet-"):
            raise SubnetNotFoundException(f"The subnet ID '{each_id}' does not exist")
    known = _known(here, "DescribeSubnets", "SubnetIds", ids, "Subnets")
    if not known:
        return Placement(UNKNOWN_VPC, [(f"{here.region}{'abcdef'[n % 6]}", each_id) for n, each_id in enumerate(ids)])
    if len(known) < len(ids):
        missing = sorted(set(ids) - {subnet["SubnetId"] for subnet in known})
        raise SubnetNotFoundException(f"The subnet ID '{missing[0]}' does not exist")
    if len({subnet["VpcId"] for subnet in known}) > 1:
        raise InvalidConfigurationRequestException("The subnets of a load balancer must be in one VPC")
    by_id = {subnet["SubnetId"]: subnet for subnet in known}
    zones = [(by_id[each_id]["AvailabilityZone"], each_id) for each_id in ids]
    if len({zone for zone, _ in zones}) < len(zones):
        raise InvalidConfigurationRequestException(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    return Placement(known[0]["VpcId"], zones)


def groups_of_request(here: Here, groups: list[str] | None, vpc_id: str) -> list[str]:
    """The security groups; without any, the VPC's default one. Raises InvalidSecurityGroupException."""
    if groups:
        for each_id in groups:
            if not each_id.startswith("sg-"):
                raise InvalidSecurityGroupException(f"Security group '{each_id}' is not valid")
        known = _known(here, "DescribeSecurityGroups", "GroupIds", groups, "SecurityGroups")
        if known and len(known) < len(set(groups)):
            raise InvalidSecurityGroupException("One or more security groups are invalid")
        return list(groups)
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    found = here.call("ec2", "DescribeSecurityGroups", {"Filters": filters})["SecurityGroups"]
    return [group["GroupId"] for group in found]


def _known(here: Here, operation: str, parameter: str, ids: list[str], member: str) -> list[dict[str, Any]]:
    """Those of the ids that EC2 knows."""
    found = []
    for each_id in dict.fromkeys(ids):
        try:
            found += here.call("ec2", operation, {parameter: [each_id]})[member]
        except AwsError as error:
            if not error.code.endswith(".NotFound"):
                raise
    return found
