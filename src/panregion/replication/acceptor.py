"""What one region keeps of the registers of strong tables, in its store: durable before it answers.

A group is the registers of one table; a key names one of them.

    ("registers-groups", group)              -> Group: the names of the group's three regions, and what was forgotten
    ("registers", group, key)                -> Kept: the acceptor's cell, and the version known to be chosen
    ("registers-changes", group, place)      -> key; the registers in the order in which they last changed here
    ("registers-heads", group)               -> the last place given out
    ("registers-open", group, key)           -> nothing; a value is accepted here that is not known to be chosen
    ("registers-deleted", group, key)        -> nothing; a register that is known to hold no item (forgetting.py)
    ("registers-cursors", group, region)     -> how far this region has followed another's changes

An accepted value may yet lose. `learn` is told which one was chosen, by its proposer or by a read, and only that
is shown to anybody. The order of changes has one entry per register, so it needs no trimming: a region that was
away for any time asks for what lies after its cursor.
"""

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from panregion.replication.floors import EVERYBODY
from panregion.replication.register import (
    ZERO,
    Ballot,
    Cell,
    Reply,
    Request,
    Value,
    answer,
)
from panregion.store import Transaction

GROUPS = "registers-groups"
ROWS = "registers"
CHANGES = "registers-changes"
HEADS = "registers-heads"
OPEN = "registers-open"
CURSORS = "registers-cursors"

DELETED = "registers-deleted"

SPACES = (ROWS, CHANGES, HEADS, OPEN, CURSORS, DELETED)
"""Below each of these and a group lies what is kept of the group's registers."""


class Group(msgspec.Struct, frozen=True, array_like=True):
    """A group, as this region is part of it.

    `floor`: every register here behaves as if all ballots up to that round had been promised. `caught`: all that was
    chosen in rounds up to it is known here. `version`: no register that was forgotten had a higher one; so one that
    has no row begins there, and versions rise also over what was forgotten.
    """

    members: tuple[str, ...]
    floor: int = 0
    caught: int = 0
    version: int = 0


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """One register's row. `learned` is the highest version known to be chosen; `place` its place in the changes."""

    cell: Cell = Cell()
    learned: int = 0
    place: int = 0

    @property
    def deleted(self) -> bool:
        """Whether it is known to hold no item, having held one."""
        return self.cell.value.data is None and 0 < self.cell.value.version <= self.learned


class Changed(msgspec.Struct, frozen=True, array_like=True):
    """That a register has changed, as one region tells another."""

    place: int
    key: bytes
    version: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode
NOTHING = Kept()
FORGOTTEN = Ballot(0, EVERYBODY)
"""What a register without a row has accepted where some were forgotten: before all ballots, and after nothing."""


class NotAMember(Exception):
    """This region keeps nothing of the group: it never did, it left, or it has lost its disk.

    It must not answer then: what it promised before, it no longer knows.
    """


def join(tx: Transaction, group: str, members: tuple[str, ...]) -> None:
    """Be part of a group; if this region is already, it stays as it is."""
    if tx.get((GROUPS, group)) is None:
        put_group(tx, group, Group(members))


def put_group(tx: Transaction, group: str, kept: Group) -> None:
    tx.put((GROUPS, group), _encode(kept))


def leave(tx: Transaction, group: str) -> None:
    """Answer no more. What lies below SPACES is left to be removed."""
    tx.delete((GROUPS, group))


@lru_cache(maxsize=256)
def _group_of(data: bytes) -> Group:
    return msgspec.msgpack.decode(data, type=Group)


def part_of(tx: Transaction, group: str) -> Group:
    """The group as it is kept here. Raises NotAMember."""
    kept = tx.get((GROUPS, group))
    if kept is None:
        raise NotAMember(group)
    return _group_of(kept)


def members(tx: Transaction, group: str) -> tuple[str, ...]:
    """The group's regions, this one among them. Raises NotAMember."""
    return part_of(tx, group).members


