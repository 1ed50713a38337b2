"""ARNs of topics and subscriptions. Pure."""

from typing import NamedTuple

from panregion.services.here import Here
from panregion.services.sns.errors import invalid, no_topic


class Arn(NamedTuple):
    service: str
    region: str
    account: str
    resource: str
    """All that follows the account."""


def parse_arn(arn: str) -> Arn | None:
    parts = arn.split(":", 5)
    return Arn(parts[2], parts[3], parts[4], parts[5]) if len(parts) == 6 and parts[0] == "arn" else None


def topic_arn(here: Here, name: str) -> str:
    return here.arn("sns", name)


def subscription_arn(here: Here, topic: str, subscription_id: str) -> str:
    return f"{topic_arn(here, topic)}:{subscription_id}"


def topic_of_arn(here: Here, arn: str, parameter: str = "TopicArn") -> str:
    """The topic's name. Raises InvalidParameterException, and NotFoundException for another account's topic."""
    parsed = parse_arn(arn)
    if parsed is None:
        count = len(arn.split(":"))
        raise invalid(f"{parameter} Reason: An ARN must have at least 6 elements, not {count}")
    if parsed.service != "sns" or parsed.region != here.region or not parsed.resource:
        raise invalid(parameter)
    if parsed.account != here.account_id or ":" in parsed.resource:
        raise no_topic()
    return parsed.resource


def subscription_of_arn(here: Here, arn: str) -> tuple[str, str]:
    """Topic and id of a subscription. Raises InvalidParameterException."""
    parsed = parse_arn(arn)
    if parsed is None:
        count = len(arn.split(":"))
        raise invalid(f"SubscriptionArn Reason: An ARN must have at least 6 elements, not {count}")
    topic, found, subscription_id = parsed.resource.rpartition(":")
    if parsed.service != "sns" or parsed.region != here.region or not found:
        raise invalid("SubscriptionId")
    return topic, subscription_id
