"""Strong tables under simulation: DynamoDB's own operations, the registers and the store, in virtual time.

One seed decides what three regions' clients ask, how long messages take, which are lost or come twice, who is cut off
from whom (in silence, or refused), who crashes (what was not synced is gone), who loses its disk (one region at a time)
and how wrong the clocks are. Registers of deleted items are forgotten all the time. Every item's history must be
linearizable; what was said not to have happened is never seen; after all that, every region shows the same.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from panregion.region.catalogue import Catalogue
from panregion.region.dispatch import RegionDispatch
from panregion.replication import acceptor
from panregion.replication.proposer import RegisterSettings
from panregion.services import Here
from panregion.services.dynamodb import layout
from panregion.services.dynamodb.model import Replica, Schema, Table
from panregion.services.dynamodb.strong import StrongTables
from panregion.store import MemoryEngine, Store, StoreError, Transaction
from panregion.wire import AwsError
from panregion.world import ClientError, Request, Response, SeededChance, World, WorldSettings
from tests.simulation.linearizable import Event, linearizable
from tests.simulation.virtual import run

REGIONS = ("us-east-1", "us-east-2", "us-west-2")
WITNESS = "us-west-2"
GROUP = "group"
SORTS = ("x", "y")
SETTINGS = RegisterSettings(
    deadline_s=1.0, wait_for_third_s=0.15, catch_up_every_s=0.3, forget_every_s=0.6, forget_after_s=1.1
)

Item = tuple[str, int] | None
"""What an item holds: who wrote it last, and the count of its increments."""


class SimulatedStore(Store):
    """Syncs in virtual time; a crash takes what was not synced."""

    def __init__(self, engine: MemoryEngine, chance: SeededChance) -> None:
        super().__init__(engine)
        self._memory = engine
        self._chance = chance
        self.dead = False
        self._threads = object()  # type: ignore[assignment]

    def crash(self) -> None:
        self.dead = True
        if self._syncing is not None:
            self._syncing.cancel()
        self._memory.rollback()

    def _run_group(self) -> None:
        if not self.dead:
            super()._run_group()

    async def _sync(self, outcomes: Any, feeds: set[str], works: bool) -> None:
        await asyncio.sleep(self._chance.random() * 0.004)
        self._memory.commit()
        self._announce(feeds, works)
        self._finish(outcomes)

    def _tidy(self) -> None:
        self._tidy_timer = None


class WrongClock:
    def __init__(self, skew_s: float) -> None:
        self._skew_s = skew_s

    def now(self) -> float:
        return 1_700_000_000 + asyncio.get_running_loop().time() + self._skew_s

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


@dataclass
class Node:
    """One region: what it has on disk, and its life."""

    name: str
    simulation: "StrongTableRun"
    engine: MemoryEngine = field(default_factory=MemoryEngine)
    up: bool = False
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    def start(self) -> None:
        simulation = self.simulation
        self.up = True
        self.store = SimulatedStore(self.engine, simulation.chance)
        dispatch = RegionDispatch(simulation.catalogue, lambda site: partial(Link, simulation, self.name, site)())  # type: ignore[arg-type,return-value]
        self.here = Here(
            region=self.name,
            settings=simulation.settings,
            folder=Path("/nowhere"),
            world=World(WrongClock(simulation.skews[self.name]), simulation.chance),
            store=self.store,
            dispatch=dispatch,
        )
        self.strong = StrongTables(self.here)
        registers = self.strong.registers
        registers._settings = registers._proposer._settings = SETTINGS
        self.here.running["dynamodb"] = self
        registers.start()

    def crash(self) -> None:
        self.up = False
        self.store.crash()
        for task in [*self.tasks, *self.strong.registers._tasks]:
            task.cancel()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


@dataclass
class Link:
    """What a region has for an HTTP client to another."""

    simulation: "StrongTableRun"
    origin: str
    site: str

    async def post(self, _url: str, body: bytes, *, timeout_s: float) -> Response:
        try:
            async with asyncio.timeout(timeout_s):
                return await self._carry(body)
        except TimeoutError as error:
            raise ClientError("no answer in time") from error

    async def _carry(self, body: bytes) -> Response:
        await self._way(self.origin, self.site)
        node = self.simulation.nodes[self.site]
        if not node.up:
            raise ClientError(f"{self.site} is down")
        request = Request("POST", "/", "", [], body, "")
        if self.simulation.chance.random() < 0.05 and b"Offer" not in body:
            node.spawn(self._late(node, request))
        task = node.spawn(node.strong.handle(request))
        await asyncio.wait([task])
        if task.cancelled():
            raise ClientError(f"{self.site} crashed")
        await self._way(self.site, self.origin)
        answer: Response = task.result()
        return answer

    async def _late(self, node: Node, request: Request) -> None:
        """The same message once more, after a while."""
        await asyncio.sleep(self.simulation.chance.random())
        await node.strong.handle(request)

    async def _way(self, a: str, b: str) -> None:
        simulation = self.simulation
        await asyncio.sleep(simulation.chance.random() * simulation.delay_s)
        cut = simulation.cuts.get((a, b))
        if cut == "refused":
            raise ClientError(f"{b} cannot be reached")
        if cut == "silent" or simulation.chance.random() < simulation.loss:
            await asyncio.sleep(1000)


class StrongTableRun:
    def __init__(self, seed: int, catalogue: Catalogue) -> None:
        self.chance = SeededChance(seed)
        self.catalogue = catalogue
        self.settings = WorldSettings(folder="/nowhere", regions=REGIONS)
        self.skews = {region: self.chance.choice([0.0, 5.0, -90.0]) for region in REGIONS}
        self.nodes = {region: Node(region, self) for region in REGIONS}
        self.cuts: dict[tuple[str, str], str] = {}
        self.loss = self.chance.choice([0.0, 0.0, 0.05, 0.2])
        self.delay_s = self.chance.choice([0.005, 0.03, 0.1])
        self.witness = self.chance.randrange(3) == 0
        self.histories: dict[str, list[Event]] = {sort: [] for sort in SORTS}
        self.never: set[str] = set()
        """Writes of which it was said that they did not happen."""
        self.outside: Node | None = None
        """A region that has lost its disk and is not back in the group yet."""
        self.lost = 0
        self.clients: list[asyncio.Task[None]] = []
        self.done = 0
        self.failed = 0

    def run(self) -> None:
        run(self.main())

    async def main(self) -> None:
        for node in self.nodes.values():
            node.start()
            node.store.transact_now(partial(self.table, node.name))
        for number in range(15 + self.chance.randrange(25)):
            self.happening(number)
            await asyncio.sleep(self.chance.random() * self.chance.choice([0.0, 0.02, 0.1, 0.5]))
        await asyncio.gather(*self.clients)
        await self.peace()
        for sort, events in self.histories.items():
            assert linearizable(events, None), f"item {sort}: {[(e.name, e.began, e.ended, e.told) for e in events]}"

    def start(self, node: Node) -> None:
        node.start()
        if node is self.outside:
            node.spawn(self.rejoin(node))

    def lose(self, node: Node) -> None:
        """The region's disk is gone. It comes back with an empty one, and is told of the table."""
        if self.outside is not None:
            return
        if node.up:
            node.crash()
        node.engine = MemoryEngine()
        self.outside = node
        self.lost += 1
        self.start(node)
        node.store.transact_now(partial(self.table, node.name, joins=False))

    async def rejoin(self, node: Node) -> None:
        while True:
            try:
                async with asyncio.timeout(5):
                    await node.strong.registers.rejoin(GROUP, REGIONS)
                self.outside = None
                return
            except (TimeoutError, StoreError):
                await asyncio.sleep(0.1)

    def table(self, region: str, tx: Transaction, *, joins: bool = True) -> None:
        if joins:
            acceptor.join(tx, GROUP, REGIONS)
        if self.witness and region == WITNESS:
            return
        table = Table(
            number=layout.next_table_number(tx),
            name="items",
            id="id",
            status="ACTIVE",
            created=0.0,
            attributes={"pk": "S", "sk": "S"},
            schema=Schema("pk", "sk"),
            billing="PAY_PER_REQUEST",
            global_id=GROUP,
            consistency="STRONG",
            replicas=tuple(Replica(other, "ACTIVE") for other in REGIONS if other != region),
        )
        layout.put_table(tx, table)

    @property
    def serving(self) -> list[Node]:
        return [node for node in self.nodes.values() if not (self.witness and node.name == WITNESS)]

    def happening(self, number: int) -> None:
        node = self.chance.choice(self.serving)
        kind = self.chance.randrange(24)
        if kind < 18:
            if node.up:
                self.clients.append(asyncio.get_running_loop().create_task(self.ask(node, number)))
        elif kind == 18:
            victim = self.nodes[self.chance.choice(REGIONS)]
            if victim.up:
                victim.crash()
        elif kind in (19, 20):
            for other in self.nodes.values():
                if not other.up:
                    self.start(other)
        elif kind == 22:
            self.lose(self.nodes[self.chance.choice(REGIONS)])
        elif kind == 21:
            a, b = self.chance.choice(REGIONS), self.chance.choice(REGIONS)
            self.cuts[a, b] = self.chance.choice(["silent", "refused"])
        else:
            self.cuts.clear()

    async def peace(self) -> None:
        """All is well again: everybody comes to show the same, and can be asked."""
        self.cuts.clear()
        self.loss = 0.0
        for node in self.nodes.values():
            if not node.up:
                self.start(node)
        await asyncio.sleep(12)
        assert self.outside is None, "a region that lost its disk is not back"
        shown = [await self.scan(node, consistent=False) for node in self.serving]
        latest = [await self.scan(node, consistent=True) for node in self.serving]
        assert all(each == latest[0] for each in (*shown, *latest)), f"regions differ: {shown} {latest}"
        for node in self.nodes.values():
            left = node.store.read(lambda tx: list(tx.prefix((acceptor.DELETED, GROUP))))
            assert not left, f"{node.name} has not forgotten {left}"
        for value in latest[0].values():
            assert value is None or value[0] not in self.never, f"{value} was said not to have happened"

    async def scan(self, node: Node, *, consistent: bool) -> dict[str, Item]:
        page = await node.here.request("dynamodb", "Scan", {"TableName": "items", "ConsistentRead": consistent})
        return dict.fromkeys(SORTS) | {item["sk"]["S"]: held(item) for item in decoded(page["Items"])}

    # Clients

    async def ask(self, node: Node, number: int) -> None:
        """One operation, as a client sees it: an answer, a refusal, an error, or silence."""
        sort = self.chance.choice(SORTS)
        kind = self.chance.choice(["put", "increment", "increment", "condition", "delete", "get", "query", "scan"])
        operation, params, step = self.asked(kind, f"{kind}{number}", sort)
        loop = asyncio.get_running_loop()
        began = loop.time()
        task = node.spawn(node.here.request("dynamodb", operation, params))
        await asyncio.wait([task])
        event = Event(f"{kind}{number}", began, loop.time(), step)
        if task.cancelled():
            event.sure = False
        elif task.exception() is None:
            self.done += 1
            if kind in ("query", "scan"):
                self.saw_all(event, decoded(task.result()["Items"]), kind)
                return
            event.told = answer_of(decoded(task.result()))
        else:
            self.refused(event, task.exception())
        if event.sure or kind not in ("get", "query", "scan"):
            event.ended = event.ended if event.sure else float("inf")
            if event.name not in self.never and event.told != "nothing":
                self.histories[sort].append(event)

    def refused(self, event: Event, error: BaseException | None) -> None:
        if not isinstance(error, AwsError):
            assert error is not None
            raise error
        if error.code == "ConditionalCheckFailedException":
            self.done += 1
            event.told = "refused"
            return
        self.failed += 1
        assert error.code in ("InternalServerError", "ReplicatedWriteConflictException"), error
        if "may or may not" in error.message:
            event.sure = False
        else:
            self.never.add(event.name)
            event.told = "nothing"

    def saw_all(self, event: Event, items: list[Any], kind: str) -> None:
        """A Query or Scan is a read of each item."""
        del kind
        seen = dict.fromkeys(SORTS) | {item["sk"]["S"]: held(item) for item in items}
        for sort in SORTS:
            told = seen[sort]
            self.histories[sort].append(Event(event.name, event.began, event.ended, lambda s: (s, s), told))

    def asked(self, kind: str, name: str, sort: str) -> tuple[str, dict[str, Any], Any]:
        """The operation, its parameters, and what it does to an item and says."""
        key = {"pk": {"S": "a"}, "sk": {"S": sort}}
        table = {"TableName": "items"}
        values = {":w": {"S": name}, ":one": {"N": "1"}}
        add = {"UpdateExpression": "SET w = :w ADD n :one", "ExpressionAttributeValues": values, "Key": key}
        consistent = {**table, "ConsistentRead": True}
        match kind:
            case "put":
                item = {**key, "w": {"S": name}, "n": {"N": "0"}}
                return "PutItem", {**table, "Item": item, "ReturnValues": "ALL_OLD"}, lambda s: ((name, 0), s)
            case "increment":
                return "UpdateItem", {**table, **add, "ReturnValues": "ALL_NEW"}, partial(_incremented, name)
            case "condition":
                guarded = {**table, **add, "ReturnValues": "ALL_NEW", "ConditionExpression": "n < :two"}
                guarded["ExpressionAttributeValues"] = {**values, ":two": {"N": "2"}}
                return "UpdateItem", guarded, partial(_guarded, name)
            case "delete":
                return "DeleteItem", {**table, "Key": key, "ReturnValues": "ALL_OLD"}, lambda s: (None, s)
            case "get":
                return "GetItem", {**consistent, "Key": key}, lambda s: (s, s)
            case "query":
                condition = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
                return "Query", {**consistent, **condition}, None
        return "Scan", consistent, None


def _incremented(name: str, state: Item) -> tuple[Item, Item]:
    after = (name, (state[1] if state else 0) + 1)
    return after, after


def _guarded(name: str, state: Item) -> tuple[Item, Item | str]:
    if state is None or state[1] >= 2:
        return state, "refused"
    return _incremented(name, state)


def decoded(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def held(item: Any) -> Item:
    return (item["w"]["S"], int(item["n"]["N"])) if item else None


def answer_of(output: Any) -> Item:
    return held(output.get("Attributes") or output.get("Item"))
