"""AWS STS: who one is, and credentials for a while. Credentials are given out and not held against anybody."""

from panregion.services.service import Service
from panregion.services.sts import api

SERVICE = Service(name="sts", api=api)

__all__ = ["SERVICE"]
