"""Routing policies, one pure function a file. A new one is a new file and a line here."""

from collections.abc import Sequence

from panregion.edge.policies import (
    cidr,
    failover,
    geolocation,
    geoproximity,
    latency,
    multivalue,
    simple,
    weighted,
)
from panregion.edge.policies.choice import Choice, Circumstances, Healthy, Policy
from panregion.edge.policies.terms import terms
from panregion.services.route53.model import RecordSet

POLICIES: dict[str, Policy] = {
    "simple": simple.choose,
    "weighted": weighted.choose,
    "latency": latency.choose,
    "failover": failover.choose,
    "geolocation": geolocation.choose,
    "multivalue": multivalue.choose,
    "geoproximity": geoproximity.choose,
    "cidr": cidr.choose,
}

__all__ = ["POLICIES", "Choice", "Circumstances", "Healthy", "choose", "terms"]


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    """By the policy that the records share."""
    assert records, "a name and type without records is no choice"
    return POLICIES[records[0].policy](records, circumstances)
