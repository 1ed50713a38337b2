"""Faults: what can be done to a world, each undone at its end or when the process that asked for it dies.

A fault is a value (`RegionKill(region="us-east-1")`, or {"kind": "region-kill", "region": "us-east-1"}) that says what
it wants of the world; `Keeper` keeps the live ones and has the world be as they want it.
"""

from panregion.control.faults.base import BaseFault, LinkFault
from panregion.control.faults.checkers_blind import CheckersBlind
from panregion.control.faults.clock_jump import ClockJump
from panregion.control.faults.clock_skew import ClockSkew
from panregion.control.faults.cpu_leak import CpuLeak
from panregion.control.faults.disk_full import DiskFull
from panregion.control.faults.effects import Where
from panregion.control.faults.function_cold import FunctionCold
from panregion.control.faults.function_error import FunctionError
from panregion.control.faults.function_slow import FunctionSlow
from panregion.control.faults.link_bandwidth import LinkBandwidth
from panregion.control.faults.link_cut import LinkCut
from panregion.control.faults.link_delay import LinkDelay
from panregion.control.faults.link_jitter import LinkJitter
from panregion.control.faults.link_loss import LinkLoss
from panregion.control.faults.name_server_down import NameServerDown
from panregion.control.faults.record import Record
from panregion.control.faults.region_freeze import RegionFreeze
from panregion.control.faults.region_kill import RegionKill
from panregion.control.faults.region_restart import RegionRestart
from panregion.control.faults.replication_pause import ReplicationPause
from panregion.control.faults.service_error import ServiceError
from panregion.control.faults.service_slow import ServiceSlow
from panregion.control.faults.service_throttle import ServiceThrottle
from panregion.control.faults.store_sync_failure import StoreSyncFailure
from panregion.control.faults.table import FAULTS, Fault, read_fault

__all__ = [
    "FAULTS",
    "BaseFault",
    "CheckersBlind",
    "ClockJump",
    "ClockSkew",
    "CpuLeak",
    "DiskFull",
    "Fault",
    "FunctionCold",
    "FunctionError",
    "FunctionSlow",
    "LinkBandwidth",
    "LinkCut",
    "LinkDelay",
    "LinkFault",
    "LinkJitter",
    "LinkLoss",
    "NameServerDown",
    "Record",
    "RegionFreeze",
    "RegionKill",
    "RegionRestart",
    "ReplicationPause",
    "ServiceError",
    "ServiceSlow",
    "ServiceThrottle",
    "StoreSyncFailure",
    "Where",
    "read_fault",
]
