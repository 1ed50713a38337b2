"""CloudFormation's AWS::SNS::Topic, Subscription, TopicPolicy and TopicInlinePolicy."""

from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.sns.errors import NotFoundException
from panregion.services.sns.names import parse_arn
from panregion.services.stack import Properties
from panregion.services.stack_calls import as_text, retag, tag_list, tags_of
from panregion.wire import AwsError

NAME_MAX = 256
TOPIC_ATTRIBUTES = (
    *("ContentBasedDeduplication", "DisplayName", "FifoThroughputScope", "KmsMasterKeyId", "SignatureVersion"),
    "TracingConfig",
)
SUBSCRIPTION_ATTRIBUTES = (
    *("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"),
    "SubscriptionRoleArn",
)
_CLEARED = {"FilterPolicyScope": "MessageAttributes", "RawMessageDelivery": "false"}
"""What an attribute is set to that a template no longer has, where it is not nothing."""


def text_of(value: Any) -> str:
    """A property as the attribute that it sets."""
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return as_text(value)


def is_fifo(properties: Properties) -> bool:
    return text_of(properties.get("FifoTopic", False)) == "true"


def given(properties: Properties, names: tuple[str, ...]) -> dict[str, str]:
    return {name: text_of(properties[name]) for name in names if properties.get(name) is not None}


def topic_attributes(properties: Properties) -> dict[str, str]:
    """A topic's attributes, those of delivery status logging among them."""
    found = given(properties, TOPIC_ATTRIBUTES)
    for logging in properties.get("DeliveryStatusLogging") or ():
        protocol = {"http/s": "HTTP", "sqs": "SQS"}.get(logging["Protocol"], logging["Protocol"].capitalize())
        for name in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"):
            if logging.get(name) is not None:
                found[f"{protocol}{name}"] = text_of(logging[name])
    return found


async def ask(here: Here, operation: str, region: str | None = None, **params: Any) -> Properties:
    return await here.request("sns", operation, params, region=region)


async def create_topic(here: Here, properties: Properties, context: Context) -> str:
    suffix = ".fifo" if is_fifo(properties) else ""
    name = properties.get("TopicName") or context.name(NAME_MAX - len(suffix)) + suffix
    attributes = topic_attributes(properties) | ({"FifoTopic": "true"} if suffix else {})
    tags = tag_list(tags_of(properties, context))
    arn: str = (await ask(here, "CreateTopic", Name=name, Attributes=attributes, Tags=tags))["TopicArn"]
    for subscription in properties.get("Subscription") or ():
        await ask(here, "Subscribe", TopicArn=arn, **{name: subscription[name] for name in ("Protocol", "Endpoint")})
    return arn


async def update_topic(here: Here, arn: str, old: Properties, new: Properties, context: Context) -> None:
    before, after = topic_attributes(old), topic_attributes(new)
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            value = after.get(name, "")
            await ask(here, "SetTopicAttributes", TopicArn=arn, AttributeName=name, AttributeValue=value)
    await retag(here, "sns", {"ResourceArn": arn}, tags_of(old, context), tags_of(new, context))
    await update_list(here, arn, old.get("Subscription") or [], new.get("Subscription") or [])


