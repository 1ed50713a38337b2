"""Amazon SQS: queues, standard and FIFO."""

from panregion.services import Service
from panregion.services.sqs import api
from panregion.services.sqs.quick import STEPS
from panregion.services.sqs.stack import RESOURCES
from panregion.services.sqs.work import WORK

SERVICE = Service(name="sqs", api=api, steps=STEPS, work=WORK, resources=RESOURCES)
