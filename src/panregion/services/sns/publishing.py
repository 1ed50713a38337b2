"""Publishing, in the transaction that is open: what is accepted is, with it, on its way to every subscriber.

A queue of the same region gets its message in that very transaction: nothing lies between accepting and delivering.
Every other delivery is work that the transaction leaves. Deliveries of a FIFO topic that cannot be made at once wait in
an outbox of their subscription, so that they keep their order.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.sns import layout, notices
from panregion.services.sns.delivery import deliver_to_queue_here, give_up, is_final, is_queue_here
from panregion.services.sns.errors import invalid
from panregion.services.sns.filters import attribute_values, body_of
from panregion.services.sns.model import DEDUPLICATION_S, Notice, Seen, Subscription, Topic
from panregion.services.sns.names import topic_arn
from panregion.wire import AwsError

Json = dict[str, Any]

SEQUENCE_FIRST = 10_000_000_000_000_000_000
SEQUENCE_STEP = 1000


def now_text(here: Here) -> str:
    moment = datetime.fromtimestamp(here.now(), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def draft(
    here: Here,
    topic: Topic,
    message: str,
    subject: str | None,
    structure: str | None,
    attributes: Mapping[str, Mapping[str, Any]] | None,
    deduplication: str | None,
    group: str | None,
) -> tuple[Notice, int]:
    """A message that is fit to be published, and its size. Raises what AWS raises."""
    notices.check_subject(subject)
    texts = notices.texts_of(message, structure)
    carried = notices.checked_attributes(attributes)
    size = notices.size_of(message, carried)
    if size > notices.MESSAGE_BYTES_MAX:
        raise invalid("Message too long")
    notice = Notice(
        id=here.world.chance.uuid(),
        topic_arn=topic_arn(here, topic.name),
        texts=texts,
        subject=subject,
        attributes=carried,
        timestamp=now_text(here),
        group=group,
        deduplication=notices.fifo_ids(topic, message, group, deduplication),
    )
    return notice, size


def publish(here: Here, topic: Topic, notice: Notice) -> Json:
    """Send a message on its way to all who want it; returns what Publish answers."""
    if topic.fifo:
        numbered = _numbered(here, topic, notice)
        if isinstance(numbered, Seen):
            return {"MessageId": numbered.message_id, "SequenceNumber": numbered.sequence}
        notice = numbered
    values = attribute_values(notice.attributes)
    for subscription in layout.subscriptions_of(here.tx, topic.name):
        if subscription.confirmed and wanted(subscription, notice, values):
            _send(here, topic, subscription, notice)
    answer = {"MessageId": notice.id}
    return answer | ({} if notice.sequence is None else {"SequenceNumber": notice.sequence})


def _numbered(here: Here, topic: Topic, notice: Notice) -> Notice | Seen:
    """The message with its sequence number, or what came of it when it was published before."""
    assert notice.deduplication is not None
    scope = notice.group or "" if topic.deduplication_by_group else ""
    seen = layout.seen_before(here.tx, topic.name, scope, notice.deduplication, here.now())
    if seen is not None:
        return seen
    sequence = str(SEQUENCE_FIRST + layout.next_sequence(here.tx, topic.name) * SEQUENCE_STEP)
    remembered = Seen(here.now() + DEDUPLICATION_S, notice.id, sequence)
    layout.remember(here.tx, topic.name, scope, notice.deduplication, here.now(), remembered)
    return msgspec.structs.replace(notice, sequence=sequence)


def wanted(subscription: Subscription, notice: Notice, values: Json) -> bool:
    """Whether the subscription's filter lets the message through."""
    found = subscription.filter
    if found is None:
        return True
    if subscription.scope == "MessageBody":
        return found.matches(body_of(notice.text_for(subscription.protocol)))
    return found.matches(values)


def _send(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    if is_queue_here(here, subscription) and not _waits(here, subscription):
        try:
            deliver_to_queue_here(here, topic, subscription, notice)
        except AwsError as error:
            if is_final(error):
                give_up(here, topic, subscription, notice, error)
            else:
                _later(here, topic, subscription, notice)
    else:
        _later(here, topic, subscription, notice)


def _waits(here: Here, subscription: Subscription) -> bool:
    """Whether earlier messages of a FIFO topic are still to be delivered to it."""
    return any(True for _ in here.tx.values(("sns-outbox", subscription.topic, subscription.id)))


def _later(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    payload = {"topic": topic.name, "subscription": subscription.id}
    if not topic.fifo:
        here.later("sns.deliver", {**payload, "notice": msgspec.to_builtins(notice), "attempt": 0})
        return
    first = not _waits(here, subscription)
    number = int(notice.sequence or 0) - SEQUENCE_FIRST
    here.tx.put(("sns-outbox", topic.name, subscription.id, number), layout.pack(notice))
    if first:
        here.later("sns.drain", {**payload, "attempt": 0})
