"""Three regions' registers, joined: how many journeys a write takes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from panregion.replication import acceptor
from panregion.replication.register import Done
from panregion.replication.register_wire import Message, decode_ask
from panregion.replication.registers import Registers
from panregion.store import MemoryEngine, Store
from panregion.world import SeededChance, SystemClock, World

REGIONS = ("a", "b", "c")
GROUP = "group"


class Three:
    """Three regions; `sent` has what each asked of another, but for the rounds that nobody waits for."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.down: set[str] = set()
        self.registers = {name: self._region(name) for name in REGIONS}

    def _region(self, name: str) -> Registers:
        store = Store(MemoryEngine())
        store.transact_now(lambda tx: acceptor.join(tx, GROUP, REGIONS))

        async def post(other: str, body: bytes) -> bytes:
            if {name, other} & self.down:
                raise ConnectionError(f"{other} is down")
            return await self.registers[other].handle(body)

        registers = Registers(
            name, store, World(SystemClock(), SeededChance(ord(name))), post, lambda *_: None, lambda _tx: [GROUP]
        )
        carry = registers._courier.ask

        async def ask(region: str, message: bytes) -> bytes:
            self.sent.append((name, region, self._kind(decode_ask(message)[2])))
            return await carry(region, message)

        registers._courier.ask = ask  # type: ignore[method-assign]
        return registers

    @staticmethod
    def _kind(message: Message) -> str:
        return type(message).__name__

    async def write(self, region: str, data: bytes, key: bytes = b"key") -> list[tuple[str, str]]:
        """What a write has asked of others when it is answered: (region, kind)."""
        self.sent.clear()
        outcome = await self.registers[region].change(GROUP, key, lambda _: data)
        assert isinstance(outcome, Done)
        assert outcome.value.data == data
        asked = [(other, kind) for name, other, kind in self.sent if name == region and kind != "Learn"]
        while sum(kind == "Learn" for _, _, kind in self.sent) < 2 - len(self.down):
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        return asked


@pytest.fixture
async def three() -> AsyncIterator[Three]:
    three = Three()
    yield three
    for registers in three.registers.values():
        await registers.close()


async def test_every_write_takes_one_journey_whoever_wrote_before(three: Three) -> None:
    assert await three.write("a", b"new item") == [("b", "Offer"), ("c", "Offer")]
    assert await three.write("a", b"written last") == [("b", "Accept"), ("c", "Accept")]
    assert await three.write("b", b"another region wrote last") == [("a", "Offer"), ("c", "Offer")]
    assert await three.write("c", b"and another") == [("a", "Offer"), ("b", "Offer")]
    assert await three.write("a", b"back again") == [("b", "Offer"), ("c", "Offer")]


async def test_one_that_was_away_needs_a_second_one(three: Three) -> None:
    await three.write("a", b"all know")
    three.down = {"c"}
    await three.write("a", b"c does not")
    three.down = set()
    asked = await three.write("c", b"from c")
    assert asked[:2] == [("a", "Offer"), ("b", "Offer")]
    assert asked[2:] == [("a", "Offer"), ("b", "Offer")]
