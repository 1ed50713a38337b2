"""Amazon EventBridge: one function per operation, named as AWS names it."""

from panregion.services.events.api.buses import (
    create_event_bus,
    delete_event_bus,
    describe_event_bus,
    list_event_buses,
    list_tags_for_resource,
    put_permission,
    remove_permission,
    tag_resource,
    untag_resource,
    update_event_bus,
)
from panregion.services.events.api.putting import put_events, test_event_pattern
from panregion.services.events.api.rules import (
    delete_rule,
    describe_rule,
    disable_rule,
    enable_rule,
    list_rule_names_by_target,
    list_rules,
    list_targets_by_rule,
    put_rule,
    put_targets,
    remove_targets,
)

__all__ = [
    "create_event_bus",
    "delete_event_bus",
    "delete_rule",
    "describe_event_bus",
    "describe_rule",
    "disable_rule",
    "enable_rule",
    "list_event_buses",
    "list_rule_names_by_target",
    "list_rules",
    "list_tags_for_resource",
    "list_targets_by_rule",
    "put_events",
    "put_permission",
    "put_rule",
    "put_targets",
    "remove_permission",
    "remove_targets",
    "tag_resource",
    "test_event_pattern",
    "untag_resource",
    "update_event_bus",
]
