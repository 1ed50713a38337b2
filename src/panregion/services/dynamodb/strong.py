"""Reads and writes of strong tables (MRSC): every item is a register that two of three regions agree on.

An operation that meets such a table is carried out here (see `checks.find_table`, services/waiting.py). It is the
same function as for any other table; what differs is the item that it is given:

    a write              runs on the register's latest item, inside the register's change: condition, update and
                         what is returned belong to one value. It may run more than once; only one run counts.
    a strong GetItem,    reads the registers, then runs on what they hold.
    BatchGetItem
    a strong Query, Scan waits until this region shows all that was acknowledged before (`Registers.barrier`),
                         then runs here. Items are each the latest; as on AWS there is no snapshot of several.
    any other read       runs on what this region shows.

What is chosen is shown in every region's ordinary item space by `show`, with indexes and stream.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from panregion.replication.acceptor import NotAMember
from panregion.replication.proposer import Outcome, RegisterSettings
from panregion.replication.register import Done, Unchanged, Value
from panregion.replication.register_wire import Malformed
from panregion.replication.registers import Registers, Unreachable
from panregion.services.dynamodb import layout, records, strong_batches, writing
from panregion.services.dynamodb.checks import find_table
from panregion.services.dynamodb.errors import InternalServerError, ValidationException
from panregion.services.dynamodb.items import delete_item, put_item, update_item
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.strong_captive import Captive
from panregion.services.dynamodb.strong_outcomes import refusal
from panregion.services.here import Here
from panregion.services.waiting import Instead, foreseen
from panregion.store import Key, Transaction, pack, unpack
from panregion.wire import AwsError
from panregion.world import ClientError, Request, Response

Function = Callable[..., dict[str, Any]]
Params = dict[str, Any]
Output = dict[str, Any]

Run = Callable[[Here], Output]
"""An operation that has its arguments, to be run on whatever transaction it is given."""

MESSAGE_TIMEOUT_S = 2.0


class StrongTables:
    """A region's strong tables, running. Lies in `here.running["dynamodb"].strong`."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self.names: set[str] = set()
        """Names by which strong tables were written to; they may be so no longer."""
        deadline_s = here.settings.replication.strong_deadline_s
        settings = RegisterSettings(deadline_s=deadline_s, forget_after_s=max(60.0, 10 * deadline_s))
        self.registers = Registers(here.region, here.store, here.world, self._post, self.show, _shown_groups, settings)

    # Between regions

    async def _post(self, region: str, body: bytes) -> bytes:
        url = self._here.settings.endpoint(region) + "/_panregion/registers"
        response = await self._here.dispatch.client(region).post(url, body, timeout_s=MESSAGE_TIMEOUT_S)
        if response.status != 200 or not isinstance(response.body, bytes):
            raise ClientError(f"{region} answered {response.status}")
        return response.body

    async def handle(self, request: Request) -> Response:
        """POST /_panregion/registers: another region proposes, tells or asks."""
        try:
            return Response(200, [], await self.registers.handle(request.body))
        except Malformed as error:
            return Response(400, [], str(error).encode())

    def show(self, tx: Transaction, group: str, key: bytes, value: Value) -> None:
        """Let this region's readers see a chosen value. A witness has no table and shows nothing."""
        view = layout.replicated_table(tx, group)
        if view is None:
            return
        here = self._here.within(tx)
        place = _place(view, key)
        before = writing.read(tx, place)
        if value.data is None:
            writing.delete(here, view, place, before)
        elif before.record is None or before.record != records.PLAIN + value.data:
            size = int.from_bytes(value.data[:3], "big")
            writing.put(here, view, place, records.item_of_image(value.data), size, before)

    # Operations

    async def carry_out(self, here: Here, function: Function, params: Params) -> Output:
        """An operation that has met a strong table. Raises AwsError."""
        way = _WAYS.get(function.__name__)
        if way is None:
            raise ValidationException(
                f"{''.join(word.capitalize() for word in function.__name__.split('_'))} is not supported on a table "
                "with multi-Region strong consistency"
            )
        try:
            return await way(self, here, function, params)
        except NotAMember as error:
            raise InternalServerError(f"{here.region} cannot answer for this table's items") from error

    async def write(self, here: Here, function: Function, params: Params) -> Output:
        """PutItem, UpdateItem, DeleteItem."""
        name = params["table_name"]
        view = here.read(lambda here: strong_view(here, name))
        if not view.table.strong:
            self.names.discard(name)
            return await here.transact(lambda here: function(here, **params))
        self.names.add(name)
        return await self.change_item(here, view, lambda here: function(here, **params))

    async def change_item(self, here: Here, view: TableView, run: Run) -> Output:
        """Run what writes one item of a strong table. Raises what it raises on the latest item."""
        keys = _tried(here, run, {view.table.number})
        if not keys:
            return shown(here, run)  # it says what is wrong with it in its answer
        (key,) = keys
        runs: list[Output | AwsError] = []

        def change(data: bytes | None) -> bytes | None:
            known = {key: None if data is None else records.PLAIN + data}
            try:
                output, after = here.read(lambda here: _run_on(here, run, key, known))
            except AwsError as error:
                runs.append(error)
                raise Unchanged from error
            runs.append(output)
            return None if after is None else after[1:]

        outcome = await self.registers.change(str(view.table.global_id), pack(key[2:]), change)
        chosen = runs[_attempt(outcome)]
        if isinstance(chosen, AwsError):
            raise chosen
        return chosen

    async def statement(self, here: Here, name: str, run: Run, *, writes: bool, consistent: bool) -> Output:
        """A PartiQL statement about a table, strong or not."""
        view = here.read(lambda here: strong_view(here, name))
        try:
            if not view.table.strong:
                return await here.transact(run) if writes else here.read(run)
            if writes:
                return await self.change_item(here, view, run)
            return await self.find_items(here, view, run, consistent=consistent)
        except NotAMember as error:
            raise InternalServerError(f"{here.region} cannot answer for this table's items") from error

    async def get(self, here: Here, function: Function, params: Params) -> Output:
        """GetItem."""
        run: Run = lambda here: function(here, **params)  # noqa: E731
        if not params.get("consistent_read"):
            return shown(here, run)
        view = here.read(lambda here: strong_view(here, params["table_name"]))
        return await self.read_items(here, [view], run)

    async def read_items(self, here: Here, views: list[TableView], run: Run) -> Output:
        """Run a read on the latest of the items that it wants of these tables."""
        groups = {view.table.number: str(view.table.global_id) for view in views}
        keys = _tried(here, run, set(groups))
        reads = [self.registers.read(groups[int(key[1])], pack(key[2:])) for key in keys]
        known: dict[Key, bytes | None] = {}
        for key, outcome in zip(keys, await asyncio.gather(*reads), strict=True):
            if not isinstance(outcome, Done):
                raise InternalServerError(f"{here.region} could not reach another region of the table in time to read")
            known[key] = None if outcome.value.data is None else records.PLAIN + outcome.value.data
        return here.read(lambda here: run(here.within(Captive(here.tx, groups, known))))

    async def find(self, here: Here, function: Function, params: Params) -> Output:
        """Query, Scan."""
        view = here.read(lambda here: strong_view(here, params["table_name"]))
        run: Run = lambda here: function(here, **params)  # noqa: E731
        return await self.find_items(here, view, run, consistent=params.get("consistent_read", False))

    async def find_items(self, here: Here, view: TableView, run: Run, *, consistent: bool) -> Output:
        """Run a read of a range of items."""
        if consistent:
            try:
                await self.registers.barrier(str(view.table.global_id))
            except Unreachable as error:
                raise InternalServerError(f"{error}: nothing can be read consistently") from error
        return shown(here, run)


