"""What regions say to each other about registers, as MessagePack: one request, one reply."""

from typing import Any

import msgspec

from panregion.replication.acceptor import Changed
from panregion.replication.register import (
    Accept,
    Accepted,
    Ballot,
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
    for kind in (Prepare, Accept, Offer, Read, Promised, Accepted, Refused, Told, Learn, Since, Page, Learned)
}
Message = Request | Learn | Since
Answer = Reply | Page | Learned

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
