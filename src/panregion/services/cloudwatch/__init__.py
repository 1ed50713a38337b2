"""Amazon CloudWatch's alarms: kept, set by SetAlarmState, their actions carried out.

There is no metric data yet: nothing evaluates an alarm, so it is in the state it was set to last, and in
INSUFFICIENT_DATA before that. PutMetricData and everything that reads metrics is refused by name. Health checks of type
CLOUDWATCH_METRIC follow the states (the edge follows this service region by region).
"""

from panregion.services import Service
from panregion.services.cloudwatch import api, internal
from panregion.services.cloudwatch.stack import RESOURCES
from panregion.services.cloudwatch.work import WORK

SERVICE = Service(name="cloudwatch", api=api, internal=internal, work=WORK, resources=RESOURCES)
