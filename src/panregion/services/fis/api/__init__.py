"""FIS's operations, named as AWS names them, by what they are about."""

from panregion.services.fis.api.accounts import (
    create_target_account_configuration,
    delete_target_account_configuration,
    get_experiment_target_account_configuration,
    get_target_account_configuration,
    list_experiment_target_account_configurations,
    list_target_account_configurations,
    update_target_account_configuration,
)
from panregion.services.fis.api.actions import (
    get_action,
    get_target_resource_type,
    list_actions,
    list_target_resource_types,
)
from panregion.services.fis.api.experiments import (
    get_experiment,
    list_experiment_resolved_targets,
    list_experiments,
    start_experiment,
    stop_experiment,
)
from panregion.services.fis.api.levers import get_safety_lever, update_safety_lever_state
from panregion.services.fis.api.tags import list_tags_for_resource, tag_resource, untag_resource
from panregion.services.fis.api.templates import (
    create_experiment_template,
    delete_experiment_template,
    get_experiment_template,
    list_experiment_templates,
    update_experiment_template,
)

__all__ = [
    "create_experiment_template",
    "create_target_account_configuration",
    "delete_experiment_template",
    "delete_target_account_configuration",
    "get_action",
    "get_experiment",
    "get_experiment_target_account_configuration",
    "get_experiment_template",
    "get_safety_lever",
    "get_target_account_configuration",
    "get_target_resource_type",
    "list_actions",
    "list_experiment_resolved_targets",
    "list_experiment_target_account_configurations",
    "list_experiment_templates",
    "list_experiments",
    "list_tags_for_resource",
    "list_target_account_configurations",
    "list_target_resource_types",
    "start_experiment",
    "stop_experiment",
    "tag_resource",
    "untag_resource",
    "update_experiment_template",
    "update_safety_lever_state",
    "update_target_account_configuration",
]
