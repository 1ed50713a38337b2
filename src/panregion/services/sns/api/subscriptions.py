"""Subscriptions."""

from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec

from panregion.services import Here, reads
from panregion.services.sns import filters, layout
from panregion.services.sns.api.topics import page_token, parse_token
from panregion.services.sns.attributes import SUBSCRIPTION_ATTRIBUTES, checked_subscription, describe_subscription
from panregion.services.sns.errors import (
    FilterPolicyLimitExceededException,
    SubscriptionLimitExceededException,
    Unsupported,
    invalid,
    no_subscription,
)
from panregion.services.sns.model import FIFO_SUBSCRIPTIONS_MAX, FILTER_POLICIES_MAX, Subscription, Topic
from panregion.services.sns.names import (
    parse_arn,
    subscription_of_arn,
    topic_of_arn,
)
from panregion.services.sns.names import (
    subscription_arn as arn_of,
)
from panregion.services.sns.names import (
    topic_arn as topic_arn_of,
)
from panregion.services.sns.publishing import now_text

Json = dict[str, Any]

PAGE = 100
PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
TO_BE_CONFIRMED = ("http", "https", "email", "email-json")
TOKEN_LENGTH = 288
HEXADECIMAL = "0123456789abcdef"
PENDING = "pending confirmation"


def confirm_subscription(
    here: Here, topic_arn: str, token: str, authenticate_on_unsubscribe: str | None = None
) -> Json:
    name = topic_of_arn(here, topic_arn)
    layout.require_topic(here.tx, name)
    subscription = layout.by_token(here.tx, token)
    if subscription is None or subscription.topic != name:
        raise invalid("Token")
    if not subscription.confirmed:
        authenticated = (authenticate_on_unsubscribe or "").lower() == "true"
        confirmed = msgspec.structs.replace(subscription, confirmed=True, authenticated=authenticated)
        layout.put_subscription(here.tx, confirmed)
    return {"SubscriptionArn": arn_of(here, name, subscription.id)}


@reads
def get_subscription_attributes(here: Here, subscription_arn: str) -> Json:
    subscription = _require(here, subscription_arn)
    topic = layout.require_topic(here.tx, subscription.topic)
    topic_arn = topic_arn_of(here, topic.name)
    described = describe_subscription(subscription, topic, subscription_arn, topic_arn, here.account_id)
    return {"Attributes": described}


def _require(here: Here, arn: str) -> Subscription:
    """Raises InvalidParameterException, NotFoundException."""
    subscription = layout.find_subscription(here.tx, *subscription_of_arn(here, arn))
    if subscription is None:
        raise no_subscription()
    return subscription


@reads
def list_subscriptions(here: Here, next_token: str | None = None) -> Json:
    after = parse_token(next_token)
    topic, _, subscription_id = (after or "").rpartition(":")
    position = (topic, subscription_id) if after is not None else None
    found = list(islice(layout.subscriptions(here.tx, position), PAGE + 1))
    return _page(here, found)


@reads
def list_subscriptions_by_topic(here: Here, topic_arn: str, next_token: str | None = None) -> Json:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    after = parse_token(next_token)
    last = None if after is None else after.rpartition(":")[2]
    return _page(here, list(islice(layout.subscriptions_of(here.tx, topic.name, last), PAGE + 1)))


def _page(here: Here, found: list[Subscription]) -> Json:
    answer: Json = {"Subscriptions": [_listed(here, subscription) for subscription in found[:PAGE]]}
    if len(found) <= PAGE:
        return answer
    last = found[PAGE - 1]
    return {**answer, "NextToken": page_token(f"{last.topic}:{last.id}")}


def _listed(here: Here, subscription: Subscription) -> Json:
    arn = arn_of(here, subscription.topic, subscription.id)
    return {
        "SubscriptionArn": arn if subscription.confirmed else "PendingConfirmation",
        "Owner": here.account_id,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": topic_arn_of(here, subscription.topic),
    }


def set_subscription_attributes(
    here: Here, subscription_arn: str, attribute_name: str, attribute_value: str | None = None
) -> None:
    subscription = _require(here, subscription_arn)
    value = checked_subscription(attribute_name, attribute_value or "", subscription, "")
    if attribute_name == "FilterPolicyScope" and subscription.attributes.get("FilterPolicy"):
        filters.check(subscription.attributes["FilterPolicy"], value, "")
    if attribute_name == "FilterPolicy" and value and not subscription.attributes.get("FilterPolicy"):
        _check_filter_count(here, subscription.topic)
    attributes = {**subscription.attributes, attribute_name: value}
    layout.put_subscription(here.tx, msgspec.structs.replace(subscription, attributes=attributes))


def _check_filter_count(here: Here, topic: str) -> None:
    having = sum(1 for one in layout.subscriptions_of(here.tx, topic) if one.attributes.get("FilterPolicy"))
    if having >= FILTER_POLICIES_MAX:
        raise FilterPolicyLimitExceededException(
            f"The topic has reached its limit of {FILTER_POLICIES_MAX} filter policies"
        )


