"""A service outside every region: functions reach it by name, over the link, and it can be lost like anything else."""

import json
import sys
import time
from typing import Any

import pytest

from panregion.testing import World

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.world(
        regions=["us-east-1"],
        stacks=["bank/template.yaml"],
        scale=1.0,
        outside={"payments.bank.test": {"place": "zurich", "command": [sys.executable, "bank/provider.py"]}},
    ),
]


def ask(world: World, url: str) -> dict[str, Any]:
    answer = world.region("us-east-1").client("lambda").invoke(FunctionName="asks", Payload=json.dumps({"url": url}))
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    return said


def test_a_function_reaches_it_over_the_link(world: World) -> None:
    plain = ask(world, "http://payments.bank.test/charges?of=1")
    assert plain["said"] == "ThreadingHTTPServer payments.bank.test /charges?of=1"
    assert plain["took_ms"] > 80  # Virginia to Zurich and back
    assert ask(world, "https://payments.bank.test/")["said"] == "Secure payments.bank.test /"


def test_users_in_cities_reach_it(world: World) -> None:
    assert world.user("london").get("https://payments.bank.test/x").text == "Secure payments.bank.test /x"


def test_other_names_lead_nowhere(world: World) -> None:
    assert ask(world, "http://payments.example.com/")["said"].startswith("502 payments.example.com cannot be resolved")


def test_services_reach_it_as_functions_do(world: World) -> None:
    region = world.region("us-east-1")
    gateway, topics, queues = (region.client(name) for name in ("apigatewayv2", "sns", "sqs"))
    api = gateway.create_api(
        Name="p", ProtocolType="HTTP", Target="https://payments.bank.test/by-api", RouteKey="GET /"
    )
    assert world.user("london").get(api["ApiEndpoint"]).text == "Secure payments.bank.test /by-api"

    queue = queues.create_queue(QueueName="dead")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events = region.client("events")
    auth = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}
    connection = events.create_connection(Name="c", AuthorizationType="API_KEY", AuthParameters=auth)["ConnectionArn"]
    given = {"ConnectionArn": connection, "HttpMethod": "POST"}
    for name, url in {"posts": "https://payments.bank.test/refused", "nobody": "http://nobody.test/"}.items():
        made = events.create_api_destination(Name=name, InvocationEndpoint=url, **given)
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
        target = {"Id": "t", "Arn": made["ApiDestinationArn"], "RoleArn": "arn:aws:iam::000000000000:role/r"}
        again = {"DeadLetterConfig": {"Arn": arn}, "RetryPolicy": {"MaximumRetryAttempts": 0}}
        assert not events.put_targets(Rule=name, Targets=[target | again])["FailedEntryCount"]
    assert "posts answered 403" in _buried(world, queue, "posts")
    assert "nobody.test cannot be resolved from us-east-1" in _buried(world, queue, "nobody")

    topic = topics.create_topic(Name="t")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://payments.bank.test/topic")
    deadline = time.monotonic() + 20
    while "/topic SubscriptionConfirmation" not in ask(world, "http://payments.bank.test/posted")["said"]:
        assert time.monotonic() < deadline


def _buried(world: World, queue: str, source: str) -> str:
    """The reason why an event ended on the dead-letter queue."""
    region = world.region("us-east-1")
    entry = {"Source": source, "DetailType": "d", "Detail": "{}"}
    assert not region.client("events").put_events(Entries=[entry])["FailedEntryCount"]
    ask_queue = {"QueueUrl": queue, "WaitTimeSeconds": 20, "MessageAttributeNames": ["All"]}
    (message,) = region.client("sqs").receive_message(**ask_queue)["Messages"]
    region.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert json.loads(message["Body"])["source"] == source
    reason: str = message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    return reason


def test_it_is_lost_and_comes_back(world: World) -> None:
    with world.link("us-east-1", "zurich").cut():
        assert "timed out" in ask(world, "http://payments.bank.test/")["said"]
    with world.fault({"kind": "region-kill", "region": "payments.bank.test"}):
        assert "502" in ask(world, "http://payments.bank.test/")["said"]
    assert ask(world, "http://payments.bank.test/")["said"] == "ThreadingHTTPServer payments.bank.test /"
