"""ExecuteStatement and BatchExecuteStatement. ExecuteTransaction is in `partiql_transactions.py`.

Statements that only read run on what is committed, at once; the others in a transaction of the store. Which it is
shows in the statement, so these operations are asynchronous and choose.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from panregion.languages.dynamodb import DynamoDbLanguageError, Value, ValueMalformed, measure_value
from panregion.languages.partiql import Exists, Select
from panregion.services.dynamodb import layout, metering, records
from panregion.services.dynamodb.capacity import Consumption, read_units, wanted
from panregion.services.dynamodb.checks import check_key, find_table
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.partiql_reads import Bound, bind, exact_key, projected, select, summed
from panregion.services.dynamodb.partiql_writes import carry_out, consumption, prepare, returned, understood
from panregion.services.dynamodb.strong import Run, StrongTables
from panregion.services.here import Here
from panregion.services.waiting import MustWait
from panregion.wire import AwsError

Output = dict[str, Any]
Parameters = dict[str, Any]
Asynchronous = Callable[..., Awaitable[Output]]

NOT_HERE = "EXISTS can only be used in ExecuteTransaction write requests."
NOT_ONE_ITEM = "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
MIXED = "Cannot have both read and write statements in a BatchExecuteStatement request."
CODES = {
    "ValidationException": "ValidationError",
    "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
}


@operation
def _bound(text: str, parameters: list[Value] | None) -> Output:
    """The parameters first, whatever the statement is."""
    for value in parameters or []:
        measure_value(value)
    return {"bound": bind(text, parameters or [])}


def bound_statement(text: str, parameters: list[Value] | None) -> Bound:
    bound = _bound(text, parameters)["bound"]
    assert isinstance(bound, Bound)
    return bound


def refuses_strong(function: Asynchronous) -> Asynchronous:
    """Transactions on strong tables are not done, here as on AWS."""

    @wraps(function)
    async def run(here: Here, *args: Any, **kwargs: Any) -> Output:
        try:
            return await function(here, *args, **kwargs)
        except MustWait as error:
            text = "ExecuteTransaction is not supported on a table with multi-Region strong consistency"
            raise ValidationException(text) from error

    return run


async def execute_statement(
    here: Here,
    statement: str,
    parameters: list[Value] | None = None,
    consistent_read: bool = False,
    next_token: str | None = None,
    return_consumed_capacity: str | None = None,
    limit: int | None = None,
    return_values_on_condition_check_failure: str | None = None,
) -> Output:
    bound = bound_statement(statement, parameters)
    if isinstance(bound.statement, Exists):
        raise ValidationException(NOT_HERE)
    if isinstance(bound.statement, Select):
        read = operation(select)
        capacity = return_consumed_capacity
        return await _run(
            here, bound, lambda here: read(here, bound, limit, next_token, consistent_read, capacity), consistent_read
        )
    on_failure = return_values_on_condition_check_failure
    return await _run(here, bound, lambda here: _write(here, bound, on_failure, return_consumed_capacity))


async def _run(here: Here, bound: Bound, run: Run, consistent: bool = False) -> Output:
    """Run a statement by itself, on an ordinary table or a strong one."""
    writes = not isinstance(bound.statement, Select)
    try:
        return await here.transact(run) if writes else here.read(run)
    except MustWait:
        strong: StrongTables = here.running["dynamodb"].strong
        return await strong.statement(here, bound.statement.table, run, writes=writes, consistent=consistent)


@operation
def _write(here: Here, bound: Bound, on_failure: str | None, capacity: str | None) -> Output:
    write = understood(here, bound)
    prepare(here, write, on_failure)
    carry_out(here, write)
    output: Output = {"Items": returned(write)}
    if wanted(capacity):
        output["ConsumedCapacity"] = consumption(write).report(write.view, str(capacity))
    return output


# Batches

Member = tuple[Parameters, Bound | AwsError]


async def batch_execute_statement(
    here: Here, statements: list[Parameters], return_consumed_capacity: str | None = None
) -> Output:
    members = [(given, _bound_or_error(given)) for given in statements]
    reading = [isinstance(bound.statement, Select) for _, bound in members if isinstance(bound, Bound)]
    if any(reading) and not all(reading):
        raise ValidationException(MIXED)
    try:
        if all(reading):
            return here.read(lambda here: _batch(here, members, return_consumed_capacity))
        return await here.transact(lambda here: _batch(here, members, return_consumed_capacity))
    except MustWait:
        return await _one_by_one(here, members, return_consumed_capacity)


async def _one_by_one(here: Here, members: list[Member], capacity: str | None) -> Output:
    """Each statement by itself: some of them are about strong tables."""
    outputs = await asyncio.gather(*(_by_itself(here, member, capacity) for member in members))
    output: Output = {"Responses": [response for part in outputs for response in part["Responses"]]}
    if wanted(capacity):
        output["ConsumedCapacity"] = [used for part in outputs for used in part.get("ConsumedCapacity", [])]
    return output


async def _by_itself(here: Here, member: Member, capacity: str | None) -> Output:
    given, bound = member
    if isinstance(bound, AwsError):
        return _batch(here, [member], None)
    try:
        run: Run = lambda here: _batch(here, [member], capacity)  # noqa: E731
        return await _run(here, bound, run, given.get("ConsistentRead", False))
    except AwsError as error:
        return {"Responses": [{"Error": _error(error), "TableName": bound.statement.table}]}


def _bound_or_error(given: Parameters) -> Bound | AwsError:
    try:
        bound = bound_statement(given["Statement"], given.get("Parameters"))
    except ValidationException as error:
        return error
    return ValidationException(NOT_HERE) if isinstance(bound.statement, Exists) else bound


def _batch(here: Here, members: list[Member], capacity: str | None) -> Output:
    used: dict[str, Output] = {}
    responses = [_response(here, given, bound, used, capacity) for given, bound in members]
    output: Output = {"Responses": responses}
    if wanted(capacity):
        output["ConsumedCapacity"] = list(used.values())
    return output


def _response(
    here: Here, given: Parameters, bound: Bound | AwsError, used: dict[str, Output], capacity: str | None
) -> Output:
    """One statement's answer: an error of one leaves the others alone, and nothing of it is written."""
    if isinstance(bound, AwsError):
        return {"Error": _error(bound)}
    named: Output = {}
    try:
        if isinstance(bound.statement, Select):
            found, spent = _get(here, bound, given, named)
        else:
            write = understood(here, bound)
            named["TableName"] = write.view.table.name
            prepare(here, write, given.get("ReturnValuesOnConditionCheckFailure"))
            carry_out(here, write)
            found, spent = returned(write), consumption(write) if wanted(capacity) else Consumption()
    except AwsError as error:
        return {"Error": _error(error), **named}
    except ValueMalformed:
        raise
    except DynamoDbLanguageError as error:
        return {"Error": _error(ValidationException(str(error))), **named}
    if wanted(capacity):
        view = find_table(here, bound.statement.table)
        report = spent.report(view, str(capacity))
        used[view.table.name] = summed(used.get(view.table.name), report)
    return {**named, **({"Item": found[0]} if found else {})}


def _get(here: Here, bound: Bound, given: Parameters, named: Output) -> tuple[list[Any], Consumption]:
    view = find_table(here, bound.statement.table)
    statement = bound.statement
    assert isinstance(statement, Select)
    if statement.index is not None:
        raise ValidationException(NOT_ONE_ITEM)
    key = exact_key(bound, view, NOT_ONE_ITEM)
    named["TableName"] = view.table.name
    check_key(view, key)
    record = here.tx.get(layout.item_key(view, key))
    size = 0 if record is None else records.size_of(record)
    spent = Consumption(read_units(size, given.get("ConsistentRead", False)))
    metering.spend(here, view, "Read", spent)
    if record is None:
        return [], spent
    if statement.columns is None:
        return [records.raw_of(record)], spent
    return [projected(bound, records.item_of(record))], spent


def _error(error: AwsError) -> Output:
    code = CODES.get(error.code, error.code.removesuffix("Exception"))
    return {"Code": code, "Message": error.message, **error.fields}
