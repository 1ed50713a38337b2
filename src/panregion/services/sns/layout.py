"""Where SNS keeps things.

("sns", "topic", name)                           -> Topic
("sns", "subscription", topic, id)               -> Subscription
("sns", "token", token)                          -> topic and id of the subscription to be confirmed, msgpack
("sns", "sequence", topic)                       -> the last number given to a message of a FIFO topic
("sns", "key")                                   -> the region's signing key and its certificate, msgpack
("sns-seen", topic, span, scope, id)             -> Seen, a deduplication id of that span of five minutes
("sns-outbox", topic, subscription id, number)   -> Delivery of a FIFO topic that waits for those before it
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import msgspec

from panregion.services.sns.errors import no_topic
from panregion.services.sns.model import DEDUPLICATION_S, Seen, Subscription, Topic
from panregion.store import Transaction

FORGOTTEN_AT_ONCE = 20
"""Old deduplication ids that one publication clears away."""

_topic = msgspec.msgpack.Decoder(Topic)
_subscription = msgspec.msgpack.Decoder(Subscription)
_seen = msgspec.msgpack.Decoder(Seen)
_token = msgspec.msgpack.Decoder(tuple[str, str])
pack = msgspec.msgpack.Encoder().encode


@lru_cache(1024)
def _decoded(raw: bytes) -> Subscription:
    return _subscription.decode(raw)


def find_topic(tx: Transaction, name: str) -> Topic | None:
    raw = tx.get(("sns", "topic", name))
    return None if raw is None else _topic.decode(raw)


def require_topic(tx: Transaction, name: str) -> Topic:
    """Raises NotFoundException."""
    topic = find_topic(tx, name)
    if topic is None:
        raise no_topic()
    return topic


def put_topic(tx: Transaction, topic: Topic) -> None:
    tx.put(("sns", "topic", topic.name), pack(topic))


def topics(tx: Transaction, after: str | None = None) -> Iterator[Topic]:
    position = None if after is None else ("sns", "topic", after)
    return (_topic.decode(raw) for raw in tx.values(("sns", "topic"), after=position))


def find_subscription(tx: Transaction, topic: str, subscription_id: str) -> Subscription | None:
    raw = tx.get(("sns", "subscription", topic, subscription_id))
    return None if raw is None else _decoded(raw)


def put_subscription(tx: Transaction, subscription: Subscription) -> None:
    tx.put(("sns", "subscription", subscription.topic, subscription.id), pack(subscription))
    if subscription.token is not None:
        tx.put(("sns", "token", subscription.token), pack((subscription.topic, subscription.id)))


def delete_subscription(tx: Transaction, subscription: Subscription) -> None:
    tx.delete(("sns", "subscription", subscription.topic, subscription.id))
    if subscription.token is not None:
        tx.delete(("sns", "token", subscription.token))


def subscriptions_of(tx: Transaction, topic: str, after: str | None = None) -> Iterator[Subscription]:
    position = None if after is None else ("sns", "subscription", topic, after)
    return (_decoded(raw) for raw in tx.values(("sns", "subscription", topic), after=position))


def subscriptions(tx: Transaction, after: tuple[str, str] | None = None) -> Iterator[Subscription]:
    position = None if after is None else ("sns", "subscription", *after)
    return (_decoded(raw) for raw in tx.values(("sns", "subscription"), after=position))


def by_token(tx: Transaction, token: str) -> Subscription | None:
    raw = tx.get(("sns", "token", token))
    return None if raw is None else find_subscription(tx, *_token.decode(raw))


def next_sequence(tx: Transaction, topic: str) -> int:
    key = ("sns", "sequence", topic)
    number = int(tx.get(key) or 0) + 1
    tx.put(key, b"%d" % number)
    return number


def seen_before(tx: Transaction, topic: str, scope: str, deduplication: str, now_s: float) -> Seen | None:
    """What came of the id the last time, if that was less than five minutes ago."""
    span = int(now_s) // DEDUPLICATION_S
    for number in (span, span - 1):
        raw = tx.get(("sns-seen", topic, number, scope, deduplication))
        if raw is not None and (seen := _seen.decode(raw)).until_s > now_s:
            return seen
    return None


def remember(tx: Transaction, topic: str, scope: str, deduplication: str, now_s: float, seen: Seen) -> None:
    """Remember an id, and forget some of those that are too old to matter."""
    span = int(now_s) // DEDUPLICATION_S
    old = tx.range(("sns-seen", topic), ("sns-seen", topic, max(0, span - 1)))
    for key in [key for key, _ in islice(old, FORGOTTEN_AT_ONCE)]:
        tx.delete(key)
    tx.put(("sns-seen", topic, span, scope, deduplication), pack(seen))
