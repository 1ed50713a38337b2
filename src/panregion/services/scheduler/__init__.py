"""Amazon EventBridge Scheduler: what is to happen once, at a rate or by a zone's clock."""

from panregion.services import Service
from panregion.services.scheduler import api
from panregion.services.scheduler.stack import RESOURCES
from panregion.services.scheduler.work import WORK

SERVICE = Service(name="scheduler", api=api, work=WORK, resources=RESOURCES)
