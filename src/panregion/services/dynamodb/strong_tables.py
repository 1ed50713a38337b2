"""Strong tables come into being and become tables of one region again.

UpdateTable decides; work carries it to the other regions and is repeated until they have answered.

    create     each other region joins the group (a replica with the definition, not yet usable; the witness with
               nothing else). Once all have, this region opens the table, and tells the replicas to do the same.
               Nobody writes before, so a refusal (the name is taken there) undoes everything.
    dissolve   the other replicas close; this region takes in all that was acknowledged; they and the witness leave.
"""

from typing import Any

import msgspec

from panregion.replication import acceptor
from panregion.replication.registers import Unreachable
from panregion.services.dynamodb import global_tables, layout, shared, strong_rules
from panregion.services.dynamodb.definitions import after_transition
from panregion.services.dynamodb.description import describe
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import Replica, ReplicaStatus, Table, TableView, Witness
from panregion.services.here import Here
from panregion.wire import AwsError

Parameters = dict[str, Any]
Output = dict[str, Any]
Payload = dict[str, Any]

CREATE, DISSOLVE = "dynamodb.create-strong", "dynamodb.dissolve-strong"


def update(
    here: Here, table: Table, replicas: list[Parameters], witnesses: list[Parameters], consistency: str | None
) -> Output:
    """UpdateTable with replicas of a table that is strong, or is to be. Raises AwsError."""
    asked = strong_rules.asked(replicas, witnesses)
    strong_rules.check_idle(table)
    if table.strong:
        if consistency is not None:
            raise ValidationException("MultiRegionConsistency can only be specified when a global table is created")
        strong_rules.check_delete(table, asked)
        table = _with_states(table, "DELETING", ())
        after_transition(here, table, DISSOLVE)
    else:
        if consistency != "STRONG":
            raise ValidationException("A witness can only be part of a table with multi-Region strong consistency")
        strong_rules.check_create(here, table, asked)
        overrides = {u["Create"]["RegionName"]: shared.overrides_of(table, u["Create"]) for u in replicas}
        table = _with_states(table, "CREATING", asked.create, asked.create_witness, overrides)
        table = msgspec.structs.replace(table, global_id=here.world.chance.uuid(), consistency="STRONG")
        after_transition(here, table, CREATE)
    layout.put_table(here.tx, table)
    return {"TableDescription": describe(here, table)}


def _with_states(
    table: Table,
    status: ReplicaStatus,
    create: tuple[str, ...],
    witness: tuple[str, ...] = (),
    overrides: dict[str, shared.Overrides] | None = None,
) -> Table:
    """The table UPDATING, its other regions (these, if they are new) in that state."""
    regions = create or tuple(replica.region for replica in table.replicas)
    kept = Witness(witness[0], "CREATING") if witness else table.witness
    if kept is not None:
        kept = Witness(kept.region, "CREATING" if status == "CREATING" else "DELETING")
    replicas = tuple(Replica(region, status, (overrides or {}).get(region, {})) for region in regions)
    return msgspec.structs.replace(table, status="UPDATING", replicas=replicas, witness=kept)


def members(here: Here, table: Table) -> tuple[str, ...]:
    """The regions of the table's group, in an order that all agree on."""
    witness = (table.witness.region,) if table.witness is not None else ()
    return tuple(sorted((here.region, *(replica.region for replica in table.replicas), *witness)))


# Work


def _view(here: Here, payload: Payload) -> TableView | None:
    view = layout.read_table(here.tx, payload["name"])
    return view if view is not None and view.table.id == payload["id"] and view.table.strong else None


async def create_work(here: Here, payload: Payload) -> None:
    view = here.read(lambda here: _view(here, payload))
    if view is None or all(replica.status == "ACTIVE" for replica in view.table.replicas):
        return
    table = view.table
    try:
        for replica in table.replicas:
            definition = msgspec.to_builtins(definition_for(here, table, replica.region))
            params = {"Definition": definition, "Members": members(here, table)}
            await here.request("dynamodb", "panregion:JoinStrong", params, region=replica.region)
        if table.witness is not None:
            params = {"GlobalId": table.global_id, "Members": members(here, table)}
            await here.request("dynamodb", "panregion:JoinAsWitness", params, region=table.witness.region)
    except AwsError as error:
        if error.code in global_tables.UNREACHABLE:
            await _again(here, CREATE, payload)
        else:
            text = error.message
            await here.transact(lambda here: _failed(here, payload, text))
        return
    await here.transact(lambda here: _open(here, payload))


async def _again(here: Here, kind: str, payload: Payload) -> None:
    await here.transact(lambda here: here.later(kind, payload, here.now() + global_tables.RETRY_S))


