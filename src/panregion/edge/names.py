"""Names that AWS itself answers for: those of its data planes, and of its endpoints in each region.

A data plane of the edge is asked first: `d111111abcdef8.cloudfront.net` is whatever point of presence is near to the
asker. A load balancer's name carries its address: the last three digits of its number are the last octet in its
region's network (`web-1234567016.eu-west-1.elb.amazonaws.com` is 127.0.<eu-west-1>.16). Any other name below
amazonaws.com (or on.aws) with a region of this world among its labels leads to that region's address:
`abc123.execute-api.eu-west-1.amazonaws.com`, `dynamodb.eu-west-1.amazonaws.com`. Names of AWS without a region
(`iam.amazonaws.com`) lead to the home of the global services. Regions outside this world do not exist.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from panregion.edge.routes import BALANCERS_FROM, balancer_address
from panregion.edge.where import Asker
from panregion.world import WorldSettings

SUFFIXES = (".amazonaws.com.", ".on.aws.")
TTL_S = 60
GLOBAL_HOME = "us-east-1"
REGION_PARTS_MIN = 3
BALANCER = re.compile(
    r"(?:[^.]+\.)?[^.]*-\d*(\d{3})\.([a-z0-9-]+)\.elb\.amazonaws\.com\."
    r"|[^.]+-[0-9a-f]{13}(\d{3})\.elb\.([a-z0-9-]+)\.amazonaws\.com\."  # a network load balancer
)


class Owner(Protocol):
    """What names need of a data plane (edge/plane.py)."""

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        """The addresses of a name of its own."""

    def target_health(self, name: str) -> bool | None:
        """Whether what stands behind it is healthy."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to: addresses (none: it does not exist), who says so, whether it depends on who asks."""

    addresses: list[str]
    why: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """AWS's own names in one world. `owners` are the edge's data planes by name."""

    settings: WorldSettings
    owners: dict[str, Owner] = field(default_factory=dict)

    def find(self, name: str, asker: Asker) -> Found | None:
        """What one of AWS's own names leads to; None for any other name."""
        for plane, owner in self.owners.items():
            addresses = owner.addresses(name, asker)
            if addresses is not None:
                return Found(addresses, f"{plane} answers for {name}", personal=True)
        if not is_aws(name):
            return None
        address = address_of(name, self.settings)
        if address is None:
            return Found([], f"{name} is in no region of this world")
        region = self.settings.region_at(f"{address.rpartition('.')[0]}.1")
        kind = "a load balancer" if BALANCER.fullmatch(name) else "an AWS endpoint"
        return Found([address], f"{kind} in {region}")

    def healthy(self, name: str) -> bool:
        """Whether what one of AWS's names stands for is healthy; what nobody can tell counts as healthy."""
        return all(verdict is not False for verdict in _verdicts(self.owners.values(), name))


def _verdicts(owners: Iterable[Owner], name: str) -> Iterable[bool | None]:
    return (owner.target_health(name) for owner in owners)


def is_aws(name: str) -> bool:
    """Whether the name is one of AWS's own."""
    return name.endswith(SUFFIXES)


def address_of(name: str, settings: WorldSettings) -> str | None:
    """The address that one of AWS's own names in a region leads to; None where it does not exist."""
    if not is_aws(name):
        return None
    balancer = BALANCER.fullmatch(name)
    if balancer:
        return _balancer(int(balancer[1] or balancer[3]), balancer[2] or balancer[4], settings)
    labels = name.rstrip(".").split(".")
    for label in labels:
        if label in settings.regions:
            return settings.address(label)
        website = label.removeprefix("s3-website-")
        if website in settings.regions:
            return settings.address(website)
    if any(_looks_like_region(label) for label in labels):
        return None
    return settings.address(settings.home(GLOBAL_HOME))


def _balancer(octet: int, region: str, settings: WorldSettings) -> str | None:
    if region not in settings.regions or not BALANCERS_FROM <= octet < 255:
        return None
    return balancer_address(settings, region, octet - BALANCERS_FROM)


def _looks_like_region(label: str) -> bool:
    parts = label.split("-")
    return len(parts) >= REGION_PARTS_MIN and parts[-1].isdigit() and len(parts[0]) == 2
