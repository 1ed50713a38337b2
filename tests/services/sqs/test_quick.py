"""SendMessage's short cut does as the general way does, or leaves the request to it."""

from itertools import product
from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.services.sqs.quick import send_message
from panregion.wire import AwsError

TEXTS: list[Any] = ["plain", "", "a\nb", "gr\u00fc\u00df", "\x00", "x" * 1024, "x" * 1025, 7, None]
DELAYS: list[Any] = [None, 0, 900, 901, -1, "5"]
MORE: list[dict[str, Any]] = [{}, {"MessageGroupId": "g"}, {"Unknown": 1}]


@pytest.fixture
async def url(region: Region) -> str:
    params = {"QueueName": "q", "Attributes": {"MaximumMessageSize": "1024"}}
    url = str((await region.ask("sqs", "CreateQueue", params))["QueueUrl"])
    await region.ask("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "by which the URL is known"})
    await region.ask("sqs", "PurgeQueue", {"QueueUrl": url})
    return url


async def outcome(region: Region, body: bytes) -> dict[str, Any] | None:
    """What the short cut makes of a request: the answer, or the error; None where it leaves it."""
    step = send_message(region.here, body)
    if step is None:
        return None
    try:
        answer: dict[str, Any] = msgspec.json.decode(await region.here.store.transact(step))
    except AwsError as error:
        return {"error": error.code, "message": error.message}
    return answer


async def generally(region: Region, params: dict[str, Any]) -> dict[str, Any]:
    try:
        return await region.ask("sqs", "SendMessage", params)
    except AwsError as error:
        return {"error": error.code, "message": error.message}


async def received(region: Region, url: str) -> list[dict[str, Any]]:
    params = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"]}
    return list((await region.ask("sqs", "ReceiveMessage", params)).get("Messages", []))


async def test_it_does_as_the_general_way_or_nothing(region: Region, url: str) -> None:
    taken = 0
    for text, delay, more in product(TEXTS, DELAYS, MORE):
        given = {"QueueUrl": url, "MessageBody": text, "DelaySeconds": delay, **more}
        params = {name: value for name, value in given.items() if value is not None}
        found = await outcome(region, msgspec.json.encode(params))
        if found is None:
            continue
        taken += 1
        general = await generally(region, params)
        assert {**found, "MessageId": ""} == {**general, "MessageId": ""}
    assert taken == 3 * 3  # three texts that are plain, three delays that may be


async def test_the_message_is_as_the_general_way_leaves_it(region: Region, url: str) -> None:
    sent = await outcome(region, msgspec.json.encode({"QueueUrl": url, "MessageBody": "hello"}))
    assert sent is not None
    [message] = await received(region, url)
    assert (message["Body"], message["MessageId"], message["MD5OfBody"]) == (
        "hello",
        sent["MessageId"],
        sent["MD5OfMessageBody"],
    )
    assert set(message["Attributes"]) == {
        "SenderId",
        "SentTimestamp",
        "ApproximateReceiveCount",
        "ApproximateFirstReceiveTimestamp",
    }


async def test_a_delay_hides_it(region: Region, url: str) -> None:
    await outcome(region, msgspec.json.encode({"QueueUrl": url, "MessageBody": "later", "DelaySeconds": 900}))
    assert await received(region, url) == []


async def test_a_queue_that_is_gone_is_said_to_be(region: Region, url: str) -> None:
    await region.ask("sqs", "DeleteQueue", {"QueueUrl": url})
    found = await outcome(region, msgspec.json.encode({"QueueUrl": url, "MessageBody": "hello"}))
    assert found is not None
    assert found["error"] == "QueueDoesNotExist"


async def test_an_ordered_queue_is_asked_as_ever(region: Region) -> None:
    params = {"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}}
    url = str((await region.ask("sqs", "CreateQueue", params))["QueueUrl"])
    ids = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    await region.ask("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "hello", **ids})
    found = await outcome(region, msgspec.json.encode({"QueueUrl": url, "MessageBody": "hello"}))
    assert found is not None
    assert found["error"] == "MissingParameter"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"QueueUrl": "x", "MessageBody": "y"}'], ids=repr)
async def test_what_is_not_right_is_left_to_the_general_way(region: Region, body: bytes) -> None:
    assert send_message(region.here, body) is None