def definition_for(here: Here, table: Table, region: str) -> Table:
    """The table as another region has it: its replicas are all but itself."""
    own = next(replica.overrides for replica in table.replicas if replica.region == region)
    known = {here.region: table.overrides} | {replica.region: replica.overrides for replica in table.replicas}
    others = (here.region, *(replica.region for replica in table.replicas if replica.region != region))
    return msgspec.structs.replace(
        table,
        status="CREATING",
        created=here.now(),
        replicas=tuple(Replica(other, "ACTIVE", known[other]) for other in others),
        overrides=own,
        witness=None if table.witness is None else Witness(table.witness.region, "ACTIVE"),
        recovery_from=None,
        journal=None,
        copies=0,
        restored=None,
        indexes=tuple(
            msgspec.structs.replace(index, status="ACTIVE", backfilling=False)
            for index in table.indexes
            if index.status != "DELETING"
        ),
    )


def _open(here: Here, payload: Payload) -> None:
    """Everybody has joined: the table can be used."""
    view = _view(here, payload)
    if view is None:
        return
    table = view.table
    acceptor.join(here.tx, str(table.global_id), members(here, table))
    replicas = tuple(msgspec.structs.replace(replica, status="ACTIVE") for replica in table.replicas)
    witness = None if table.witness is None else Witness(table.witness.region, "ACTIVE")
    opened = msgspec.structs.replace(table, status="ACTIVE", replicas=replicas, witness=witness)
    layout.put_table(here.tx, opened)
    global_tables.tell_all(here, opened, "OpenStrong")


def _failed(here: Here, payload: Payload, text: str) -> None:
    """One region cannot take part: the table stays one of this region."""
    view = _view(here, payload)
    if view is not None:
        _tell_leave(here, view.table)
        replicas = tuple(Replica(replica.region, "CREATION_FAILED", {}, text) for replica in view.table.replicas)
        _single(here, view.table, replicas)


def _tell_leave(here: Here, table: Table) -> None:
    global_tables.tell_all(here, table, "LeaveStrong")
    if table.witness is not None:
        global_tables.tell(here, table.witness.region, "LeaveStrong", GlobalId=table.global_id)


def _single(here: Here, table: Table, replicas: tuple[Replica, ...]) -> None:
    """A table of one region again."""
    here.tx.delete((layout.GLOBALS, str(table.global_id)))
    _leave(here, str(table.global_id))
    layout.put_table(
        here.tx,
        msgspec.structs.replace(
            table, status="ACTIVE", replicas=replicas, witness=None, global_id=None, consistency="EVENTUAL"
        ),
    )


def _leave(here: Here, group: str) -> None:
    acceptor.leave(here.tx, group)
    here.later("dynamodb.purge", {"prefixes": [[space, group] for space in acceptor.SPACES]})


async def dissolve_work(here: Here, payload: Payload) -> None:
    view = here.read(lambda here: _view(here, payload))
    if view is None:
        return
    table = view.table
    try:
        for replica in table.replicas:
            gone = {"GlobalId": table.global_id}
            await here.request("dynamodb", "panregion:CloseStrong", gone, region=replica.region)
        await here.running["dynamodb"].strong.registers.barrier(str(table.global_id))
    except Unreachable:
        await _again(here, DISSOLVE, payload)
        return
    except AwsError as error:
        if error.code not in global_tables.UNREACHABLE:
            raise
        await _again(here, DISSOLVE, payload)
        return
    await here.transact(lambda here: _dissolved(here, payload))


def _dissolved(here: Here, payload: Payload) -> None:
    view = _view(here, payload)
    if view is not None:
        _tell_leave(here, view.table)
        _single(here, view.table, ())


# What other regions ask of this one


def join(here: Here, definition: Table, group_members: tuple[str, ...]) -> None:
    """Be a replica; to be opened later. The same again is fine. Raises ResourceInUseException."""
    global_tables.adopt(here, shared.joined(here, definition))
    acceptor.join(here.tx, str(definition.global_id), group_members)


def join_as_witness(here: Here, group: str, group_members: tuple[str, ...]) -> None:
    acceptor.join(here.tx, group, group_members)


def set_status(here: Here, group: str, status: str) -> None:
    """ACTIVE: the replica can be used; DELETING: no longer."""
    view = layout.replicated_table(here.tx, group)
    if view is not None and view.table.strong:
        layout.put_table(here.tx, msgspec.structs.replace(view.table, status=status))


def leave(here: Here, group: str) -> None:
    """Forget the group, and the replica if there is one."""
    view = layout.replicated_table(here.tx, group)
    if view is not None:
        global_tables.remove_table(here, view.table)
    _leave(here, group)


WORK = {CREATE: create_work, DISSOLVE: dissolve_work}