async def update_list(here: Here, arn: str, old: list[Properties], new: list[Properties]) -> None:
    """Subscribe and unsubscribe what the topic's own list of subscriptions has gained and lost."""
    for one in new:
        await ask(here, "Subscribe", TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    lost = [(one["Protocol"], one["Endpoint"]) for one in old if one not in new]
    if not lost:
        return
    for one in (await ask(here, "ListSubscriptionsByTopic", TopicArn=arn))["Subscriptions"]:
        if (one["Protocol"], one["Endpoint"]) in lost and one["SubscriptionArn"].startswith("arn:"):
            await ask(here, "Unsubscribe", SubscriptionArn=one["SubscriptionArn"])


async def delete_topic(here: Here, arn: str, _properties: Properties, _context: Context) -> None:
    await ask(here, "DeleteTopic", TopicArn=arn)


async def attributes_of_topic(_here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    return {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]}


# Subscriptions


def region_of(properties: Properties) -> str | None:
    """The topic's region, which need not be the stack's."""
    arn = parse_arn(properties["TopicArn"])
    region: str | None = properties.get("Region") or (arn.region if arn is not None else None)
    return region


async def subscribe(here: Here, properties: Properties, _context: Context) -> str:
    params = {name: properties[name] for name in ("TopicArn", "Protocol", "Endpoint") if name in properties}
    attributes = given(properties, SUBSCRIPTION_ATTRIBUTES)
    answer = await ask(
        here, "Subscribe", region_of(properties), **params, Attributes=attributes, ReturnSubscriptionArn=True
    )
    arn: str = answer["SubscriptionArn"]
    return arn


async def update_subscription(here: Here, arn: str, old: Properties, new: Properties, _context: Context) -> None:
    """The scope before the filter: what a filter may be depends on it; and between the two there is no filter."""
    before, after = given(old, SUBSCRIPTION_ATTRIBUTES), given(new, SUBSCRIPTION_ATTRIBUTES)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if {"FilterPolicy", "FilterPolicyScope"} <= changed:
        await set_attribute(here, arn, new, "FilterPolicy", "{}")
    for name in sorted(changed, key=lambda name: (name != "FilterPolicyScope", name)):
        await set_attribute(here, arn, new, name, after.get(name, _CLEARED.get(name, "")))


async def set_attribute(here: Here, arn: str, properties: Properties, name: str, value: str) -> None:
    params = {"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value}
    await ask(here, "SetSubscriptionAttributes", region_of(properties), **params)


async def unsubscribe(here: Here, arn: str, properties: Properties, _context: Context) -> None:
    await ask(here, "Unsubscribe", region_of(properties), SubscriptionArn=arn)


async def attributes_of_subscription(_here: Here, arn: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": arn}


# Policies


def topics_of(properties: Properties) -> list[str]:
    return list(properties["Topics"] if "Topics" in properties else [properties["TopicArn"]])


async def put_policy(here: Here, arns: list[str], text: str) -> None:
    for arn in arns:
        await ask(here, "SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=text)


async def remove_policy(here: Here, arns: list[str]) -> None:
    """A topic without a policy of its own has AWS's default."""
    for arn in arns:
        try:
            await put_policy(here, [arn], "")
        except AwsError as error:
            if error.code not in (NotFoundException.code, "NotFound"):
                raise


async def create_policy(here: Here, properties: Properties, context: Context) -> str:
    await put_policy(here, topics_of(properties), text_of(properties["PolicyDocument"]))
    arn: str | None = properties.get("TopicArn")
    return arn or context.name(NAME_MAX)


async def update_policy(here: Here, _id: str, old: Properties, new: Properties, _context: Context) -> None:
    await put_policy(here, topics_of(new), text_of(new["PolicyDocument"]))
    await remove_policy(here, [arn for arn in topics_of(old) if arn not in topics_of(new)])


async def delete_policy(here: Here, _id: str, properties: Properties, _context: Context) -> None:
    await remove_policy(here, topics_of(properties))


async def attributes_of_policy(_here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"Id": physical_id}


TOPIC = ResourceType(
    type_name="AWS::SNS::Topic",
    properties=frozenset(
        {*TOPIC_ATTRIBUTES, "TopicName", "FifoTopic", "Subscription", "DeliveryStatusLogging", "Tags"}
    ),
    replaces_on=frozenset({"TopicName", "FifoTopic"}),
    create=create_topic,
    update=update_topic,
    delete=delete_topic,
    attributes=attributes_of_topic,
)
SUBSCRIPTION = ResourceType(
    type_name="AWS::SNS::Subscription",
    properties=frozenset({*SUBSCRIPTION_ATTRIBUTES, "TopicArn", "Protocol", "Endpoint", "Region"}),
    required=frozenset({"TopicArn", "Protocol"}),
    replaces_on=frozenset({"TopicArn", "Protocol", "Endpoint", "Region"}),
    create=subscribe,
    update=update_subscription,
    delete=unsubscribe,
    attributes=attributes_of_subscription,
)
TOPIC_POLICY = ResourceType(
    type_name="AWS::SNS::TopicPolicy",
    properties=frozenset({"PolicyDocument", "Topics"}),
    required=frozenset({"PolicyDocument", "Topics"}),
    create=create_policy,
    update=update_policy,
    delete=delete_policy,
    attributes=attributes_of_policy,
)
TOPIC_INLINE_POLICY = ResourceType(
    type_name="AWS::SNS::TopicInlinePolicy",
    properties=frozenset({"PolicyDocument", "TopicArn"}),
    required=frozenset({"PolicyDocument", "TopicArn"}),
    replaces_on=frozenset({"TopicArn"}),
    create=create_policy,
    update=update_policy,
    delete=delete_policy,
)
RESOURCES = {kind.type_name: kind for kind in (TOPIC, SUBSCRIPTION, TOPIC_POLICY, TOPIC_INLINE_POLICY)}
