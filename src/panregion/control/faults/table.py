"""Every fault there is, a line each."""

import re
from typing import Any

import msgspec

from panregion.control.faults.base import BaseFault
from panregion.control.faults.checkers_blind import CheckersBlind
from panregion.control.faults.clock_jump import ClockJump
from panregion.control.faults.clock_skew import ClockSkew
from panregion.control.faults.cpu_leak import CpuLeak
from panregion.control.faults.disk_full import DiskFull
from panregion.control.faults.function_cold import FunctionCold
from panregion.control.faults.function_error import FunctionError
from panregion.control.faults.function_slow import FunctionSlow
from panregion.control.faults.link_bandwidth import LinkBandwidth
from panregion.control.faults.link_cut import LinkCut
from panregion.control.faults.link_delay import LinkDelay
from panregion.control.faults.link_jitter import LinkJitter
from panregion.control.faults.link_loss import LinkLoss
from panregion.control.faults.name_server_down import NameServerDown
from panregion.control.faults.region_freeze import RegionFreeze
from panregion.control.faults.region_kill import RegionKill
from panregion.control.faults.region_restart import RegionRestart
from panregion.control.faults.replication_pause import ReplicationPause
from panregion.control.faults.service_error import ServiceError
from panregion.control.faults.service_slow import ServiceSlow
from panregion.control.faults.service_throttle import ServiceThrottle
from panregion.control.faults.store_sync_failure import StoreSyncFailure
from panregion.region.faults.model import kind_of

Fault = (
    RegionKill
    | RegionFreeze
    | RegionRestart
    | LinkCut
    | LinkDelay
    | LinkJitter
    | LinkLoss
    | LinkBandwidth
    | NameServerDown
    | CheckersBlind
    | ServiceError
    | ServiceSlow
    | ServiceThrottle
    | FunctionError
    | FunctionSlow
    | FunctionCold
    | ReplicationPause
    | DiskFull
    | StoreSyncFailure
    | ClockSkew
    | ClockJump
    | CpuLeak
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
        raise ValueError(f"{kind}: {_plain(str(error), FAULTS[kind])}") from error
    return fault


WORDS = (
    (r"Expected `\w+` <= (\S+)", r"must be at most \1"),
    (r"Expected `\w+` < (\S+)", r"must be below \1"),
    (r"Expected `\w+` >= (\S+)", r"must be at least \1"),
    (r"Expected `\w+` > (\S+)", r"must be above \1"),
    (r"Object missing required field `(\w+)`", r"\1 is missing"),
    (r"Object contains unknown field `(\w+)`", r"it has no \1"),
    (r"Invalid enum value ('.*')", r"\1 is none of its values"),
)
"""What msgspec says, and how people would."""


def _plain(text: str, kind: type[BaseFault]) -> str:
    """A validation error for people, with the field in front: "share must be at most 1.0"."""
    what, at, path = text.partition(" - at `$.")
    for said, better in WORDS:
        what = re.sub(said, better, what)
    if what.startswith("it has no "):
        what += f"; it has {', '.join(field.encode_name for field in msgspec.structs.fields(kind))}"
    return f"{path.rstrip('`')} {what}" if at else what
