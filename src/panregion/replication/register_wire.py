"""What regions say to each other about registers, as MessagePack: one request, one reply."""

from typing import Any

import msgspec

from panregion.replication.acceptor import Changed
from panregion.replication.register import (
    Accept,
    Accepted,
    Ballot,
    Cell,
    Offer,
    Prepare,
    Promised,
    Read,
    Refused,
    Reply,
    Request,
    Told,
    Value,
)

PATH = "registers"
"""Below /_panregion/."""


class Learn(msgspec.Struct, frozen=True, array_like=True):
    """The value was chosen under the ballot."""

    ballot: Ballot
    value: Value


class Since(msgspec.Struct, frozen=True, array_like=True):
    """Which registers of the group have changed since a place."""

    after: int
    limit: int


class Page(msgspec.Struct, frozen=True, array_like=True):
    """Changes in order, and the last place there is. `floor`: rounds up to that are refused there (floors.py)."""

    head: int
    changes: tuple[Changed, ...]
    floor: int = 0


class Learned(msgspec.Struct, frozen=True, array_like=True):
    """Kept."""


class Raise(msgspec.Struct, frozen=True, array_like=True):
    """Promise all rounds up to the floor, for every register of the group."""

    floor: int


class Raised(msgspec.Struct, frozen=True, array_like=True):
    """Promised. The highest round and version of a register here that holds no item; 0 where there is none."""

    round: int
    version: int


class Catch(msgspec.Struct, frozen=True, array_like=True):
    """Know all that was chosen up to the floor, and begin registers without a row at the version."""

    floor: int
    version: int


class Forget(msgspec.Struct, frozen=True, array_like=True):
    """Forget the registers that hold no item, up to the floor: all regions of the group have caught up with it."""

    floor: int


class Survey(msgspec.Struct, frozen=True, array_like=True):
    """Of a region that has lost its disk: what may it have promised, and how far did you follow it?"""

    region: str


class Surveyed(msgspec.Struct, frozen=True, array_like=True):
    """The highest round here, the group's `caught` and `version`, and the place in the asker's changes."""

    round: int
    caught: int
    version: int
    place: int


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """The registers whole that have changed since a place."""

    after: int
    limit: int


class RowsPage(msgspec.Struct, frozen=True, array_like=True):
    """Rows in the order of changes, as (place, key, cell, learned); and the last place there is."""

    head: int
    rows: tuple[tuple[int, bytes, Cell, int], ...]


class Ask(msgspec.Struct, frozen=True, array_like=True):
    """A request. `key` is empty where a whole group is meant."""

    group: str
    key: bytes
    kind: str
    body: msgspec.Raw


class Malformed(Exception):
    """These bytes are no message of ours."""


_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Prepare, Accept, Offer, Read, Promised, Accepted, Refused, Told, Learn, Since, Page, Learned),
        *(Raise, Raised, Catch, Forget, Survey, Surveyed, Rows, RowsPage),
    )
}
Upkeep = Raise | Catch | Forget | Survey | Rows
"""What is not about a register but about all of a group."""
Message = Request | Learn | Since | Upkeep
Answer = Reply | Page | Learned | Raised | Surveyed | RowsPage

_encode = msgspec.msgpack.Encoder().encode


def encode_ask(group: str, key: bytes, message: Message) -> bytes:
    return _encode(Ask(group, key, type(message).__name__, msgspec.Raw(_encode(message))))


def decode_ask(data: bytes) -> tuple[str, bytes, Message]:
    """Raises Malformed."""
    try:
        ask = msgspec.msgpack.decode(data, type=Ask)
        return ask.group, ask.key, _decoded(ask.kind, ask.body)
    except (msgspec.DecodeError, KeyError) as error:
        raise Malformed(f"not a question about a register: {error}") from error


def encode_answer(answer: Answer) -> bytes:
    return _encode((type(answer).__name__, answer))


def decode_answer(data: bytes) -> Any:
    """An Answer. Raises Malformed."""
    try:
        kind, body = msgspec.msgpack.decode(data, type=tuple[str, msgspec.Raw])
        return _decoded(kind, body)
    except (msgspec.DecodeError, KeyError) as error:
        raise Malformed(f"not an answer about a register: {error}") from error


def _decoded(kind: str, body: msgspec.Raw) -> Any:
    return msgspec.msgpack.decode(body, type=_KINDS[kind])
