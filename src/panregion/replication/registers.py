"""The registers of strong tables, running: proposes, answers other proposers, learns, and catches up.

`register.py` decides; this sends what it wants sent, and gives up in bounded time. Every message may be lost: one
that fails is as one that never came.

What is chosen is learned by its proposer, who tells the others. A region that missed that (it was away, or the
message was lost) finds the register among the changes of another region, or among what it has accepted itself,
and reads it.

`barrier` makes what is shown here at least as new as every change that was acknowledged before it was called, for
all of a group: such a change was accepted by two of three, so by this region or by any other one. This region
knows what it has accepted and not learned; the other says what has changed there since this region last asked.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from typing import Any

from panregion.replication import acceptor, rejoining
from panregion.replication.acceptor import NotAMember
from panregion.replication.courier import Courier, Post, answer_all
from panregion.replication.floors import EVERYBODY, Floors
from panregion.replication.forgetting import Forgetter
from panregion.replication.proposer import Hints, Outcome, Proposer, RegisterSettings
from panregion.replication.register import (
    Accepted,
    Ballot,
    Change,
    Conclude,
    Done,
    Prepare,
    Read,
    Refused,
    Reply,
    Told,
    Unknown,
    Value,
)
from panregion.replication.register_wire import (
    Answer,
    Catch,
    Forget,
    Learn,
    Learned,
    Malformed,
    Message,
    Page,
    Raise,
    Rows,
    Since,
    Survey,
    Upkeep,
    decode_answer,
    decode_ask,
    encode_answer,
    encode_ask,
)
from panregion.replication.together import first, plain_errors
from panregion.replication.upkeep import Keeper
from panregion.store import Store, StoreError, Transaction
from panregion.world import World

Show = Callable[[Transaction, str, bytes, Value], None]
"""Shows a chosen value to this region's readers: (tx, group, key, value)."""

log = logging.getLogger(__name__)


class Unreachable(Exception):
    """No majority could be asked in time."""


