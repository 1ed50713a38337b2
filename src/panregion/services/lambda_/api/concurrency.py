"""Reserved concurrency: how many invocations of a function may run at once."""

import msgspec

from panregion.functions import Limit
from panregion.services import Here, reads
from panregion.services.lambda_ import layout
from panregion.services.lambda_.errors import invalid
from panregion.services.lambda_.model import Json
from panregion.services.lambda_.names import parse

UNRESERVED_MIN = 10
"""What AWS leaves for the functions without a reservation (there it is 100 of 1,000)."""


def total_reserved(here: Here, but: str = "") -> int:
    return sum(each.reserved or 0 for each in layout.functions(here.tx) if each.name != but)


def delete_function_concurrency(here: Here, function_name: str) -> None:
    name, _ = parse(function_name, None, here.region)
    function = layout.require_function(here, name)
    layout.put_function(here.tx, msgspec.structs.replace(function, reserved=None))


@reads
def get_function_concurrency(here: Here, function_name: str) -> Json:
    name, _ = parse(function_name, None, here.region)
    reserved = layout.require_function(here, name).reserved
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def put_function_concurrency(here: Here, function_name: str, reserved_concurrent_executions: int) -> Json:
    name, _ = parse(function_name, None, here.region)
    function = layout.require_function(here, name)
    kept = sum(row.count for _, _, row in layout.provisioned(here.tx, name))
    if reserved_concurrent_executions < kept:
        raise invalid(
            f"ReservedConcurrentExecutions {reserved_concurrent_executions} should not be lower than function's total "
            f"provisioned concurrency [{kept}]."
        )
    if total_reserved(here, but=name) + reserved_concurrent_executions > Limit().environments - UNRESERVED_MIN:
        raise invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{UNRESERVED_MIN}]."
        )
    layout.put_function(here.tx, msgspec.structs.replace(function, reserved=reserved_concurrent_executions))
    return {"ReservedConcurrentExecutions": reserved_concurrent_executions}