def read(tx: Transaction, group: str, key: bytes) -> Kept:
    row = tx.get((ROWS, group, key))
    if row is not None:
        return _decode(row)
    kept = tx.get((GROUPS, group))
    version = 0 if kept is None else _group_of(kept).version
    return NOTHING if version == 0 else Kept(Cell(ZERO, FORGOTTEN, Value(version)))


def receive(tx: Transaction, group: str, key: bytes, request: Request, floor: Ballot = ZERO) -> Reply:
    """Answer a proposer, having kept what the answer promises. Raises NotAMember.

    `floor` is promised at least, and the group's floor, whatever the register's row says.
    """
    part = part_of(tx, group)
    if part.floor:
        floor = max(floor, Ballot(part.floor, EVERYBODY))
    kept = read(tx, group, key)
    before = kept.cell if floor <= kept.cell.promised else Cell(floor, kept.cell.accepted, kept.cell.value)
    cell, reply = answer(before, request)
    if cell is not before:
        keep(tx, group, key, kept, cell, kept.learned)
    return reply


def learn(tx: Transaction, group: str, key: bytes, ballot: Ballot, value: Value) -> bool:
    """A value was chosen under a ballot. Whether that is news, which the caller must then show.

    Raises NotAMember.
    """
    part = part_of(tx, group)
    kept = read(tx, group, key)
    if ballot.round <= part.caught and not kept.place:
        return False  # it was known here, and has been forgotten since
    cell = kept.cell
    if ballot > cell.accepted:
        # Its accept may not have come here. What is chosen may be taken whatever was promised since: it is chosen
        # already, and whoever was promised a higher ballot must find it, here or elsewhere.
        cell = Cell(max(cell.promised, ballot), ballot, value)
    news = value.version > kept.learned
    if news or cell is not kept.cell:
        keep(tx, group, key, kept, cell, max(kept.learned, value.version))
    return news


def keep(tx: Transaction, group: str, key: bytes, kept: Kept, cell: Cell, learned: int) -> None:
    """Keep a register as it is now, with all that is found by what it is; `kept` is how it was."""
    place = kept.place
    if cell.accepted != kept.cell.accepted:
        if place:
            tx.delete((CHANGES, group, place))
        place = head(tx, group) + 1
        tx.put((HEADS, group), b"%d" % place)
        tx.put((CHANGES, group, place), key)
    if cell.accepted.round and cell.value.version > learned:
        tx.put((OPEN, group, key), b"")
    elif kept.cell.value.version > kept.learned:
        tx.delete((OPEN, group, key))
    after = Kept(cell, learned, place)
    if after.deleted != kept.deleted:
        if after.deleted:
            tx.put((DELETED, group, key), b"")
        else:
            tx.delete((DELETED, group, key))
    tx.put((ROWS, group, key), _encode(after))


def drop(tx: Transaction, group: str, key: bytes, kept: Kept) -> None:
    """Forget a register."""
    tx.delete((ROWS, group, key))
    tx.delete((DELETED, group, key))
    tx.delete((CHANGES, group, kept.place))


def head(tx: Transaction, group: str) -> int:
    return int(tx.get((HEADS, group)) or 0)


def changes(tx: Transaction, group: str, after: int) -> Iterator[Changed]:
    """The registers that have changed here since a place, each once, in order."""
    for place, key in tx.prefix((CHANGES, group), after=(CHANGES, group, after)):
        yield Changed(int(place[2]), key, read(tx, group, key).cell.value.version)


def unsettled(tx: Transaction, group: str) -> list[bytes]:
    """The registers in which something is accepted here that is not known to be chosen."""
    return [bytes(key[2]) for key, _ in tx.prefix((OPEN, group)) if isinstance(key[2], bytes)]


def cursor(tx: Transaction, group: str, region: str) -> int:
    return int(tx.get((CURSORS, group, region)) or 0)


def put_cursor(tx: Transaction, group: str, region: str, place: int) -> None:
    tx.put((CURSORS, group, region), b"%d" % place)
