"""A proposer's side of a register: one operation, from its start to its outcome. Pure.

The reasons are in `register.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from panregion.replication.register import (
    RECENT_MAX,
    ZERO,
    Accept,
    Accepted,
    Ballot,
    Change,
    Conclude,
    Conflict,
    Done,
    Effect,
    Hint,
    Offer,
    Prepare,
    Promised,
    Read,
    Refused,
    Reply,
    Request,
    Send,
    Told,
    Unchanged,
    Unknown,
    Value,
    attempt_in,
    place_of,
)

REREADS = 2
"""How often a read in which all three differ is made again, before it settles what may be settling by itself."""


NOTHING = Promised(ZERO, ZERO, Value())


class Stage(Enum):
    """What a proposal waits for."""

    READ = "what was accepted"
    CLAIM = "its own acceptor's promise"
    OFFER = "an acceptance, or reasons against it"
    CONCLUDE = "its own acceptor's acceptance"
    PREPARE = "promises"
    ACCEPT = "acceptances"


@dataclass
class Proposal:
    """One operation, from its start to its outcome. `change` is None for a read.

    `seen` is what the proposer's own acceptor has promised: a ballot below that would be refused for no
    reason.
    """

    region: str
    operation: str
    acceptors: tuple[str, ...]
    change: Change | None
    hint: Hint | None = None
    seen: Ballot = ZERO
    attempts_max: int = 20
    attempts: int = 0
    """How many ballots were claimed or prepared."""
    _stage: Stage = Stage.READ
    _ballot: Ballot = ZERO
    _highest: Ballot = ZERO
    _replies: dict[str, Reply] = field(default_factory=dict)
    _latest: Promised = NOTHING
    """The newest that anybody is known to have accepted."""
    _value: Value | None = None
    """What was proposed under the ballot."""
    _sent: bool = False
    """An Accept of a value that holds the change was sent."""
    _offered: dict[Ballot, set[str]] = field(default_factory=dict)
    """Who was offered such a value, and has not refused it."""
    _first: int = 0
    """The version that the first attempt would have made, of those that may be chosen yet."""
    _failures: int = 0
    """Ballots that others refused."""
    _calls: int = 0
    _rereads: int = 0
    _done: bool = False

    @property
    def _majority(self) -> int:
        return len(self.acceptors) // 2 + 1

    @property
    def _others(self) -> tuple[str, ...]:
        return tuple(acceptor for acceptor in self.acceptors if acceptor != self.region)

    @property
    def _proposed(self) -> bool:
        """Whether a value that holds the change may be chosen yet."""
        return self._sent or bool(self._offered)

    @property
    def nearly(self) -> bool:
        """Whether it only waits for what the last acceptor says."""
        return self._stage is Stage.READ or (self._stage is Stage.OFFER and bool(self._replies))

    def start(self) -> list[Effect]:
        if self.change is None:
            return self._send(Stage.READ, self.acceptors, Read())
        if self.hint is not None:
            self._ballot = self.hint.ballot
            return self._propose(self.hint.value)
        return self._again()

    def expire(self) -> list[Effect]:
        """Time is up."""
        return [] if self._done else self._end(Unknown(self._proposed))

    def nudge(self) -> list[Effect]:
        """Do not wait any longer for replies that are still out."""
        if self._done:
            return []
        if self._stage is Stage.READ:
            enough = len(self._replies) >= self._majority
            return self._settle() if enough else self._send(Stage.READ, self.acceptors, Read())
        return self._prepare()

    def step(self, acceptor: str, reply: Reply) -> list[Effect]:
        """A reply has come. What answers an earlier request only says what became of an offer."""
        if self._done:
            return []
        if isinstance(reply, Refused | Promised) and acceptor != self.region:
            self._spurned(reply.ballot, acceptor)
        if acceptor in self._replies:
            return []
        match reply:
            case Told() if self._stage is Stage.READ:
                self._replies[acceptor] = reply
                return self._told()
            case Promised(ballot) | Accepted(ballot) | Refused(ballot) if ballot == self._ballot:
                return self._answered(acceptor, reply)
        return []

    def _spurned(self, ballot: Ballot, acceptor: str) -> None:
        """What was offered under the ballot is not accepted there, and never will be."""
        waiting = self._offered.get(ballot)
        if waiting is not None:
            waiting.discard(acceptor)
            if not waiting:
                del self._offered[ballot]

    def _answered(self, acceptor: str, reply: Reply) -> list[Effect]:
        """A reply to the request that is out."""
        match self._stage, reply:
            case Stage.CLAIM, Promised():
                self._hear(reply)
                return self._offer()
            case Stage.CLAIM, Refused(_, promised):
                self._highest = max(self._highest, promised)
                return self._claim()
            case Stage.OFFER, Accepted():
                return self._conclude(acceptor, reply)
            case Stage.OFFER, Refused() | Promised():
                return self._not_accepted(acceptor, reply)
            case Stage.PREPARE, Promised():
                self._replies[acceptor] = reply
                return self._promised()
            case ((Stage.ACCEPT | Stage.CONCLUDE), Accepted()):
                self._replies[acceptor] = reply
                return self._accepted()
            case ((Stage.PREPARE | Stage.ACCEPT), Refused()):
                return self._refused(reply)
            case Stage.CONCLUDE, Refused() if acceptor == self.region:
                return self._refused(reply)
        return []

    def _send(self, stage: Stage, acceptors: tuple[str, ...], request: Request) -> list[Effect]:
        self._stage = stage
        self._replies = {}
        return [Send(acceptors, request)]

    def _end(self, outcome: Effect) -> list[Effect]:
        self._done = True
        return [outcome]

    def _again(self) -> list[Effect]:
        """In one, unless that has been tried; an offer needs one acceptor besides our own, so a group of three."""
        in_one = self.change is not None and self._failures <= 1 and len(self.acceptors) == 3
        return self._claim() if in_one else self._prepare()

    # In one: claim, offer, conclude

    def _claim(self) -> list[Effect]:
        return self._begin(Stage.CLAIM, (self.region,))

    def _begin(self, stage: Stage, acceptors: tuple[str, ...]) -> list[Effect]:
        """Ask for a new ballot."""
        self.attempts += 1
        if self.attempts > self.attempts_max:
            return self.expire()
        self._ballot = max(self._highest, self._ballot, self.seen).next(self.region)
        self._value = None
        return self._send(stage, acceptors, Prepare(self._ballot))

    def _hear(self, reply: Promised) -> None:
        if reply.accepted > self._latest.accepted:
            self._latest = reply

    def _offer(self) -> list[Effect]:
        found = self._latest
        value = self._next_value(found.value)
        if value is None:
            return self._end(Unknown(True))
        self._value = value
        if place_of(value, self.operation) is not None:
            self._offered[self._ballot] = set(self._others)
        return self._send(
            Stage.OFFER, self._others, Offer(self._ballot, found.accepted, value, self._ballot.next(self.region))
        )

    def _conclude(self, acceptor: str, reply: Accepted) -> list[Effect]:
        assert self._value is not None
        conclude = Conclude(self._ballot, self._value, self._ballot.next(self.region))
        effects = self._send(Stage.CONCLUDE, (self.region,), conclude)
        self._replies[acceptor] = reply
        return effects

    def _not_accepted(self, acceptor: str, reply: Refused | Promised) -> list[Effect]:
        """The first time, what we knew may have been old: try again with what is known now. After that, somebody
        else is at it right now.
        """
        if isinstance(reply, Promised):
            self._hear(reply)
        else:
            self._highest = max(self._highest, reply.promised)
        if not self._replies:
            self._failures += 1
        self._replies[acceptor] = reply
        if self._failures <= 1:
            return self._claim()
        if not self._proposed:
            return self._end(Conflict(self._highest))
        return self._prepare() if len(self._replies) == len(self._others) else []

    # Step by step: prepare, accept

    def _prepare(self) -> list[Effect]:
        return self._begin(Stage.PREPARE, self.acceptors)

    def _promised(self) -> list[Effect]:
        promised = [reply for reply in self._replies.values() if isinstance(reply, Promised)]
        if len(promised) < self._majority:
            return []
        return self._propose(_latest(promised))

    def _propose(self, found: Value) -> list[Effect]:
        value = self._next_value(found)
        if value is None:
            return self._end(Unknown(True))
        self._value = value
        if self.change is not None and place_of(value, self.operation) is not None:
            self._sent = True
        return self._send(Stage.ACCEPT, self.acceptors, Accept(self._ballot, value, self._ballot.next(self.region)))

    def _next_value(self, found: Value) -> Value | None:
        """The value with the change, which may be in it already; None if it cannot be seen whether it is."""
        if self.change is None or place_of(found, self.operation) is not None:
            return found
        if self._proposed and found.version - self._first >= RECENT_MAX:
            return None
        self._calls += 1
        try:
            changed = found.changed(self.change(found.data), f"{self.operation}/{self._calls - 1}")
        except Unchanged:
            return found
        if not self._proposed:
            self._first = changed.version
        return changed

    def _refused(self, reply: Refused) -> list[Effect]:
        """The first refusal may only say that our ballot was old. After a second one somebody else is at it
        right now: go on only if something of ours may be in already, or if all we want is to read.
        """
        self._highest = max(self._highest, reply.promised)
        self._failures += 1
        if self._failures > 1 and not self._proposed and self.change is not None:
            return self._end(Conflict(self._highest))
        return self._again()

    def _accepted(self) -> list[Effect]:
        if len(self._replies) < self._majority:
            return []
        assert self._value is not None
        attempt = attempt_in(self._value, self.operation)
        if attempt is None and self.change is not None:
            attempt = self._calls - 1
        hint = Hint(self._ballot.next(self.region), self._value)
        return self._end(Done(self._value, self._ballot, hint, attempt))

    # Reading

    def _told(self) -> list[Effect]:
        told = self._all_told()
        if len(told) < self._majority:
            return []
        latest = max(told, key=lambda reply: reply.accepted)
        if sum(reply.accepted == latest.accepted for reply in told) >= self._majority:
            return self._end(Done(latest.value, latest.accepted))
        if len(told) < len(self.acceptors):
            return []
        self._rereads += 1
        return self._send(Stage.READ, self.acceptors, Read()) if self._rereads <= REREADS else self._settle()

    def _all_told(self) -> list[Told]:
        return [reply for reply in self._replies.values() if isinstance(reply, Told)]

    def _settle(self) -> list[Effect]:
        """They disagree: have one value accepted by a majority."""
        self._highest = max(self._highest, *(reply.accepted for reply in self._all_told()))
        return self._prepare()


def _latest(promises: Iterable[Promised]) -> Value:
    return max(promises, key=lambda promise: promise.accepted).value
