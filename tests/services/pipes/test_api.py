"""Every operation of Pipes through boto3, with what it refuses."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import ServedRegion

ROLE = "arn:aws:iam::000000000000:role/pipe"
ARN = "arn:aws:{}:us-east-1:000000000000:{}"


def error_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


class Pipes:
    def __init__(self, served: ServedRegion) -> None:
        self.client = served.client("pipes")
        self.sqs = served.client("sqs")

    def queue(self, name: str, **attributes: str) -> str:
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return ARN.format("sqs", name)

    def create(self, name: str, **params: Any) -> dict[str, Any]:
        given = {"RoleArn": ROLE, "Source": ARN.format("sqs", "pipes-in"), "Target": ARN.format("sqs", "pipes-out")}
        found: dict[str, Any] = self.client.create_pipe(Name=name, **{**given, **params})
        return found

    def settled(self, name: str, *states: str) -> dict[str, Any]:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.client.describe_pipe(Name=name)
            if found["CurrentState"] in (states or ("RUNNING", "STOPPED")):
                return found
        raise AssertionError(f"{name} is still {found['CurrentState']}")

    def receive(self, name: str, count: int) -> list[str]:
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        bodies: list[str] = []
        deadline = time.monotonic() + 15
        while len(bodies) < count and time.monotonic() < deadline:
            for message in self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10).get(
                "Messages", []
            ):
                bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies


@pytest.fixture
def pipes(served: ServedRegion) -> Iterator[Pipes]:
    pipes = Pipes(served)
    pipes.queue("pipes-in")
    pipes.queue("pipes-out")
    yield pipes
    for pipe in pipes.client.list_pipes()["Pipes"]:
        pipes.settled(pipe["Name"], "RUNNING", "STOPPED", "CREATE_FAILED", "UPDATE_FAILED", "START_FAILED")
        pipes.client.delete_pipe(Name=pipe["Name"])


def test_a_pipe_from_queue_to_queue(pipes: Pipes) -> None:
    made = pipes.create("through", TargetParameters={"InputTemplate": '{"was": <$.body.n>}'}, Tags={"team": "a"})
    assert made["Arn"] == ARN.format("pipes", "pipe/through")
    assert (made["Name"], made["DesiredState"], made["CurrentState"]) == ("through", "RUNNING", "CREATING")
    found = pipes.settled("through")
    assert found["CurrentState"] == "RUNNING"
    assert found["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}}
    assert found["TargetParameters"] == {"InputTemplate": '{"was": <$.body.n>}'}
    assert (found["Tags"], found["RoleArn"]) == ({"team": "a"}, ROLE)
    assert found["CreationTime"] == found["LastModifiedTime"]
    url = pipes.sqs.get_queue_url(QueueName="pipes-in")["QueueUrl"]
    pipes.sqs.send_message_batch(
        QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": json.dumps({"n": n})} for n in range(5)]
    )
    assert sorted(pipes.receive("pipes-out", 5)) == [f'{{"was": {n}}}' for n in range(5)]


def test_stopping_and_starting(pipes: Pipes) -> None:
    pipes.create("turned", DesiredState="STOPPED")
    assert pipes.settled("turned")["CurrentState"] == "STOPPED"
    url = pipes.sqs.get_queue_url(QueueName="pipes-in")["QueueUrl"]
    pipes.sqs.send_message(QueueUrl=url, MessageBody='"waiting"')
    started = pipes.client.start_pipe(Name="turned")
    assert (started["DesiredState"], started["CurrentState"]) == ("RUNNING", "STARTING")
    pipes.settled("turned", "RUNNING")
    assert json.loads(pipes.receive("pipes-out", 1)[0])["body"] == '"waiting"'
    stopped = pipes.client.stop_pipe(Name="turned")
    assert (stopped["DesiredState"], stopped["CurrentState"]) == ("STOPPED", "STOPPING")
    pipes.settled("turned", "STOPPED")
    pipes.sqs.send_message(QueueUrl=url, MessageBody="stays")
    assert pipes.receive("pipes-in", 1) == ["stays"]


def test_updating(pipes: Pipes) -> None:
    pipes.create("changed", Description="one", TargetParameters={"InputTemplate": "<$.body>"})
    pipes.settled("changed")
    other = pipes.queue("pipes-other")
    changed = pipes.client.update_pipe(
        Name="changed",
        RoleArn=ROLE + "2",
        Target=other,
        SourceParameters={
            "SqsQueueParameters": {"BatchSize": 3},
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]},
        },
    )
    assert changed["CurrentState"] == "UPDATING"
    found = pipes.settled("changed")
    assert (found["Description"], found["RoleArn"], found["Target"]) == ("one", ROLE + "2", other)
    assert found["SourceParameters"]["SqsQueueParameters"] == {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 0}
    assert found["TargetParameters"] == {"InputTemplate": "<$.body>"}
    url = pipes.sqs.get_queue_url(QueueName="pipes-in")["QueueUrl"]
    pipes.sqs.send_message(QueueUrl=url, MessageBody='{"kind": "bill"}')
    pipes.sqs.send_message(QueueUrl=url, MessageBody='{"kind": "order"}')
    assert pipes.receive("pipes-other", 1) == ['{"kind":"order"}']


def test_listing(pipes: Pipes) -> None:
    for name in ("list-a", "list-b", "list-c"):
        pipes.create(name, DesiredState="STOPPED")
        pipes.settled(name)
    page = pipes.client.list_pipes(NamePrefix="list-", Limit=2)
    assert [pipe["Name"] for pipe in page["Pipes"]] == ["list-a", "list-b"]
    assert page["Pipes"][0]["Source"] == ARN.format("sqs", "pipes-in")
    rest = pipes.client.list_pipes(NamePrefix="list-", Limit=2, NextToken=page["NextToken"])
    assert [pipe["Name"] for pipe in rest["Pipes"]] == ["list-c"]
    assert "NextToken" not in rest
    assert pipes.client.list_pipes(NamePrefix="list-", CurrentState="RUNNING")["Pipes"] == []
    assert len(pipes.client.list_pipes(SourcePrefix="arn:aws:sqs", DesiredState="STOPPED")["Pipes"]) == 3
    assert pipes.client.list_pipes(TargetPrefix="arn:aws:sns")["Pipes"] == []


def test_tags(pipes: Pipes) -> None:
    arn = pipes.create("tagged", DesiredState="STOPPED", Tags={"a": "1"})["Arn"]
    pipes.settled("tagged")
    pipes.client.tag_resource(resourceArn=arn, tags={"b": "2", "c": "3"})
    pipes.client.untag_resource(resourceArn=arn, tagKeys=["a", "b"])
    assert pipes.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "3"}
    with pytest.raises(ClientError) as caught:
        pipes.client.list_tags_for_resource(resourceArn=arn + "-not")
    assert error_of(caught) == ("NotFoundException", 404)


def test_deleting(pipes: Pipes) -> None:
    pipes.create("gone", DesiredState="STOPPED")
    pipes.settled("gone")
    assert pipes.client.delete_pipe(Name="gone")["CurrentState"] == "DELETING"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and pipes.client.list_pipes(NamePrefix="gone")["Pipes"]:
        pass
    for operation in ("describe_pipe", "delete_pipe", "start_pipe", "stop_pipe"):
        with pytest.raises(ClientError, match="Pipe gone does not exist") as caught:
            getattr(pipes.client, operation)(Name="gone")
        assert error_of(caught) == ("NotFoundException", 404)


def test_a_source_that_is_not_there_fails_the_creation(pipes: Pipes) -> None:
    pipes.create("lost", Source=ARN.format("sqs", "pipes-none"))
    found = pipes.settled("lost", "CREATE_FAILED")
    assert "does not exist" in found["StateReason"]


def test_a_name_is_taken_once(pipes: Pipes) -> None:
    pipes.create("twice", DesiredState="STOPPED")
    with pytest.raises(ClientError, match="Pipe twice already exists") as caught:
        pipes.create("twice")
    assert error_of(caught) == ("ConflictException", 409)
    assert caught.value.response["resourceId"] == "twice"  # type: ignore[typeddict-item]


STREAM = ARN.format("dynamodb", "table/t/stream/2026-11-21T00:00:00.000")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"SourceParameters": {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}}, "Invalid filter pattern"),
        ({"SourceParameters": {"FilterCriteria": {"Filters": [{"Pattern": '{"a": 1}'}]}}}, "Invalid filter pattern"),
        (
            {"SourceParameters": {"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}}},
            "SourceParameters has DynamoDBStreamParameters",
        ),
        ({"SourceParameters": {"SqsQueueParameters": {"BatchSize": 11}}}, "is more than the 10"),
        (
            {
                "Target": ARN.format("lambda", "function:f"),
                "SourceParameters": {"SqsQueueParameters": {"BatchSize": 11}},
            },
            "MaximumBatchingWindowInSeconds must be greater than 0",
        ),
        ({"Target": ARN.format("sqs", "q.fifo")}, "MessageGroupId is required"),
        ({"Target": ARN.format("sns", "t.fifo")}, "FIFO topics are not supported"),
        (
            {"TargetParameters": {"CloudWatchLogsParameters": {"LogStreamName": "s"}}},
            "TargetParameters has CloudWatchLogsParameters",
        ),
        ({"Source": STREAM}, "StartingPosition is required"),
        (
            {
                "Source": ARN.format("sqs", "q.fifo"),
                "SourceParameters": {"SqsQueueParameters": {"MaximumBatchingWindowInSeconds": 1}},
            },
            "not supported for FIFO",
        ),
        ({"Tags": {str(number): "x" for number in range(51)}}, "less than or equal to 50"),
    ],
)
def test_what_is_refused(pipes: Pipes, params: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said) as caught:
        pipes.create("refused", **params)
    assert error_of(caught) == ("ValidationException", 400)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"Source": ARN.format("kinesis", "stream/s")}, "sources of kinesis"),
        ({"Source": "smk://broker:9092"}, "sources of smk://broker:9092"),
        ({"Target": ARN.format("states", "stateMachine:m")}, "targets of states"),
        ({"Enrichment": ARN.format("events", "api-destination/d/1")}, "enrichments of events"),
        ({"Enrichment": ARN.format("states", "stateMachine:m")}, "enrichments of states"),
        ({"LogConfiguration": {"Level": "TRACE"}}, "LogConfiguration"),
    ],
)
def test_what_there_is_not_is_named(pipes: Pipes, params: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said) as caught:
        pipes.create("refused", **params)
    assert error_of(caught) == ("NotImplemented", 501)


def test_names_and_tags_have_bounds(pipes: Pipes) -> None:
    with pytest.raises(ClientError, match="regular expression pattern") as caught:
        pipes.create("bad name")
    assert error_of(caught) == ("ValidationException", 400)
    arn = pipes.create("bounded", DesiredState="STOPPED", Tags={str(number): "x" for number in range(50)})["Arn"]
    pipes.settled("bounded")
    with pytest.raises(ClientError, match="at most 50 tags") as caught:
        pipes.client.tag_resource(resourceArn=arn, tags={"more": "x"})
    assert error_of(caught) == ("ValidationException", 400)