def shown(here: Here, run: Run) -> Output:
    """Run a read on what this region shows."""
    return here.read(lambda here: run(here.within(Captive(here.tx))))


def strong_view(here: Here, name: str) -> TableView:
    """The table, strong or not, found as an operation finds it."""
    return find_table(here.within(Captive(here.tx)), name)


def _place(view: TableView, key: bytes) -> Key:
    return (layout.ITEMS, view.table.number, *unpack(key))


def _tried(here: Here, run: Run, numbers: set[int]) -> list[Key]:
    """The items that an operation wants; it is run on what is shown here, and must not write. Raises AwsError."""

    def attempt(here: Here) -> list[Key]:
        captive = Captive(here.tx, numbers)
        try:
            trial = here.within(captive)
            trial.running = {**here.running, "dynamodb-buckets": {}}  # a trial consumes nothing
            run(trial)
        except AwsError:
            if not captive.needed:  # else it was said of an item that may be out of date
                raise
        return list(captive.needed)

    return here.read(attempt)


def _run_on(here: Here, run: Run, key: Key, known: dict[Key, bytes | None]) -> tuple[Output, bytes | None]:
    """What a write answers, and what the item is after it."""
    captive = Captive(here.tx, (int(key[1]),), known)
    output = run(here.within(captive))
    return output, captive.known(key)


def _attempt(outcome: Outcome) -> int:
    """The run that counts. Raises AwsError."""
    if isinstance(outcome, Done) and outcome.attempt is not None:
        return outcome.attempt
    raise refusal(outcome)


def _shown_groups(tx: Transaction) -> list[str]:
    """The groups of the strong tables that are here."""
    return [str(view.table.global_id) for view in layout.tables(tx) if view.table.strong and view.stable]


_WAYS: dict[str, Callable[[StrongTables, Here, Function, Params], Awaitable[Output]]] = {
    "put_item": StrongTables.write,
    "update_item": StrongTables.write,
    "delete_item": StrongTables.write,
    "get_item": StrongTables.get,
    "query": StrongTables.find,
    "scan": StrongTables.find,
    "batch_get_item": strong_batches.get,
    "batch_write_item": strong_batches.write,
}


def _foreseen(here: Here, params: Params) -> Instead | None:
    running = here.running.get("dynamodb")
    if running is None or params["table_name"] not in running.strong.names:
        return None
    instead: Instead = running.strong.carry_out
    return instead


for _operation in (put_item, update_item, delete_item):
    foreseen(_operation, _foreseen)
