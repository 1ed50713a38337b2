"""Putting a message on a queue, in the transaction that is open."""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.sqs import fifo, layout, standard
from panregion.services.sqs.digests import attributes_digest
from panregion.services.sqs.drafts import Attributes, delay_of, draft
from panregion.services.sqs.model import US, Message, Queue
from panregion.services.sqs.names import queue_arn
from panregion.services.sqs.redrive import name_of_arn
from panregion.services.sqs.running import next_tail, now_us

Json = dict[str, Any]


def send(
    here: Here,
    queue: Queue,
    body: str,
    delay_s: int | None = None,
    attributes: Attributes | None = None,
    system: Attributes | None = None,
    deduplication: str | None = None,
    group: str | None = None,
) -> Json:
    """Send one message; returns what SendMessage answers. Raises what AWS raises."""
    moment = now_us(here)
    delay = delay_of(queue, delay_s) if delay_s is not None else queue.delay_s
    message = draft(queue, here.world.chance.uuid(), moment, body, attributes, system, group, deduplication)
    if queue.fifo:
        message = _send_in_order(here, queue, message, moment)
    else:
        standard.put(here.tx, queue, message, moment + delay * US, next_tail(here))
    answer = {"MessageId": message.id, "MD5OfMessageBody": message.body_md5}
    if attributes:
        answer["MD5OfMessageAttributes"] = message.attributes_md5
    if system:
        answer["MD5OfMessageSystemAttributes"] = attributes_digest(system)
    if message.sequence is not None:
        answer["SequenceNumber"] = message.sequence
    return answer


def _send_in_order(here: Here, queue: Queue, message: Message, moment: int) -> Message:
    """On a FIFO queue a message that was sent before is not sent again, and the answer is that of the first time."""
    assert message.group is not None
    assert message.deduplication is not None
    seen = fifo.seen_before(here.tx, queue, message.group, message.deduplication, moment)
    if seen is not None:
        return msgspec.structs.replace(message, id=seen.message_id, sequence=seen.sequence)
    message = fifo.put(here.tx, queue, message, moment, b"")
    fifo.remember(here.tx, queue, message, moment)
    return message


def bury(here: Here, queue: Queue, message: Message) -> bool:
    """Put a message on its queue's dead-letter queue; False where that does not exist."""
    target = dead_letter_queue(here, queue)
    if target is None:
        return False
    source_arn = queue_arn(here, queue.name)
    carry(here, target, msgspec.structs.replace(message, origin=b"", source_arn=source_arn, buried_us=now_us(here)))
    return True


def dead_letter_queue(here: Here, queue: Queue) -> Queue | None:
    assert queue.redrive is not None
    name = name_of_arn(queue.redrive.target_arn, here.region, here.account_id)
    target = None if name is None else layout.find_queue(here.tx, name)
    return target if target is not None and target.fifo == queue.fifo else None


def carry(here: Here, target: Queue, message: Message) -> None:
    """Put a message that comes from another queue on this one. On a FIFO queue its retention begins anew."""
    moment = now_us(here)
    if target.fifo:
        fifo.put(here.tx, target, msgspec.structs.replace(message, expires_from_us=moment), moment, b"")
    else:
        standard.put(here.tx, target, message, moment, next_tail(here))
