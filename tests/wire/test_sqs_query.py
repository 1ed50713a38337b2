"""SQS in the query protocol, as SDKs of before 2023 and curl speak it."""

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from panregion.region import Region
from panregion.world import Request

SPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"
QUEUE = "/000000000000/q"


async def ask(region: Region, path: str = "/", method: str = "POST", **fields: str) -> tuple[int, ElementTree.Element]:
    """Send a form (`__` in a name stands for a dot); status and document of the answer."""
    form = urlencode({"Version": "2012-11-05", **{name.replace("__", "."): text for name, text in fields.items()}})
    headers = [("Host", "127.0.0.1:4566"), ("Content-Type", "application/x-www-form-urlencoded")]
    if method == "GET":
        response = await region.gateway(Request("GET", path, form, [("Host", "127.0.0.1:4566")]))
    else:
        response = await region.gateway(Request("POST", path, "", headers, form.encode()))
    assert isinstance(response.body, bytes)
    return response.status, ElementTree.fromstring(response.body)


def texts(document: ElementTree.Element, path: str) -> list[str | None]:
    return [found.text for found in document.iterfind("/".join(SPACE + part for part in path.split("/")))]


@pytest.fixture
async def queue(region: Region) -> Region:
    status, document = await ask(
        region,
        Action="CreateQueue",
        QueueName="q",
        Attribute__1__Name="VisibilityTimeout",
        Attribute__1__Value="40",
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    assert status == 200
    assert texts(document, "CreateQueueResult/QueueUrl") == ["http://127.0.1.1:4566/000000000000/q"]
    return region


async def test_a_message_there_and_back(queue: Region) -> None:
    attribute = "MessageAttribute.1"
    fields = {
        f"{attribute}.Name": "raw",
        f"{attribute}.Value.DataType": "Binary",
        f"{attribute}.Value.BinaryValue": "AAE=",
        "MessageSystemAttribute.1.Name": "AWSTraceHeader",
        "MessageSystemAttribute.1.Value.DataType": "String",
        "MessageSystemAttribute.1.Value.StringValue": "Root=1",
    }
    _, sent = await ask(queue, QUEUE, Action="SendMessage", MessageBody="a<b&", **fields)
    assert len(texts(sent, "SendMessageResult/MD5OfMessageSystemAttributes")) == 1
    names = {"AttributeName.1": "AWSTraceHeader", "MessageAttributeName.1": "All"}
    _, received = await ask(queue, QUEUE, Action="ReceiveMessage", **names)
    message = "ReceiveMessageResult/Message"
    assert texts(received, f"{message}/Body") == ["a<b&"]
    assert texts(received, f"{message}/Attribute/Name") == ["AWSTraceHeader"]
    assert texts(received, f"{message}/Attribute/Value") == ["Root=1"]
    assert texts(received, f"{message}/MessageAttribute/Name") == ["raw"]
    assert texts(received, f"{message}/MessageAttribute/Value/BinaryValue") == ["AAE="]
    digest = texts(sent, "SendMessageResult/MD5OfMessageAttributes")
    assert texts(received, f"{message}/MD5OfMessageAttributes") == digest
    (handle,) = texts(received, f"{message}/ReceiptHandle")
    status, deleted = await ask(queue, QUEUE, Action="DeleteMessage", ReceiptHandle=handle or "")
    assert (status, deleted.tag) == (200, f"{SPACE}DeleteMessageResponse")


async def test_lists_and_batches_have_their_old_names(queue: Region) -> None:
    entry = "SendMessageBatchRequestEntry"
    fields = {f"{entry}.1.Id": "a", f"{entry}.1.MessageBody": "x", f"{entry}.2.Id": "b", f"{entry}.2.MessageBody": "y"}
    fields[f"{entry}.2.DelaySeconds"] = "901"
    _, answer = await ask(queue, QUEUE, Action="SendMessageBatch", **fields)
    assert texts(answer, "SendMessageBatchResult/SendMessageBatchResultEntry/Id") == ["a"]
    assert texts(answer, "SendMessageBatchResult/BatchResultErrorEntry/Id") == ["b"]
    _, answer = await ask(queue, Action="ListQueues")
    assert texts(answer, "ListQueuesResult/QueueUrl") == ["http://127.0.1.1:4566/000000000000/q"]
    _, answer = await ask(queue, QUEUE, Action="GetQueueAttributes", **{"AttributeName.1": "VisibilityTimeout"})
    assert texts(answer, "GetQueueAttributesResult/Attribute/Value") == ["40"]
    await ask(queue, QUEUE, Action="UntagQueue", **{"TagKey.1": "none"})
    _, answer = await ask(queue, QUEUE, Action="ListQueueTags")
    assert texts(answer, "ListQueueTagsResult/Tag/Key") == ["team"]
    permission = {"Label": "l", "AWSAccountId.1": "111111111111", "ActionName.1": "SendMessage"}
    assert (await ask(queue, QUEUE, Action="AddPermission", **permission))[0] == 200


async def test_a_queue_is_named_by_the_path_or_by_its_url(queue: Region) -> None:
    url = "http://127.0.1.1:4566/000000000000/q"
    assert (await ask(queue, "/", Action="SendMessage", QueueUrl=url, MessageBody="x"))[0] == 200
    assert (await ask(queue, QUEUE, "GET", Action="SendMessage", MessageBody="y"))[0] == 200
    status, document = await ask(queue, "/", Action="SendMessage", MessageBody="x")
    assert (status, texts(document, "Error/Code")) == (400, ["MissingParameter"])


@pytest.mark.parametrize(
    ("path", "fields", "code", "message"),
    [
        (
            "/000000000000/none",
            {"Action": "ReceiveMessage"},
            "AWS.SimpleQueueService.NonExistentQueue",
            "The specified queue does not exist for this wsdl version.",
        ),
        (QUEUE, {"Action": "Fly"}, "InvalidAction", "The action Fly is not valid for this web service."),
        (
            QUEUE,
            {"Action": "DeleteMessage", "ReceiptHandle": "x"},
            "ReceiptHandleIsInvalid",
            'The input receipt handle "x" is not a valid receipt handle.',
        ),
        (
            QUEUE,
            {"Action": "SendMessageBatch"},
            "MissingParameter",
            None,
        ),
    ],
)
async def test_errors(queue: Region, path: str, fields: dict[str, str], code: str, message: str | None) -> None:
    status, document = await ask(queue, path, **fields)
    assert (status, texts(document, "Error/Type"), texts(document, "Error/Code")) == (400, ["Sender"], [code])
    assert message is None or texts(document, "Error/Message") == [message]
