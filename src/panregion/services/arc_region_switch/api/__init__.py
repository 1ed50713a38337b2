"""Region switch's operations, named as AWS names them, by what they are about."""

from panregion.services.arc_region_switch.api.checks import (
    list_route53_health_checks,
    list_route53_health_checks_in_region,
)
from panregion.services.arc_region_switch.api.evaluation import get_plan_evaluation_status, list_service_quota_warnings
from panregion.services.arc_region_switch.api.executions import (
    approve_plan_execution_step,
    cancel_plan_execution,
    get_plan_execution,
    list_plan_execution_events,
    list_plan_executions,
    start_plan_execution,
    update_plan_execution,
    update_plan_execution_step,
)
from panregion.services.arc_region_switch.api.plans import (
    create_plan,
    delete_plan,
    get_plan,
    get_plan_in_region,
    list_plans,
    list_plans_in_region,
    list_tags_for_resource,
    tag_resource,
    untag_resource,
    update_plan,
)

__all__ = [
    "approve_plan_execution_step",
    "cancel_plan_execution",
    "create_plan",
    "delete_plan",
    "get_plan",
    "get_plan_evaluation_status",
    "get_plan_execution",
    "get_plan_in_region",
    "list_plan_execution_events",
    "list_plan_executions",
    "list_plans",
    "list_plans_in_region",
    "list_route53_health_checks",
    "list_route53_health_checks_in_region",
    "list_service_quota_warnings",
    "list_tags_for_resource",
    "start_plan_execution",
    "tag_resource",
    "untag_resource",
    "update_plan",
    "update_plan_execution",
    "update_plan_execution_step",
]
