"""Amazon EventBridge Pipes: from a queue or a stream, through a filter and an enrichment, to a target."""

from panregion.services import Service
from panregion.services.pipes import api
from panregion.services.pipes.running import start
from panregion.services.pipes.stack import RESOURCES
from panregion.services.pipes.work import WORK

SERVICE = Service(name="pipes", api=api, work=WORK, resources=RESOURCES, start=start)
