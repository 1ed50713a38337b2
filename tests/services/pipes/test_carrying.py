"""What goes through a pipe: from queues and streams, by way of a function, to every kind of target."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.functions import Outcome
from tests.services.lambda_.lab import FAILED, laboratory
from tests.services.lambda_.sources.test_readers import Sources
from tests.services.sns.lab import Web

ROLE = "arn:aws:iam::000000000000:role/pipe"
ARN = "arn:aws:{}:us-east-1:000000000000:{}"
FUNCTION = ARN.format("lambda", "function:f")
ENRICHER = ARN.format("lambda", "function:enricher")
IN = ARN.format("sqs", "orders")


def answer(value: Any) -> Outcome:
    return Outcome(payload=json.dumps(value).encode())


class Pipes(Sources):
    """The laboratory with a pipe."""

    async def pipe(self, source: str, target: str, **params: Any) -> None:
        given = {"Name": "p", "RoleArn": ROLE, "Source": source, "Target": target, **params}
        await self.region.ask("pipes", "CreatePipe", given)
        await self.pass_s(1)
        assert (await self.region.ask("pipes", "DescribePipe", {"Name": "p"}))["CurrentState"] == "RUNNING"

    async def out(self, **attributes: str) -> str:
        params = {"QueueName": "out.fifo" if attributes else "out", "Attributes": attributes}
        await self.region.ask("sqs", "CreateQueue", params)
        return ARN.format("sqs", params["QueueName"])

    async def arrived(self, arn: str) -> list[dict[str, Any]]:
        url = f"{self.region.here.settings.endpoint('us-east-1')}/000000000000/{arn.rpartition(':')[2]}"
        params = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"]}
        found: list[dict[str, Any]] = []
        while page := (await self.region.ask("sqs", "ReceiveMessage", params)).get("Messages"):
            found += page
        return found

    async def bodies(self, arn: str) -> list[Any]:
        return [json.loads(message["Body"]) for message in await self.arrived(arn)]

    async def left(self, url: str) -> int:
        asked = {"QueueUrl": url, "AttributeNames": ["All"]}
        found = (await self.region.ask("sqs", "GetQueueAttributes", asked))["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def payloads(self) -> list[Any]:
        return [payload for _, _, payload in self.functions.calls]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Pipes]:
    async with laboratory(tmp_path) as lab:
        yield Pipes(lab.region, lab.clock, lab.functions)


async def test_a_function_gets_an_array_of_records(lab: Pipes) -> None:
    url = await lab.queue()
    await lab.pipe(IN, FUNCTION)
    await lab.say(url, "a")
    await lab.pass_s(2)
    [[record]] = lab.payloads()
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == ("a", "aws:sqs", IN)
    assert await lab.left(url) == 0


async def test_a_template_is_filled_for_each_record(lab: Pipes) -> None:
    url = await lab.queue()
    await lab.say(url, '{"n": 1}', '{"n": 2}')
    await lab.pipe(IN, FUNCTION, TargetParameters={"InputTemplate": '{"got": <$.body.n>}'})
    await lab.pass_s(2)
    assert sorted(each["got"] for call in lab.payloads() for each in call) == [1, 2]


async def test_a_function_may_be_left_to_itself(lab: Pipes) -> None:
    url = await lab.queue()
    parameters = {"LambdaFunctionParameters": {"InvocationType": "FIRE_AND_FORGET"}}
    await lab.pipe(IN, FUNCTION, TargetParameters=parameters)
    lab.functions.answers = [FAILED]
    await lab.say(url, "a")
    await lab.pass_s(3)
    assert await lab.left(url) == 0
    await lab.pass_s(70)
    assert [call[0]["body"] for call in lab.payloads()] == ["a", "a"], "an asynchronous invocation is Lambda's to retry"


async def test_what_a_function_fails_at_stays_on_the_queue(lab: Pipes) -> None:
    url = await lab.queue(VisibilityTimeout="10")
    await lab.pipe(IN, FUNCTION)
    lab.functions.answers = [FAILED]
    await lab.say(url, "a")
    await lab.pass_s(5)
    assert await lab.left(url) == 1
    await lab.pass_s(10)
    assert len(lab.functions.calls) == 2
    assert await lab.left(url) == 0


async def test_of_a_batch_only_what_failed_stays(lab: Pipes) -> None:
    url = await lab.queue(VisibilityTimeout="10")
    await lab.say(url, "a", "b")
    received = await lab.region.ask("sqs", "ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10})
    ids = {message["Body"]: message["MessageId"] for message in received["Messages"]}
    failures = answer({"batchItemFailures": [{"itemIdentifier": ids["b"]}]})
    lab.functions.answers = [failures, answer({}), answer({})]
    await lab.pipe(IN, FUNCTION)
    await lab.pass_s(11)
    assert [sorted(each["body"] for each in call) for call in lab.payloads()] == [["a", "b"]]
    assert await lab.left(url) == 1


async def test_an_enrichment_makes_something_else_of_a_batch(lab: Pipes) -> None:
    url, out = await lab.queue(), await lab.out()
    await lab.deploy("enricher")
    await lab.say(url, '{"n": 1}')
    lab.functions.answers = [answer([{"n": 1, "half": "a"}, {"n": 1, "half": "b"}])]
    await lab.pipe(
        IN,
        out,
        Enrichment=ENRICHER,
        EnrichmentParameters={"InputTemplate": "<$.body>"},
        TargetParameters={"InputTemplate": '"<$.half> by <aws.pipes.pipe-name>"'},
    )
    await lab.pass_s(2)
    assert lab.payloads() == [[{"n": 1}]]
    assert sorted(await lab.bodies(out)) == ["a by p", "b by p"]


@pytest.mark.parametrize("nothing", ["", {}, [], None])
async def test_an_enrichment_may_keep_a_batch_from_the_target(lab: Pipes, nothing: Any) -> None:
    url, out = await lab.queue(), await lab.out()
    await lab.deploy("enricher")
    await lab.say(url, "a")
    lab.functions.answers = [answer(nothing)]
    await lab.pipe(IN, out, Enrichment=ENRICHER)
    await lab.pass_s(2)
    assert await lab.bodies(out) == []
    assert await lab.left(url) == 0


async def test_a_template_that_gives_no_json_is_a_failure(lab: Pipes) -> None:
    url = await lab.queue()
    await lab.pipe(IN, FUNCTION, TargetParameters={"InputTemplate": "Hello <$.body>"})
    await lab.say(url, "a")
    await lab.pass_s(2)
    assert lab.payloads() == []
    assert await lab.left(url) == 1


async def test_a_fifo_queue_gets_its_group_out_of_the_record(lab: Pipes) -> None:
    url, out = await lab.queue(), await lab.out(FifoQueue="true")
    parameters = {"MessageGroupId": "$.body.customer", "MessageDeduplicationId": "$.messageId"}
    await lab.pipe(IN, out, TargetParameters={"SqsQueueParameters": parameters})
    await lab.say(url, '{"customer": "ann"}')
    await lab.pass_s(2)
    [message] = await lab.arrived(out)
    assert message["Attributes"]["MessageGroupId"] == "ann"
    assert message["Attributes"]["MessageDeduplicationId"] == json.loads(message["Body"])["messageId"]


async def test_a_topic(lab: Pipes) -> None:
    url, out = await lab.queue(), await lab.out()
    topic = (await lab.region.ask("sns", "CreateTopic", {"Name": "t"}))["TopicArn"]
    subscription = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": out, "Attributes": {"RawMessageDelivery": "true"}}
    await lab.region.ask("sns", "Subscribe", subscription)
    await lab.pipe(IN, topic, TargetParameters={"InputTemplate": "<$.body>"})
    await lab.say(url, '{"n": 1}')
    await lab.pass_s(2)
    assert await lab.bodies(out) == [{"n": 1}]


async def test_a_bus(lab: Pipes) -> None:
    url, out = await lab.queue(), await lab.out()
    pattern = json.dumps({"source": ["Pipe p"], "detail-type": ["Order of ann"]})
    await lab.region.ask("events", "PutRule", {"Name": "r", "EventPattern": pattern})
    await lab.region.ask("events", "PutTargets", {"Rule": "r", "Targets": [{"Id": "q", "Arn": out}]})
    bus = {"DetailType": "$.body.kind", "Resources": ["$.messageId", IN], "Time": "$.attributes.SentTimestamp"}
    await lab.pipe(
        IN,
        ARN.format("events", "event-bus/default"),
        TargetParameters={"InputTemplate": '{"n": <$.body.n>}', "EventBridgeEventBusParameters": bus},
    )
    await lab.say(url, '{"n": 1, "kind": "Order of ann"}')
    await lab.pass_s(2)
    [event] = await lab.bodies(out)
    assert (event["detail"], event["resources"][1]) == ({"n": 1}, IN)


async def test_a_log_group(lab: Pipes) -> None:
    url = await lab.queue()
    await lab.region.ask("logs", "CreateLogGroup", {"logGroupName": "/pipes"})
    parameters = {"LogStreamName": "$.body.stream", "Timestamp": "$.attributes.SentTimestamp"}
    await lab.pipe(
        IN,
        ARN.format("logs", "log-group:/pipes"),
        TargetParameters={"InputTemplate": '"n is <$.body.n>"', "CloudWatchLogsParameters": parameters},
    )
    await lab.say(url, '{"n": 1, "stream": "s"}')
    await lab.pass_s(2)
    asked = {"logGroupName": "/pipes", "logStreamName": "s"}
    events = (await lab.region.ask("logs", "GetLogEvents", asked))["events"]
    assert [event["message"] for event in events] == ['"n is 1"']


async def test_an_api_destination_takes_one_after_the_other(lab: Pipes) -> None:
    url, web = await lab.queue(VisibilityTimeout="10"), Web([500])
    lab.region.dispatch._clients["web"] = web  # type: ignore[assignment]
    auth = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}
    given = {"Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": auth}
    connection = (await lab.region.ask("events", "CreateConnection", given))["ConnectionArn"]
    endpoint = {"HttpMethod": "POST", "InvocationEndpoint": "https://listener.example/*", "ConnectionArn": connection}
    arn = (await lab.region.ask("events", "CreateApiDestination", {"Name": "d", **endpoint}))["ApiDestinationArn"]
    parameters = {"PathParameterValues": ["$.body.n"], "QueryStringParameters": {"q": "1"}}
    template = {"InputTemplate": '{"number": <$.body.n>}', "HttpParameters": parameters}
    await lab.pipe(IN, arn, TargetParameters=template)
    await lab.say(url, '{"n": 1}')
    await lab.pass_s(3)
    assert await lab.left(url) == 1, "what was answered with 500 stays on the queue"
    await lab.pass_s(10)
    (_, _, _), (target, headers, body) = web.requests
    assert (target, headers["X-Key"], json.loads(body)) == ("https://listener.example/1?q=1", "secret", {"number": 1})
    assert await lab.left(url) == 0


async def test_a_rest_api(lab: Pipes) -> None:
    url, web = await lab.queue(), Web()
    lab.region.dispatch._clients["us-east-1"] = web  # type: ignore[assignment]
    await lab.pipe(IN, ARN.format("execute-api", "abc123/prod/POST/orders"), TargetParameters={"InputTemplate": "{}"})
    await lab.say(url, "a")
    await lab.pass_s(2)
    [(target, headers, body)] = web.requests
    assert (target.partition("/prod")[1:], body) == (("/prod", "/orders"), "{}")
    assert headers["Host"] == "abc123.execute-api.us-east-1.amazonaws.com"


STREAM = {"DynamoDBStreamParameters": {"StartingPosition": "TRIM_HORIZON"}}


async def test_a_stream_in_order_with_a_filter(lab: Pipes) -> None:
    arn = await lab.table()
    await lab.put("a", "b", "c")
    criteria = {"Filters": [{"Pattern": '{"dynamodb": {"Keys": {"id": {"S": [{"anything-but": "b"}]}}}}'}]}
    await lab.pipe(arn, FUNCTION, SourceParameters={**STREAM, "FilterCriteria": criteria})
    await lab.pass_s(3)
    await lab.put("d")
    await lab.pass_s(3)
    keys = [record["dynamodb"]["Keys"]["id"]["S"] for call in lab.payloads() for record in call]
    assert keys == ["a", "c", "d"]
    assert lab.payloads()[0][0]["eventSourceARN"] == arn


async def test_a_stream_to_a_queue_takes_batches_that_the_queue_takes(lab: Pipes) -> None:
    arn, out = await lab.table(), await lab.out()
    await lab.put(*"abcdefghijkl")
    parameters = {"InputTemplate": "<$.dynamodb.Keys.id.S>"}
    await lab.pipe(arn, out, SourceParameters=STREAM, TargetParameters=parameters)
    await lab.pass_s(3)
    assert sorted(await lab.bodies(out)) == list("abcdefghijkl")


async def test_a_record_that_always_fails_is_found_by_halving_and_told(lab: Pipes) -> None:
    arn, letters = await lab.table(), await lab.out()
    await lab.put("a", "b")
    lab.functions.answers = [FAILED, FAILED, FAILED, Outcome(payload=b"null")]
    settings = {
        **STREAM["DynamoDBStreamParameters"],
        "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
        "MaximumRetryAttempts": 1,
        "DeadLetterConfig": {"Arn": letters},
    }
    await lab.pipe(arn, FUNCTION, SourceParameters={"DynamoDBStreamParameters": settings})
    await lab.pass_s(20)
    keys = [[record["dynamodb"]["Keys"]["id"]["S"] for record in call] for call in lab.payloads()]
    assert keys == [["a", "b"], ["a"], ["a"], ["b"]]
    [told] = await lab.bodies(letters)
    pipe = ARN.format("pipes", "pipe/p")
    assert told["context"] == {"partnerResourceArn": pipe, "condition": "RetryAttemptsExhausted"}
    assert (told["DDBStreamBatchInfo"]["batchSize"], told["DDBStreamBatchInfo"]["streamArn"]) == (1, arn)


async def test_a_stopped_pipe_goes_on_where_it_was(lab: Pipes) -> None:
    arn = await lab.table()
    await lab.pipe(arn, FUNCTION, SourceParameters={"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}})
    await lab.put("a")
    await lab.pass_s(3)
    await lab.region.ask("pipes", "StopPipe", {"Name": "p"})
    await lab.pass_s(2)
    await lab.put("b")
    await lab.pass_s(5)
    assert len(lab.functions.calls) == 1
    await lab.region.ask("pipes", "StartPipe", {"Name": "p"})
    await lab.pass_s(5)
    keys = [record["dynamodb"]["Keys"]["id"]["S"] for call in lab.payloads() for record in call]
    assert keys == ["a", "b"]
