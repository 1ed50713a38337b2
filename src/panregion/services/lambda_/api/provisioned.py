"""Provisioned concurrency: environments of a version or an alias that are kept warm."""

from datetime import UTC, datetime

from panregion.functions import Limit
from panregion.services import Here, reads
from panregion.services.lambda_ import layout, provisioning
from panregion.services.lambda_.api.concurrency import UNRESERVED_MIN, total_reserved
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.errors import (
    ProvisionedConcurrencyConfigNotFoundException,
    ResourceConflictException,
    invalid,
    no_function,
)
from panregion.services.lambda_.model import Json, Provisioned
from panregion.services.lambda_.names import LATEST, parse

INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"


def put_provisioned_concurrency_config(
    here: Here, function_name: str, qualifier: str, provisioned_concurrent_executions: int
) -> Json:
    name, given = parse(function_name, qualifier, here.region)
    if given == LATEST:
        raise invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    _require(here, name, qualifier)
    _check_overlap(here, name, qualifier)
    _check_room(here, name, qualifier, provisioned_concurrent_executions)
    row = Provisioned(count=provisioned_concurrent_executions, modified_s=here.now())
    layout.put_provisioned(here.tx, name, qualifier, row)
    provisioning.changed(here)
    return _described(row, 0, "") | {"Status": "IN_PROGRESS"}


@reads
def get_provisioned_concurrency_config(here: Here, function_name: str, qualifier: str) -> Json:
    name, given = parse(function_name, qualifier, here.region)
    if given == LATEST:
        raise invalid("The function resource provided must be an alias or a published version.")
    _require(here, name, qualifier)
    row = layout.find_provisioned(here.tx, name, qualifier)
    if row is None:
        raise ProvisionedConcurrencyConfigNotFoundException(
            "No Provisioned Concurrency Config found for this function", Type="User"
        )
    return _described(row, *provisioning.status(here, name, qualifier))


@reads
def list_provisioned_concurrency_configs(
    here: Here, function_name: str, marker: str | None = None, max_items: int = PAGE_MAX
) -> Json:
    name, _ = parse(function_name, None, here.region)
    layout.require_function(here, name)
    rows = (each for each in layout.provisioned(here.tx, name) if marker is None or each[1] > marker)

    def described(found: tuple[str, str, Provisioned]) -> Json:
        _, qualifier, row = found
        told = _described(row, *provisioning.status(here, name, qualifier))
        return {"FunctionArn": layout.arn_of(here, name, qualifier), **told}

    return page(rows, max_items, "ProvisionedConcurrencyConfigs", described, lambda found: found[1])


def delete_provisioned_concurrency_config(here: Here, function_name: str, qualifier: str) -> None:
    name, given = parse(function_name, qualifier, here.region)
    if given == LATEST:
        raise invalid("The function resource provided must be an alias or a published version.")
    _require(here, name, qualifier)
    layout.delete_provisioned(here.tx, name, qualifier)
    here.later("lambda.provisioned", {})


def total_provisioned(here: Here, name: str, but: str = "") -> int:
    """Of all of a function's versions and aliases."""
    return sum(row.count for _, qualifier, row in layout.provisioned(here.tx, name) if qualifier != but)


def _require(here: Here, name: str, qualifier: str) -> None:
    """Raises ResourceNotFoundException."""
    if not qualifier.isdigit():
        layout.require_alias(here, name, qualifier)
    elif layout.find_config(here.tx, name, int(qualifier)) is None:
        raise no_function(layout.arn_of(here, name, qualifier))


def _check_overlap(here: Here, name: str, qualifier: str) -> None:
    """A version has kept environments of its own or of an alias, not both. Raises ResourceConflictException."""
    others = {each for _, each, _ in layout.provisioned(here.tx, name) if each != qualifier}
    if not qualifier.isdigit():
        if str(layout.require_alias(here, name, qualifier).version) in others:
            raise ResourceConflictException(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
                Type="User",
            )
        return
    aliases = (layout.find_alias(here.tx, name, each) for each in others if not each.isdigit())
    if any(alias is not None and alias.version == int(qualifier) for alias in aliases):
        raise ResourceConflictException("Version is pointed by a Provisioned Concurrency alias", Type="User")


def _check_room(here: Here, name: str, qualifier: str, count: int) -> None:
    """Raises InvalidParameterValueException."""
    function = layout.require_function(here, name)
    own = total_provisioned(here, name, but=qualifier)
    if function.reserved is not None:
        if own + count > function.reserved:
            raise invalid(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution "
                "for function"
            )
        return
    unreserved = Limit().environments - total_reserved(here) - own - _provisioned_of_unreserved(here, but=name)
    if count > unreserved:
        raise invalid(
            f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency "
            f"[{unreserved}]."
        )
    if unreserved - count < UNRESERVED_MIN:
        raise invalid(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
            f"its minimum value of [{UNRESERVED_MIN}]."
        )


def _provisioned_of_unreserved(here: Here, but: str) -> int:
    """What functions without a reservation keep warm: with one, it is a part of it."""
    unreserved = {each.name for each in layout.functions(here.tx) if each.reserved is None and each.name != but}
    return sum(row.count for name, _, row in layout.provisioned(here.tx) if name in unreserved)


def _described(row: Provisioned, ready: int, reason: str) -> Json:
    modified = datetime.fromtimestamp(int(row.modified_s), UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    status = "READY" if ready >= row.count else "FAILED" if reason else "IN_PROGRESS"
    told: Json = {
        "RequestedProvisionedConcurrentExecutions": row.count,
        "AvailableProvisionedConcurrentExecutions": ready,
        "AllocatedProvisionedConcurrentExecutions": ready,
        "Status": status,
        "LastModified": modified,
    }
    return told | ({"StatusReason": f"{INIT_FAILED}: {reason}"} if status == "FAILED" else {})
