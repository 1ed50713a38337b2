"""What Route 53 gives to CloudFormation: zones, record sets and their groups, health checks, CIDR collections."""

from panregion.services.route53.stack_others import (
    check_attributes,
    collection_attributes,
    create_check,
    create_collection,
    create_zone,
    delete_check,
    delete_collection,
    delete_zone,
    update_check,
    update_collection,
    update_zone,
    zone_attributes,
)
from panregion.services.route53.stack_records import (
    RECORD_FIELDS,
    create_group,
    create_record,
    delete_group,
    delete_record,
    update_group,
    update_record,
)
from panregion.services.stack import ResourceType

RECORD_PROPERTIES = frozenset({*RECORD_FIELDS, "ResourceRecords", "Comment", "HostedZoneId", "HostedZoneName"})
RECORD_REPLACES = frozenset({"Name", "HostedZoneId", "HostedZoneName"})

RESOURCES = {
    kind.type_name: kind
    for kind in (
        ResourceType(
            type_name="AWS::Route53::HostedZone",
            properties=frozenset({"Name", "HostedZoneConfig", "HostedZoneTags"}),
            required=frozenset({"Name"}),
            create=create_zone,
            delete=delete_zone,
            update=update_zone,
            attributes=zone_attributes,
            replaces_on=frozenset({"Name"}),
        ),
        ResourceType(
            type_name="AWS::Route53::RecordSet",
            properties=RECORD_PROPERTIES,
            required=frozenset({"Name", "Type"}),
            create=create_record,
            delete=delete_record,
            update=update_record,
            replaces_on=RECORD_REPLACES,
        ),
        ResourceType(
            type_name="AWS::Route53::RecordSetGroup",
            properties=frozenset({"RecordSets", "Comment", "HostedZoneId", "HostedZoneName"}),
            create=create_group,
            delete=delete_group,
            update=update_group,
            replaces_on=frozenset({"HostedZoneId", "HostedZoneName"}),
        ),
        ResourceType(
            type_name="AWS::Route53::HealthCheck",
            properties=frozenset({"HealthCheckConfig", "HealthCheckTags"}),
            required=frozenset({"HealthCheckConfig"}),
            create=create_check,
            delete=delete_check,
            update=update_check,
            attributes=check_attributes,
        ),
        ResourceType(
            type_name="AWS::Route53::CidrCollection",
            properties=frozenset({"Name", "Locations"}),
            required=frozenset({"Name"}),
            create=create_collection,
            delete=delete_collection,
            update=update_collection,
            attributes=collection_attributes,
            replaces_on=frozenset({"Name"}),
        ),
    )
}
