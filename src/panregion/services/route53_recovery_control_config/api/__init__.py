"""Recovery control configuration's operations, named as AWS names them, by what they are about."""

from panregion.services.route53_recovery_control_config.api.clusters import (
    create_cluster,
    delete_cluster,
    describe_cluster,
    get_resource_policy,
    list_clusters,
    update_cluster,
)
from panregion.services.route53_recovery_control_config.api.controls import (
    create_routing_control,
    delete_routing_control,
    describe_routing_control,
    list_associated_route53_health_checks,
    list_routing_controls,
    update_routing_control,
)
from panregion.services.route53_recovery_control_config.api.panels import (
    create_control_panel,
    delete_control_panel,
    describe_control_panel,
    list_control_panels,
    update_control_panel,
)
from panregion.services.route53_recovery_control_config.api.rules import (
    create_safety_rule,
    delete_safety_rule,
    describe_safety_rule,
    list_safety_rules,
    update_safety_rule,
)
from panregion.services.route53_recovery_control_config.api.tags import (
    list_tags_for_resource,
    tag_resource,
    untag_resource,
)

__all__ = [
    "create_cluster",
    "create_control_panel",
    "create_routing_control",
    "create_safety_rule",
    "delete_cluster",
    "delete_control_panel",
    "delete_routing_control",
    "delete_safety_rule",
    "describe_cluster",
    "describe_control_panel",
    "describe_routing_control",
    "describe_safety_rule",
    "get_resource_policy",
    "list_associated_route53_health_checks",
    "list_clusters",
    "list_control_panels",
    "list_routing_controls",
    "list_safety_rules",
    "list_tags_for_resource",
    "tag_resource",
    "untag_resource",
    "update_cluster",
    "update_control_panel",
    "update_routing_control",
    "update_safety_rule",
]
