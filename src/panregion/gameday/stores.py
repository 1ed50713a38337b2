"""What DynamoDB tables hold of what users were promised, region by region, and what control's conflict ledger says."""

from collections.abc import Iterable, Mapping
from typing import Any

from panregion.gameday.file import Store
from panregion.gameday.ledger import Finding, Ledger
from panregion.gameday.losses import Held, missing_in, overwritten_by_conflict
from panregion.gameday.regions import Region, Regions

BATCH = 100
"""BatchGetItem takes no more keys."""


class CannotCheck(Exception):
    """A store could not be read; the text says which, where and why."""


async def held_in(store: Store, regions: Iterable[Region], ids: list[str]) -> Held:
    """region -> id -> item, of those that are there. Raises CannotCheck."""
    return {region.name: await _items(store, region, ids) for region in regions}


async def _items(store: Store, region: Region, ids: list[str]) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    found: dict[str, Any] = {}
    try:
        for first in range(0, len(ids), BATCH):
            keys = [{store.key: {"S": one}} for one in ids[first : first + BATCH]]
            while keys:
                asked = {store.table: {"Keys": keys, "ConsistentRead": True}}
                answer = await region.call("dynamodb", "batch_get_item", RequestItems=asked)
                for item in answer["Responses"].get(store.table, []):
                    plain = _plain(item)
                    found[str(plain[store.key])] = plain
                keys = answer.get("UnprocessedKeys", {}).get(store.table, {}).get("Keys", [])
    except ClientError as error:
        raise CannotCheck(f"{store.table} in {region.name}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise CannotCheck(f"{store.table} in {region.name}: {error}") from error
    return found


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's JSON as plain values; numbers stay text, sets become sorted lists."""
    return {name: _value(value) for name, value in item.items()}


def _value(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "M":
            return _plain(value)
        case "L":
            return [_value(one) for one in value]
        case "NULL":
            return None
        case "SS" | "NS" | "BS":
            return sorted(value)
    return value


def where(store: Store, regions: Regions) -> list[Region]:
    """The regions that a store should be in. Raises CannotCheck for one that the world has not."""
    for name in store.regions:
        if name not in regions:
            raise CannotCheck(f"{store.table}: {name} is not a region of this world; it has {', '.join(regions)}")
    return [regions[name] for name in store.regions or regions]


async def missing_now(
    stores: Mapping[str, Store], ledger: Ledger, regions: Regions, running: set[str], from_s: float, until_s: float
) -> list[Finding]:
    """The writes acknowledged in that time that are not in some running region. Raises CannotCheck."""
    findings: list[Finding] = []
    for kind, store in stores.items():
        ids = [one.id for one in ledger.latest(kind) if from_s <= one.at_s < until_s]
        alive = [region for region in where(store, regions) if region.name in running]
        held = await held_in(store, alive, ids)
        findings += missing_in(ledger, kind, held, from_s, until_s)
    return findings


def conflict_findings(
    stores: Mapping[str, Store], ledger: Ledger, conflicts: Iterable[dict[str, Any]], since_ms: float
) -> tuple[list[Finding], int]:
    """What control's conflict ledger (ControlClient.conflicts) has of the stores' tables since then (Unix time)."""
    findings: list[Finding] = []
    unknown = 0
    listed = [one for one in conflicts if int(one["loser"]["written_ms"]) >= since_ms]
    for kind, store in stores.items():
        losers = [
            (None if one["loser"]["item"] is None else _plain(one["loser"]["item"]), f"{one['winner']['region']}'s")
            for one in listed
            if one["table"] == store.table
        ]
        found, left = overwritten_by_conflict(ledger, kind, store.key, losers)
        findings += found
        unknown += left
    return findings, unknown
