"""AWS Lambda: one function per operation, named as AWS names it; a file for each kind of thing."""

from panregion.services.lambda_.api.account import get_account_settings, list_tags, tag_resource, untag_resource
from panregion.services.lambda_.api.aliases import create_alias, delete_alias, get_alias, list_aliases, update_alias
from panregion.services.lambda_.api.concurrency import (
    delete_function_concurrency,
    get_function_concurrency,
    put_function_concurrency,
)
from panregion.services.lambda_.api.configuration import update_function_code, update_function_configuration
from panregion.services.lambda_.api.event_sources import (
    create_event_source_mapping,
    delete_event_source_mapping,
    get_event_source_mapping,
    list_event_source_mappings,
    update_event_source_mapping,
)
from panregion.services.lambda_.api.events import (
    delete_function_event_invoke_config,
    get_function_event_invoke_config,
    list_function_event_invoke_configs,
    put_function_event_invoke_config,
    update_function_event_invoke_config,
)
from panregion.services.lambda_.api.functions import (
    create_function,
    delete_function,
    get_function,
    get_function_code_signing_config,
    get_function_configuration,
    get_runtime_management_config,
    list_functions,
)
from panregion.services.lambda_.api.invoke import invoke, invoke_with_response_stream
from panregion.services.lambda_.api.layers import (
    delete_layer_version,
    get_layer_version,
    get_layer_version_by_arn,
    list_layer_versions,
    list_layers,
    publish_layer_version,
)
from panregion.services.lambda_.api.policies import add_permission, get_policy, remove_permission
from panregion.services.lambda_.api.provisioned import (
    delete_provisioned_concurrency_config,
    get_provisioned_concurrency_config,
    list_provisioned_concurrency_configs,
    put_provisioned_concurrency_config,
)
from panregion.services.lambda_.api.urls import (
    create_function_url_config,
    delete_function_url_config,
    get_function_url_config,
    list_function_url_configs,
    update_function_url_config,
)
from panregion.services.lambda_.api.versions import list_versions_by_function, publish_version

__all__ = [
    "add_permission",
    "create_alias",
    "create_event_source_mapping",
    "create_function",
    "create_function_url_config",
    "delete_alias",
    "delete_event_source_mapping",
    "delete_function",
    "delete_function_concurrency",
    "delete_function_event_invoke_config",
    "delete_function_url_config",
    "delete_layer_version",
    "delete_provisioned_concurrency_config",
    "get_account_settings",
    "get_alias",
    "get_event_source_mapping",
    "get_function",
    "get_function_code_signing_config",
    "get_function_concurrency",
    "get_function_configuration",
    "get_function_event_invoke_config",
    "get_function_url_config",
    "get_layer_version",
    "get_layer_version_by_arn",
    "get_policy",
    "get_provisioned_concurrency_config",
    "get_runtime_management_config",
    "invoke",
    "invoke_with_response_stream",
    "list_aliases",
    "list_event_source_mappings",
    "list_function_event_invoke_configs",
    "list_function_url_configs",
    "list_functions",
    "list_layer_versions",
    "list_layers",
    "list_provisioned_concurrency_configs",
    "list_tags",
    "list_versions_by_function",
    "publish_layer_version",
    "publish_version",
    "put_function_concurrency",
    "put_function_event_invoke_config",
    "put_provisioned_concurrency_config",
    "remove_permission",
    "tag_resource",
    "untag_resource",
    "update_alias",
    "update_event_source_mapping",
    "update_function_code",
    "update_function_configuration",
    "update_function_event_invoke_config",
    "update_function_url_config",
]
