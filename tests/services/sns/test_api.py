"""SNS through boto3: what an application sees, errors included."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

ARN = "arn:aws:sns:us-east-1:000000000000:"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture(scope="module")
def sns(served: ServedRegion) -> Any:
    return served.client("sns")


@pytest.fixture
def topic(sns: Any, request: pytest.FixtureRequest) -> str:
    """A topic of the test's own."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:200]
    return str(sns.create_topic(Name=name)["TopicArn"])


def refused(call: Any, **params: Any) -> tuple[str, str]:
    """Code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_creating_what_exists(sns: Any) -> None:
    params: dict[str, Any] = {"Name": "same", "Attributes": {"DisplayName": "d"}, "Tags": [{"Key": "a", "Value": "b"}]}
    arn = sns.create_topic(**params)["TopicArn"]
    assert arn == ARN + "same" == sns.create_topic(**params)["TopicArn"] == sns.create_topic(Name="same")["TopicArn"]
    assert refused(sns.create_topic, **{**params, "Attributes": {"DisplayName": "e"}}) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
    )
    assert refused(sns.create_topic, **{**params, "Tags": [{"Key": "a", "Value": "c"}]}) == (
        "InvalidParameter",
        "Invalid parameter: Tags Reason: Topic already exists with different tags",
    )


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("", {}),
        ("sp ace", {}),
        ("a" * 257, {}),
        ("plain", {"FifoTopic": "true"}),
        ("dotted.fifo", {}),
        ("a", {"ContentBasedDeduplication": "true"}),
        ("a", {"Colour": "red"}),
        ("a", {"SignatureVersion": "3"}),
        ("a", {"Policy": "x"}),
        ("a", {"DeliveryPolicy": "x"}),
    ],
)
def test_topics_that_cannot_be(sns: Any, name: str, attributes: dict[str, str]) -> None:
    assert refused(sns.create_topic, Name=name, Attributes=attributes)[0] == "InvalidParameter"


def test_a_topics_attributes(sns: Any, topic: str) -> None:
    found = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert json.loads(found["Policy"])["Statement"][0]["Sid"] == "__default_statement_ID"
    assert {name: found[name] for name in ("TopicArn", "Owner", "DisplayName", "SubscriptionsConfirmed")} == {
        "TopicArn": topic,
        "Owner": "000000000000",
        "DisplayName": "",
        "SubscriptionsConfirmed": "0",
    }
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="shown")
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "shown"
    retry = {"numRetries": 7, "minDelayTarget": 1, "maxDelayTarget": 2}
    policy = json.dumps({"http": {"defaultHealthyRetryPolicy": retry}})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=policy)
    effective = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["EffectiveDeliveryPolicy"])
    assert effective["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 7
    for name in ("FifoTopic", "Nonsense"):
        found = refused(sns.set_topic_attributes, TopicArn=topic, AttributeName=name, AttributeValue="true")
        assert found == ("InvalidParameter", "Invalid parameter: AttributeName")


def test_a_fifo_topics_attributes(sns: Any) -> None:
    arn = sns.create_topic(Name="a.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    found = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert {name: found[name] for name in ("FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope")} == {
        "FifoTopic": "true",
        "ContentBasedDeduplication": "false",
        "FifoThroughputScope": "Topic",
    }
    assert refused(sns.publish, TopicArn=arn, Message="x") == (
        "InvalidParameter",
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
    )
    assert refused(sns.publish, TopicArn=arn, Message="x", MessageGroupId="g") == (
        "InvalidParameter",
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
        "provided explicitly",
    )
    assert (
        len(sns.publish(TopicArn=arn, Message="x", MessageGroupId="g", MessageDeduplicationId="d")["SequenceNumber"])
        == 20
    )
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    assert refused(sns.subscribe, TopicArn=arn, Protocol="lambda", Endpoint=function)[0] == "InvalidParameter"


def test_topics_and_subscriptions_in_pages(sns: Any) -> None:
    for number in range(105):
        sns.create_topic(Name=f"paged-{number:03}")
    pages = [page["Topics"] for page in sns.get_paginator("list_topics").paginate()]
    assert len(pages[0]) == 100
    names = [topic["TopicArn"].rpartition(":")[2] for page in pages for topic in page]
    assert [name for name in names if name.startswith("paged-")] == [f"paged-{number:03}" for number in range(105)]
    for number in range(103):
        sns.subscribe(TopicArn=ARN + "paged-000", Protocol="sqs", Endpoint=f"{QUEUE}{number}")
    by_topic = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=ARN + "paged-000")
    assert [len(page["Subscriptions"]) for page in by_topic] == [100, 3]
    found = [one for page in sns.get_paginator("list_subscriptions").paginate() for one in page["Subscriptions"]]
    assert len([one for one in found if one["TopicArn"] == ARN + "paged-000"]) == 103
    assert refused(sns.list_topics, NextToken="!")[0] == "InvalidParameter"


def test_a_subscriptions_life(sns: Any, topic: str) -> None:
    policy = json.dumps({"a": ["b"]})
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE, Attributes={"FilterPolicy": policy})[
        "SubscriptionArn"
    ]
    assert arn.startswith(topic + ":")
    assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"] == arn
    other = {"FilterPolicy": json.dumps({"a": ["c"]})}
    assert refused(sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=QUEUE, Attributes=other) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
    )
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found == {
        "SubscriptionArn": arn,
        "TopicArn": topic,
        "Protocol": "sqs",
        "Endpoint": QUEUE,
        "Owner": "000000000000",
        "PendingConfirmation": "false",
        "ConfirmationWasAuthenticated": "true",
        "RawMessageDelivery": "false",
        "SubscriptionPrincipal": "arn:aws:iam::000000000000:root",
        "FilterPolicy": policy,
        "FilterPolicyScope": "MessageAttributes",
    }
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}")
    assert "FilterPolicy" not in sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    sns.unsubscribe(SubscriptionArn=arn)
    sns.unsubscribe(SubscriptionArn=arn)
    assert refused(sns.get_subscription_attributes, SubscriptionArn=arn) == ("NotFound", "Subscription does not exist")
    counted = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (counted["SubscriptionsConfirmed"], counted["SubscriptionsDeleted"]) == ("0", "1")


def test_a_subscription_that_is_to_be_confirmed(sns: Any, topic: str) -> None:
    params = {"TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.com"}
    assert sns.subscribe(**params)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**params, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(topic)
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"
    found = refused(sns.confirm_subscription, TopicArn=topic, Token="nonsense")
    assert found == ("InvalidParameter", "Invalid parameter: Token")


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("pigeon", "x", "Invalid parameter: Amazon SNS does not support this protocol string: pigeon"),
        ("sqs", "x", "Invalid parameter: SQS endpoint ARN"),
        ("sqs", "arn:aws:lambda:us-east-1:000000000000:function:f", "Invalid parameter: SQS endpoint ARN"),
        ("lambda", QUEUE, "Invalid parameter: Lambda endpoint ARN"),
        ("http", "https://example.com", "Invalid parameter: Endpoint must match the specified protocol"),
        ("https", "https://", "Invalid parameter: Endpoint"),
        ("email", "nobody", "Invalid parameter: Email address"),
        (
            "sqs",
            QUEUE + ".fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard "
            "SNS topics",
        ),
    ],
)
def test_endpoints_that_cannot_be(sns: Any, topic: str, protocol: str, endpoint: str, message: str) -> None:
    found = refused(sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert found == ("InvalidParameter", message)


@pytest.mark.parametrize("protocol", ["sms", "application", "firehose"])
def test_protocols_that_there_are_not_here_are_refused_by_name(sns: Any, topic: str, protocol: str) -> None:
    code, message = refused(sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint="x")
    assert code == "NotImplemented"
    assert protocol in message


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"FilterPolicy": "x"}, "FilterPolicy: failed to parse JSON."),
        ({"FilterPolicy": '{"a": "b"}'}, 'FilterPolicy: "a" must be an object or an array'),
        ({"FilterPolicy": '{"a": []}'}, "FilterPolicy: Empty arrays are not allowed"),
        ({"FilterPolicy": '{"a": [{"like": "b"}]}'}, "FilterPolicy: Unrecognized match type like"),
        (
            {"FilterPolicy": '{"a": {"b": ["c"]}}'},
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            {"FilterPolicy": json.dumps({str(number): ["a"] for number in range(6)})},
            "FilterPolicy: Filter policy can not have more than 5 keys",
        ),
        (
            {"FilterPolicy": json.dumps({"a": list(range(13)), "b": list(range(12))})},
            "FilterPolicy: Filter policy is too complex",
        ),
        (
            {"FilterPolicyScope": "Everything"},
            "FilterPolicyScope: Invalid value [Everything]. Please use either MessageBody or MessageAttributes",
        ),
        ({"RawMessageDelivery": "x"}, "RawMessageDelivery: Invalid value [x]. Must be true or false."),
        ({"RedrivePolicy": "x"}, "RedrivePolicy: failed to parse JSON."),
        ({"RedrivePolicy": '{"deadLetterTargetArn": "x"}'}, "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
        ({"Colour": "red"}, "AttributeName"),
    ],
)
def test_subscription_attributes_that_cannot_be(sns: Any, topic: str, attributes: dict[str, str], message: str) -> None:
    params = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": QUEUE}
    found = refused(sns.subscribe, **params, Attributes=attributes)
    assert found == ("InvalidParameter", f"Invalid parameter: Attributes Reason: {message}")
    arn = sns.subscribe(**params)["SubscriptionArn"]
    ((name, value),) = attributes.items()
    found = refused(sns.set_subscription_attributes, SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
    assert found == ("InvalidParameter", f"Invalid parameter: {message}")


def test_a_nested_policy_needs_the_scope_of_the_body(sns: Any, topic: str) -> None:
    nested = {"FilterPolicy": '{"a": {"b": ["c"]}}', "FilterPolicyScope": "MessageBody"}
    params = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": QUEUE, "Attributes": nested}
    arn = sns.subscribe(**params)["SubscriptionArn"]
    back = {"AttributeName": "FilterPolicyScope", "AttributeValue": "MessageAttributes"}
    assert "nested" in refused(sns.set_subscription_attributes, SubscriptionArn=arn, **back)[1]


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
        ({"Subject": ""}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Subject": "a\nb"}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Subject": "a" * 101}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"Message": "a" * 262_145}, "InvalidParameter", "Invalid parameter: Message too long"),
        (
            {"MessageStructure": "json"},
            "InvalidParameter",
            "Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            {"MessageStructure": "json", "Message": '{"sqs": "a"}'},
            "InvalidParameter",
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            {"MessageDeduplicationId": "a"},
            "InvalidParameter",
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
            "that is not valid for this topic type",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}},
            "ParameterValueInvalid",
            "The message attribute 'a' must contain non-empty message attribute value for message attribute type "
            "'String'.",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "Text", "StringValue": "b"}}},
            "ParameterValueInvalid",
            "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is "
            "Binary, Number, and String.",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "Number", "StringValue": "b"}}},
            "ParameterValueInvalid",
            "Could not cast message attribute 'a' value to number.",
        ),
        ({"MessageAttributes": {"a b": {"DataType": "String", "StringValue": "b"}}}, "ParameterValueInvalid", None),
        ({"TopicArn": ARN + "none-such"}, "NotFound", "Topic does not exist"),
        (
            {"TopicArn": "topic"},
            "InvalidParameter",
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
        ),
        ({"TopicArn": "arn:aws:sns:eu-west-1:000000000000:t"}, "InvalidParameter", "Invalid parameter: TopicArn"),
    ],
)
def test_messages_that_cannot_be_published(
    sns: Any, topic: str, params: dict[str, Any], code: str, message: str | None
) -> None:
    found = refused(sns.publish, **{"TopicArn": topic, "Message": "x", **params})
    assert found[0] == code
    assert message is None or found[1] == message


def test_phones_are_refused_by_name(sns: Any) -> None:
    assert refused(sns.publish, PhoneNumber="+15550100", Message="x")[0] == "NotImplemented"


def test_a_batch(sns: Any, topic: str) -> None:
    entries = [{"Id": name, "Message": name} for name in "ab"]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["a", "b"]
    assert answer["Failed"] == []


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([{"Id": str(number), "Message": "a"} for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([{"Id": "a", "Message": "a"}] * 2, "BatchEntryIdsNotDistinct"),
        ([{"Id": "a:b", "Message": "a"}], "InvalidBatchEntryId"),
        ([{"Id": "a" * 81, "Message": "a"}], "InvalidBatchEntryId"),
        ([{"Id": name, "Message": "a" * 200_000} for name in "ab"], "BatchRequestTooLong"),
        ([{"Id": "a", "Message": ""}], "InvalidParameter"),
    ],
)
def test_batches_that_cannot_be(sns: Any, topic: str, entries: list[dict[str, str]], code: str) -> None:
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries)[0] == code


def test_tags(sns: Any, topic: str) -> None:
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sns.untag_resource(ResourceArn=topic, TagKeys=["a"])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "b", "Value": "2"}]
    too_many = [{"Key": str(number), "Value": ""} for number in range(50)]
    assert refused(sns.tag_resource, ResourceArn=topic, Tags=too_many)[0] == "TagLimitExceeded"
    found = refused(sns.list_tags_for_resource, ResourceArn=ARN + "none-such")
    assert found == ("ResourceNotFound", "Resource does not exist")


def test_permissions(sns: Any, topic: str) -> None:
    account = "111111111111"
    params = {"TopicArn": topic, "Label": "l", "AWSAccountId": [account], "ActionName": ["Publish"]}
    sns.add_permission(**params)
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert policy["Statement"][-1] == {
        "Sid": "l",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "SNS:Publish",
        "Resource": topic,
    }
    assert refused(sns.add_permission, **params) == ("InvalidParameter", "Invalid parameter: Statement already exists")
    assert refused(sns.add_permission, **{**params, "ActionName": ["Fly"]})[0] == "InvalidParameter"
    sns.remove_permission(TopicArn=topic, Label="l")
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["__default_statement_ID"]


def test_a_deleted_topic_is_gone_with_its_subscriptions(sns: Any, topic: str) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
    sns.delete_topic(TopicArn=topic)
    sns.delete_topic(TopicArn=topic)
    assert refused(sns.publish, TopicArn=topic, Message="x") == ("NotFound", "Topic does not exist")
    assert refused(sns.get_subscription_attributes, SubscriptionArn=arn)[0] == "NotFound"
    assert refused(sns.delete_topic, TopicArn="x")[0] == "InvalidParameter"