def subscribe(
    here: Here,
    topic_arn: str,
    protocol: str,
    endpoint: str | None = None,
    attributes: dict[str, str] | None = None,
    return_subscription_arn: bool = False,
) -> Json:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    target = _checked_endpoint(topic, protocol, endpoint)
    subscription = _with_attributes(_new(here, topic, protocol, target), attributes or {})
    existing = _same_endpoint(here, topic, protocol, target)
    if existing is not None:
        if any(existing.attributes.get(name) != value for name, value in subscription.attributes.items()):
            raise invalid("Attributes Reason: Subscription already exists with different attributes")
        return _subscribed(here, existing, return_subscription_arn)
    if subscription.attributes.get("FilterPolicy"):
        _check_filter_count(here, topic.name)
    layout.put_subscription(here.tx, subscription)
    if protocol in ("http", "https"):
        ask_to_confirm(here, subscription)
    return _subscribed(here, subscription, return_subscription_arn)


def _subscribed(here: Here, subscription: Subscription, return_arn: bool) -> Json:
    known = subscription.confirmed or return_arn
    return {"SubscriptionArn": arn_of(here, subscription.topic, subscription.id) if known else PENDING}


def _new(here: Here, topic: Topic, protocol: str, endpoint: str) -> Subscription:
    pending = protocol in TO_BE_CONFIRMED
    return Subscription(
        topic=topic.name,
        id=here.world.chance.uuid(),
        protocol=protocol,
        endpoint=endpoint,
        attributes={},
        confirmed=not pending,
        authenticated=not pending,
        token=here.world.chance.token(TOKEN_LENGTH, HEXADECIMAL) if pending else None,
    )


def _with_attributes(subscription: Subscription, given: dict[str, str]) -> Subscription:
    """The scope first: what a filter may be depends on it."""
    prefix = "Attributes Reason: "
    for name in sorted(given, key=lambda name: (name != "FilterPolicyScope", name)):
        value = checked_subscription(name, given[name], subscription, prefix)
        subscription = msgspec.structs.replace(subscription, attributes={**subscription.attributes, name: value})
    assert set(subscription.attributes) <= SUBSCRIPTION_ATTRIBUTES
    return subscription


def _same_endpoint(here: Here, topic: Topic, protocol: str, endpoint: str) -> Subscription | None:
    """The subscription that there is already. Raises SubscriptionLimitExceededException."""
    count = 0
    for subscription in layout.subscriptions_of(here.tx, topic.name):
        if (subscription.protocol, subscription.endpoint) == (protocol, endpoint):
            return subscription
        count += 1
    if topic.fifo and count >= FIFO_SUBSCRIPTIONS_MAX:
        raise SubscriptionLimitExceededException(
            f"The topic has reached its limit of {FIFO_SUBSCRIPTIONS_MAX} subscriptions"
        )
    return None


def _checked_endpoint(topic: Topic, protocol: str, endpoint: str | None) -> str:
    """Raises InvalidParameterException, Unsupported."""
    if protocol not in PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if protocol in ("sms", "application", "firehose"):
        raise Unsupported(f"panregion's sns does not support subscriptions of the protocol {protocol}")
    if not endpoint:
        raise invalid("Endpoint")
    if protocol in ("http", "https"):
        _check_url(protocol, endpoint)
    elif protocol in ("email", "email-json"):
        if "@" not in endpoint:
            raise invalid("Email address")
    else:
        arn = parse_arn(endpoint)
        if arn is None or arn.service != protocol:
            raise invalid(f"{protocol.upper() if protocol == 'sqs' else 'Lambda'} endpoint ARN")
    if topic.fifo and protocol != "sqs":
        raise invalid("Invalid protocol type: FIFO topics deliver to Amazon SQS queues only")
    if protocol == "sqs" and endpoint.endswith(".fifo") and not topic.fifo:
        raise invalid(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        )
    return endpoint


def _check_url(protocol: str, endpoint: str) -> None:
    if not endpoint.startswith(f"{protocol}://"):
        raise invalid("Endpoint must match the specified protocol")
    try:
        host = urlsplit(endpoint).hostname
    except ValueError:
        host = None
    if not host:
        raise invalid("Endpoint")


def ask_to_confirm(here: Here, subscription: Subscription) -> None:
    """Have the web server asked whether it wants the subscription."""
    payload = {"topic": subscription.topic, "subscription": subscription.id, "attempt": 0}
    here.later("sns.confirm", {**payload, "message_id": here.world.chance.uuid(), "at": now_text(here)})


def unsubscribe(here: Here, subscription_arn: str) -> None:
    """Deleting what does not exist is fine."""
    topic_name, subscription_id = subscription_of_arn(here, subscription_arn)
    subscription = layout.find_subscription(here.tx, topic_name, subscription_id)
    if subscription is None:
        return
    layout.delete_subscription(here.tx, subscription)
    for key in [key for key, _ in here.tx.prefix(("sns-outbox", topic_name, subscription_id))]:
        here.tx.delete(key)
    topic = layout.find_topic(here.tx, topic_name)
    if topic is not None:
        layout.put_topic(here.tx, msgspec.structs.replace(topic, deleted=topic.deleted + 1))
