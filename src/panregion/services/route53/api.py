"""Amazon Route 53: one function per operation, named and documented as AWS names it. The functions are beside this."""

from panregion.services.route53.asking import test_dns_answer
from panregion.services.route53.checks import (
    create_health_check,
    delete_health_check,
    get_checker_ip_ranges,
    get_health_check,
    get_health_check_count,
    get_health_check_last_failure_reason,
    get_health_check_status,
    list_health_checks,
    update_health_check,
)
from panregion.services.route53.cidr import (
    change_cidr_collection,
    create_cidr_collection,
    delete_cidr_collection,
    list_cidr_blocks,
    list_cidr_collections,
    list_cidr_locations,
)
from panregion.services.route53.delegation import (
    create_reusable_delegation_set,
    delete_reusable_delegation_set,
    get_reusable_delegation_set,
    get_reusable_delegation_set_limit,
    list_reusable_delegation_sets,
)
from panregion.services.route53.limits import (
    get_account_limit,
    get_hosted_zone_limit,
)
from panregion.services.route53.locations import (
    get_geo_location,
    list_geo_locations,
)
from panregion.services.route53.records import (
    change_resource_record_sets,
    get_change,
    list_resource_record_sets,
)
from panregion.services.route53.tags import (
    change_tags_for_resource,
    list_tags_for_resource,
    list_tags_for_resources,
)
from panregion.services.route53.traffic import (
    create_traffic_policy,
    create_traffic_policy_version,
    delete_traffic_policy,
    get_traffic_policy,
    list_traffic_policies,
    list_traffic_policy_versions,
    update_traffic_policy_comment,
)
from panregion.services.route53.traffic_instances import (
    create_traffic_policy_instance,
    delete_traffic_policy_instance,
    get_traffic_policy_instance,
    get_traffic_policy_instance_count,
    list_traffic_policy_instances,
    list_traffic_policy_instances_by_hosted_zone,
    list_traffic_policy_instances_by_policy,
    update_traffic_policy_instance,
)
from panregion.services.route53.zones import (
    create_hosted_zone,
    delete_hosted_zone,
    get_hosted_zone,
    get_hosted_zone_count,
    list_hosted_zones,
    list_hosted_zones_by_name,
    update_hosted_zone_comment,
)

__all__ = [
    "change_cidr_collection",
    "change_resource_record_sets",
    "change_tags_for_resource",
    "create_cidr_collection",
    "create_health_check",
    "create_hosted_zone",
    "create_reusable_delegation_set",
    "create_traffic_policy",
    "create_traffic_policy_instance",
    "create_traffic_policy_version",
    "delete_cidr_collection",
    "delete_health_check",
    "delete_hosted_zone",
    "delete_reusable_delegation_set",
    "delete_traffic_policy",
    "delete_traffic_policy_instance",
    "get_account_limit",
    "get_change",
    "get_checker_ip_ranges",
    "get_geo_location",
    "get_health_check",
    "get_health_check_count",
    "get_health_check_last_failure_reason",
    "get_health_check_status",
    "get_hosted_zone",
    "get_hosted_zone_count",
    "get_hosted_zone_limit",
    "get_reusable_delegation_set",
    "get_reusable_delegation_set_limit",
    "get_traffic_policy",
    "get_traffic_policy_instance",
    "get_traffic_policy_instance_count",
    "list_cidr_blocks",
    "list_cidr_collections",
    "list_cidr_locations",
    "list_geo_locations",
    "list_health_checks",
    "list_hosted_zones",
    "list_hosted_zones_by_name",
    "list_resource_record_sets",
    "list_reusable_delegation_sets",
    "list_tags_for_resource",
    "list_tags_for_resources",
    "list_traffic_policies",
    "list_traffic_policy_instances",
    "list_traffic_policy_instances_by_hosted_zone",
    "list_traffic_policy_instances_by_policy",
    "list_traffic_policy_versions",
    "test_dns_answer",
    "update_health_check",
    "update_hosted_zone_comment",
    "update_traffic_policy_comment",
    "update_traffic_policy_instance",
]
