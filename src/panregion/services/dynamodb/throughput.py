"""Billing mode and capacity of a table and its indexes: what UpdateTable makes of them, and what AWS refuses."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.services.dynamodb import schema
from panregion.services.dynamodb.errors import LimitExceededException, ValidationException
from panregion.services.dynamodb.model import Index, Table, Throughput

Parameters = dict[str, Any]

INVALID = schema.INVALID
ON_DEMAND_READS, ON_DEMAND_WRITES = 12_000, 4_000
"""What an on-demand table bears from its first second."""
FREE_DECREASES = 4
DECREASE_EVERY_S = 3600.0
DAY_S = 86_400.0
NO_CEILING = -1
WARM = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")


def warm_units(billing: str, throughput: Throughput, warm: dict[str, int] | None) -> tuple[int, int]:
    """Reads and writes a second that are borne at once: at least what was asked for, and what AWS begins with."""
    read, write = (ON_DEMAND_READS, ON_DEMAND_WRITES) if billing == "PAY_PER_REQUEST" else (0, 0)
    given = warm or {}
    return (
        max(read, throughput.read, given.get("ReadUnitsPerSecond", 0)),
        max(write, throughput.write, given.get("WriteUnitsPerSecond", 0)),
    )


def check_warm(current: tuple[int, int], given: Parameters | None, what: str) -> None:
    """It only grows. Raises ValidationException."""
    for name, now in zip(WARM, current, strict=True):
        if given and given.get(name, now) < now:
            raise ValidationException(
                f"{INVALID}Requested {name} for WarmThroughput for {what} is lower than current WarmThroughput, "
                "decreasing WarmThroughput is not supported"
            )


def with_warm(known: dict[str, int] | None, given: Parameters | None) -> dict[str, int] | None:
    """The warm throughput with what was asked for; never less than before."""
    if not given:
        return known
    return {
        name: max(given.get(name, 0), (known or {}).get(name, 0)) for name in WARM if name in {**given, **(known or {})}
    }


def with_ceiling(known: dict[str, int] | None, given: Parameters | None) -> dict[str, int] | None:
    """The most that an on-demand table may take; -1 takes a ceiling away."""
    if given is None:
        return known
    merged = {name: value for name, value in {**(known or {}), **given}.items() if value != NO_CEILING}
    return merged or None


def check_ceiling(billing: str, given: Parameters | None) -> None:
    if given and billing == "PROVISIONED":
        raise ValidationException(
            f"{INVALID}MaxReadRequestUnits and MaxWriteRequestUnits cannot be specified when BillingMode is PROVISIONED"
        )
    for name, value in (given or {}).items():
        if value < 1 and value != NO_CEILING:
            raise ValidationException(f"{INVALID}{name} must be at least 1, or -1 for no maximum: {value}")


# A change of the table's


def check_alone(billing: str | None, given: Parameters | None) -> None:
    """What needs no table to be seen. Raises ValidationException."""
    if billing == "PROVISIONED" and not given:
        raise ValidationException(f"{INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    if given:
        schema.check_bounds(given)


def check(
    table: Table,
    billing: str | None,
    given: Parameters | None,
    ceiling: Parameters | None,
    warm: Parameters | None,
    index_updates: list[Parameters],
    now: float,
) -> None:
    """What UpdateTable asks for, beside what the table has. Raises ValidationException, LimitExceededException."""
    after = billing or table.billing
    if given:
        schema.check_throughput(after, given)
    check_ceiling(after, ceiling)
    check_warm(warm_units(table.billing, table.throughput, table.warm), warm, "table")
    if after == "PROVISIONED" and table.billing != after:
        _check_all_indexes(table, index_updates)
    elif given:
        check_change(table.throughput, given, now)


def _check_all_indexes(table: Table, updates: list[Parameters]) -> None:
    """A table that becomes a provisioned one says the capacity of all its indexes."""
    given = [update["Update"] for update in updates if update.get("Update")]
    named = {action["IndexName"] for action in given if action.get("ProvisionedThroughput")}
    named |= {update["Delete"]["IndexName"] for update in updates if update.get("Delete")}
    left = [index.name for index in table.indexes if index.is_global and index.status != "DELETING"]
    missing = sorted(name for name in left if name not in named)
    if missing:
        raise ValidationException(f"{INVALID}ProvisionedThroughput must be specified for index: {','.join(missing)}")


def with_billing(table: Table, billing: str | None, throughput: Parameters | None, now: float) -> Table:
    """The table with another billing mode or capacity, not checked."""
    if billing == "PAY_PER_REQUEST" and table.billing != billing:
        indexes = tuple(msgspec.structs.replace(index, throughput=Throughput()) for index in table.indexes)
        return msgspec.structs.replace(
            table,
            billing="PAY_PER_REQUEST",
            billing_named=True,
            billing_changed=now,
            throughput=Throughput(),
            indexes=indexes,
        )
    if not throughput:
        return table
    if table.billing != "PROVISIONED":  # ceilings do not outlive the mode that they are of
        indexes = tuple(msgspec.structs.replace(index, on_demand=None) for index in table.indexes)
        table = msgspec.structs.replace(
            table, billing="PROVISIONED", billing_named=True, on_demand=None, indexes=indexes
        )
        return msgspec.structs.replace(table, throughput=schema.throughput_of(throughput))
    return msgspec.structs.replace(table, throughput=changed(table.throughput, throughput, now))


def changed(old: Throughput, given: Parameters, now: float) -> Throughput:
    """Other units, with the times and counts that AWS tells of such changes."""
    read, write = given["ReadCapacityUnits"], given["WriteCapacityUnits"]
    more, less = read > old.read or write > old.write, read < old.read or write < old.write
    return Throughput(
        read,
        write,
        now if more else old.increased,
        now if less else old.decreased,
        decreases_today(old, now) + less,
    )


def decreases_today(throughput: Throughput, now: float) -> int:
    """Since midnight, UTC."""
    if throughput.decreased is None or throughput.decreased // DAY_S != now // DAY_S:
        return 0
    return throughput.decreases_today


def check_change(old: Throughput, given: Parameters, now: float, index: str | None = None) -> None:
    """That there is a change, and not one decrease too many. Raises ValidationException, LimitExceededException."""
    read, write = given["ReadCapacityUnits"], given["WriteCapacityUnits"]
    if (read, write) == (old.read, old.write):
        what, of = ("the table", "the table") if index is None else (f"the index {index}", f"index {index}")
        raise ValidationException(
            f"The provisioned throughput for {what} will not change. The requested value equals the current "
            f"value. Current ReadCapacityUnits provisioned for {of}: {old.read}. Requested "
            f"ReadCapacityUnits: {read}. Current WriteCapacityUnits provisioned for {of}: {old.write}. "
            f"Requested WriteCapacityUnits: {write}. Refer to the Amazon DynamoDB Developer Guide for current "
            "limits and how to request higher limits."
        )
    if read >= old.read and write >= old.write:
        return
    count = decreases_today(old, now)
    if count >= FREE_DECREASES and old.decreased is not None and now - old.decreased < DECREASE_EVERY_S:
        raise LimitExceededException(
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the "
            "first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 "
            f"seconds. Number of decreases today: {count}. Last decrease at {_told(old.decreased)}. Next decrease can "
            f"be made at {_told(old.decreased + DECREASE_EVERY_S)}"
        )


def _told(moment: float) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    hour = at.hour % 12 or 12
    return f"{at:%A, %B} {at.day}, {at.year} at {hour}:{at:%M:%S %p} Coordinated Universal Time"


# A change of an index's


def check_index(table: Table, index: Index, action: Parameters, now: float) -> None:
    """Raises ValidationException, LimitExceededException."""
    given = action.get("ProvisionedThroughput")
    if given and table.billing == "PAY_PER_REQUEST":
        raise ValidationException(
            f"{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {index.name} "
            "when BillingMode is PAY_PER_REQUEST"
        )
    check_ceiling(table.billing, action.get("OnDemandThroughput"))
    current = warm_units(table.billing, index.throughput, index.warm)
    check_warm(current, action.get("WarmThroughput"), f"index {index.name}")
    if given:
        schema.check_bounds(given)
        check_change(index.throughput, given, now, index.name)


def with_index(index: Index, action: Parameters, now: float) -> Index:
    """The index with other capacity, not checked."""
    given = action.get("ProvisionedThroughput")
    throughput = index.throughput
    if given:
        throughput = changed(throughput, given, now) if throughput.read else schema.throughput_of(given)
    return msgspec.structs.replace(
        index,
        throughput=throughput,
        on_demand=with_ceiling(index.on_demand, action.get("OnDemandThroughput")),
        warm=with_warm(index.warm, action.get("WarmThroughput")),
    )
