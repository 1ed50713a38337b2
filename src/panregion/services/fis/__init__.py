"""Fault Injection Service: experiment templates, and experiments that are carried out by this world's own faults.

An experiment is a value in the region's store, moved on by work (work.py): what happens next is decided by pure code
(engine.py), faults are begun and ended through the control API on loopback (hands.py). So an experiment survives the
loss of its region, and goes on with it when it comes back. Actions are AWS's, under AWS's names (catalogue.py).
"""

from panregion.services.fis import api
from panregion.services.fis.stack import RESOURCES
from panregion.services.fis.work import WORK
from panregion.services.service import Service

SERVICE = Service(name="fis", api=api, work=WORK, resources=RESOURCES)

__all__ = ["SERVICE"]
