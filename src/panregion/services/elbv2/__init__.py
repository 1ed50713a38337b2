"""Elastic Load Balancing version 2: application load balancers that carry real requests, each at its own address."""

from panregion.services import Service
from panregion.services.elbv2 import api, internal
from panregion.services.elbv2.engine import start
from panregion.services.elbv2.stack import RESOURCES

SERVICE = Service(name="elbv2", api=api, internal=internal, resources=RESOURCES, start=start)
