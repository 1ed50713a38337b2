"""Where CloudWatch Logs keeps things.

    ("logs", "group", group)                            -> Group
    ("logs", "stream", group, stream)                   -> Stream
    ("logs", "event", group, stream, at ms, number)     -> Event

Events of a stream sort by their own time and, where that is equal, by their arrival; a page is a range scan.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from panregion.services.logs.errors import no_group, no_stream
from panregion.services.logs.model import Event, Group, Stream
from panregion.store import Key, Transaction

TRIM_MAX = 500
"""Expired events removed per write: more than one writes, so it catches up."""

_group = msgspec.msgpack.Decoder(Group)
_stream = msgspec.msgpack.Decoder(Stream)
_event = msgspec.msgpack.Decoder(Event)


def find_group(tx: Transaction, name: str) -> Group | None:
    found = tx.get(("logs", "group", name))
    return None if found is None else _group.decode(found)


def require_group(tx: Transaction, name: str) -> Group:
    """Raises ResourceNotFoundException."""
    group = find_group(tx, name)
    if group is None:
        raise no_group()
    return group


def put_group(tx: Transaction, group: Group) -> None:
    tx.put(("logs", "group", group.name), msgspec.msgpack.encode(group))


def groups(tx: Transaction, after: str | None = None) -> Iterator[Group]:
    position: Key | None = None if after is None else ("logs", "group", after)
    return (_group.decode(value) for value in tx.values(("logs", "group"), after=position))


def find_stream(tx: Transaction, group: str, name: str) -> Stream | None:
    found = tx.get(("logs", "stream", group, name))
    return None if found is None else _stream.decode(found)


def require_stream(tx: Transaction, group: str, name: str) -> Stream:
    """Raises ResourceNotFoundException."""
    stream = find_stream(tx, group, name)
    if stream is None:
        raise no_stream()
    return stream


def put_stream(tx: Transaction, stream: Stream) -> None:
    tx.put(("logs", "stream", stream.group, stream.name), msgspec.msgpack.encode(stream))


def streams(tx: Transaction, group: str) -> Iterator[Stream]:
    return (_stream.decode(value) for value in tx.values(("logs", "stream", group)))


def append(tx: Transaction, group: Group, stream: Stream, events: list[tuple[int, str]], now_ms: int) -> None:
    """Write events and what they change in the descriptions of their stream and group."""
    written = [Event(at_ms, stream.written + index, now_ms, message) for index, (at_ms, message) in enumerate(events)]
    for event in written:
        key = ("logs", "event", group.name, stream.name, event.at_ms, event.number)
        tx.put(key, msgspec.msgpack.encode(event))
    put_stream(tx, stream.with_events(written))
    size = sum(event.size for event in written)
    put_group(tx, msgspec.structs.replace(group, stored_bytes=group.stored_bytes + size))
    if group.retention_days is not None:
        trim(tx, group, stream, now_ms)


def trim(tx: Transaction, group: Group, stream: Stream, now_ms: int) -> None:
    """Delete some of what the retention policy has expired."""
    start = ("logs", "event", group.name, stream.name)
    expired = tx.range(start, (*start, group.oldest_ms(now_ms)))
    for key in [key for key, _ in islice(expired, TRIM_MAX)]:
        tx.delete(key)


def events(
    tx: Transaction,
    group: str,
    stream: str,
    start: tuple[int, int],
    end: tuple[int, int] | None,
    *,
    reverse: bool = False,
) -> Iterator[Event]:
    """The events with start <= (time, number) < end."""
    below: Key = ("logs", "event", group, stream)
    last = (*below, *end) if end is not None else (*below, 1 << 62)
    return (_event.decode(value) for _, value in tx.range((*below, *start), last, reverse=reverse))


def delete_stream(tx: Transaction, group: str, name: str) -> None:
    for key in [key for key, _ in tx.prefix(("logs", "event", group, name))]:
        tx.delete(key)
    tx.delete(("logs", "stream", group, name))


def delete_group(tx: Transaction, name: str) -> None:
    for space in ("event", "stream"):
        for key in [key for key, _ in tx.prefix(("logs", space, name))]:
            tx.delete(key)
    tx.delete(("logs", "group", name))
