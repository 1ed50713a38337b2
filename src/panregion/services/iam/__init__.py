"""AWS IAM: roles, policies, users. Kept and shown, not enforced. Its control plane lives in one region."""

from panregion.services.iam import api, stack
from panregion.services.service import Service

SERVICE = Service(name="iam", api=api, resources=stack.RESOURCES)

__all__ = ["SERVICE"]
