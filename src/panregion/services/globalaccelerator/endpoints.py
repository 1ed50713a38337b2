"""Endpoints that a request names: of a kind that exists here, there, and where they are."""

from typing import Any

from panregion.services import Here
from panregion.services.globalaccelerator.errors import (
    EndpointNotFoundException,
    InternalServiceErrorException,
    InvalidArgumentException,
    LimitExceededException,
    unsupported,
)
from panregion.services.globalaccelerator.model import ENDPOINTS_MAX, Endpoint, Listener
from panregion.wire import AwsError

Json = dict[str, Any]
NOT_THERE = ("LoadBalancerNotFound", "LoadBalancerNotFoundException", "ValidationError")


async def resolved(
    here: Here, listener: Listener, region: str, given: list[Json], known: list[Endpoint] | None = None
) -> list[Endpoint]:
    """The endpoints of a request. Those of `known` are not asked for again. Raises Global Accelerator's errors."""
    if len(given) > ENDPOINTS_MAX:
        raise LimitExceededException(f"An endpoint group can have at most {ENDPOINTS_MAX} endpoints")
    addresses = {each.id: each.address for each in known or []}
    found: list[Endpoint] = []
    for each in given:
        name = each.get("EndpointId", "")
        if any(name == other.id for other in found):
            raise InvalidArgumentException(f"The endpoint {name} is named twice")
        _check_kind(name, listener, region)
        if each.get("AttachmentArn"):
            raise unsupported("cross-account attachments")
        address = addresses.get(name) or await _address(here, name, region)
        preserves = each.get("ClientIPPreservationEnabled", True)
        found.append(Endpoint(id=name, address=address, weight=each.get("Weight", 128), preserves_client=preserves))
    return found


def _check_kind(name: str, listener: Listener, region: str) -> None:
    parts = name.split(":")
    if len(parts) != 6 or parts[2] != "elasticloadbalancing":
        kind = name.split("-", 1)[0]
        raise unsupported(f"endpoints of the kind {kind or 'none'}: only load balancers, by ARN")
    if not parts[5].startswith(("loadbalancer/app/", "loadbalancer/net/")):
        raise unsupported(f"endpoints of the kind {parts[5].rsplit('/', 2)[0]}: only load balancers")
    if parts[3] != region:
        raise InvalidArgumentException(f"The endpoint {name} is not in the endpoint group's region {region}")
    if listener.protocol == "UDP" and parts[5].startswith("loadbalancer/app/"):
        raise InvalidArgumentException("Application load balancers cannot be endpoints of UDP listeners")


async def _address(here: Here, arn: str, region: str) -> str:
    try:
        answer = await here.request("elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": [arn]}, region=region)
    except AwsError as error:
        if error.code in NOT_THERE:
            raise EndpointNotFoundException(f"The endpoint {arn} does not exist") from error
        raise InternalServiceErrorException(f"{region} could not be asked for {arn}: {error.message}") from error
    octet = int(answer["LoadBalancers"][0]["DNSName"].split(".")[0][-3:])
    return f"{here.settings.address(region).rpartition('.')[0]}.{octet}"
