"""One item of a strong table: a register that a majority of regions agrees on (CASPaxos). Pure.

There is no log and no leader. Every region is an acceptor: per item it keeps the highest ballot it has
promised, and the value it accepted last with the ballot under which it did (`Cell`). Any region can change
an item, as a proposer:

    1. prepare   ask a majority to promise a new ballot; each answers with what it accepted last. The value
    of the
                 highest such ballot is the register's: whatever had a majority before is among the answers.
    2. accept    send the changed value under that ballot; when a majority has accepted it, it is chosen for
    good.

An acceptor that has promised a higher ballot refuses both, which is how two regions that write the same
item at once find out about each other. Two of three regions go on without the third.

One round trip. An accept carries the proposer's next ballot, and whoever accepts promises that one, too.
While nobody else touches the item, the proposer starts its next change with the accept (`Hint`).

Reading. If a majority has accepted under the same ballot, that value is chosen, and nothing newer was
before the read began: one round trip, nothing written. If all three differ too much for that (or one does
not answer, `nudge`), a read is a change that changes nothing.

Exactly once. A refused or unanswered accept may still have been chosen, or be completed by somebody else
later. So values carry the names of the last `RECENT_MAX` operations: a proposer that goes on with a higher
ballot sees whether its own is already in, and which of its attempts (each may have seen another value). If
more than that many came after it, it cannot see, and says so. Only one that has not sent an accept may say
that its write did not happen (`Conflict`); AWS calls that ReplicatedWriteConflictException. One that runs
out of time after that says that it does not know (`Unknown`).

A change that is not to be made after all (a condition that does not hold) raises `Unchanged`: the value that
it saw is made sure of, as by a read, and only then is the refusal true.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

RECENT_MAX = 64
REREADS = 2
"""How often a read in which all three differ is made again, before it settles what may be settling by itself."""


class Ballot(msgspec.Struct, frozen=True, order=True, array_like=True):
    round: int = 0
    proposer: str = ""

    def next(self, proposer: str) -> "Ballot":
        return Ballot(self.round + 1, proposer)


ZERO = Ballot()


class Value(msgspec.Struct, frozen=True, array_like=True):
    """What the register holds. `version` counts the changes; `recent` names the last of them, newest
    first."""

    version: int = 0
    data: bytes | None = None
    recent: tuple[str, ...] = ()

    def changed(self, data: bytes | None, operation: str) -> "Value":
        return Value(self.version + 1, data, (operation, *self.recent[: RECENT_MAX - 1]))


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """What an acceptor keeps of one item; must be durable before it answers."""

    promised: Ballot = ZERO
    accepted: Ballot = ZERO
    value: Value = Value()


class Prepare(NamedTuple):
    ballot: Ballot


class Accept(NamedTuple):
    ballot: Ballot
    value: Value
    next: Ballot


class Read(NamedTuple):
    """Tell what you accepted last; promises nothing."""


class Promised(NamedTuple):
    ballot: Ballot
    accepted: Ballot
    value: Value


class Accepted(NamedTuple):
    ballot: Ballot


class Refused(NamedTuple):
    """A higher ballot was promised to somebody."""

    ballot: Ballot
    promised: Ballot


class Told(NamedTuple):
    accepted: Ballot
    value: Value


Request = Prepare | Accept | Read
Reply = Promised | Accepted | Refused | Told


def answer(cell: Cell, request: Request) -> tuple[Cell, Reply]:
    """An acceptor's whole behaviour: what it keeps from now on, and what it says."""
    match request:
        case Read():
            return cell, Told(cell.accepted, cell.value)
        case Accept(ballot) if ballot < cell.promised:
            return cell, Refused(ballot, cell.promised)
        case Prepare(ballot) if ballot <= cell.promised:
            # Also the same one: nobody is promised a ballot twice, so that no two proposals share one.
            return cell, Refused(ballot, cell.promised)
        case Prepare(ballot):
            kept = Cell(ballot, cell.accepted, cell.value)
            return kept, Promised(ballot, cell.accepted, cell.value)
        case Accept(ballot, value, following):
            return Cell(max(ballot, following), ballot, value), Accepted(ballot)


class Hint(NamedTuple):
    """What a proposer that was the last to write knows: its ballot is promised already, and what the value
    is."""

    ballot: Ballot
    value: Value


class Send(NamedTuple):
    acceptors: tuple[str, ...]
    request: Request


class Done(NamedTuple):
    """The change is in, or the read was made; `value` is what the register held right then, under `ballot`.

    `attempt` says whose outcome it is: the number of the call of the change, from 0.
    """

    value: Value
    ballot: Ballot
    hint: Hint | None = None
    attempt: int | None = None


class Conflict(NamedTuple):
    """Another region is changing the item; this change did not happen. `seen` is the ballot to go beyond."""

    seen: Ballot


class Unknown(NamedTuple):
    """Time ran out. A read or a change that was never proposed did not happen; any other may have, or may
    yet."""

    proposed: bool


Effect = Send | Done | Conflict | Unknown
Change = Callable[[bytes | None], bytes | None]
"""Gives the new value for the one that is there; may be called several times. Raises Unchanged."""


