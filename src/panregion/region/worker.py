"""Work: what operations left to be done later, carried out at least once.

The worker looks at the first pieces that are due and runs them side by side, up to a bound, and to a lower one for each
kind: what hangs, as calls over a cut link or functions that do not return, holds up its own kind alone. A piece that
succeeds is removed in a transaction of its own, so a crash in between means that it runs again: handlers are
idempotent. One that raises is put back with a later due time, twice as far away each time, and after its last
attempt it goes to the dead letters, ("dead-work", id), which `panregion status` counts.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection
from itertools import islice

import msgspec

from panregion.region.catalogue import Catalogue
from panregion.services import Here
from panregion.store import StoreError, Transaction, Work

RUNNING_MAX = 256
OF_A_KIND_MAX = 64
LOOKED_AT_MAX = 1024
"""How far behind pieces that may not start yet others are looked for; it costs a millisecond."""
FAR_LOOK_S = 0.05
"""How often that is done at most."""
ATTEMPTS_MAX = 20
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 60.0
LOOK_AGAIN_S = 5.0

log = logging.getLogger("panregion.work")


def backoff_s(attempts: int, chance: float) -> float:
    """How long to wait after that many failed attempts: exponential, with half of it left to chance."""
    whole: float = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(attempts, 20))
    return whole * (0.5 + chance / 2)


class Worker:
    """Runs a region's work until stopped."""

    def __init__(self, here: Here, catalogue: Catalogue) -> None:
        self._here = here
        self._catalogue = catalogue
        self._running: dict[int, asyncio.Task[None]] = {}
        self._freed = asyncio.Event()
        self._kinds: Counter[str] = Counter()
        """Of each kind, how many run."""
        self._far_look_at = 0.0

    @property
    def running(self) -> Collection[int]:
        """The ids of the work that is being carried out."""
        return self._running.keys()

    async def run(self) -> None:
        """Never returns; cancel it to stop. Work under way is cancelled with it and is done again later."""
        try:
            while True:
                self._here.store.work_left.clear()
                self._freed.clear()
                await self._pause(self._start_due())
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _start_due(self) -> float:
        """Start what is due and fits; return how long nothing more will be due."""
        now, moment = self._here.now(), self._here.world.clock.monotonic()
        bound = len(self._running) + OF_A_KIND_MAX + 1
        far = moment >= self._far_look_at
        if far:
            bound, self._far_look_at = LOOKED_AT_MAX, moment + FAR_LOOK_S
        found = self._first(bound, now)
        for work in found:
            if work.due > now:
                return work.due - now
            if work.id not in self._running and self._may_start(work.kind):
                self._kinds[work.kind] += 1
                self._running[work.id] = asyncio.create_task(self._carry_out(work))
        return LOOK_AGAIN_S if far or len(found) < bound else FAR_LOOK_S

    def _may_start(self, kind: str) -> bool:
        return len(self._running) < RUNNING_MAX and self._kinds[kind] < OF_A_KIND_MAX

    def _first(self, bound: int, now: float) -> list[Work]:
        """The first pieces in order of their due times, those that run among them, up to the first that is not due."""

        def read(tx: Transaction) -> list[Work]:
            found: list[Work] = []
            for raw in islice(tx.values(("work",)), bound):
                found.append(msgspec.json.decode(raw, type=Work))
                if found[-1].due > now:
                    break
            return found

        return self._here.store.read(read)

    async def _pause(self, delay_s: float) -> None:
        waits = [
            asyncio.ensure_future(self._here.store.work_left.wait()),
            asyncio.ensure_future(self._freed.wait()),
            asyncio.ensure_future(self._here.world.clock.sleep(min(delay_s, LOOK_AGAIN_S))),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _carry_out(self, work: Work) -> None:
        service, _, _ = work.kind.partition(".")
        try:
            handler = self._catalogue.service(service).work[work.kind]
            await handler(self._here, msgspec.json.decode(work.payload))
        except Exception as error:
            log.warning("%s failed (attempt %d): %s", work.kind, work.attempts + 1, error, exc_info=error)
            reason = f"{type(error).__name__}: {error}"
            await self._note(work, lambda tx: self._put_back(tx, work, reason))
        else:
            await self._note(work, lambda tx: tx.delete(work.key))
        finally:
            self._running.pop(work.id, None)
            self._kinds[work.kind] -= 1
            self._freed.set()

    async def _note(self, work: Work, step: Callable[[Transaction], None]) -> None:
        """Write down how a piece ended. While the store takes nothing (a full disk) this is tried again, and not the
        piece itself, which would be done over and over."""
        refusals = 0
        while True:
            try:
                await self._here.store.transact(step)
                return
            except StoreError as error:
                refusals += 1
                log.warning("the end of %s could not be written down: %s", work.kind, error)
                world = self._here.world
                await world.clock.sleep(backoff_s(refusals, world.chance.random()))

    def _put_back(self, tx: Transaction, work: Work, reason: str) -> None:
        tx.delete(work.key)
        attempts = work.attempts + 1
        due = self._here.now() + backoff_s(attempts, self._here.world.chance.random())
        failed = msgspec.structs.replace(work, attempts=attempts, due=due, reason=reason)
        if attempts < ATTEMPTS_MAX:
            tx.keep(failed)
        else:
            tx.put(("dead-work", work.id), msgspec.json.encode(failed))
