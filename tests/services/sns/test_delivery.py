"""What reaches subscribers, how, and what becomes of what does not."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from panregion.region import Region
from panregion.services.sns.signing import string_to_sign
from panregion.world import Request
from tests.services.sns.lab import QUEUE_ARN, Json, Lab, eventually

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": "x"},
    "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
}


async def verify(lab: Lab, document: Json) -> None:
    """Check the signature with the certificate that the message names, as a receiver does."""
    response = await lab.region.gateway(Request("GET", urlsplit(document["SigningCertURL"]).path))
    assert response.status == 200
    assert isinstance(response.body, bytes)
    key = x509.load_pem_x509_certificate(response.body).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    digest = hashes.SHA256() if document["SignatureVersion"] == "2" else hashes.SHA1()
    key.verify(base64.b64decode(document["Signature"]), string_to_sign(document), padding.PKCS1v15(), digest)


async def test_a_queue_gets_the_document_or_the_message_itself(lab: Lab) -> None:
    topic, plain, raw = await lab.topic(), await lab.queue("plain"), await lab.queue("raw")
    arn = await lab.subscribe(topic, "sqs", QUEUE_ARN + "plain")
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "raw", RawMessageDelivery="true")
    answer = await lab.publish(topic, "hellö", Subject="news", MessageAttributes=ATTRIBUTES)
    (body,) = await lab.bodies(plain)
    document = json.loads(body)
    assert body.startswith('{\n  "Type" : "Notification",\n  "MessageId" : "')
    assert {name: document[name] for name in ("Type", "MessageId", "TopicArn", "Subject", "Message")} == {
        "Type": "Notification",
        "MessageId": answer["MessageId"],
        "TopicArn": topic,
        "Subject": "news",
        "Message": "hellö",
    }
    assert document["Timestamp"] == "2023-11-14T22:13:20.000Z"
    assert document["MessageAttributes"] == {
        "text": {"Type": "String", "Value": "x"},
        "raw": {"Type": "Binary", "Value": "AAE="},
    }
    assert parse_qs(urlsplit(document["UnsubscribeURL"]).query)["SubscriptionArn"] == [arn]
    await verify(lab, document)
    (message,) = await lab.received(raw)
    assert message["Body"] == "hellö"
    assert message["MessageAttributes"] == {
        "text": {"DataType": "String", "StringValue": "x"},
        "raw": {"DataType": "Binary", "BinaryValue": "AAE="},
    }


async def test_signature_version_2_is_of_sha_256(lab: Lab) -> None:
    topic, url = await lab.topic(SignatureVersion="2"), await lab.queue()
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "q")
    await lab.publish(topic, "a")
    (body,) = await lab.bodies(url)
    document = json.loads(body)
    assert document["SignatureVersion"] == "2"
    await verify(lab, document)
    with pytest.raises(InvalidSignature):
        await verify(lab, {**document, "Message": "b"})


async def test_a_function_gets_an_event(lab: Lab) -> None:
    topic = await lab.topic()
    arn = await lab.subscribe(topic, "lambda", FUNCTION)
    await lab.publish(topic, "a", MessageAttributes=ATTRIBUTES)
    await lab.after(1)
    ((name, kind, event),) = lab.invoked
    assert (name, kind) == (FUNCTION, "Event")
    (record,) = event["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"] == arn
    assert set(record["Sns"]) == {
        *("Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature"),
        *("SigningCertUrl", "UnsubscribeUrl", "MessageAttributes"),
    }
    assert record["Sns"]["Subject"] is None
    assert record["Sns"]["MessageAttributes"]["raw"] == {"Type": "Binary", "Value": "AAE="}


async def test_each_protocol_gets_its_own_text(lab: Lab) -> None:
    topic, url = await lab.topic(), await lab.queue()
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "q", RawMessageDelivery="true")
    await lab.subscribe(topic, "lambda", FUNCTION)
    await lab.publish(topic, json.dumps({"default": "d", "sqs": "s", "http": {}}), MessageStructure="json")
    await lab.after(1)
    assert await lab.bodies(url) == ["s"]
    assert lab.invoked[0][2]["Records"][0]["Sns"]["Message"] == "d"


async def test_a_web_server_confirms_and_is_told(lab: Lab) -> None:
    topic = await lab.topic()
    endpoint = "http://listener.example/sns?x=1"
    arn = await lab.subscribe(topic, "http", endpoint)
    await lab.publish(topic, "before it confirmed")
    await lab.after(1)
    ((url, headers, body),) = lab.web.requests
    asked = json.loads(body)
    assert (url, asked["Type"], headers["x-amz-sns-message-type"]) == (endpoint, *["SubscriptionConfirmation"] * 2)
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert len(asked["Token"]) == 288
    await verify(lab, asked)
    query = urlsplit(asked["SubscribeURL"])
    response = await lab.region.gateway(Request("GET", query.path, query.query, [("Host", "127.0.1.1:4566")]))
    assert response.status == 200
    await lab.publish(topic, "after")
    await lab.after(1)
    url, headers, body = lab.web.requests[-1]
    assert json.loads(body)["Message"] == "after"
    assert headers["x-amz-sns-subscription-arn"] == arn
    assert headers["x-amz-sns-topic-arn"] == topic
    assert len(lab.web.requests) == 2


async def confirmed(lab: Lab, topic: str, endpoint: str, **attributes: object) -> str:
    """A subscription of a web server that has confirmed it."""
    arn = await lab.subscribe(topic, "http", endpoint, **attributes)
    await lab.after(1)
    token = json.loads(lab.web.requests.pop()[2])["Token"]
    await lab.ask("ConfirmSubscription", TopicArn=topic, Token=token)
    return arn


async def test_raw_delivery_to_a_web_server(lab: Lab) -> None:
    topic = await lab.topic()
    await confirmed(lab, topic, "http://listener.example/", RawMessageDelivery="true")
    await lab.publish(topic, '{"a": 1}')
    await lab.after(1)
    _, headers, body = lab.web.requests[0]
    assert (body, headers["x-amz-sns-rawdelivery"]) == ('{"a": 1}', "true")


async def test_a_web_server_that_fails_is_tried_again_and_then_the_message_is_a_dead_letter(lab: Lab) -> None:
    topic, dead = await lab.topic(), await lab.queue("dead")
    policy = {"healthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 5, "numRetries": 2}}
    redrive = {"deadLetterTargetArn": QUEUE_ARN + "dead"}
    await confirmed(lab, topic, "http://listener.example/", DeliveryPolicy=policy, RedrivePolicy=redrive)
    lab.web.answers = [500, 0, 503]
    await lab.publish(topic, "a")
    await lab.after(4)
    assert len(lab.web.requests) == 1
    await lab.after(2)
    assert len(lab.web.requests) == 2
    assert await lab.received(dead) == []
    await lab.after(10)
    assert len(lab.web.requests) == 3
    (message,) = await lab.received(dead)
    assert json.loads(message["Body"])["Message"] == "a"
    assert message["MessageAttributes"]["ErrorCode"]["StringValue"] == "503"


async def test_a_throttled_web_server_is_told_no_oftener_than_it_wants(lab: Lab) -> None:
    topic = await lab.topic()
    policy = {"throttlePolicy": {"maxReceivesPerSecond": 2}}
    await confirmed(lab, topic, "http://listener.example/", DeliveryPolicy=policy)
    for number in range(6):
        await lab.publish(topic, str(number))
    await lab.after(0.1)
    counts = [len(lab.web.requests)]
    for _ in range(5):
        await lab.after(0.5)
        counts.append(len(lab.web.requests))
    assert counts == [1, 2, 3, 4, 5, 6]
    assert {json.loads(body)["Message"] for _, _, body in lab.web.requests} == set("012345")
    await lab.after(10)
    await lab.publish(topic, "later")
    await lab.after(0.1)
    assert len(lab.web.requests) == 7, "what was not used is no debt"


async def test_what_a_web_server_refuses_is_not_tried_again(lab: Lab) -> None:
    topic, dead = await lab.topic(), await lab.queue("dead")
    redrive = {"deadLetterTargetArn": QUEUE_ARN + "dead"}
    await confirmed(lab, topic, "http://listener.example/", RedrivePolicy=redrive)
    lab.web.answers = [404]
    await lab.publish(topic, "a")
    await lab.after(100)
    assert len(lab.web.requests) == 1
    assert len(await lab.received(dead)) == 1


async def test_a_function_out_of_order_is_tried_until_it_is_not(lab: Lab) -> None:
    topic = await lab.topic()
    await lab.subscribe(topic, "lambda", FUNCTION)
    lab.break_functions(8)
    await lab.publish(topic, "a")
    for _ in range(30):
        await lab.after(2)
    assert len(lab.invoked) == 1


async def test_a_function_and_a_queue_that_are_gone(lab: Lab) -> None:
    topic, dead = await lab.topic(), await lab.queue("dead")
    redrive = {"deadLetterTargetArn": QUEUE_ARN + "dead"}
    await lab.subscribe(topic, "lambda", FUNCTION + ":gone", RedrivePolicy=redrive)
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "gone", RedrivePolicy=redrive, RawMessageDelivery="true")
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "gone-without-a-word")
    await lab.publish(topic, "a")
    await lab.after(1)
    codes = [message["MessageAttributes"]["ErrorCode"]["StringValue"] for message in await lab.received(dead)]
    assert sorted(codes) == ["QueueDoesNotExist", "ResourceNotFoundException"]
    assert lab.region.health()["work"] == 0 or lab.region.health()["work"] == 1  # the queues' sweep


async def test_subscriptions_that_are_gone_get_nothing_more(lab: Lab) -> None:
    topic = await lab.topic()
    arn = await lab.subscribe(topic, "lambda", FUNCTION)
    lab.break_functions(1)
    await lab.publish(topic, "a")
    await lab.ask("Unsubscribe", SubscriptionArn=arn)
    await lab.after(60)
    assert lab.invoked == []


async def test_filters_on_attributes_and_on_the_body(lab: Lab) -> None:
    topic = await lab.topic()
    by_attribute, by_body = await lab.queue("attribute"), await lab.queue("body")
    wanted = {"kind": ["a", {"prefix": "b"}], "size": [{"numeric": [">", 3]}]}
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "attribute", RawMessageDelivery="true", FilterPolicy=wanted)
    nested = {"order": {"state": ["paid"]}}
    await lab.subscribe(
        topic,
        "sqs",
        QUEUE_ARN + "body",
        RawMessageDelivery="true",
        FilterPolicy=nested,
        FilterPolicyScope="MessageBody",
    )

    async def publish(message: str, **attributes: str) -> None:
        typed = {
            name: {"DataType": "Number" if text.isdigit() else "String", "StringValue": text}
            for name, text in attributes.items()
        }
        await lab.publish(topic, message, MessageAttributes=typed)

    await publish('{"order": {"state": "paid"}}', kind="a", size="4")
    await publish('{"order": {"state": "open"}}', kind="bb", size="4")
    await publish('{"order": "paid"}', kind="a", size="3")
    await publish("no JSON", kind="a")
    await publish('{"order": [{"state": "open"}, {"state": "paid"}]}', kind="c", size="9")
    array = {"kind": {"DataType": "String.Array", "StringValue": '["x", "a"]'}}
    size = {"size": {"DataType": "Number", "StringValue": "5"}}
    await lab.publish(topic, "array", MessageAttributes={**array, **size})
    assert await lab.bodies(by_attribute) == [
        '{"order": {"state": "paid"}}',
        '{"order": {"state": "open"}}',
        "array",
    ]
    assert await lab.bodies(by_body) == [
        '{"order": {"state": "paid"}}',
        '{"order": [{"state": "open"}, {"state": "paid"}]}',
    ]


async def test_fifo_topics_number_and_deduplicate(lab: Lab) -> None:
    topic, url = await lab.topic("t.fifo", ContentBasedDeduplication="true"), await lab.queue("q.fifo")
    await lab.subscribe(topic, "sqs", QUEUE_ARN + "q.fifo")
    first = await lab.publish(topic, "a", MessageGroupId="g")
    again = await lab.publish(topic, "a", MessageGroupId="h")
    assert again == first
    second = await lab.publish(topic, "b", MessageGroupId="g")
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"])
    messages = await lab.received(url)
    documents = [json.loads(message["Body"]) for message in messages]
    assert [document["Message"] for document in documents] == ["a", "b"]
    assert documents[0]["SequenceNumber"] == first["SequenceNumber"]
    assert "Signature" not in documents[0]
    assert [message["Attributes"]["MessageGroupId"] for message in messages] == ["g", "g"]
    await lab.after(301)
    assert (await lab.publish(topic, "a", MessageGroupId="g"))["MessageId"] != first["MessageId"]


async def test_deduplication_by_group(lab: Lab) -> None:
    scope = {"ContentBasedDeduplication": "true", "FifoThroughputScope": "MessageGroup"}
    topic = await lab.topic("t.fifo", **scope)
    first = await lab.publish(topic, "a", MessageGroupId="g")
    assert (await lab.publish(topic, "a", MessageGroupId="h"))["MessageId"] != first["MessageId"]
    assert await lab.publish(topic, "a", MessageGroupId="g") == first


async def test_a_queue_in_another_region(pair: tuple[Lab, Region]) -> None:
    lab, away = pair
    topic, url = await lab.topic(), await lab.queue("q", away)
    await lab.subscribe(topic, "sqs", "arn:aws:sqs:eu-west-1:000000000000:q", RawMessageDelivery="true")
    await lab.publish(topic, "far", MessageAttributes=ATTRIBUTES)
    found: list[Json] = []

    async def arrived() -> bool:
        found.extend(await lab.received(url, away))
        return bool(found)

    await eventually(arrived)
    assert found[0]["Body"] == "far"
    assert found[0]["MessageAttributes"]["raw"]["BinaryValue"] == "AAE="


async def test_a_fifo_subscription_in_another_region_keeps_its_order_over_a_failing_link(
    pair: tuple[Lab, Region],
) -> None:
    lab, away = pair
    topic, url = await lab.topic("t.fifo", ContentBasedDeduplication="true"), await lab.queue("q.fifo", away)
    arn = "arn:aws:sqs:eu-west-1:000000000000:q.fifo"
    await lab.subscribe(topic, "sqs", arn, RawMessageDelivery="true")
    (server,) = away._servers
    port = server.port
    await server.close()
    away._servers.clear()
    for number in range(5):
        await lab.publish(topic, f"m{number}", MessageGroupId="g")
    await lab.after(2)
    assert lab.region.store.read(lambda tx: len(list(tx.prefix(("sns-outbox",))))) == 5
    await away.serve("127.0.2.1", port)
    for number in range(5, 8):
        await lab.publish(topic, f"m{number}", MessageGroupId="g")
    found: list[str] = []

    async def arrived() -> bool:
        await lab.after(20)
        found.extend(await lab.bodies(url, away))
        return len(found) >= 8

    await eventually(arrived)
    assert found == [f"m{number}" for number in range(8)]
    assert lab.region.store.read(lambda tx: list(tx.prefix(("sns-outbox",)))) == []
