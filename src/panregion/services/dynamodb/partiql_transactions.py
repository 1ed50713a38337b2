"""ExecuteTransaction: statements that all read or all write, all or nothing."""

from typing import Any

from panregion.languages.dynamodb import DynamoDbLanguageError, Value, ValueMalformed, measure_value
from panregion.languages.partiql import Delete, Select, Update
from panregion.services.dynamodb import contention, layout, metering, records
from panregion.services.dynamodb.capacity import Consumption, read_units, wanted
from panregion.services.dynamodb.checks import KEY_MISMATCH, check_key, find_table
from panregion.services.dynamodb.errors import (
    ConditionalCheckFailedException,
    DuplicateItemException,
    KeyValueRejected,
    ResourceNotFoundException,
    TransactionConflictException,
    ValidationException,
)
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.partiql import refuses_strong
from panregion.services.dynamodb.partiql_reads import Bound, bind, exact_key, projected
from panregion.services.dynamodb.partiql_writes import NO_KEY, Write, carry_out, consumption, prepare, understood
from panregion.services.dynamodb.transactions import MAX_BYTES, TWICE, cancel, print_of, seen
from panregion.services.here import Here
from panregion.store import Key
from panregion.wire import AwsError

Output = dict[str, Any]
Parameters = dict[str, Any]
Used = dict[str, tuple[TableView, Consumption]]

MIXED = "Cannot have both read and write statements in an ExecuteTransaction request."
NOT_ONE_ITEM = "Select statements within ExecuteTransaction must specify the primary key in the where clause."
CODES = {
    ConditionalCheckFailedException: "ConditionalCheckFailed",
    DuplicateItemException: "DuplicateItem",
    ResourceNotFoundException: "ResourceNotFound",
    TransactionConflictException: "TransactionConflict",
    ValidationException: "ValidationError",
}
AS_MISMATCH = (NO_KEY, "Multiple conditions on same key")
"""What a single statement is told about its key, a transaction tells as a key that does not fit."""


@refuses_strong
async def execute_transaction(
    here: Here,
    transact_statements: list[Parameters],
    client_request_token: str | None = None,
    return_consumed_capacity: str | None = None,
) -> Output:
    bounds = _bound(transact_statements)["bounds"]
    reading = [isinstance(bound.statement, Select) for bound in bounds]
    if any(reading) and not all(reading):
        raise ValidationException(MIXED)
    if all(reading):
        return here.read(lambda here: _reads(here, bounds, return_consumed_capacity))
    print_ = print_of(transact_statements)
    given = list(zip(transact_statements, bounds, strict=True))
    return await here.transact(
        lambda here: _writes(here, given, client_request_token, print_, return_consumed_capacity)
    )


@operation
def _bound(statements: list[Parameters]) -> Output:
    """All parameters before any statement."""
    for given in statements:
        parameters: list[Value] = given.get("Parameters") or []
        for value in parameters:
            measure_value(value)
    bounds: list[Bound] = []
    for place, given in enumerate(statements):
        try:
            bound = bind(given["Statement"], given.get("Parameters") or [])
            if isinstance(bound.statement, Update | Delete) and bound.statement.returning:
                raise ValidationException("RETURNING clause is not supported in ExecuteTransaction.")
            if isinstance(bound.statement, Select) and bound.statement.index is not None:
                raise ValidationException("Reads on indices are not supported within transactions.")
        except (ValidationException, DynamoDbLanguageError) as error:
            raise _at(place, error) from error
        bounds.append(bound)
    return {"bounds": bounds}


def _at(place: int, error: Exception) -> ValidationException:
    text = error.message if isinstance(error, AwsError) else str(error)
    return ValidationException(f"Validation failed in TransactStatements[{place}]: {text}")


def _reason(error: AwsError) -> Output:
    return {"Code": CODES[type(error)], "Message": error.message, **error.fields}


