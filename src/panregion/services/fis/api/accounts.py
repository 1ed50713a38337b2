"""Target account configurations: for experiments over several accounts, of which this world has one."""

from typing import Any

from panregion.services.fis import layout
from panregion.services.fis.errors import ResourceNotFoundException, ValidationException
from panregion.services.here import Here
from panregion.services.service import reads

ONE = "a world has one account, and its experiment templates are for a single account"


def create_target_account_configuration(
    here: Here,
    experiment_template_id: str,
    account_id: str,
    role_arn: str,  # noqa: ARG001 - AWS's parameters
    client_token: str = "",  # noqa: ARG001
    description: str = "",  # noqa: ARG001
) -> dict[str, Any]:
    layout.template(here, experiment_template_id)
    raise ValidationException(f"Account {account_id} cannot be a target of {experiment_template_id}: {ONE}.")


def update_target_account_configuration(
    here: Here,
    experiment_template_id: str,
    account_id: str,
    role_arn: str = "",  # noqa: ARG001
    description: str = "",  # noqa: ARG001
) -> dict[str, Any]:
    return _none(here, experiment_template_id, account_id)


def delete_target_account_configuration(here: Here, experiment_template_id: str, account_id: str) -> dict[str, Any]:
    return _none(here, experiment_template_id, account_id)


@reads
def get_target_account_configuration(here: Here, experiment_template_id: str, account_id: str) -> dict[str, Any]:
    return _none(here, experiment_template_id, account_id)


@reads
def get_experiment_target_account_configuration(here: Here, experiment_id: str, account_id: str) -> dict[str, Any]:
    layout.experiment(here, experiment_id)
    raise ResourceNotFoundException(f"{experiment_id} has no target account configuration for {account_id}: {ONE}.")


def _none(here: Here, id: str, account_id: str) -> dict[str, Any]:
    layout.template(here, id)
    raise ResourceNotFoundException(f"{id} has no target account configuration for {account_id}: {ONE}.")


@reads
def list_target_account_configurations(
    here: Here,
    experiment_template_id: str,
    max_results: int = 100,  # noqa: ARG001
    next_token: str | None = None,  # noqa: ARG001
) -> dict[str, Any]:
    layout.template(here, experiment_template_id)
    return {"targetAccountConfigurations": []}


@reads
def list_experiment_target_account_configurations(
    here: Here,
    experiment_id: str,
    max_results: int = 100,  # noqa: ARG001
    next_token: str | None = None,  # noqa: ARG001
) -> dict[str, Any]:
    layout.experiment(here, experiment_id)
    return {"targetAccountConfigurations": []}
