"""Getting a message to one subscriber: a queue, a function, a web server; or to its dead-letter queue."""

from typing import Any

import msgspec

from panregion.services import Here, web
from panregion.services.sns import retries
from panregion.services.sns.envelope import as_text, for_function, notification
from panregion.services.sns.model import Notice, Subscription, Topic
from panregion.services.sns.names import parse_arn, subscription_arn, topic_arn
from panregion.wire import AwsError
from panregion.world import ClientError, Headers

Json = dict[str, Any]

HTTP_TIMEOUT_S = 15.0
AGENT = "Amazon Simple Notification Service Agent"
ATTRIBUTES_MAX = 10
"""Of a message on a queue: the reason is added only where there is room for it."""


RETRIED = frozenset({"OverLimit", "RequestThrottled", "ThrottlingException", "TooManyRequestsException"})
"""Refusals that pass."""


def is_final(error: AwsError) -> bool:
    """Whether the receiver will not take it later either."""
    return error.fault == "Sender" and error.code not in RETRIED


class Undelivered(Exception):
    """The receiver did not take it. `final`: nor will it."""

    def __init__(self, code: str, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.final = final


# Queues


def is_queue_here(here: Here, subscription: Subscription) -> bool:
    if subscription.protocol != "sqs":
        return False
    arn = parse_arn(subscription.endpoint)
    return arn is not None and arn.region == here.region


def queue_message(here: Here, arn_text: str, body: str, attributes: Json, notice: Notice) -> Json:
    """SendMessage's parameters for a queue, wherever that is."""
    arn = parse_arn(arn_text)
    assert arn is not None, "a queue's ARN was checked when it was subscribed"
    region = arn.region if arn.region in here.settings.regions else here.region
    params: Json = {"QueueUrl": f"{here.settings.endpoint(region)}/{arn.account}/{arn.resource}", "MessageBody": body}
    if attributes:
        params["MessageAttributes"] = attributes
    if notice.group is not None:
        params["MessageGroupId"] = notice.group
    if arn.resource.endswith(".fifo"):
        params["MessageGroupId"] = notice.group or notice.id
        params["MessageDeduplicationId"] = notice.deduplication or notice.id
    return params


def content_for(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> tuple[str, Json]:
    """What a subscriber's queue is sent: the message itself with its attributes, or SNS's document about it."""
    if subscription.raw:
        return notice.text_for(subscription.protocol), notice.attributes
    return as_text(notification(here, subscription, notice, topic.signature_version)), {}


def deliver_to_queue(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> Json:
    return queue_message(here, subscription.endpoint, *content_for(here, topic, subscription, notice), notice)


def deliver_to_queue_here(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    """In the transaction that is open. Raises the queue's error."""
    here.call("sqs", "SendMessage", deliver_to_queue(here, topic, subscription, notice))


def give_up(here: Here, topic: Topic, subscription: Subscription, notice: Notice, error: AwsError) -> None:
    bury(here, topic, subscription, notice, error.code, error.message)


def bury(here: Here, topic: Topic, subscription: Subscription, notice: Notice, code: str, reason: str) -> None:
    """Leave what could not be delivered to be put on the dead-letter queue, with the reason."""
    target = subscription.dead_letter_arn
    if target is None:
        return
    body, carried = content_for(here, topic, subscription, notice)
    attributes = dict(carried)
    if len(attributes) + 2 <= ATTRIBUTES_MAX:
        for name, text in (("ErrorCode", code), ("ErrorMessage", reason[:256] or code)):
            attributes[name] = {"DataType": "String", "StringValue": text}
    params = queue_message(here, target, body, attributes, notice)
    here.later("sns.bury", {"target": target, "params": params})


async def put_on_dead_letter_queue(here: Here, payload: Json) -> None:
    """Work: a dead-letter queue that does not exist keeps nothing."""
    arn = parse_arn(payload["target"])
    assert arn is not None
    try:
        await here.request("sqs", "SendMessage", payload["params"], region=arn.region)
    except AwsError as error:
        if error.fault != "Sender":
            raise


# One delivery


async def attempt(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    """Deliver. Raises Undelivered."""
    try:
        if subscription.protocol == "sqs":
            await _to_queue(here, topic, subscription, notice)
        elif subscription.protocol == "lambda":
            await _to_function(here, topic, subscription, notice)
        else:
            await _to_web_server(here, topic, subscription, notice)
    except AwsError as error:
        raise Undelivered(error.code, error.message, final=is_final(error)) from error


async def _document(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> Json:
    return await here.transact(lambda here: notification(here, subscription, notice, topic.signature_version))


async def _to_queue(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    params = await here.transact(lambda here: deliver_to_queue(here, topic, subscription, notice))
    arn = parse_arn(subscription.endpoint)
    assert arn is not None
    await here.request("sqs", "SendMessage", params, region=arn.region)


async def _to_function(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    document = await _document(here, topic, subscription, notice)
    event = for_function(document, subscription_arn(here, topic.name, subscription.id))
    arn = parse_arn(subscription.endpoint)
    assert arn is not None
    params = {"FunctionName": subscription.endpoint, "InvocationType": "Event", "Payload": msgspec.json.encode(event)}
    await here.request("lambda", "Invoke", params, region=arn.region)


async def _to_web_server(here: Here, topic: Topic, subscription: Subscription, notice: Notice) -> None:
    headers = [("x-amz-sns-rawdelivery", "true")] if subscription.raw else []
    if subscription.raw:
        body = notice.text_for(subscription.protocol)
    else:
        body = as_text(await _document(here, topic, subscription, notice))
    await post(here, topic, subscription, "Notification", notice.id, body, headers)


async def post(
    here: Here, topic: Topic, subscription: Subscription, kind: str, message_id: str, body: str, more: Headers
) -> None:
    """Send a document to a web server. Raises Undelivered."""
    policy = retries.effective(topic.attributes.get("DeliveryPolicy"), subscription.attributes.get("DeliveryPolicy"))
    headers = [
        ("x-amz-sns-message-type", kind),
        ("x-amz-sns-message-id", message_id),
        ("x-amz-sns-topic-arn", topic_arn(here, topic.name)),
        ("Content-Type", policy["requestPolicy"]["headerContentType"]),
        ("User-Agent", AGENT),
        *more,
    ]
    if kind == "Notification":
        headers.append(("x-amz-sns-subscription-arn", subscription_arn(here, topic.name, subscription.id)))
    try:
        response = await web.ask(here, "POST", subscription.endpoint, headers, body.encode(), timeout_s=HTTP_TIMEOUT_S)
    except ClientError as error:
        raise Undelivered("HttpConnectionFailure", str(error)) from error
    if 200 <= response.status < 300:
        return
    final = 300 <= response.status < 500 and response.status != 429
    raise Undelivered(str(response.status), f"{subscription.endpoint} answered {response.status}", final=final)
