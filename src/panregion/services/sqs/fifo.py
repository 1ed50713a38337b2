"""The messages of a FIFO queue: a line per message group, and the order in which the groups have their turns.

A group's turn comes when its first message may be seen: at once, after the queue's delay, or once everything of it that
is in flight was deleted or has become visible again. So nothing overtakes within a group, and groups do not wait for
one another. A message stands in line under its number until it is deleted; what is in flight is noted in the group.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from panregion.services.sqs import layout
from panregion.services.sqs.errors import InvalidParameterValue, invalid
from panregion.services.sqs.model import DEDUPLICATION_S, US, Attempt, Group, Message, Queue, Seen, Taken, Tally
from panregion.services.sqs.receipts import Receipt, parse_receipt, receipt_text
from panregion.services.sqs.standard import (
    PASSED_MAX,
    Bury,
    check_total,
    expired,
    gone,
    is_dead,
    not_inflight,
    received,
    there_since_us,
)
from panregion.store import Key, Transaction

SEQUENCE_FIRST = 18_849_496_460_467_696_128
SEQUENCE_STEP = 256
"""AWS's sequence numbers have twenty digits and gaps."""

_group = msgspec.msgpack.Decoder(Group)
_seen = msgspec.msgpack.Decoder(Seen)
_attempt = msgspec.msgpack.Decoder(Attempt)


def sequence_text(number: int) -> str:
    return str(SEQUENCE_FIRST + number * SEQUENCE_STEP)


# Deduplication


def seen_before(tx: Transaction, queue: Queue, group: str, deduplication: str, now_us: int) -> Seen | None:
    """What came of the id the last time, if that was less than five minutes ago."""
    span = now_us // (DEDUPLICATION_S * US)
    scope = group if queue.deduplication_by_group else ""
    for number in (span, span - 1):
        raw = tx.get(("sqs-seen", queue.id, number, scope, deduplication))
        if raw is not None and (seen := _seen.decode(raw)).until_us > now_us:
            return seen
    return None


def remember(tx: Transaction, queue: Queue, message: Message, now_us: int) -> None:
    scope = message.group if queue.deduplication_by_group else ""
    assert scope is not None
    assert message.deduplication is not None
    assert message.sequence is not None
    seen = Seen(now_us + DEDUPLICATION_S * US, message.id, message.sequence)
    span = now_us // (DEDUPLICATION_S * US)
    tx.put(("sqs-seen", queue.id, span, scope, message.deduplication), layout.pack(seen))


def has_forgettable(tx: Transaction, queue_id: int, now_us: int) -> bool:
    """Whether `forget_seen` would find something."""
    return any(True for _ in _forgettable(tx, queue_id, now_us))


def forget_seen(tx: Transaction, queue_id: int, now_us: int, limit: int) -> None:
    """Delete deduplication ids of more than five minutes ago, and attempts that can no longer be repeated."""
    for key in list(islice(_forgettable(tx, queue_id, now_us), limit)):
        tx.delete(key)


def _forgettable(tx: Transaction, queue_id: int, now_us: int) -> Iterator[Key]:
    span = now_us // (DEDUPLICATION_S * US) - 1
    yield from (key for key, _ in tx.range(("sqs-seen", queue_id), ("sqs-seen", queue_id, max(0, span))))
    for key, raw in tx.prefix(("sqs-attempts", queue_id)):
        if _attempt.decode(raw).until_us <= now_us:
            yield key


# The line


def put(tx: Transaction, queue: Queue, message: Message, _visible_us: int, _tail: bytes) -> Message:
    """Add a message to its group's line; returns it with its sequence number."""
    number = layout.next_sequence(tx, queue.id)
    group = message.group
    assert group is not None, "a message of a FIFO queue has a group"
    message = msgspec.structs.replace(message, sequence=sequence_text(number))
    _write(tx, queue, group, number, message)
    if _find(tx, queue, group) is None:
        _set_turn(tx, queue, group, None, Group(_available_us(queue, message), number))
    tx.touch(queue.feed)
    return message


def _available_us(queue: Queue, message: Message) -> int:
    """When a message that is not in flight may be seen: the queue's delay counts for those already in it, too."""
    return message.sent_us + (0 if message.receives else queue.delay_s * US)


def _write(tx: Transaction, queue: Queue, group: str, number: int, message: Message) -> None:
    tx.put(("sqs-lines", queue.heap, group, number), layout.pack_message(tx, queue.heap, message))


def _find(tx: Transaction, queue: Queue, group: str) -> Group | None:
    raw = tx.get(("sqs-groups", queue.heap, group))
    return None if raw is None else _group.decode(raw)


def _turn_key(queue: Queue, group: str, turn: Group) -> tuple[str, bytes, str]:
    moment = turn.turn_us.to_bytes(8, "big") + turn.head.to_bytes(8, "big")
    return ("sqs-turns", layout.heap_bytes(queue.heap) + moment, group)


