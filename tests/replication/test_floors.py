"""Promises that are relied on before they are on disk."""

import asyncio

import pytest

from panregion.replication import acceptor
from panregion.replication.floors import BLOCK, Floors
from panregion.replication.register import Accept, Accepted, Ballot, Offer, Prepare, Promised, Refused, Value
from panregion.replication.register_wire import decode_answer, encode_ask
from panregion.replication.registers import Registers
from panregion.store import MemoryEngine, Store, StoreError, Transaction
from panregion.world import ManualClock, SeededChance, World

REGIONS = ("a", "b", "c")
GROUP, KEY = "group", b"key"


class SlowEngine(MemoryEngine):
    """Syncs when it is told to, or fails."""

    inline = False

    def __init__(self) -> None:
        super().__init__()
        self.fails = False

    def commit(self) -> None:
        if self.fails:
            raise StoreError("no room")
        super().commit()


class HeldStore(Store):
    """A sync ends when `synced` is set."""

    synced: asyncio.Event

    async def _sync(self, outcomes: object, feeds: set[str], works: bool) -> None:
        await self.synced.wait()
        await super()._sync(outcomes, feeds, works)  # type: ignore[arg-type]


async def lost(_region: str, _body: bytes) -> bytes:
    raise ConnectionError("nobody is there")


def registers_on(engine: MemoryEngine) -> tuple[Registers, HeldStore]:
    store = HeldStore(engine)
    store.synced = asyncio.Event()
    store.synced.set()
    world = World(ManualClock(), SeededChance(1))
    return Registers("a", store, world, lost, lambda *_: None, lambda _tx: [GROUP]), store


async def ask(registers: Registers, message: Accept | Prepare | Offer) -> object:
    return decode_answer(await registers._answer_encoded(encode_ask(GROUP, KEY, message)) or b"")


async def reserved(registers: Registers) -> None:
    """The first claim waits for the disk, and reserves for the next."""
    assert not registers._floors.covers(Ballot(1, "a"))
    while not registers._floors.covers(Ballot(1, "a")):
        await asyncio.sleep(0)


async def test_a_promise_that_a_crash_forgot_is_kept_nevertheless() -> None:
    engine = SlowEngine()
    registers, store = registers_on(engine)
    store.transact_now(lambda tx: acceptor.join(tx, GROUP, REGIONS))
    await reserved(registers)
    store.synced.clear()
    promised = await registers._answer_self(GROUP, KEY, Prepare(Ballot(7, "a")))
    assert promised == Promised(Ballot(7, "a"), Ballot(), Value()), "it is said before the sync"
    await registers.close()
    engine.rollback()  # a crash

    again, _ = registers_on(engine)
    lower = Ballot(6, "b")
    assert isinstance(await ask(again, Accept(lower, Value(), lower)), Refused)
    assert isinstance(await ask(again, Offer(lower, Ballot(), Value(), lower)), Refused)
    refused = await ask(again, Prepare(lower))
    assert isinstance(refused, Refused)
    above = refused.promised.next("b")
    assert above.round > BLOCK
    assert await ask(again, Offer(above, Ballot(), Value(1, b"x"), above)) == Accepted(above)
    await again.close()


async def test_a_promise_that_the_disk_did_not_take_is_kept_nevertheless(caplog: pytest.LogCaptureFixture) -> None:
    engine = SlowEngine()
    registers, store = registers_on(engine)
    store.transact_now(lambda tx: acceptor.join(tx, GROUP, REGIONS))
    await reserved(registers)
    store.synced.clear()
    await registers._answer_self(GROUP, KEY, Prepare(Ballot(7, "a")))
    waiting = asyncio.ensure_future(ask(registers, Prepare(Ballot(6, "b"))))
    await asyncio.sleep(0)
    engine.fails = True
    store.synced.set()
    while "as after a restart" not in caplog.text:
        await asyncio.sleep(0)
    engine.fails = False
    assert isinstance(await waiting, Refused), "also what came in between is refused"
    await registers.close()
    await store.close()


async def test_nothing_is_relied_on_before_it_is_reserved_on_disk() -> None:
    engine = SlowEngine()
    registers, store = registers_on(engine)
    store.transact_now(lambda tx: acceptor.join(tx, GROUP, REGIONS))
    store.synced.clear()
    first = asyncio.ensure_future(registers._answer_self(GROUP, KEY, Prepare(Ballot(1, "a"))))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not first.done()
    store.synced.set()
    assert isinstance(await first, Promised)
    await registers.close()
    await store.close()


async def test_others_learn_where_a_floor_lies() -> None:
    store = Store(MemoryEngine())
    tasks: list[asyncio.Task[None]] = []
    floors = Floors(store, lambda work: tasks.append(asyncio.ensure_future(work)))
    assert floors.highest == Ballot()
    floors.hear(5)
    assert floors.highest.round == 5
    assert floors.floor == Ballot()
    assert floors.highest < Ballot(6, "a")


def test_what_is_chosen_is_taken_and_the_promise_stays() -> None:
    store = Store(MemoryEngine())

    def step(tx: Transaction) -> None:
        acceptor.join(tx, GROUP, REGIONS)
        acceptor.receive(tx, GROUP, KEY, Prepare(Ballot(9, "c")))
        assert acceptor.learn(tx, GROUP, KEY, Ballot(3, "b"), Value(1, b"x"))
        cell = acceptor.read(tx, GROUP, KEY).cell
        assert (cell.promised, cell.accepted, cell.value.data) == (Ballot(9, "c"), Ballot(3, "b"), b"x")
        assert isinstance(acceptor.receive(tx, GROUP, KEY, Prepare(Ballot(8, "a"))), Refused)

    store.transact_now(step)
