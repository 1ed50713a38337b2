"""Tags, and permissions: kept and shown, not enforced."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.sns import layout
from panregion.services.sns.attributes import default_policy
from panregion.services.sns.errors import (
    InvalidParameterException,
    NotFoundException,
    ResourceNotFoundException,
    TagLimitExceededException,
    invalid,
)
from panregion.services.sns.model import TAGS_MAX, Topic
from panregion.services.sns.names import topic_arn as arn_of
from panregion.services.sns.names import topic_of_arn

Json = dict[str, Any]

ACTIONS = frozenset(
    {
        *("*", "AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes"),
        *("ListSubscriptionsByTopic", "ListTagsForResource", "Publish", "PutDataProtectionPolicy"),
        *("RemovePermission", "SetTopicAttributes", "Subscribe"),
    }
)


def _policy(here: Here, topic: Topic) -> Json:
    text = topic.attributes.get("Policy") or default_policy(arn_of(here, topic.name), here.account_id)
    policy: Json = msgspec.json.decode(text)
    return policy


def _put_policy(here: Here, topic: Topic, policy: Json) -> None:
    text = msgspec.json.encode(policy).decode()
    layout.put_topic(here.tx, msgspec.structs.replace(topic, attributes={**topic.attributes, "Policy": text}))


def add_permission(here: Here, topic_arn: str, label: str, aws_account_id: list[str], action_name: list[str]) -> None:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    if not action_name or any(action not in ACTIONS for action in action_name):
        raise invalid("Policy statement action out of service scope!")
    policy = _policy(here, topic)
    if any(statement.get("Sid") == label for statement in policy["Statement"]):
        raise invalid("Statement already exists")
    accounts = [f"arn:aws:iam::{account}:root" for account in aws_account_id]
    actions = [f"SNS:{action}" for action in action_name]
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": accounts[0] if len(accounts) == 1 else accounts},
        "Action": actions[0] if len(actions) == 1 else actions,
        "Resource": arn_of(here, topic.name),
    }
    _put_policy(here, topic, {**policy, "Statement": [*policy["Statement"], statement]})


def remove_permission(here: Here, topic_arn: str, label: str) -> None:
    topic = layout.require_topic(here.tx, topic_of_arn(here, topic_arn))
    policy = _policy(here, topic)
    left = [statement for statement in policy["Statement"] if statement.get("Sid") != label]
    _put_policy(here, topic, {**policy, "Statement": left})


def _tagged(here: Here, arn: str) -> Topic:
    """Raises ResourceNotFoundException."""
    try:
        return layout.require_topic(here.tx, topic_of_arn(here, arn, "ResourceArn"))
    except NotFoundException as error:
        raise ResourceNotFoundException("Resource does not exist") from error


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> Json:
    tags = _tagged(here, resource_arn).tags
    return {"Tags": [{"Key": name, "Value": value} for name, value in sorted(tags.items())]}


def tag_resource(here: Here, resource_arn: str, tags: list[dict[str, str]]) -> None:
    topic = _tagged(here, resource_arn)
    names = [tag["Key"] for tag in tags]
    if len(set(names)) < len(names):
        raise InvalidParameterException("Invalid parameter: Duplicated keys are not allowed.")
    whole = {**topic.tags, **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(whole) > TAGS_MAX:
        raise TagLimitExceededException("Could not complete request: tag quota of per resource exceeded")
    layout.put_topic(here.tx, msgspec.structs.replace(topic, tags=whole))


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> None:
    topic = _tagged(here, resource_arn)
    left = {name: value for name, value in topic.tags.items() if name not in tag_keys}
    layout.put_topic(here.tx, msgspec.structs.replace(topic, tags=left))
