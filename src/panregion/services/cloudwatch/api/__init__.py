"""Amazon CloudWatch: one function per operation, named and documented as AWS names it."""

from panregion.services.cloudwatch.api.alarms import (
    delete_alarms,
    describe_alarm_history,
    describe_alarms,
    describe_alarms_for_metric,
    disable_alarm_actions,
    enable_alarm_actions,
    list_tags_for_resource,
    put_metric_alarm,
    set_alarm_state,
    tag_resource,
    untag_resource,
)
from panregion.services.cloudwatch.api.metrics import (
    get_metric_data,
    get_metric_statistics,
    list_metrics,
    put_metric_data,
)

__all__ = [
    "delete_alarms",
    "describe_alarm_history",
    "describe_alarms",
    "describe_alarms_for_metric",
    "disable_alarm_actions",
    "enable_alarm_actions",
    "get_metric_data",
    "get_metric_statistics",
    "list_metrics",
    "list_tags_for_resource",
    "put_metric_alarm",
    "put_metric_data",
    "set_alarm_state",
    "tag_resource",
    "untag_resource",
]
