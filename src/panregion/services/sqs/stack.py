"""CloudFormation's AWS::SQS::Queue, QueuePolicy and QueueInlinePolicy."""

from typing import Any

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.sqs.attributes import all_set
from panregion.services.sqs.errors import QueueDeletedRecently, QueueDoesNotExist
from panregion.services.sqs.model import DELETED_RECENTLY_S, Queue
from panregion.services.sqs.names import name_of_url, queue_arn
from panregion.services.stack import Properties
from panregion.services.stack_calls import as_text, tags_of, unless_gone
from panregion.wire import AwsError

NAME_MAX = 80
RETRY_S = 5.0
SETTABLE = (
    *("ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoThroughputLimit"),
    *("KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod"),
    *("ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled"),
    "VisibilityTimeout",
)
_CLEARED = ("KmsMasterKeyId", "RedriveAllowPolicy", "RedrivePolicy")


def text_of(value: Any) -> str:
    """A property as the attribute that it sets."""
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return as_text(value)


def attributes_of(properties: Properties) -> dict[str, str]:
    return {name: text_of(properties[name]) for name in SETTABLE if properties.get(name) is not None}


def is_fifo(properties: Properties) -> bool:
    return text_of(properties.get("FifoQueue", False)) == "true"


async def create(here: Here, properties: Properties, context: Context) -> str:
    """A queue that was deleted in the last minute is waited for, as CloudFormation does."""
    suffix = ".fifo" if is_fifo(properties) else ""
    name = properties.get("QueueName") or context.name(NAME_MAX - len(suffix)) + suffix
    attributes = attributes_of(properties) | ({"FifoQueue": "true"} if suffix else {})
    params = {"QueueName": name, "Attributes": attributes, "tags": tags_of(properties, context)}
    deadline = here.now() + DELETED_RECENTLY_S + RETRY_S
    while True:
        try:
            url: str = (await here.request("sqs", "CreateQueue", params))["QueueUrl"]
        except AwsError as error:
            if error.code != QueueDeletedRecently.code or here.now() >= deadline:
                raise
            await here.world.clock.sleep(RETRY_S)
        else:
            return url


async def update(here: Here, url: str, old: Properties, new: Properties, context: Context) -> None:
    """What is no longer said gets its default back."""
    fifo = is_fifo(new)
    defaults = all_set(Queue(name="", id=0, heap=0, fifo=fifo, created_s=0, modified_s=0, attributes={}))
    given = attributes_of(new)
    for name in attributes_of(old):
        if name not in given and (name in _CLEARED or name in defaults):
            given[name] = "" if name in _CLEARED else defaults[name]
    if given:
        await here.request("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": given})
    before, after = tags_of(old, context), tags_of(new, context)
    if gone := sorted(before.keys() - after.keys()):
        await here.request("sqs", "UntagQueue", {"QueueUrl": url, "TagKeys": gone})
    if after:
        await here.request("sqs", "TagQueue", {"QueueUrl": url, "Tags": after})


async def delete(here: Here, url: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, "sqs", "DeleteQueue", gone=(QueueDoesNotExist.code,), QueueUrl=url)


async def attributes(here: Here, url: str, _properties: Properties) -> dict[str, Any]:
    name = name_of_url(here, url)
    return {"Arn": queue_arn(here, name), "QueueName": name, "QueueUrl": url}


# Policies


def queues_of(properties: Properties) -> list[str]:
    found = properties["Queues"] if "Queues" in properties else [properties["Queue"]]
    return list(found)


async def create_policy(here: Here, properties: Properties, context: Context) -> str:
    await put_policy(here, queues_of(properties), text_of(properties["PolicyDocument"]))
    return queues_of(properties)[0] if "Queue" in properties else context.name(NAME_MAX)


async def put_policy(here: Here, urls: list[str], text: str) -> None:
    for url in urls:
        await here.request("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": {"Policy": text}})


async def update_policy(here: Here, _id: str, old: Properties, new: Properties, _context: Context) -> None:
    await put_policy(here, queues_of(new), text_of(new["PolicyDocument"]))
    await remove_policy(here, [url for url in queues_of(old) if url not in queues_of(new)])


async def remove_policy(here: Here, urls: list[str]) -> None:
    for url in urls:
        try:
            await put_policy(here, [url], "")
        except AwsError as error:
            if error.code != QueueDoesNotExist.code:
                raise


async def delete_policy(here: Here, _id: str, properties: Properties, _context: Context) -> None:
    await remove_policy(here, queues_of(properties))


async def policy_attributes(_here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"Id": physical_id}


QUEUE = ResourceType(
    type_name="AWS::SQS::Queue",
    properties=frozenset({*SETTABLE, "QueueName", "FifoQueue", "Tags"}),
    replaces_on=frozenset({"QueueName", "FifoQueue"}),
    create=create,
    update=update,
    delete=delete,
    attributes=attributes,
)
QUEUE_POLICY = ResourceType(
    type_name="AWS::SQS::QueuePolicy",
    properties=frozenset({"PolicyDocument", "Queues"}),
    required=frozenset({"PolicyDocument", "Queues"}),
    create=create_policy,
    update=update_policy,
    delete=delete_policy,
    attributes=policy_attributes,
)
QUEUE_INLINE_POLICY = ResourceType(
    type_name="AWS::SQS::QueueInlinePolicy",
    properties=frozenset({"PolicyDocument", "Queue"}),
    required=frozenset({"PolicyDocument", "Queue"}),
    replaces_on=frozenset({"Queue"}),
    create=create_policy,
    update=update_policy,
    delete=delete_policy,
)
RESOURCES = {kind.type_name: kind for kind in (QUEUE, QUEUE_POLICY, QUEUE_INLINE_POLICY)}
