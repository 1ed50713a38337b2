"""The old way of asking for links' faults: a link, and all that is to be so; what is not named stays."""

from collections.abc import Iterable
from typing import Any

import msgspec

from panregion.control.faults.base import LinkFault
from panregion.control.faults.keeper import Keeper
from panregion.control.faults.record import Record
from panregion.control.faults.table import read_fault

KINDS = {
    "cut": ("link-cut", "how"),
    "delay_ms_extra": ("link-delay", "delay_ms"),
    "jitter_ms": ("link-jitter", "jitter_ms"),
    "loss": ("link-loss", "loss"),
    "bandwidth_bytes_s": ("link-bandwidth", "bandwidth_bytes_s"),
}
"""Name of a condition -> the kind of fault that it is, and its field there."""


async def change(keeper: Keeper, wanted: dict[str, Any]) -> dict[str, Any]:
    """Replace what was asked of a link, condition by condition; with none named, heal it. A condition that is null or
    0 ends. Raises ValueError."""
    try:
        from_site, to_site = wanted.pop("from"), wanted.pop("to")
    except KeyError as error:
        raise ValueError(f"{error} is missing: a link has `from` and `to`") from error
    both = wanted.pop("both", True)
    unknown = wanted.keys() - KINDS.keys()
    if unknown:
        raise ValueError(f"a link has no {', '.join(sorted(unknown))}; it has {', '.join(KINDS)}")
    pairs = list(keeper.where.pairs(from_site, to_site, both=both))
    chosen = {KINDS[name][0] for name in wanted} or {kind for kind, _ in KINDS.values()}
    new = [
        read_fault({"kind": KINDS[name][0], "from": a, "to": b, "both": False, KINDS[name][1]: value})
        for name, value in wanted.items()
        if value
        for a, b in pairs
    ]
    old = [record for record in keeper.live if record.state == "live" and _touches(record, keeper, chosen, pairs)]
    for fault in new:
        await keeper.inject(fault)
    for record in old:
        await _free(keeper, record, pairs)
    return {"from": from_site, "to": to_site, "both": both}


def _touches(record: Record, keeper: Keeper, kinds: Iterable[str], pairs: list[tuple[str, str]]) -> bool:
    fault = record.fault
    if not isinstance(fault, LinkFault) or fault.kind not in kinds:
        return False
    return any(pair in pairs for pair in keeper.where.pairs(fault.from_site, fault.to_site, both=fault.both))


async def _free(keeper: Keeper, record: Record, pairs: list[tuple[str, str]]) -> None:
    """Undo a fault for these links; where it was on others too, it goes on for those."""
    fault = record.fault
    assert isinstance(fault, LinkFault)
    left = [p for p in keeper.where.pairs(fault.from_site, fault.to_site, both=fault.both) if p not in pairs]
    for a, b in left:
        rest = msgspec.structs.replace(fault, from_site=a, to_site=b, both=False)
        await keeper.inject(rest, keeper.left_s(record), record.lease)
    await keeper.undo(record.id)
