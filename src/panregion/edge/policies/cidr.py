"""IP-based: the location whose block holds the address of who asks, the smallest block first; `*` for others."""

import ipaddress
from collections.abc import Iterator, Sequence

from panregion.edge.policies.choice import ALL_UNHEALTHY, Choice, Circumstances
from panregion.services.route53.model import RecordSet

DEFAULT = "*"


def _matches(record: RecordSet, circumstances: Circumstances) -> Iterator[int]:
    """The lengths of the location's blocks that hold the asker."""
    assert record.cidr is not None
    collection = circumstances.cidrs.get(record.cidr.collection_id)
    for block in collection.locations.get(record.cidr.location, ()) if collection else ():
        network = ipaddress.ip_network(block)
        if circumstances.asker.address in network:
            yield network.prefixlen


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    address = circumstances.asker.address
    lengths = [(max(_matches(record, circumstances), default=-1), record) for record in records]
    holding = sorted((pair for pair in lengths if pair[0] >= 0), key=lambda pair: -pair[0])
    order = [record for _, record in holding]
    order += [record for record in records if record.cidr is not None and record.cidr.location == DEFAULT]
    if not order:
        return Choice([], f"no location holds {address}, and there is no default", personal=True)
    for record in order:
        if circumstances.healthy(record):
            return Choice([record], _why(record, str(address)), personal=True)
    return Choice(order[:1], f"{_why(order[0], str(address))}; {ALL_UNHEALTHY}", personal=True)


def _why(record: RecordSet, address: str) -> str:
    assert record.cidr is not None
    return (
        f"{address} is in no location" if record.cidr.location == DEFAULT else f"{address} is in {record.cidr.location}"
    )
