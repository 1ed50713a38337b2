"""Failover: the primary while it is healthy, else the secondary while that is, else the primary regardless."""

from collections.abc import Sequence

from panregion.edge.policies.choice import Choice, Circumstances
from panregion.services.route53.model import RecordSet


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    by_role = {record.failover: record for record in records}
    primary, secondary = by_role.get("PRIMARY"), by_role.get("SECONDARY")
    if primary is None:
        return Choice(records[:1], "there is no primary")
    if secondary is None:
        return Choice([primary], "there is no secondary")
    if circumstances.healthy(primary):
        return Choice([primary], "the primary is healthy")
    if circumstances.healthy(secondary):
        return Choice([secondary], "the primary is unhealthy, the secondary healthy")
    return Choice([primary], "both are unhealthy, so the primary is used")
