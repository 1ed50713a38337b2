"""Topics."""

import base64
import binascii
import re
from itertools import islice
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.sns import layout
from panregion.services.sns.attributes import checked_topic, describe_topic
from panregion.services.sns.errors import InvalidParameterException, Unsupported, invalid
from panregion.services.sns.model import Topic
from panregion.services.sns.names import topic_arn as arn_of
from panregion.services.sns.names import topic_of_arn

Json = dict[str, Any]

PAGE = 100
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")


def create_topic(
    here: Here,
    name: str,
    attributes: dict[str, str] | None = None,
    tags: list[dict[str, str]] | None = None,
    data_protection_policy: str | None = None,
) -> Json:
    if data_protection_policy:
        raise Unsupported("panregion's sns CreateTopic does not support the parameter DataProtectionPolicy")
    given = dict(attributes or {})
    fifo = given.get("FifoTopic", "false").lower() == "true"
    _check_name(name, fifo)
    kept = {key: checked_topic(key, value, fifo=fifo) for key, value in given.items()}
    kept.pop("FifoTopic", None)
    wanted_tags = {tag["Key"]: tag["Value"] for tag in tags or ()}
    existing = layout.find_topic(here.tx, name)
    if existing is not None:
        _check_same(existing, kept, wanted_tags)
    else:
        layout.put_topic(here.tx, Topic(name=name, fifo=fifo, attributes=kept, tags=wanted_tags))
    return {"TopicArn": arn_of(here, name)}


def _check_name(name: str, fifo: bool) -> None:
    if fifo and not (name.endswith(".fifo") and _NAME.fullmatch(name.removesuffix(".fifo")) and len(name) <= 256):
        raise InvalidParameterException(
            "Invalid parameter: Topic Name: Fifo Topic names must end with .fifo and must be made up of only uppercase "
            "and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters "
            "long."
        )
    if not fifo and not _NAME.fullmatch(name):
        raise invalid("Topic Name")


def _check_same(topic: Topic, attributes: dict[str, str], tags: dict[str, str]) -> None:
    """Creating a topic that exists is fine if it would be the same. Raises InvalidParameterException."""
    if any(topic.attributes.get(name, "") != value for name, value in attributes.items()):
        raise invalid("Attributes Reason: Topic already exists with different attributes")
    if tags and tags != topic.tags:
        raise invalid("Tags Reason: Topic already exists with different tags")


def delete_topic(here: Here, topic_arn: str) -> None:
    """Deleting what does not exist is fine; the subscriptions go with their topic."""
    name = topic_of_arn(here, topic_arn)
    for subscription in list(layout.subscriptions_of(here.tx, name)):
        layout.delete_subscription(here.tx, subscription)
    for space in ("sns-outbox", "sns-seen"):
        for key in [key for key, _ in here.tx.prefix((space, name))]:
            here.tx.delete(key)
    here.tx.delete(("sns", "topic", name))


@reads
def get_topic_attributes(here: Here, topic_arn: str) -> Json:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    confirmed = pending = 0
    for subscription in layout.subscriptions_of(here.tx, topic.name):
        confirmed += subscription.confirmed
        pending += not subscription.confirmed
    arn = arn_of(here, topic.name)
    return {"Attributes": describe_topic(topic, arn, here.account_id, confirmed, pending)}


def page_token(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def parse_token(token: str | None) -> str | None:
    """Raises InvalidParameterException."""
    if token is None:
        return None
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid("NextToken") from error


@reads
def list_topics(here: Here, next_token: str | None = None) -> Json:
    found = list(islice(layout.topics(here.tx, parse_token(next_token)), PAGE + 1))
    answer: Json = {"Topics": [{"TopicArn": arn_of(here, topic.name)} for topic in found[:PAGE]]}
    return answer | ({"NextToken": page_token(found[PAGE - 1].name)} if len(found) > PAGE else {})


def set_topic_attributes(here: Here, topic_arn: str, attribute_name: str, attribute_value: str | None = None) -> None:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    if attribute_name == "FifoTopic":
        raise invalid("AttributeName")
    value = checked_topic(attribute_name, attribute_value or "", fifo=topic.fifo)
    changed = msgspec.structs.replace(topic, attributes={**topic.attributes, attribute_name: value})
    layout.put_topic(here.tx, changed)
