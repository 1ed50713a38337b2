"""Taking messages off a queue: at once, or waiting for one without holding a transaction."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.sqs import fifo, layout
from panregion.services.sqs.digests import attributes_digest
from panregion.services.sqs.errors import InvalidAttributeName, OverLimit
from panregion.services.sqs.model import US, Message, Queue, Taken
from panregion.services.sqs.running import count_inflight, lines_of, may_take, now_us
from panregion.services.sqs.sending import bury

Json = dict[str, Any]

SYSTEM_NAMES = frozenset(
    {
        *("All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"),
        *("SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn"),
    }
)


def receive(here: Here, queue: Queue, wanted: int, hide_s: int, attempt: str | None) -> list[Taken]:
    """Receive what may be seen now. Raises OverLimit."""
    moment = now_us(here)
    if attempt is not None and queue.fifo:
        again = fifo.repeated(here.tx, queue, attempt, moment, hide_s * US)
        if again is not None:
            return again
    room = may_take(here, queue, moment)
    if room <= 0 and not queue.fifo:
        raise OverLimit("Too many messages in flight: the queue has reached its limit of 120000.")
    taken: list[Taken] = (
        lines_of(queue).take(
            here.tx, queue, moment, min(wanted, room), hide_s * US, lambda message: bury(here, queue, message)
        )
        if room > 0
        else []
    )
    count_inflight(here, queue, len(taken))
    if attempt is not None and queue.fifo and taken:
        fifo.keep_attempt(here.tx, queue, attempt, taken, moment)
    return taken


async def wait_for_messages(here: Here, name: str, wait_s: float, again: Callable[[Here], Json]) -> Json:
    """Try again whenever there may be something, until there is or the time is over."""
    deadline = here.world.clock.monotonic() + wait_s
    tried: int | None = None
    while True:
        queue = here.read(lambda here: layout.require_queue(here.tx, name))
        change = here.store.next_change(queue.feed)
        try:
            due = here.read(lambda here, queue=queue: lines_of(queue).next_us(here.tx, queue))  # type: ignore[misc]
            now = now_us(here)
            if due is not None and due <= now and due != tried:
                answer = await here.transact(again)
                if answer:
                    return answer
                tried = due  # it was somebody else's, or more than one request may pass over was dead: look again
                continue
            if due is not None and due <= now:
                due = None
            left_s = deadline - here.world.clock.monotonic()
            if left_s <= 0 or here.closing.is_set():
                return {}
            await _pause(here, change, left_s if due is None else min(left_s, (due - now) / US))
        finally:
            change.cancel()


async def _pause(here: Here, change: "asyncio.Future[None]", delay_s: float) -> None:
    """Return on a change of the queue, when the time has passed, or when the region stops."""
    others: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(here.world.clock.sleep(delay_s)),
        asyncio.ensure_future(here.closing.wait()),
    ]
    try:
        await asyncio.wait([change, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for other in others:
            other.cancel()


def check_names(names: list[str]) -> None:
    """Raises InvalidAttributeName."""
    for name in names:
        if name not in SYSTEM_NAMES:
            raise InvalidAttributeName(f"Unknown Attribute {name}.")


def described(here: Here, queue: Queue, one: Taken, system: list[str], attributes: list[str]) -> Json:
    """A message as a receiver is told of it."""
    message = one.message
    answer: Json = {
        "MessageId": message.id,
        "ReceiptHandle": one.receipt,
        "MD5OfBody": message.body_md5,
        "Body": layout.body_of(here.tx, queue.heap, message),
    }
    if system:
        answer["Attributes"] = system_attributes(here.account_id, message, system)
    if attributes and message.attributes:
        _add_attributes(answer, message, attributes)
    return answer


def system_attributes(sender: str, message: Message, names: list[str]) -> dict[str, str]:
    """The system attributes that were asked for, of those that the message has."""
    known = {
        "SenderId": sender,
        "SentTimestamp": str(message.sent_us // 1000),
        "ApproximateReceiveCount": str(message.receives),
        "ApproximateFirstReceiveTimestamp": str(message.received_us // 1000),
        "SequenceNumber": message.sequence,
        "MessageDeduplicationId": message.deduplication,
        "MessageGroupId": message.group,
        "AWSTraceHeader": message.trace,
        "DeadLetterQueueSourceArn": message.source_arn,
    }
    everything = "All" in names
    return {name: value for name, value in known.items() if value is not None and (everything or name in names)}


def _add_attributes(answer: Json, message: Message, names: list[str]) -> None:
    """The attributes of these names, or that begin as these say; `All` and `.*` are all of them."""
    if "All" in names or ".*" in names or "*" in names:
        answer["MessageAttributes"] = msgspec.Raw(message.attributes)
        answer["MD5OfMessageAttributes"] = message.attributes_md5
        return
    starts = tuple(name.removesuffix(".*") for name in names if name.endswith(".*"))
    attributes = msgspec.json.decode(message.attributes)
    found = {name: value for name, value in attributes.items() if name in names or name.startswith(starts)}
    if found:
        answer["MessageAttributes"] = found
        answer["MD5OfMessageAttributes"] = attributes_digest(found)
