"""AWS Systems Manager: its Parameter Store."""

from panregion.services.service import Service
from panregion.services.ssm import api, stack

SERVICE = Service(name="ssm", api=api, resources=stack.RESOURCES)

__all__ = ["SERVICE"]
