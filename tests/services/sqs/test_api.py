"""SQS through boto3: what an application sees, errors included."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

ARN = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture(scope="module")
def sqs(served: ServedRegion) -> Any:
    return served.client("sqs")


@pytest.fixture
def queue(sqs: Any, request: pytest.FixtureRequest) -> str:
    """A queue of the test's own."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:80]
    return str(sqs.create_queue(QueueName=name)["QueueUrl"])


def refused(call: Any, **params: Any) -> tuple[str, str]:
    """Code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_message_there_and_back(sqs: Any, queue: str) -> None:
    attributes = {
        "text": {"DataType": "String", "StringValue": "wört"},
        "count": {"DataType": "Number.int", "StringValue": "17"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    # botocore itself checks the digests of body and attributes, of what it sends and of what it gets
    sent = sqs.send_message(
        QueueUrl=queue, MessageBody="hellö\n<&>", MessageAttributes=attributes, MessageSystemAttributes=trace
    )
    assert len(sent["MD5OfMessageSystemAttributes"]) == 32
    (message,) = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == "hellö\n<&>"
    assert message["MessageAttributes"] == attributes
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["AWSTraceHeader"] == trace["AWSTraceHeader"]["StringValue"]
    assert set(message["Attributes"]) == {
        "SenderId",
        "SentTimestamp",
        "ApproximateReceiveCount",
        "ApproximateFirstReceiveTimestamp",
        "AWSTraceHeader",
    }
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


@pytest.mark.parametrize(
    ("names", "digest", "found"),
    [
        ([], None, set()),
        (["All"], "4c360f3fdafd970e05fae2f149d997f5", {"General", "Hello", "Help.Me"}),
        ([".*"], "4c360f3fdafd970e05fae2f149d997f5", {"General", "Hello", "Help.Me"}),
        (["Hello", "General"], "fca026605781cb4126a1e9044df24232", {"Hello", "General"}),
        (["Hello", "Foo"], "a311262e065454b75da111d535b8dacd", {"Hello"}),
        (["Hel.*"], "83fee93c1bcd8b9a5a923ffacdc636c7", {"Hello", "Help.Me"}),
        (["Foo"], None, set()),
    ],
)
def test_attributes_by_name_and_their_digests_as_aws_gave_them(
    sqs: Any, queue: str, names: list[str], digest: str | None, found: set[str]
) -> None:
    values = {"Help.Me": "Me", "Hello": "There", "General": "Kenobi"}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
    sqs.send_message(QueueUrl=queue, MessageBody="msg", MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=names)["Messages"]
    assert message.get("MD5OfMessageAttributes") == digest
    assert set(message.get("MessageAttributes", ())) == found


def test_batches_succeed_and_fail_entry_by_entry(sqs: Any, queue: str) -> None:
    entries = [
        {"Id": "good", "MessageBody": "a"},
        {"Id": "late", "MessageBody": "b", "DelaySeconds": 901},
        {"Id": "odd", "MessageBody": "c\x00"},
        {"Id": "fine", "MessageBody": "d"},
    ]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["good", "fine"]
    assert {one["Id"]: (one["Code"], one["SenderFault"]) for one in answer["Failed"]} == {
        "late": ("InvalidParameterValue", True),
        "odd": ("InvalidMessageContents", True),
    }
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    handles = {message["Body"]: message["ReceiptHandle"] for message in messages}
    changes = [
        {"Id": "0", "ReceiptHandle": handles["a"], "VisibilityTimeout": 0},
        {"Id": "1", "ReceiptHandle": handles["d"], "VisibilityTimeout": 43_201},
        {"Id": "2", "ReceiptHandle": handles["d"]},
        {"Id": "3", "ReceiptHandle": "nonsense", "VisibilityTimeout": 1},
    ]
    answer = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=changes)
    assert answer["Successful"] == [{"Id": "0"}]
    assert {one["Id"]: one["Code"] for one in answer["Failed"]} == {
        "1": "InvalidParameterValue",
        "2": "MissingParameter",
        "3": "ReceiptHandleIsInvalid",
    }
    deletions = [{"Id": "x", "ReceiptHandle": handles["d"]}, {"Id": "y", "ReceiptHandle": "nonsense"}]
    answer = sqs.delete_message_batch(QueueUrl=queue, Entries=deletions)
    assert answer["Successful"] == [{"Id": "x"}]
    assert answer["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"


@pytest.mark.parametrize(
    ("entries", "code", "message"),
    [
        ([], "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request."),
        (
            [{"Id": str(number), "MessageBody": "a"} for number in range(11)],
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10. You have sent 11.",
        ),
        ([{"Id": "a", "MessageBody": "a"}] * 2, "BatchEntryIdsNotDistinct", "Id a repeated."),
        (
            [{"Id": "no:colon", "MessageBody": "a"}],
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
            "It can be at most 80 letters long.",
        ),
        (
            [{"Id": name, "MessageBody": "a" * 524_289} for name in "ab"],
            "BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes.",
        ),
    ],
)
def test_batches_that_fail_whole(sqs: Any, queue: str, entries: list[Any], code: str, message: str) -> None:
    found = refused(sqs.send_message_batch, QueueUrl=queue, Entries=entries)
    assert found == (f"AWS.SimpleQueueService.{code}", message)


def test_the_largest_message(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a" * 1_048_576)
    too_long = "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
    for body in ("a" * 1_048_577, "ä" * 524_289):
        found = refused(sqs.send_message, QueueUrl=queue, MessageBody=body)
        assert found == ("InvalidParameterValue", too_long)
    attributes = {"a": {"DataType": "String", "StringValue": "b"}}
    body = "a" * (1_048_576 - len("aStringb"))
    sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=attributes)
    assert (
        refused(sqs.send_message, QueueUrl=queue, MessageBody=body + "a", MessageAttributes=attributes)[1] == too_long
    )
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MaximumMessageSize": "1024"})
    assert refused(sqs.send_message, QueueUrl=queue, MessageBody="a" * 1025)[1].endswith("shorter than 1024 bytes.")


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"MessageBody": ""}, "MissingParameter", "The request must contain the parameter MessageBody."),
        (
            {"MessageBody": "\x07"},
            "InvalidMessageContents",
            "Invalid binary character '#x7' was found in the message body, the set of allowed characters is "
            "#x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].",
        ),
        ({"MessageBody": "\ufffe"}, "InvalidMessageContents", None),
        (
            {"DelaySeconds": 901},
            "InvalidParameterValue",
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        ),
        ({"DelaySeconds": -1}, "InvalidParameterValue", None),
        ({"MessageDeduplicationId": "a"}, "InvalidParameterValue", None),
        ({"MessageGroupId": "sp ace"}, "InvalidParameterValue", None),
        (
            {"MessageAttributes": {"a": {"DataType": "Text", "StringValue": "b"}}},
            "InvalidParameterValue",
            "The type of message (user) attribute 'a' is invalid. You must use only the following supported type "
            "prefixes: Binary, Number, String.",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}},
            "InvalidParameterValue",
            "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "Number", "StringValue": "x"}}},
            "InvalidParameterValue",
            "Can't cast the value of message (user) attribute 'a' to a number.",
        ),
        ({"MessageAttributes": {"a": {"DataType": "Binary", "StringValue": "x"}}}, "InvalidParameterValue", None),
        ({"MessageAttributes": {"AWS.a": {"DataType": "String", "StringValue": "x"}}}, "InvalidParameterValue", None),
        ({"MessageAttributes": {"a..b": {"DataType": "String", "StringValue": "x"}}}, "InvalidParameterValue", None),
        ({"MessageAttributes": {"a b": {"DataType": "String", "StringValue": "x"}}}, "InvalidParameterValue", None),
        (
            {"MessageAttributes": {f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)}},
            "InvalidParameterValue",
            "Number of message attributes [11] exceeds the allowed maximum [10].",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "String", "StringListValues": ["x"]}}},
            "AWS.SimpleQueueService.UnsupportedOperation",
            None,
        ),
    ],
)
def test_messages_that_cannot_be_sent(
    sqs: Any, queue: str, params: dict[str, Any], code: str, message: str | None
) -> None:
    found = refused(sqs.send_message, **{"QueueUrl": queue, "MessageBody": "x", **params})
    assert found[0] == code
    assert message is None or found[1] == message


def test_a_group_on_a_standard_queue_is_shown(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageGroupId="tenant")
    (message,) = sqs.receive_message(QueueUrl=queue, MessageSystemAttributeNames=["MessageGroupId"])["Messages"]
    assert message["Attributes"] == {"MessageGroupId": "tenant"}


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            {"MaxNumberOfMessages": 11},
            "InvalidParameterValue",
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        ({"MaxNumberOfMessages": 0}, "InvalidParameterValue", None),
        (
            {"WaitTimeSeconds": 21},
            "InvalidParameterValue",
            "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        ),
        ({"VisibilityTimeout": 43_201}, "InvalidParameterValue", None),
        ({"AttributeNames": ["Foo"]}, "InvalidAttributeName", "Unknown Attribute Foo."),
    ],
)
def test_receiving_as_it_cannot_be(
    sqs: Any, queue: str, params: dict[str, Any], code: str, message: str | None
) -> None:
    found = refused(sqs.receive_message, QueueUrl=queue, **params)
    assert found[0] == code
    assert message is None or found[1] == message


def test_receipts_and_urls_that_are_none(sqs: Any, queue: str) -> None:
    other = sqs.create_queue(QueueName="other-queue")["QueueUrl"]
    sqs.send_message(QueueUrl=other, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=other)["Messages"]
    for handle in ("x", "", message["ReceiptHandle"][:-2], message["ReceiptHandle"]):
        found = refused(sqs.delete_message, QueueUrl=queue, ReceiptHandle=handle)
        assert found == (
            "ReceiptHandleIsInvalid",
            f'The input receipt handle "{handle}" is not a valid receipt handle.',
        )
    gone = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    assert refused(sqs.send_message, QueueUrl=queue + "x", MessageBody="x") == gone
    assert refused(sqs.get_queue_url, QueueName="none-such") == gone
    elsewhere = "https://sqs.eu-west-1.amazonaws.com/000000000000/q"
    for url in ("name-alone", "http://[", "https://sqs.us-east-1.amazonaws.com/q", elsewhere):
        found = refused(sqs.send_message, QueueUrl=url, MessageBody="x")
        assert found == ("InvalidAddress", f"The address {url} is not valid for this endpoint.")


@pytest.mark.parametrize(
    "form",
    [
        "https://sqs.us-east-1.amazonaws.com/000000000000/{}",
        "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/{}",
        "http://localhost:4566/000000000000/{}",
        "http://127.0.0.1:4566/000000000000/{}",
    ],
)
def test_urls_of_other_forms_name_the_queue_too(sqs: Any, queue: str, form: str) -> None:
    name = queue.rpartition("/")[2]
    sqs.send_message(QueueUrl=form.format(name), MessageBody="x")
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1


def test_a_queues_attributes(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="attributes", Attributes={"DelaySeconds": "5"}, tags={"a": "b"})["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert found.pop("CreatedTimestamp") == found.pop("LastModifiedTimestamp")
    assert found == {
        "QueueArn": ARN + "attributes",
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "VisibilityTimeout": "30",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "DelaySeconds": "5",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
    }
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7", "KmsMasterKeyId": "alias/aws/sqs"})
    names = ["VisibilityTimeout", "SqsManagedSseEnabled", "KmsDataKeyReusePeriodSeconds"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    assert found == {
        "VisibilityTimeout": "7",
        "SqsManagedSseEnabled": "false",
        "KmsDataKeyReusePeriodSeconds": "300",
    }
    found = refused(sqs.set_queue_attributes, QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
    assert found[0] == "InvalidAttributeName"
    assert refused(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["Foo"]) == (
        "InvalidAttributeName",
        "Unknown Attribute Foo.",
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"] == {"Policy": policy}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"VisibilityTimeout": "x"}, "InvalidAttributeValue"),
        ({"DelaySeconds": "901"}, "InvalidAttributeValue"),
        ({"MaximumMessageSize": "1023"}, "InvalidAttributeValue"),
        ({"MaximumMessageSize": "1048577"}, "InvalidAttributeValue"),
        ({"MessageRetentionPeriod": "59"}, "InvalidAttributeValue"),
        ({"ReceiveMessageWaitTimeSeconds": "21"}, "InvalidAttributeValue"),
        ({"Policy": "x"}, "InvalidAttributeValue"),
        ({"FifoQueue": "false"}, "InvalidAttributeName"),
        ({"ContentBasedDeduplication": "true"}, "InvalidAttributeName"),
        ({"QueueArn": "x"}, "InvalidAttributeName"),
        ({"Foo": "x"}, "InvalidAttributeName"),
        ({"RedrivePolicy": "x"}, "InvalidParameterValue"),
        ({"RedriveAllowPolicy": "x"}, "InvalidAttributeValue"),
    ],
)
def test_attributes_that_cannot_be(sqs: Any, attributes: dict[str, str], code: str) -> None:
    assert refused(sqs.create_queue, QueueName="never", Attributes=attributes)[0] == code


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("sp ace", {}),
        ("a" * 81, {}),
        ("", {}),
        ("dotted.fifo", {}),
        ("plain", {"FifoQueue": "true"}),
        (".fifo", {"FifoQueue": "true"}),
        ("a" * 76 + ".fifo", {"FifoQueue": "true"}),
    ],
)
def test_names_that_cannot_be(sqs: Any, name: str, attributes: dict[str, str]) -> None:
    code, message = refused(sqs.create_queue, QueueName=name, Attributes=attributes)
    assert code == "InvalidParameterValue"
    assert "1 to 80 in length" in message


def test_creating_what_exists(sqs: Any) -> None:
    first = sqs.create_queue(QueueName="twice", Attributes={"DelaySeconds": "3"})
    again = sqs.create_queue(QueueName="twice", Attributes={"DelaySeconds": "3", "VisibilityTimeout": "30"})
    assert first["QueueUrl"] == again["QueueUrl"] == sqs.create_queue(QueueName="twice")["QueueUrl"]
    assert refused(sqs.create_queue, QueueName="twice", Attributes={"DelaySeconds": "4"}) == (
        "QueueAlreadyExists",
        "A queue already exists with the same name and a different value for attribute DelaySeconds",
    )


def test_queues_are_listed_by_prefix_and_page(sqs: Any) -> None:
    for number in range(5):
        sqs.create_queue(QueueName=f"listed-{number}")
    names = [url.rpartition("/")[2] for url in sqs.list_queues(QueueNamePrefix="listed-")["QueueUrls"]]
    assert names == [f"listed-{number}" for number in range(5)]
    pages = list(sqs.get_paginator("list_queues").paginate(QueueNamePrefix="listed-", PaginationConfig={"PageSize": 2}))
    assert [len(page["QueueUrls"]) for page in pages] == [2, 2, 1]
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="none-such")
    assert refused(sqs.list_queues, MaxResults=1001)[0] == "InvalidParameterValue"


def test_tags(sqs: Any, queue: str) -> None:
    sqs.tag_queue(QueueUrl=queue, Tags={"a": "1", "b": "2"})
    sqs.untag_queue(QueueUrl=queue, TagKeys=["a"])
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"b": "2"}
    too_many = {f"k{number}": "" for number in range(50)}
    assert refused(sqs.tag_queue, QueueUrl=queue, Tags=too_many)[0] == "InvalidParameterValue"


def test_permissions(sqs: Any, queue: str) -> None:
    account = "111111111111"
    sqs.add_permission(QueueUrl=queue, Label="one", AWSAccountIds=[account], Actions=["ReceiveMessage"])
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"])
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert policy == {
        "Version": "2008-10-17",
        "Id": f"{arn}/SQSDefaultPolicy",
        "Statement": [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "SQS:ReceiveMessage",
                "Resource": arn,
            }
        ],
    }
    params = {"QueueUrl": queue, "Label": "one", "AWSAccountIds": [account], "Actions": ["ReceiveMessage"]}
    already = "Value one for parameter Label is invalid. Reason: Already exists."
    assert refused(sqs.add_permission, **params) == ("InvalidParameterValue", already)
    assert refused(sqs.add_permission, **{**params, "Label": "two", "Actions": ["Fly"]})[0] == "InvalidParameterValue"
    assert refused(sqs.add_permission, **{**params, "Label": "two", "Actions": ["*"] * 8})[0] == "OverLimit"
    sqs.remove_permission(QueueUrl=queue, Label="one")
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
    missing = "Value one for parameter Label is invalid. Reason: can't find label."
    assert refused(sqs.remove_permission, QueueUrl=queue, Label="one") == ("InvalidParameterValue", missing)


def test_what_a_fifo_queue_needs(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="needs.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert {name: found[name] for name in ("FifoQueue", "DeduplicationScope", "FifoThroughputLimit")} == {
        "FifoQueue": "true",
        "DeduplicationScope": "queue",
        "FifoThroughputLimit": "perQueue",
    }
    assert refused(sqs.send_message, QueueUrl=url, MessageBody="a", MessageDeduplicationId="a") == (
        "MissingParameter",
        "The request must contain the parameter MessageGroupId.",
    )
    neither = (
        "InvalidParameterValue",
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
    assert refused(sqs.send_message, QueueUrl=url, MessageBody="a", MessageGroupId="a") == neither
    entry = {"Id": "a", "MessageBody": "a", "MessageGroupId": "a"}
    assert refused(sqs.send_message_batch, QueueUrl=url, Entries=[entry]) == neither
    limit = {"FifoThroughputLimit": "perMessageGroupId"}
    assert refused(sqs.set_queue_attributes, QueueUrl=url, Attributes=limit)[0] == "InvalidAttributeValue"
    assert (
        refused(sqs.set_queue_attributes, QueueUrl=url, Attributes={"FifoQueue": "false"})[0] == "InvalidAttributeValue"
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={**limit, "DeduplicationScope": "messageGroup"})


def test_long_polling_over_http(sqs: Any, queue: str, served: ServedRegion) -> None:
    import threading

    threading.Timer(0.3, lambda: served.client("sqs").send_message(QueueUrl=queue, MessageBody="late")).start()
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "late"


def test_the_json_errors_name_their_query_codes(sqs: Any, queue: str) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as raised:
        sqs.send_message(QueueUrl=queue + "x", MessageBody="x")
    headers = raised.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"
