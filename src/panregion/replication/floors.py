"""Promises that count before they are on disk.

A promise that is forgotten in a crash is dangerous: the acceptor might then accept what it had promised not to. To
wait for the disk before saying "promised" is one way out. The other one is here: the region writes down in
advance that every promise of its own up to some round may have been given (`reserved`), and after a restart
behaves as if each of them had been given, for every register: nothing below that round (`floor`) is promised or
accepted. What was promised in between is honoured, whether or not it had reached the disk.

So that this costs others nothing but the first refusal, regions tell each other their floors, and propose above
the highest that they have heard of.

    ("registers-floors",)    -> the highest round that may have been promised and be forgotten
"""

from collections.abc import Callable, Coroutine
from typing import Any

from panregion.replication.register import Ballot
from panregion.store import Store, StoreError, Transaction

FLOORS = "registers-floors"
BLOCK = 1 << 32
"""Rounds that are reserved at a time: a register's rounds grow by one or two with a write."""

EVERYBODY = "~"
"""Stands for all proposers in a floor's ballot: after every region's name."""


class Floors:
    """One region's reservation, and what it knows of the others'."""

    def __init__(self, store: Store, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._store = store
        self._spawn = spawn
        self.round = store.read(_kept)
        """This region's floor."""
        self._reserved = self.round
        self._reserving = False
        self._heard = 0

    @property
    def floor(self) -> Ballot:
        """What this region's acceptors have promised, all of them."""
        return Ballot(self.round, EVERYBODY) if self.round else Ballot()

    @property
    def highest(self) -> Ballot:
        """The highest floor that is known of, anywhere: below it a ballot is not worth a message."""
        highest = max(self.round, self._heard)
        return Ballot(highest, EVERYBODY) if highest else Ballot()

    def hear(self, floor: int) -> None:
        """Another region has this floor."""
        self._heard = max(self._heard, floor)

    def covers(self, ballot: Ballot) -> bool:
        """Whether a promise of the ballot may be relied on before it is on disk. Reserves what is lacking."""
        if self.round < ballot.round <= self._reserved:
            return True
        if not self._reserving:
            self._reserving = True
            self._spawn(self._reserve(ballot.round + BLOCK))
        return False

    def forgotten(self) -> None:
        """Promises that were relied on have not reached the disk: from now on, as after a restart."""
        self.round = self._reserved

    async def _reserve(self, upto: int) -> None:
        def keep(tx: Transaction) -> int:
            reserved = max(_kept(tx), upto)
            tx.put((FLOORS,), b"%d" % reserved)
            return reserved

        try:
            self._reserved = await self._store.transact(keep)
        except StoreError:
            return  # promises wait for the disk, and fail with it
        finally:
            self._reserving = False


def _kept(tx: Transaction) -> int:
    return int(tx.get((FLOORS,)) or 0)