class Unchanged(Exception):
    """Having seen the value, the operation does not want to change it."""


def attempt_in(value: Value, operation: str) -> int | None:
    """Which attempt of an operation is in, as the number of the call of its change; None if none is known to be."""
    place = place_of(value, operation)
    return None if place is None else int(value.recent[place].rpartition("/")[2])


def place_of(value: Value, operation: str) -> int | None:
    """How many changes came after the operation's; None if it is not among the recent ones."""
    names = (entry.rpartition("/")[0] for entry in value.recent)
    return next((place for place, name in enumerate(names) if name == operation), None)


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
    _ballot: Ballot = ZERO
    _highest: Ballot = ZERO
    _replies: dict[str, Reply] = field(default_factory=dict)
    _value: Value | None = None
    """What was proposed, while accepts are out."""
    _proposed: bool = False
    _first: int = 0
    """The version that the first attempt would have made."""
    _calls: int = 0
    _rereads: int = 0
    _attempts: int = 0
    _done: bool = False

    @property
    def _majority(self) -> int:
        return len(self.acceptors) // 2 + 1

    def start(self) -> list[Effect]:
        if self.change is None:
            return self._send(Read())
        if self.hint is not None:
            self._ballot = self.hint.ballot
            return self._propose(self.hint.value)
        return self._prepare()

    def expire(self) -> list[Effect]:
        """Time is up."""
        return [] if self._done else self._end(Unknown(self._proposed))

    def nudge(self) -> list[Effect]:
        """Do not wait any longer for replies that are still out."""
        if self._done:
            return []
        if self._ballot == ZERO:
            return self._settle() if len(self._replies) >= self._majority else self._send(Read())
        return self._prepare()

    def step(self, acceptor: str, reply: Reply) -> list[Effect]:
        """A reply has come. Those to earlier requests are ignored."""
        if self._done or acceptor in self._replies:
            return []
        match reply:
            case Refused(ballot, promised) if ballot == self._ballot:
                self._highest = max(self._highest, promised)
                return self._refused()
            case Told() if self._ballot == ZERO:
                self._replies[acceptor] = reply
                return self._told()
            case Promised(ballot) if ballot == self._ballot and self._value is None:
                self._replies[acceptor] = reply
                return self._promised()
            case Accepted(ballot) if ballot == self._ballot and self._value is not None:
                self._replies[acceptor] = reply
                return self._accepted()
        return []

    def _send(self, request: Request) -> list[Effect]:
        self._replies = {}
        return [Send(self.acceptors, request)]

    def _end(self, outcome: Effect) -> list[Effect]:
        self._done = True
        return [outcome]

    def _prepare(self) -> list[Effect]:
        self._attempts += 1
        if self._attempts > self.attempts_max:
            return self.expire()
        self._ballot = max(self._highest, self._ballot, self.seen).next(self.region)
        self._value = None
        return self._send(Prepare(self._ballot))

    def _propose(self, found: Value) -> list[Effect]:
        self._value = found
        if self.change is not None and place_of(found, self.operation) is None:
            if self._proposed and found.version - self._first >= RECENT_MAX:
                return self._end(Unknown(True))
            self._value = self._changed(found)
        return self._send(Accept(self._ballot, self._value, self._ballot.next(self.region)))

    def _changed(self, found: Value) -> Value:
        assert self.change is not None
        self._calls += 1
        try:
            changed = found.changed(self.change(found.data), f"{self.operation}/{self._calls - 1}")
        except Unchanged:
            return found
        if not self._proposed:
            self._first = changed.version
            self._proposed = True
        return changed

    def _refused(self) -> list[Effect]:
        """The first refusal may only say that our ballot was old. After a second one somebody else is at it
        right now: go on only if something of ours may be in already, or if all we want is to read.
        """
        if self._attempts > 1 and not self._proposed and self.change is not None:
            return self._end(Conflict(self._highest))
        return self._prepare()

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
        return self._send(Read()) if self._rereads <= REREADS else self._settle()

    def _all_told(self) -> list[Told]:
        return [reply for reply in self._replies.values() if isinstance(reply, Told)]

    def _settle(self) -> list[Effect]:
        """They disagree: have one value accepted by a majority."""
        self._highest = max(self._highest, *(reply.accepted for reply in self._all_told()))
        return self._prepare()

    def _promised(self) -> list[Effect]:
        promised = [reply for reply in self._replies.values() if isinstance(reply, Promised)]
        if len(promised) < self._majority:
            return []
        return self._propose(_latest(promised))

    def _accepted(self) -> list[Effect]:
        if len(self._replies) < self._majority:
            return []
        assert self._value is not None
        attempt = attempt_in(self._value, self.operation)
        if attempt is None and self.change is not None:
            attempt = self._calls - 1
        hint = Hint(self._ballot.next(self.region), self._value)
        return self._end(Done(self._value, self._ballot, hint, attempt))


def _latest(promises: Iterable[Promised]) -> Value:
    return max(promises, key=lambda promise: promise.accepted).value
