"""Amazon CloudWatch: metrics that are written and asked for, and alarms that watch them, with their actions.

Metric data are kept as statistic sets by the minute (`metric`, `figures`); percentiles and metric math are refused by
name. Alarms on one metric are evaluated by the region's work (`evaluation`, `watch`); others, and those on metrics that
nobody here writes, are in the state that SetAlarmState gave them last, and in INSUFFICIENT_DATA before.

Health checks of type CLOUDWATCH_METRIC follow the states (the edge follows this service region by region).
"""

from panregion.services import Service
from panregion.services.cloudwatch import api, internal
from panregion.services.cloudwatch.stack import RESOURCES
from panregion.services.cloudwatch.work import WORK

SERVICE = Service(name="cloudwatch", api=api, internal=internal, work=WORK, resources=RESOURCES)
