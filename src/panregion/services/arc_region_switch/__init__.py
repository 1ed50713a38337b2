"""ARC Region switch: plans of how an application leaves a Region, and their execution, step by step, with its time.

Plans are made in us-east-1 (else in the world's first region) and copied to the two regions that they are about;
an execution runs whole in the region that was asked to start it, on its copy, so the loss of the other region, or
of where plans are made, does not hinder it. Steps are what a world can carry out: routing controls, health checks,
Lambda functions, approvals, and several of these side by side; other kinds are refused by name.
"""

from panregion.services.arc_region_switch import api, internal
from panregion.services.arc_region_switch.stack import RESOURCES
from panregion.services.arc_region_switch.work import WORK
from panregion.services.service import Service

SERVICE = Service(name="arc-region-switch", api=api, internal=internal, work=WORK, resources=RESOURCES)

__all__ = ["SERVICE"]
