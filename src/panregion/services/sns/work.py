"""What follows from publishing.

    sns.deliver   {topic, subscription, notice, attempt, turn}    deliver one message; `turn`: it has waited for it
    sns.drain     {topic, subscription, attempt}            deliver what waits in a FIFO subscription's outbox, in order
    sns.confirm   {topic, subscription, attempt, message_id, at}   ask a web server to confirm its subscription
    sns.bury      {target, params}                          put a message on a dead-letter queue

What the receiver cannot take at the moment is tried again on the protocol's schedule; what it will never take, and what
was tried often enough, goes to the subscription's dead-letter queue or is dropped.
"""

from typing import Any

import msgspec

from panregion.services import Here, WorkHandler
from panregion.services.sns import layout, retries
from panregion.services.sns.delivery import Undelivered, attempt, bury, post, put_on_dead_letter_queue
from panregion.services.sns.envelope import as_text, confirmation
from panregion.services.sns.model import Notice, Subscription, Topic
from panregion.services.sns.names import topic_arn
from panregion.store import Key

Json = dict[str, Any]

DRAINED_AT_ONCE = 100

_notice = msgspec.msgpack.Decoder(Notice)


def _found(here: Here, payload: Json) -> tuple[Topic, Subscription] | None:
    """The topic and the subscription, if both are still there."""
    topic = layout.find_topic(here.tx, payload["topic"])
    subscription = layout.find_subscription(here.tx, payload["topic"], payload["subscription"])
    return None if topic is None or subscription is None else (topic, subscription)


def _policy(topic: Topic, subscription: Subscription) -> Json:
    own = subscription.attributes.get("DeliveryPolicy")
    return retries.effective(topic.attributes.get("DeliveryPolicy"), own)


def _retry_delay_s(topic: Topic, subscription: Subscription, retry: int) -> float | None:
    if subscription.protocol in ("http", "https"):
        return retries.schedule_of(_policy(topic, subscription)).delay_s(retry)
    return retries.MANAGED.delay_s(retry)


def _turn_s(here: Here, topic: Topic, subscription: Subscription) -> float:
    """How long it is until a throttled web server may be given one more message; that turn is taken then."""
    if subscription.protocol not in ("http", "https"):
        return 0.0
    interval_s = retries.interval_s(_policy(topic, subscription))
    if not interval_s:
        return 0.0
    turns: dict[str, float] = here.running.setdefault("sns-turns", {})
    turn = max(here.now(), turns.get(subscription.id, 0.0))
    turns[subscription.id] = turn + interval_s
    return turn - here.now()


async def _again(here: Here, kind: str, payload: Json, delay_s: float) -> None:
    await here.transact(lambda here: here.later(kind, payload, here.now() + delay_s))


async def _tried(here: Here, topic: Topic, subscription: Subscription, notice: Notice, retry: int) -> float | None:
    """Deliver: None once that is over, well or badly, else how long until it is tried again."""
    try:
        await attempt(here, topic, subscription, notice)
    except Undelivered as error:
        failure = error
    else:
        return None
    delay_s = None if failure.final else _retry_delay_s(topic, subscription, retry)
    if delay_s is None:
        await here.transact(lambda here: bury(here, topic, subscription, notice, failure.code, failure.reason))
    return delay_s


async def deliver(here: Here, payload: Json) -> None:
    found = here.read(lambda here: _found(here, payload))
    if found is None:
        return
    wait_s = 0.0 if payload.get("turn") else _turn_s(here, *found)
    if wait_s:
        await _again(here, "sns.deliver", {**payload, "turn": True}, wait_s)
        return
    notice = msgspec.convert(payload["notice"], Notice)
    delay_s = await _tried(here, *found, notice, payload["attempt"])
    if delay_s is not None:
        await _again(here, "sns.deliver", {**payload, "turn": False, "attempt": payload["attempt"] + 1}, delay_s)


async def drain(here: Here, payload: Json) -> None:
    """Deliver a FIFO subscription's outbox from its front, unless that is being done."""
    draining: set[tuple[str, str]] = here.running.setdefault("sns", set())
    subscription = (payload["topic"], payload["subscription"])
    if subscription in draining:
        return  # whoever does it looks again before it ends
    draining.add(subscription)
    try:
        await _drain(here, payload)
    finally:
        draining.discard(subscription)


async def _drain(here: Here, payload: Json) -> None:
    """A failure holds up what follows."""
    tried: int = payload["attempt"]
    for _ in range(DRAINED_AT_ONCE):
        first = here.read(lambda here: _first(here, payload))
        if first is None:
            return
        key, notice = first
        found = here.read(lambda here: _found(here, payload))
        delay_s = None if found is None else await _tried(here, *found, notice, tried)
        if delay_s is not None:
            await _again(here, "sns.drain", {**payload, "attempt": tried + 1}, delay_s)
            return
        await here.transact(lambda here, key=key: here.tx.delete(key))  # type: ignore[misc]
        tried = 0
    await _again(here, "sns.drain", {**payload, "attempt": 0}, 0.0)


def _first(here: Here, payload: Json) -> tuple[Key, Notice] | None:
    for key, raw in here.tx.prefix(("sns-outbox", payload["topic"], payload["subscription"])):
        return key, _notice.decode(raw)
    return None


async def confirm(here: Here, payload: Json) -> None:
    """Ask a web server; unless it confirms, it gets nothing more."""
    found = here.read(lambda here: _found(here, payload))
    if found is None or found[1].confirmed:
        return
    topic, subscription = found
    message_id, at = payload["message_id"], payload["at"]

    def write(here: Here) -> str:
        arn = topic_arn(here, topic.name)
        return as_text(confirmation(here, subscription, arn, message_id, at, topic.signature_version))

    body = await here.transact(write)
    try:
        await post(here, topic, subscription, "SubscriptionConfirmation", message_id, body, [])
    except Undelivered as failure:
        delay_s = None if failure.final else _retry_delay_s(topic, subscription, payload["attempt"])
        if delay_s is not None:
            await _again(here, "sns.confirm", {**payload, "attempt": payload["attempt"] + 1}, delay_s)


WORK: dict[str, WorkHandler] = {
    "sns.bury": put_on_dead_letter_queue,
    "sns.confirm": confirm,
    "sns.deliver": deliver,
    "sns.drain": drain,
}