@operation
def _reads(here: Here, bounds: list[Bound], capacity: str | None) -> Output:
    reasons: list[Output] = []
    found: list[tuple[Bound, TableView, Key]] = []
    for place, bound in enumerate(bounds):
        try:
            view = find_table(here, bound.statement.table)
            key = _exact(place, bound, view)
            check_key(view, key)
            item_key = layout.item_key(view, key)
            contention.refuse_written(here, item_key)
        except KeyValueRejected:
            raise
        except (ResourceNotFoundException, TransactionConflictException, ValidationException) as error:
            if error.message.startswith("Validation failed in"):
                raise
            reasons.append(_reason(error))
            continue
        reasons.append({"Code": "None"})
        found.append((bound, view, item_key))
    cancel(reasons)
    if len({key for _, _, key in found}) != len(found):
        raise ValidationException(TWICE)
    return _found(here, found, capacity)


def _exact(place: int, bound: Bound, view: TableView) -> dict[str, Value]:
    try:
        return exact_key(bound, view, NOT_ONE_ITEM)
    except (ValidationException, DynamoDbLanguageError) as error:
        raise _at(place, error) from error


def _found(here: Here, places: list[tuple[Bound, TableView, Key]], capacity: str | None) -> Output:
    responses: list[Output] = []
    used: Used = {}
    for bound, view, key in places:
        record = here.tx.get(key)
        size = 0 if record is None else records.size_of(record)
        units = 2 * read_units(size, True)
        metering.spend(here, view, "Read", Consumption(units))
        used.setdefault(view.table.name, (view, Consumption()))[1].table += units
        responses.append({} if record is None else {"Item": projected(bound, records.item_of(record))})
    return _with_capacity({"Responses": responses}, used, capacity, "Read")


def _with_capacity(output: Output, used: Used, asked: str | None, kind: str) -> Output:
    if wanted(asked):
        output["ConsumedCapacity"] = [spent.report(view, str(asked), kind) for view, spent in used.values()]
    return output


@operation
def _writes(
    here: Here,
    given: list[tuple[Parameters, Bound]],
    token: str | None,
    print_: bytes,
    capacity: str | None,
) -> Output:
    repeated = token is not None and seen(here, token, print_)
    attempts = [_attempt(here, place, *pair, repeated) for place, pair in enumerate(given)]
    places = [write.place for write, _ in attempts if write is not None and write.place]
    if len(set(places)) != len(places):
        raise ValidationException(TWICE)
    cancel([reason for _, reason in attempts])
    writes = [write for write, _ in attempts if write is not None]
    if sum(write.size for write in writes) > MAX_BYTES:
        raise ValidationException("Aggregate size of items in the transaction has exceeded the limit of 4MB")
    used: Used = {}
    for write in writes:
        spent = used.setdefault(write.view.table.name, (write.view, Consumption()))[1]
        if repeated:
            spent.table += 2 * read_units(write.before.size, True)
        else:
            if wanted(capacity):
                spent.add(consumption(write), 2)
            if metering.is_metered(here, write.view):  # a transaction pays double; writing spends the other half
                metering.spend(here, write.view, "Write", consumption(write))
            carry_out(here, write)
    if not repeated:
        here.tx.hold(*places)
    output: Output = {"Responses": [{} for _ in writes]}
    return _with_capacity(output, used, capacity, "Read" if repeated else "Write")


def _attempt(here: Here, place: int, given: Parameters, bound: Bound, repeated: bool) -> tuple[Write | None, Output]:
    """The write and the reason why it cannot be, {"Code": "None"} if it can; a repeated one was done before."""
    try:
        write = understood(here, bound)
    except ResourceNotFoundException as error:
        return None, _reason(error)
    except (ValidationException, DynamoDbLanguageError) as error:
        text = error.message if isinstance(error, AwsError) else str(error)
        if text.startswith(AS_MISMATCH):
            return None, {"Code": "ValidationError", "Message": KEY_MISMATCH}
        raise _at(place, error) from error
    if repeated:
        write.place = layout.item_key(write.view, write.key)
        write.before.record = here.tx.get(write.place)
        return write, {"Code": "None"}
    try:
        prepare(here, write, given.get("ReturnValuesOnConditionCheckFailure"))
    except KeyValueRejected:
        raise
    except tuple(CODES) as error:
        return write, _reason(error)
    except ValueMalformed:
        raise
    except DynamoDbLanguageError as error:
        return write, {"Code": "ValidationError", "Message": str(error)}
    return write, {"Code": "None"}
