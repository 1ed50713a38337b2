"""EventBridge Scheduler: one function per operation, named as AWS names it."""

from panregion.services.scheduler.api.groups import (
    create_schedule_group,
    delete_schedule_group,
    get_schedule_group,
    list_schedule_groups,
    list_tags_for_resource,
    tag_resource,
    untag_resource,
)
from panregion.services.scheduler.api.schedules import (
    create_schedule,
    delete_schedule,
    get_schedule,
    list_schedules,
    update_schedule,
)

__all__ = [
    "create_schedule",
    "create_schedule_group",
    "delete_schedule",
    "delete_schedule_group",
    "get_schedule",
    "get_schedule_group",
    "list_schedule_groups",
    "list_schedules",
    "list_tags_for_resource",
    "tag_resource",
    "untag_resource",
    "update_schedule",
]