def _set_turn(tx: Transaction, queue: Queue, group: str, old: Group | None, new: Group | None) -> None:
    """Put a group in its place among the others; None for one that has nothing more in line."""
    if old is not None:
        tx.delete(_turn_key(queue, group, old))
    if new is None:
        tx.delete(("sqs-groups", queue.heap, group))
        return
    tx.put(("sqs-groups", queue.heap, group), layout.pack(new))
    tx.put(_turn_key(queue, group, new), b"")


def _line(tx: Transaction, queue: Queue, group: str) -> Iterator[tuple[int, Message]]:
    for key, raw in tx.prefix(("sqs-lines", queue.heap, group)):
        assert isinstance(key[3], int)
        yield key[3], layout.decode_message(raw)


def take(tx: Transaction, queue: Queue, now_us: int, wanted: int, hide_us: int, bury: Bury) -> list[Taken]:
    """Receive up to `wanted` messages, as many as possible of the first group, then of the next."""
    taken: list[Taken] = []
    heap = layout.heap_bytes(queue.heap)
    turns = tx.range(("sqs-turns", heap), ("sqs-turns", heap + (now_us + 1).to_bytes(8, "big")))
    for key, _ in islice(turns, wanted + PASSED_MAX):
        group = key[2]
        assert isinstance(group, str)
        taken += _take_of_group(tx, queue, group, now_us, wanted - len(taken), hide_us, bury)
        if len(taken) == wanted:
            break
    return taken


def _take_of_group(
    tx: Transaction, queue: Queue, group: str, now_us: int, wanted: int, hide_us: int, bury: Bury
) -> list[Taken]:
    old = _find(tx, queue, group)
    assert old is not None, "a turn is a group's"
    taken: list[Taken] = []
    flying: dict[int, int] = {}
    for number, message in islice(_line(tx, queue, group), wanted + PASSED_MAX):
        if expired(queue, message, now_us) or (is_dead(queue, message) and bury(layout.whole(tx, queue.heap, message))):
            _drop(tx, queue, group, number, message)
            continue
        if len(taken) == wanted or _available_us(queue, message) > now_us:
            break
        message = received(message, now_us)
        _write(tx, queue, group, number, message)
        flying[number] = now_us + hide_us
        receipt = receipt_text(queue.id, queue.heap, number.to_bytes(16, "big"), message.receives, group)
        taken.append(Taken(message, receipt))
    _set_turn(tx, queue, group, old, _settled(tx, queue, group, flying))
    return taken


def _settled(tx: Transaction, queue: Queue, group: str, flying: dict[int, int]) -> Group | None:
    """When it is the group's turn next, with that in flight; None where nothing is left in line."""
    for number, message in _line(tx, queue, group):
        turn_us = max(flying.values()) if flying else _available_us(queue, message)
        return Group(turn_us, number, flying)
    return None


def _drop(tx: Transaction, queue: Queue, group: str, number: int, message: Message) -> None:
    tx.delete(("sqs-lines", queue.heap, group, number))
    layout.drop_body(tx, queue.heap, message)


# Receipts


def _located(tx: Transaction, queue: Queue, receipt: Receipt) -> tuple[int, Message, Group] | None:
    if receipt.heap != queue.heap:
        return None
    number = int.from_bytes(receipt.place, "big")
    raw = tx.get(("sqs-lines", queue.heap, receipt.group, number))
    found = _find(tx, queue, receipt.group)
    return None if raw is None or found is None else (number, layout.decode_message(raw), found)


def remove(tx: Transaction, queue: Queue, receipt: Receipt, now_us: int) -> bool:
    """Delete the message of that receipt. Raises InvalidParameterValue where it is no longer the receiver's."""
    found = _located(tx, queue, receipt)
    if found is None:
        return False
    number, message, group = found
    if message.receives != receipt.receives or group.flying.get(number, 0) <= now_us:
        raise _expired_receipt(receipt)
    _drop(tx, queue, receipt.group, number, message)
    flying = {other: moment for other, moment in group.flying.items() if other != number}
    _set_turn(tx, queue, receipt.group, group, _settled(tx, queue, receipt.group, flying))
    tx.touch(queue.feed)
    return True


def _expired_receipt(receipt: Receipt) -> InvalidParameterValue:
    return invalid("ReceiptHandle", receipt.text, "The receipt handle has expired.")


def rehide(tx: Transaction, queue: Queue, receipt: Receipt, now_us: int, hide_s: int) -> None:
    """Hide the message of that receipt from now on for `hide_s`. Raises MessageNotInflight, InvalidParameterValue."""
    found = _located(tx, queue, receipt)
    if found is None or found[1].receives != receipt.receives:
        raise gone(receipt)
    number, message, group = found
    if group.flying.get(number, 0) <= now_us:
        raise not_inflight(receipt)
    check_total(message, now_us, hide_s)
    flying = {**group.flying, number: now_us + hide_s * US}
    _set_turn(
        tx, queue, receipt.group, group, msgspec.structs.replace(group, turn_us=max(flying.values()), flying=flying)
    )
    tx.touch(queue.feed)


