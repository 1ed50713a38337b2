"""Faults: what can be done to a world, each undone at its end or when the process that asked for it dies.

A fault is a value (`RegionKill(region="us-east-1")`, or {"kind": "region-kill", "region": "us-east-1"}) that says what
it wants of the world; `Keeper` keeps the live ones and has the world be as they want it.
"""

from panregion.control.faults.base import BaseFault, LinkFault
from panregion.control.faults.effects import Where
from panregion.control.faults.link_bandwidth import LinkBandwidth
from panregion.control.faults.link_cut import LinkCut
from panregion.control.faults.link_delay import LinkDelay
from panregion.control.faults.link_jitter import LinkJitter
from panregion.control.faults.link_loss import LinkLoss
from panregion.control.faults.record import Record
from panregion.control.faults.region_freeze import RegionFreeze
from panregion.control.faults.region_kill import RegionKill
from panregion.control.faults.region_restart import RegionRestart
from panregion.control.faults.table import FAULTS, Fault, read_fault

__all__ = [
    "FAULTS",
    "BaseFault",
    "Fault",
    "LinkBandwidth",
    "LinkCut",
    "LinkDelay",
    "LinkFault",
    "LinkJitter",
    "LinkLoss",
    "Record",
    "RegionFreeze",
    "RegionKill",
    "RegionRestart",
    "Where",
    "read_fault",
]
