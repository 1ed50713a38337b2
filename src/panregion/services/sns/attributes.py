"""Attributes of topics and subscriptions: which there are and what they may be. Pure."""

from typing import Any

import msgspec

from panregion.services.sns import filters, retries
from panregion.services.sns.errors import Unsupported, invalid
from panregion.services.sns.model import Subscription, Topic
from panregion.services.sns.names import parse_arn

FIFO_ONLY = ("ContentBasedDeduplication", "FifoThroughputScope")
_FEEDBACK = tuple(
    f"{target}{outcome}"
    for target in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
    for outcome in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
)
TOPIC_ATTRIBUTES = frozenset(
    {
        *("DeliveryPolicy", "DisplayName", "Policy", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"),
        *("FifoTopic", *FIFO_ONLY, *_FEEDBACK),
    }
)
SUBSCRIPTION_ATTRIBUTES = frozenset(
    {
        *("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"),
        "SubscriptionRoleArn",
    }
)
DISPLAY_NAME_MAX = 100
_CHOICES = {
    "ContentBasedDeduplication": ("true", "false"),
    "FifoThroughputScope": ("Topic", "MessageGroup"),
    "FifoTopic": ("true", "false"),
    "SignatureVersion": ("1", "2"),
    "TracingConfig": ("PassThrough", "Active"),
}


def checked_topic(name: str, value: str, *, fifo: bool) -> str:
    """A topic's attribute as it will be kept. Raises InvalidParameterException, Unsupported."""
    if name == "ArchivePolicy":
        raise Unsupported("panregion's sns does not support the topic attribute ArchivePolicy")
    if name not in TOPIC_ATTRIBUTES or (name in FIFO_ONLY and not fifo):
        raise invalid("AttributeName")
    if name in _CHOICES and value:
        value = value.lower() if name in ("FifoTopic", "ContentBasedDeduplication") else value
        if value not in _CHOICES[name]:
            raise invalid(f"AttributeValue Reason: {name} must be one of {', '.join(_CHOICES[name])}")
    if name == "DisplayName" and len(value) > DISPLAY_NAME_MAX:
        raise invalid("DisplayName must be less than or equal to 100 characters long")
    if name == "DeliveryPolicy" and value:
        retries.check(value, of_topic=True, prefix="")
    if name == "Policy" and value:
        _check_policy(value)
    return value


def _check_policy(text: str) -> None:
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        document = None
    if not isinstance(document, dict):
        raise invalid("Policy Error: null")


def checked_subscription(name: str, value: str, subscription: Subscription, prefix: str) -> str:
    """A subscription's attribute as it will be kept. `prefix` begins the message of what is raised."""
    if name == "ReplayPolicy":
        raise Unsupported("panregion's sns does not support the subscription attribute ReplayPolicy")
    if name not in SUBSCRIPTION_ATTRIBUTES:
        raise invalid(f"{prefix}AttributeName")
    if name == "FilterPolicyScope" and value not in ("MessageAttributes", "MessageBody"):
        raise invalid(
            f"{prefix}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        )
    if name == "RawMessageDelivery":
        if value.lower() not in ("true", "false"):
            raise invalid(f"{prefix}RawMessageDelivery: Invalid value [{value}]. Must be true or false.")
        if value.lower() == "true" and subscription.protocol not in ("sqs", "http", "https", "firehose"):
            raise invalid(f"{prefix}RawMessageDelivery: not supported for protocol [{subscription.protocol}]")
        return value.lower()
    if name == "FilterPolicy" and value:
        filters.check(value, subscription.scope, prefix)
        return "" if msgspec.json.decode(value) == {} else value
    if name == "RedrivePolicy" and value:
        _check_redrive(value, subscription, prefix)
    if name == "DeliveryPolicy" and value:
        retries.check(value, of_topic=False, prefix=prefix)
    return value


def _check_redrive(text: str, subscription: Subscription, prefix: str) -> None:
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise invalid(f"{prefix}RedrivePolicy: failed to parse JSON.") from error
    arn = document.get("deadLetterTargetArn") if isinstance(document, dict) else None
    parsed = parse_arn(arn) if isinstance(arn, str) else None
    if parsed is None or parsed.service != "sqs":
        raise invalid(f"{prefix}RedrivePolicy: deadLetterTargetArn is an invalid arn")
    fifo = subscription.topic.endswith(".fifo") and subscription.endpoint.endswith(".fifo")
    if fifo and not parsed.resource.endswith(".fifo"):
        raise invalid(f"{prefix}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")


def default_policy(arn: str, account_id: str) -> str:
    actions = ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic")
    more = ("Subscribe", "ListSubscriptionsByTopic", "Publish")
    document = {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in (*actions, *more)],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": account_id}},
            }
        ],
    }
    return msgspec.json.encode(document).decode()


def describe_topic(topic: Topic, arn: str, account_id: str, confirmed: int, pending: int) -> dict[str, str]:
    described = {
        "TopicArn": arn,
        "Owner": account_id,
        "Policy": default_policy(arn, account_id),
        "DisplayName": "",
        "SubscriptionsConfirmed": str(confirmed),
        "SubscriptionsPending": str(pending),
        "SubscriptionsDeleted": str(topic.deleted),
        "EffectiveDeliveryPolicy": msgspec.json.encode(_effective(topic)).decode(),
    }
    if topic.fifo:
        described |= {"FifoTopic": "true", "ContentBasedDeduplication": "false", "FifoThroughputScope": "Topic"}
    return described | {name: value for name, value in topic.attributes.items() if value}


def _effective(topic: Topic) -> dict[str, Any]:
    found = retries.effective(topic.attributes.get("DeliveryPolicy"), None)
    renamed = {f"default{name[0].upper()}{name[1:]}": value for name, value in found.items()}
    return {"http": {**renamed, "disableSubscriptionOverrides": False}}


def describe_subscription(
    subscription: Subscription, topic: Topic, arn: str, topic_arn: str, account_id: str
) -> dict[str, str]:
    described = {
        "SubscriptionArn": arn,
        "TopicArn": topic_arn,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "Owner": account_id,
        "PendingConfirmation": "false" if subscription.confirmed else "true",
        "ConfirmationWasAuthenticated": "true" if subscription.authenticated else "false",
        "RawMessageDelivery": "true" if subscription.raw else "false",
        "SubscriptionPrincipal": f"arn:aws:iam::{account_id}:root",
    }
    kept = {name: value for name, value in subscription.attributes.items() if value}
    if "FilterPolicy" in kept:
        kept["FilterPolicyScope"] = subscription.scope
    else:
        kept.pop("FilterPolicyScope", None)
    if subscription.protocol in ("http", "https"):
        policy = retries.effective(topic.attributes.get("DeliveryPolicy"), kept.get("DeliveryPolicy"))
        described["EffectiveDeliveryPolicy"] = msgspec.json.encode(policy).decode()
    return described | kept
