"""One item of a strong table: a register that a majority of regions agrees on (CASPaxos). Pure.

There is no log and no leader. Every region is an acceptor: per item it keeps the highest ballot it has
promised, and the value it accepted last with the ballot under which it did (`Cell`). Any region can change
an item, as a proposer, in two steps:

    1. prepare   ask a majority to promise a new ballot; each answers with what it accepted last. The value
                 of the highest such ballot is the register's: whatever had a majority before is among the
                 answers.
    2. accept    send the changed value under that ballot; when a majority has accepted it, it is chosen for
                 good.

An acceptor that has promised a higher ballot refuses both, which is how two regions that write the same
item at once find out about each other. Two of three regions go on without the third.

One round trip, for an item that this region wrote last. An accept carries the proposer's next ballot, and
whoever accepts promises that one, too. While nobody else touches the item, the proposer starts its next
change with the accept (`Hint`).

One round trip, for any other item, new ones too (`Offer`). The proposer's own acceptor is one half of a
majority and is asked without a journey: it promises a ballot b and says what it accepted last, under a
ballot `base`. The changed value goes to the others as prepare and accept in one. An acceptor to which b is
new promises it; if, besides, it accepted nothing newer than `base`, it accepts at once. That is safe: it
and the proposer's acceptor are a majority that has promised b, and the highest ballot that either had
accepted is `base`, so the value is made of the right one, which is all that step 1 is for. Every acceptor
decides so by itself, and the value under b is the same for all. If it has accepted something newer, it says
so, and the next offer, under another ballot, is made of that.

The proposer's own acceptor must not accept before another has: its value is not known to be made of the
right one until then, and the next proposer would believe it. So it comes last (`Conclude`); as that makes the
majority, the value is chosen in the same moment, and may be shown.

The own promise must be as good as kept before an offer leaves, or a crash could have this acceptor accept a
lower ballot after all. Instead of waiting for the disk, see `floors.py`.

Reading. If a majority has accepted under the same ballot, that value is chosen, and nothing newer was
before the read began: one round trip, nothing written. If all three differ too much for that (or one does
not answer, `nudge`), a read is a change that changes nothing, and takes both steps.

Exactly once. A refused or unanswered accept may still have been chosen, or be completed by somebody else
later. So values carry the names of the last `RECENT_MAX` operations: a proposer that goes on with a higher
ballot sees whether its own is already in, and which of its attempts (each may have seen another value). If
more than that many came after it, it cannot see, and says so. Only one whose values nobody can have accepted
(none was sent but in offers, and everyone has refused those) may say that its write did not happen
(`Conflict`); AWS calls that ReplicatedWriteConflictException. Another that runs out of time says that it does
not know (`Unknown`). Messages may be late, lost, out of order and doubled, but no offer may come twice: its first
copy may have been accepted where the second is refused.

A change that is not to be made after all (a condition that does not hold) raises `Unchanged`: the value that
it saw is made sure of, as by a read, and only then is the refusal true.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

RECENT_MAX = 64


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


class Offer(NamedTuple):
    """Promise the ballot; where nothing newer than `base` was accepted, accept the value too.

    Whoever sends it has its own acceptor's promise, which had accepted `base` or something older.
    """

    ballot: Ballot
    base: Ballot
    value: Value
    next: Ballot


class Conclude(NamedTuple):
    """An Accept, to the proposer's own acceptor, that makes the majority: accepted is chosen. Never sent away."""

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


Request = Prepare | Accept | Offer | Conclude | Read
Reply = Promised | Accepted | Refused | Told


def answer(cell: Cell, request: Request) -> tuple[Cell, Reply]:
    """An acceptor's whole behaviour: what it keeps from now on, and what it says."""
    match request:
        case Read():
            return cell, Told(cell.accepted, cell.value)
        case Accept(ballot) | Conclude(ballot) if ballot < cell.promised:
            return cell, Refused(ballot, cell.promised)
        case Prepare(ballot) | Offer(ballot) if ballot <= cell.promised:
            # Also the same one: nobody is promised a ballot twice, so that no two proposals share one.
            return cell, Refused(ballot, cell.promised)
        case Offer(ballot, base, value, following) if cell.accepted <= base:
            return Cell(max(ballot, following), ballot, value), Accepted(ballot)
        case Prepare(ballot) | Offer(ballot):
            kept = Cell(ballot, cell.accepted, cell.value)
            return kept, Promised(ballot, cell.accepted, cell.value)
        case Accept(ballot, value, following) | Conclude(ballot, value, following):
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
