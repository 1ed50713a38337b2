"""Every fault there is, a line each."""

from typing import Any

import msgspec

from panregion.control.faults.base import BaseFault, kind_of
from panregion.control.faults.link_bandwidth import LinkBandwidth
from panregion.control.faults.link_cut import LinkCut
from panregion.control.faults.link_delay import LinkDelay
from panregion.control.faults.link_jitter import LinkJitter
from panregion.control.faults.link_loss import LinkLoss
from panregion.control.faults.region_freeze import RegionFreeze
from panregion.control.faults.region_kill import RegionKill
from panregion.control.faults.region_restart import RegionRestart

Fault = (
    RegionKill
    | RegionFreeze
    | RegionRestart
    | LinkCut
    | LinkDelay
    | LinkJitter
    | LinkLoss
    | LinkBandwidth
)  # fmt: skip

FAULTS: dict[str, type[BaseFault]] = {kind_of(fault.__name__): fault for fault in Fault.__args__}
"""The class of a kind."""


def read_fault(value: Any) -> Fault:
    """A fault from what YAML, JSON or a command line gave. Raises ValueError with a text for people."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in FAULTS:
        raise ValueError(f"{kind or 'nothing'} is no kind of fault; there are {', '.join(FAULTS)}")
    try:
        fault: Fault = msgspec.convert(value, Fault)
    except msgspec.ValidationError as error:
        raise ValueError(f"{kind}: {_plain(str(error))}") from error
    return fault


def _plain(text: str) -> str:
    """msgspec's words, with the field in front: "Expected `float` <= 1 - at `$.share`"."""
    what, at, path = text.partition(" - at `$.")
    return f"{path.rstrip('`')}: {what}" if at else text
