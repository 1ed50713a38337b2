"""A region whose store is new asks the others which of their tables it is to have: it may have lost its disk.

Every other region is asked once, by work that is repeated until it has answered; in a new world nobody has anything.

    a replicated table   is taken over and copied from whoever answered. Its feed begins far above where anybody can
                         have read the old one, so the others see that it is not the one that they followed, and copy
                         this region's table once, too. Writes that nobody had read are lost with the disk.
    a strong table       joins its group again (replication/rejoining.py), for which both others are needed; until then
                         it is CREATING here. A witness does the same without a table. Nothing acknowledged is lost.

All else that only this region had is gone.
"""

import logging
from typing import Any

import msgspec

from panregion.replication import acceptor, feed_cursor, start_feed_at
from panregion.services.dynamodb import global_tables, layout, shared, strong_tables
from panregion.services.dynamodb.errors import ResourceInUseException
from panregion.services.dynamodb.model import Table
from panregion.services.here import Here
from panregion.store import StoreError
from panregion.wire import AwsError

Output = dict[str, Any]
Payload = dict[str, Any]

RECALL, REJOIN = "dynamodb.recall", "dynamodb.rejoin-strong"
FEED_GAP = 1 << 32
"""More than anybody can have read of the feed that was lost beyond what the first to answer has."""

log = logging.getLogger("panregion.dynamodb")


def ask_all(here: Here) -> None:
    """Have every other region asked."""
    for region in here.settings.regions:
        if region != here.region:
            here.later(RECALL, {"region": region})


async def recall_work(here: Here, payload: Payload) -> None:
    try:
        params = {"RegionName": here.region}
        answer = await here.request("dynamodb", "panregion:TablesOf", params, region=payload["region"])
    except AwsError as error:
        if error.code not in global_tables.UNREACHABLE:
            raise
        await _again(here, RECALL, payload)
        return
    for entry in answer["Tables"]:
        await here.transact(lambda here, entry=entry: _take(here, entry, payload["region"]))  # type: ignore[misc]
    here.running["dynamodb"].hooks.changed.set()


async def _again(here: Here, kind: str, payload: Payload) -> None:
    await here.transact(lambda here: here.later(kind, payload, here.now() + global_tables.RETRY_S))


def _take(here: Here, entry: Output, source: str) -> None:
    """One table, as another region tells of it."""
    definition = None if entry["Definition"] is None else msgspec.convert(entry["Definition"], Table)
    if definition is not None and layout.replicated_table(here.tx, str(definition.global_id)) is not None:
        return
    if definition is not None:
        try:
            _adopt(here, definition, source, entry)
        except ResourceInUseException as error:
            log.error("a table that was to be copied from %s is not: %s", source, error.message)
            return
    if entry["Members"]:
        here.later(REJOIN, {"global_id": entry["GlobalId"], "members": entry["Members"]})


def _adopt(here: Here, definition: Table, source: str, entry: Output) -> None:
    if definition.strong:
        global_tables.adopt(here, shared.joined(here, definition))
        return
    global_tables.adopt(here, shared.joined(here, msgspec.structs.replace(definition, copy_from=source)))
    start_feed_at(here.tx, definition.feed, entry["Cursor"] + FEED_GAP)


async def rejoin_work(here: Here, payload: Payload) -> None:
    """Be part of a strong table's group again; then its replica here can be used."""
    group = payload["global_id"]
    if here.read(lambda here: _outside(here, group)):
        try:
            await here.running["dynamodb"].strong.registers.rejoin(group, tuple(payload["members"]))
        except (TimeoutError, StoreError) as error:
            log.info("%s is not back in the group of a strong table yet: %s", here.region, error)
            if await _wanted(here, payload):
                await _again(here, REJOIN, payload)
            return
    await here.transact(lambda here: strong_tables.set_status(here, group, "ACTIVE"))


async def _wanted(here: Here, payload: Payload) -> bool:
    """Whether the group still counts this region in, as far as anybody answers: it may have been dissolved."""
    answered = False
    for region in payload["members"]:
        if region == here.region:
            continue
        try:
            params = {"RegionName": here.region}
            answer = await here.request("dynamodb", "panregion:TablesOf", params, region=region)
        except AwsError as error:
            if error.code not in global_tables.UNREACHABLE:
                raise
            continue
        answered = True
        if any(entry["GlobalId"] == payload["global_id"] for entry in answer["Tables"]):
            return True
    return not answered


def _outside(here: Here, group: str) -> bool:
    try:
        acceptor.members(here.tx, group)
    except acceptor.NotAMember:
        return True
    return False


# What other regions ask of this one


def tables_of(here: Here, region: str) -> list[Output]:
    """The tables of which that region has a replica, or is the witness, as they are to be there."""
    found = []
    for view in layout.tables(here.tx):
        table = view.table
        if table.global_id is None or not view.stable or table.copy_from is not None:
            continue
        replica = next((other for other in table.replicas if other.region == region), None)
        members = strong_tables.members(here, table) if table.strong else ()
        if table.witness is not None and table.witness.region == region and table.witness.status == "ACTIVE":
            found.append({"GlobalId": table.global_id, "Definition": None, "Members": members, "Cursor": 0})
        elif replica is not None and replica.status in ("ACTIVE", "UPDATING"):
            define = strong_tables.definition_for if table.strong else global_tables.definition_for
            cursor = feed_cursor(here.tx, table.feed, region) if table.replicated else 0
            definition = msgspec.to_builtins(define(here, table, region))
            found.append({"GlobalId": table.global_id, "Definition": definition, "Members": members, "Cursor": cursor})
    return found


WORK = {RECALL: recall_work, REJOIN: rejoin_work}
