"""What every routing policy is given and gives.

A policy is a function of the records of one name and type, of which are healthy, of who asks, and of chance. It
answers with the records to be used and with the reason in a few words. The rule of Route 53 that all share:
choose among the healthy; where none is healthy, all are taken to be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from panregion.edge.where import Asker
from panregion.services.route53.model import CidrCollection, RecordSet
from panregion.world import Chance

Healthy = Callable[[RecordSet], bool]


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen records (none: no answer), why, whether it hangs on who asks, and whether on chance."""

    records: Sequence[RecordSet]
    why: str
    personal: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a choice may depend on beside the records."""

    healthy: Healthy
    asker: Asker
    chance: Chance
    cidrs: Mapping[str, CidrCollection]


Policy = Callable[[Sequence[RecordSet], Circumstances], Choice]

ALL_UNHEALTHY = "all are unhealthy, so all count as healthy"


def usable(records: Sequence[RecordSet], healthy: Healthy) -> tuple[Sequence[RecordSet], bool]:
    """The healthy ones, or all of them where there are none; and whether that was so."""
    good = [record for record in records if healthy(record)]
    return (good, False) if good else (records, True)


def named(record: RecordSet) -> str:
    """A record among others of its name."""
    return record.set_identifier or record.name