# Receiving again what a request got whose answer was lost


def repeated(tx: Transaction, queue: Queue, attempt: str, now_us: int, hide_us: int) -> list[Taken] | None:
    """The same messages with the same receipts, hidden anew; None where any of them is no longer as it was."""
    raw = tx.get(("sqs-attempts", queue.id, attempt))
    if raw is None or (known := _attempt.decode(raw)).until_us <= now_us:
        return None
    taken = []
    for text in known.receipts:
        receipt = parse_receipt(queue.id, text)
        found = _located(tx, queue, receipt)
        if found is None or found[1].receives != receipt.receives or found[2].flying.get(found[0], 0) <= now_us:
            return None
        taken.append((receipt, *found))
    for receipt, number, _, _ in taken:
        group = _find(tx, queue, receipt.group)
        assert group is not None, "it was found above"
        flying = {**group.flying, number: now_us + hide_us}
        again = msgspec.structs.replace(group, turn_us=max(flying.values()), flying=flying)
        _set_turn(tx, queue, receipt.group, group, again)
    return [Taken(message, receipt.text) for receipt, _, message, _ in taken]


def keep_attempt(tx: Transaction, queue: Queue, attempt: str, taken: list[Taken], now_us: int) -> None:
    kept = Attempt(now_us + DEDUPLICATION_S * US, [one.receipt for one in taken])
    tx.put(("sqs-attempts", queue.id, attempt), layout.pack(kept))


# Counting and clearing


def next_us(tx: Transaction, queue: Queue) -> int | None:
    """When the first group has its turn; None where there is no message."""
    heap = layout.heap_bytes(queue.heap)
    for key, _ in tx.range(("sqs-turns", heap), ("sqs-turns", heap + b"\xff" * 16)):
        turn = key[1]
        assert isinstance(turn, bytes)
        return int.from_bytes(turn[4:12], "big")
    return None


def tally(tx: Transaction, queue: Queue, now_us: int, after: bytes | None, limit: int) -> tuple[Tally, bytes | None]:
    """Count up to `limit` messages; where to go on (a group and a number, packed), or None at the end."""
    position = None if after is None else msgspec.msgpack.decode(after, type=tuple[str, int])
    start = None if position is None else ("sqs-lines", queue.heap, *position)
    visible = inflight = delayed = seen = 0
    oldest_us: int | None = None
    groups: dict[str, dict[int, int]] = {}
    for key, raw in islice(tx.prefix(("sqs-lines", queue.heap), after=start), limit):
        seen += 1
        group, number = str(key[2]), int(key[3])
        if group not in groups:
            found = _find(tx, queue, group)
            groups[group] = {} if found is None else found.flying
        message = layout.decode_message(raw)
        position = (group, number)
        if expired(queue, message, now_us):
            continue
        oldest_us = min(there_since_us(message), oldest_us or now_us)
        if groups[group].get(number, 0) > now_us:
            inflight += 1
        elif _available_us(queue, message) > now_us:
            delayed += 1
        else:
            visible += 1
    return Tally(visible, inflight, delayed, oldest_us), layout.pack(position) if seen == limit else None


def inflight(tx: Transaction, queue: Queue, now_us: int, most: int) -> int:
    """How many messages are in flight, counted up to `most`."""
    count = 0
    for raw in tx.values(("sqs-groups", queue.heap)):
        count += sum(moment > now_us for moment in _group.decode(raw).flying.values())
        if count >= most:
            break
    return count


def trim(tx: Transaction, queue: Queue, now_us: int, limit: int) -> int:
    """Delete expired messages from the fronts of the groups, at most `limit`; how many."""
    heap, dropped = layout.heap_bytes(queue.heap), 0
    end = heap + max(0, now_us - queue.retention_s * US).to_bytes(8, "big")
    for key, _ in islice(tx.range(("sqs-turns", heap), ("sqs-turns", end)), limit):
        group = str(key[2])
        old = _find(tx, queue, group)
        for number, message in islice(_line(tx, queue, group), limit - dropped):
            if not expired(queue, message, now_us):
                break
            _drop(tx, queue, group, number, message)
            dropped += 1
        _set_turn(tx, queue, group, old, _settled(tx, queue, group, {}))
        if dropped >= limit:
            break
    return dropped


def clear(tx: Transaction, heap: int, limit: int) -> int:
    """Delete up to `limit` rows of a heap that no queue has any more; how many there were."""
    start = layout.heap_bytes(heap)
    keys = [key for space in ("sqs-lines", "sqs-groups") for key, _ in islice(tx.prefix((space, heap)), limit)]
    for space in ("sqs-turns", "sqs-bodies"):
        keys += [key for key, _ in islice(tx.range((space, start), (space, start + b"\xff" * 40)), limit)]
    for key in keys[:limit]:
        tx.delete(key)
    return min(limit, len(keys))