class Registers:
    """One region's part in all groups. `groups(tx)` are those whose values are shown here."""

    def __init__(
        self,
        region: str,
        store: Store,
        world: World,
        post: Post,
        show: Show,
        groups: Callable[[Transaction], Iterable[str]],
        settings: RegisterSettings | None = None,
    ) -> None:
        self.region = region
        self._store = store
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()
        self._courier = Courier(post, self._spawn)
        self._show = show
        self._groups = groups
        self._settings = settings or RegisterSettings()
        self._floors = Floors(store, self._spawn)
        self._proposer = Proposer(region, store, world, self._attempt, self._spawn, self._settings, self._floors)
        self._keeper = Keeper(store, self._floors, self._catch_up_all)
        self._hints = Hints()
        self._locks: dict[tuple[str, str | bytes], tuple[asyncio.Lock, int]] = {}

    def start(self) -> None:
        self._spawn(self._keep_up())
        every_s, after_s = self._settings.forget_every_s, self._settings.forget_after_s
        forgetter = Forgetter(self._store, self._world, self._ask, self._groups, every_s, after_s)
        self._spawn(forgetter.run())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What is asked of it here

    async def change(self, group: str, key: bytes, change: Change) -> Outcome:
        """Change a register. Raises NotAMember."""
        until = self._until()
        try:
            async with self._alone(group, key, until):
                return await self._change(group, key, change, until)
        except TimeoutError:
            return Unknown(proposed=False)

    async def _change(self, group: str, key: bytes, change: Change, until: float) -> Outcome:
        hint = self._hints.take(group, key)
        outcome = await self._proposer.propose(group, key, change, hint, until)
        if isinstance(outcome, Done):
            if outcome.hint is not None:
                self._hints.put(group, key, outcome.hint)
            # Chosen is chosen: nobody need wait until it is shown, here or elsewhere.
            self._spawn(self._learn(group, key, outcome.ballot, outcome.value))
            self._tell_others(group, key, Learn(outcome.ballot, outcome.value))
        return outcome

    async def read(self, group: str, key: bytes) -> Outcome:
        """The latest value of a register. Raises NotAMember."""
        return await self._proposer.propose(group, key, None, None, self._until())

    async def barrier(self, group: str) -> None:
        """Show at least what was acknowledged anywhere before. Raises Unreachable, NotAMember."""
        until = self._until()
        try:
            async with asyncio.timeout_at(until):
                await self._settle(group, self._store.read(lambda tx: acceptor.unsettled(tx, group)), until)
                await first(self._catch_up(group, other, until) for other in self._others(group))
        except TimeoutError as error:
            raise Unreachable(f"no other region answered {self.region} in time") from error

    # What is asked of it by other regions

    async def handle(self, body: bytes) -> bytes:
        """Answer another region's request of many messages. Raises Malformed."""
        return await answer_all(body, self._answer_encoded)

    async def _answer_encoded(self, body: bytes) -> bytes | None:
        """An answer; None where there can be none, which is to the asker as if the message were lost."""
        try:
            group, key, message = decode_ask(body)
            return encode_answer(await self._answer(group, key, message))
        except (Malformed, NotAMember, StoreError, TimeoutError) as error:
            log.debug("%s: a message about a register is not answered: %s", self.region, error)
            return None

    async def _answer(self, group: str, key: bytes, message: Message) -> Answer:
        match message:
            case Read():
                return self._store.read(lambda tx: self._told(tx, group, key))
            case Since(after, limit):
                return self._store.read(lambda tx: self._page(tx, group, after, limit))
            case Learn(ballot, value):
                await self._store.transact(lambda tx: self._learn_in(tx, group, key, ballot, value))
                return Learned()
            case Raise() | Catch() | Forget() | Survey() | Rows():
                return await self._keeper.answer(group, message)
            case request:
                return await self._store.transact(
                    lambda tx: acceptor.receive(tx, group, key, request, self._floors.floor)
                )

    async def _catch_up_all(self, group: str) -> None:
        """Learn all that is chosen, whoever accepted it. Raises TimeoutError."""
        until = self._until()
        await self._settle(group, self._store.read(lambda tx: acceptor.unsettled(tx, group)), until)
        for region in self._others(group):
            await self._catch_up(group, region, until)

    async def rejoin(self, group: str, members: tuple[str, ...]) -> None:
        """Be part of a group again, after what was kept of it is lost. Raises TimeoutError, StoreError."""
        floor = await rejoining.rejoin(self._store, self._ask, self._show, self.region, group, members)
        self._floors.hear(floor)

    async def _ask(self, region: str, group: str, message: Upkeep) -> Any:
        return await self._attempt(region, group, b"", message, encode_ask(group, b"", message))

    async def _answer_self(self, group: str, key: bytes, message: Message) -> Answer:
        """The answer of this region's own acceptor to its proposer, which is in the same process."""
        match message:
            case Prepare(ballot) if self._floors.covers(ballot):
                return await self._promise(group, key, message)
            case Conclude():
                return await self._store.transact(lambda tx: self._conclude(tx, group, key, message))
        return await self._answer(group, key, message)

    def _conclude(self, tx: Transaction, group: str, key: bytes, conclude: Conclude) -> Reply:
        reply = acceptor.receive(tx, group, key, conclude, self._floors.floor)
        if isinstance(reply, Accepted):
            self._learn_in(tx, group, key, conclude.ballot, conclude.value)
        return reply

    async def _promise(self, group: str, key: bytes, prepare: Prepare) -> Reply:
        """The answer as soon as the transaction has run, before it is on disk (floors.py)."""
        promised: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def step(tx: Transaction) -> None:
            reply = acceptor.receive(tx, group, key, prepare, self._floors.floor)
            if not promised.done():
                promised.set_result(reply)

        self._spawn(self._keep_promise(step, promised))
        return await promised

    async def _keep_promise(self, step: Callable[[Transaction], None], promised: "asyncio.Future[Reply]") -> None:
        try:
            await self._store.transact(step)
        except (NotAMember, StoreError) as error:
            if promised.done():
                # Nothing else has run since the transaction was undone: this task is woken before the next group.
                self._floors.forgotten()
                log.warning("%s could not keep a promise, and behaves as after a restart: %s", self.region, error)
            else:
                promised.set_exception(error)

    @staticmethod
    def _told(tx: Transaction, group: str, key: bytes) -> Reply:
        acceptor.members(tx, group)
        cell = acceptor.read(tx, group, key).cell
        return Told(cell.accepted, cell.value)

    def _page(self, tx: Transaction, group: str, after: int, limit: int) -> Page:
        acceptor.members(tx, group)
        changes = tuple(change for change, _ in zip(acceptor.changes(tx, group, after), range(limit), strict=False))
        return Page(acceptor.head(tx, group), changes, self._floors.round)

    # Messages

    async def _attempt(self, region: str, group: str, key: bytes, message: Message, body: bytes) -> Any:
        """The answer of a region, or None."""
        try:
            if region == self.region:
                return await self._answer_self(group, key, message)
            answer = decode_answer(await self._courier.ask(region, body))
            if isinstance(answer, Refused) and answer.promised.proposer == EVERYBODY:
                self._floors.hear(answer.promised.round)
            return answer
        except (ConnectionError, Malformed, NotAMember, StoreError, TimeoutError) as error:
            log.debug("%s: no answer from %s about a register: %s", self.region, region, error)
            return None

    # Learning

    async def _learn(self, group: str, key: bytes, ballot: Ballot, value: Value) -> None:
        """Show what was chosen. It is chosen also if that fails: then it is shown by catching up."""
        try:
            await self._store.transact(lambda tx: self._learn_in(tx, group, key, ballot, value))
        except StoreError as error:
            log.warning("%s cannot show a chosen value yet: %s", self.region, error)
        except NotAMember:
            log.debug("%s has left %s", self.region, group)

    def _learn_in(self, tx: Transaction, group: str, key: bytes, ballot: Ballot, value: Value) -> None:
        if acceptor.learn(tx, group, key, ballot, value):
            self._show(tx, group, key, value)

    def _tell_others(self, group: str, key: bytes, learn: Learn) -> None:
        body = encode_ask(group, key, learn)
        for region in self._others(group):
            self._spawn(self._tell(region, group, key, learn, body))

    async def _tell(self, region: str, group: str, key: bytes, learn: Learn, body: bytes) -> None:
        await self._world.clock.sleep(self._settings.tell_after_s)
        await self._attempt(region, group, key, learn, body)

    async def _settle(self, group: str, keys: Iterable[bytes], until: float) -> None:
        """Read registers and show what they hold. Raises TimeoutError."""
        gate = asyncio.Semaphore(self._settings.at_once)

        async def one(key: bytes) -> None:
            async with gate:
                outcome = await self._proposer.propose(group, key, None, None, until)
            if not isinstance(outcome, Done):
                raise TimeoutError(f"a register of {group} could not be read")
            await self._learn(group, key, outcome.ballot, outcome.value)

        async with plain_errors(), asyncio.TaskGroup() as tasks:
            for key in keys:
                tasks.create_task(one(key))

    # Catching up

    async def _catch_up(self, group: str, region: str, until: float) -> None:
        """Show all that had changed in another region when this was called. Raises TimeoutError."""
        async with self._alone(group, region, until):
            more = True
            while more:
                more = await self._follow(group, region, until)

    async def _follow(self, group: str, region: str, until: float) -> bool:
        """One page of another region's changes; whether there are more."""
        after = self._store.read(lambda tx: acceptor.cursor(tx, group, region))
        page = await self._ask_page(group, region, Since(after, self._settings.page))
        if page.head < after:  # not the changes that we followed: from the start
            await self._store.transact(lambda tx: acceptor.put_cursor(tx, group, region, 0))
            return True
        await self._settle(group, self._store.read(lambda tx: _unknown(tx, group, page)), until)
        reached = page.changes[-1].place if page.changes else page.head
        if reached != after:
            await self._store.transact(lambda tx: acceptor.put_cursor(tx, group, region, reached))
        return reached < page.head

    async def _ask_page(self, group: str, region: str, since: Since) -> Page:
        page = await self._attempt(region, group, b"", since, encode_ask(group, b"", since))
        if not isinstance(page, Page):
            raise TimeoutError(f"{region} did not tell {self.region} what has changed")
        self._floors.hear(page.floor)
        return page

    async def _keep_up(self) -> None:
        """Learn, from time to time, what was missed."""
        before: Mapping[str, list[bytes]] = {}
        while True:
            await self._world.clock.sleep(self._settings.catch_up_every_s)
            unsettled = self._store.read(self._unsettled)
            # All at once: what is asked of a region goes in one request. What was open last time too is not merely
            # on its way.
            await asyncio.gather(
                *(
                    self._keep_up_with(group, set(before.get(group, ())).intersection(keys))
                    for group, keys in unsettled.items()
                )
            )
            before = unsettled

    async def _keep_up_with(self, group: str, old: Iterable[bytes]) -> None:
        """What fails is tried again the next time."""
        try:
            with contextlib.suppress(TimeoutError):
                await self._settle(group, old, self._until())
            await asyncio.gather(*(self._keep_up_from(group, region) for region in self._others(group)))
        except NotAMember:
            log.debug("%s is not, or not yet, of the group %s", self.region, group)
        except StoreError as error:
            log.warning("%s cannot keep up with %s: %s", self.region, group, error)

    async def _keep_up_from(self, group: str, region: str) -> None:
        with contextlib.suppress(TimeoutError):
            await self._catch_up(group, region, self._until())

    def _unsettled(self, tx: Transaction) -> dict[str, list[bytes]]:
        return {group: acceptor.unsettled(tx, group) for group in self._groups(tx)}

    # Odds and ends

    def _until(self) -> float:
        return asyncio.get_running_loop().time() + self._settings.deadline_s

    def _others(self, group: str) -> list[str]:
        return [region for region in self._store.read(lambda tx: acceptor.members(tx, group)) if region != self.region]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def _alone(self, group: str, what: str | bytes, until: float) -> AsyncIterator[None]:
        """One at a time. Raises TimeoutError."""
        lock, waiting = self._locks.get((group, what)) or (asyncio.Lock(), 0)
        self._locks[group, what] = (lock, waiting + 1)
        try:
            async with asyncio.timeout_at(until):
                await lock.acquire()
            try:
                yield
            finally:
                lock.release()
        finally:
            lock, waiting = self._locks[group, what]
            if waiting == 1:
                del self._locks[group, what]
            else:
                self._locks[group, what] = (lock, waiting - 1)


def _unknown(tx: Transaction, group: str, page: Page) -> list[bytes]:
    """The registers of a page of which something newer may be chosen than is known here."""
    return [change.key for change in page.changes if change.version > acceptor.read(tx, group, change.key).learned]
