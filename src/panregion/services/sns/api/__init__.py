"""Amazon SNS: one function per operation, named as AWS names it."""

from panregion.services.sns.api.messages import publish, publish_batch
from panregion.services.sns.api.permissions import (
    add_permission,
    list_tags_for_resource,
    remove_permission,
    tag_resource,
    untag_resource,
)
from panregion.services.sns.api.subscriptions import (
    confirm_subscription,
    get_subscription_attributes,
    list_subscriptions,
    list_subscriptions_by_topic,
    set_subscription_attributes,
    subscribe,
    unsubscribe,
)
from panregion.services.sns.api.topics import (
    create_topic,
    delete_topic,
    get_topic_attributes,
    list_topics,
    set_topic_attributes,
)

__all__ = [
    "add_permission",
    "confirm_subscription",
    "create_topic",
    "delete_topic",
    "get_subscription_attributes",
    "get_topic_attributes",
    "list_subscriptions",
    "list_subscriptions_by_topic",
    "list_tags_for_resource",
    "list_topics",
    "publish",
    "publish_batch",
    "remove_permission",
    "set_subscription_attributes",
    "set_topic_attributes",
    "subscribe",
    "tag_resource",
    "unsubscribe",
    "untag_resource",
]
