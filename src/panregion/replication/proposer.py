"""One operation on a register, from its proposal to its outcome: sends what `register.py` wants sent, and waits."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from panregion.replication import acceptor
from panregion.replication.floors import Floors
from panregion.replication.proposal import Proposal
from panregion.replication.register import (
    Change,
    Conflict,
    Done,
    Effect,
    Hint,
    Prepare,
    Read,
    Reply,
    Request,
    Send,
    Unknown,
)
from panregion.replication.register_wire import encode_ask
from panregion.store import Store
from panregion.world import World

Outcome = Done | Conflict | Unknown
Attempt = Callable[[str, str, bytes, Request, bytes], Awaitable[Reply | None]]
"""A region's answer to (region, group, key, request, the same encoded); None if none comes."""


@dataclass(frozen=True, kw_only=True)
class RegisterSettings:
    deadline_s: float = 3.0
    """After this an operation ends, whatever has or has not come."""
    wait_for_third_s: float = 0.15
    """How long a read in which two differ waits for the third, before it settles the matter."""
    catch_up_every_s: float = 1.0
    page: int = 1000
    tell_after_s: float = 0.004
    """How long what was chosen waits before the others are told: their disks are not kept from a next write."""
    at_once: int = 32
    """Registers that are read at the same time while catching up."""
    forget_every_s: float = 600.0
    """How often a region looks for registers of deleted items (forgetting.py)."""
    forget_after_s: float = 60.0
    """How long it then waits: longer than any operation lasts."""


class Hints:
    """The ballots that this region may use at once, for the registers it wrote last."""

    MAX = 2048
    VALUE_BYTES_MAX = 16 * 1024

    def __init__(self) -> None:
        self._hints: OrderedDict[tuple[str, bytes], Hint] = OrderedDict()

    def take(self, group: str, key: bytes) -> Hint | None:
        """Each can be used once."""
        return self._hints.pop((group, key), None)

    def put(self, group: str, key: bytes, hint: Hint) -> None:
        if len(hint.value.data or b"") > self.VALUE_BYTES_MAX:
            return
        self._hints[group, key] = hint
        if len(self._hints) > self.MAX:
            self._hints.popitem(last=False)


@dataclass
class Conversation:
    """One proposal's messages: what came back, and how many of the last ones may still."""

    group: str
    key: bytes
    replies: "asyncio.Queue[tuple[int, str, Reply | None]]" = field(default_factory=asyncio.Queue)
    sent: int = 0
    out: int = 0
    request: Request = field(default_factory=Read)


class Proposer:
    """Makes one region's proposals."""

    def __init__(
        self,
        region: str,
        store: Store,
        world: World,
        attempt: Attempt,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        settings: RegisterSettings,
        floors: Floors,
    ) -> None:
        self._region = region
        self._store = store
        self._world = world
        self._attempt = attempt
        self._spawn = spawn
        self._settings = settings
        self._floors = floors

    async def propose(self, group: str, key: bytes, change: Change | None, hint: Hint | None, until: float) -> Outcome:
        members, seen = self._store.read(
            lambda tx: (acceptor.members(tx, group), acceptor.read(tx, group, key).cell.promised)
        )
        name = self._world.chance.token(10)
        seen = max(seen, self._floors.highest)
        if hint is not None and hint.ballot < seen:
            hint = None  # others have written since, or would refuse it
        proposal = Proposal(self._region, name, members, change, hint, seen)
        talk = Conversation(group, key)
        effects = proposal.start()
        while True:
            for effect in effects:
                if not isinstance(effect, Send):
                    return effect
                await self._send(proposal, talk, effect)
            effects = await self._step(proposal, talk, until)

    async def _send(self, proposal: Proposal, talk: Conversation, send: Send) -> None:
        again = proposal.attempts > 2 if isinstance(send.request, Prepare) else talk.sent > 0
        if again and isinstance(send.request, Prepare | Read):
            # Others are at it, or cannot be reached: chance keeps two proposers from going in step.
            longest_s = min(0.4, 0.01 * 2**talk.sent)
            await self._world.clock.sleep(self._world.chance.random() * longest_s)
        talk.sent += 1
        talk.out = len(send.acceptors)
        talk.request = send.request
        away = send.acceptors != (self._region,)
        body = encode_ask(talk.group, talk.key, send.request) if away else b""
        for region in send.acceptors:
            self._spawn(self._deliver(talk, talk.sent, region, body))

    async def _deliver(self, talk: Conversation, number: int, region: str, body: bytes) -> None:
        reply = await self._attempt(region, talk.group, talk.key, talk.request, body)
        talk.replies.put_nowait((number, region, reply))

    async def _step(self, proposal: Proposal, talk: Conversation, until: float) -> list[Effect]:
        """Wait for the next reply, or for the time in which it should have come."""
        loop = asyncio.get_running_loop()
        patience = self._settings.wait_for_third_s if proposal.nearly else self._settings.deadline_s
        try:
            async with asyncio.timeout_at(min(until, loop.time() + patience)):
                number, region, reply = await talk.replies.get()
        except TimeoutError:
            return proposal.expire() if loop.time() >= until else proposal.nudge()
        if number == talk.sent:
            talk.out -= 1
        effects = [] if reply is None else proposal.step(region, reply)
        return effects or (proposal.nudge() if talk.out == 0 else [])
