"""Global Accelerator: one function per operation, named as AWS names it."""

from panregion.services.globalaccelerator.api.accelerators import (
    create_accelerator,
    delete_accelerator,
    describe_accelerator,
    describe_accelerator_attributes,
    list_accelerators,
    update_accelerator,
    update_accelerator_attributes,
)
from panregion.services.globalaccelerator.api.groups import (
    add_endpoints,
    create_endpoint_group,
    delete_endpoint_group,
    describe_endpoint_group,
    list_endpoint_groups,
    remove_endpoints,
    update_endpoint_group,
)
from panregion.services.globalaccelerator.api.listeners import (
    create_listener,
    delete_listener,
    describe_listener,
    list_listeners,
    update_listener,
)
from panregion.services.globalaccelerator.api.tags import list_tags_for_resource, tag_resource, untag_resource

__all__ = [
    "add_endpoints",
    "create_accelerator",
    "create_endpoint_group",
    "create_listener",
    "delete_accelerator",
    "delete_endpoint_group",
    "delete_listener",
    "describe_accelerator",
    "describe_accelerator_attributes",
    "describe_endpoint_group",
    "describe_listener",
    "list_accelerators",
    "list_endpoint_groups",
    "list_listeners",
    "list_tags_for_resource",
    "remove_endpoints",
    "tag_resource",
    "untag_resource",
    "update_accelerator",
    "update_accelerator_attributes",
    "update_endpoint_group",
    "update_listener",
]
