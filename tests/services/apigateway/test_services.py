"""REST APIs in front of real services of the region: by action and by path, in JSON and as forms."""

import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import REGION, ServedRegion

QUEUES = itertools.count()
"""Queues that were deleted keep their names for a minute."""

FORM = {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}


class Front:
    """An API whose methods are integrations with services, deployed anew with each."""

    def __init__(self, served: ServedRegion) -> None:
        self.served = served
        self.client = served.client("apigateway")
        self.api = self.client.create_rest_api(name="front")["id"]
        (root,) = self.client.get_resources(restApiId=self.api)["items"]
        self._root = root["id"]
        self._count = 0

    def leads(self, service: str, template: str | None, *, verb: str = "POST", **given: Any) -> str:
        """The path of a new POST method that leads to a service."""
        self._count += 1
        path = f"m{self._count}"
        made = self.client.create_resource(restApiId=self.api, parentId=self._root, pathPart=path)
        key = {"restApiId": self.api, "resourceId": made["id"], "httpMethod": "POST"}
        parameters = {"method.request.querystring.text": False, "method.request.header.kind": False}
        self.client.put_method(**key, authorizationType="NONE", requestParameters=parameters)
        self.client.put_integration(
            **key,
            type="AWS",
            integrationHttpMethod=verb,
            uri=f"arn:aws:apigateway:{REGION}:{service}",
            credentials="arn:aws:iam::000000000000:role/front",
            requestTemplates={} if template is None else {"application/json": template},
            **given,
        )
        for status, pattern in (("200", None), ("400", "4\\d{2}")):
            self.client.put_method_response(**key, statusCode=status)
            selection = {} if pattern is None else {"selectionPattern": pattern}
            self.client.put_integration_response(**key, statusCode=status, **selection)
        self.client.create_deployment(restApiId=self.api, stageName="s")
        return path

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        url = f"{self.served.endpoint}/restapis/{self.api}/s/_user_request_/{path}"
        request = urllib.request.Request(
            url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")


@pytest.fixture
def front(served: ServedRegion) -> Iterator[Front]:
    front = Front(served)
    yield front
    front.client.delete_rest_api(restApiId=front.api)


def messages(served: ServedRegion, url: str) -> list[str]:
    found = served.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
    return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture
def queue(served: ServedRegion) -> Iterator[str]:
    client = served.client("sqs")
    url = client.create_queue(QueueName=f"behind-the-front-{next(QUEUES)}")["QueueUrl"]
    yield url
    client.delete_queue(QueueUrl=url)


def test_dynamodb(served: ServedRegion, front: Front) -> None:
    table = "behind-the-front"
    client = served.client("dynamodb")
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=table)
    put = '{"TableName": "%s", "Item": {"id": {"S": $input.json(\'$.id\')}, "n": {"N": "$input.path(\'$.n\')"}}}'
    put = put.replace("%s", table)
    path = front.leads("dynamodb:action/PutItem", put)
    assert front.post(path, {"id": "a", "n": 7}) == (200, {})
    get = '{"TableName": "%s", "Key": {"id": {"S": $input.json(\'$.id\')}}}'.replace("%s", table)
    path = front.leads("dynamodb:action/GetItem", get)
    assert front.post(path, {"id": "a"}) == (200, {"Item": {"id": {"S": "a"}, "n": {"N": "7"}}})
    path = front.leads("dynamodb:action/GetItem", '{"TableName": "none", "Key": {"id": {"S": "a"}}}')
    status, body = front.post(path, {})
    assert (status, body["__type"].rpartition("#")[2]) == (400, "ResourceNotFoundException")
    client.delete_table(TableName=table)


@pytest.mark.parametrize(
    ("uri", "template", "given"),
    [
        (
            "sqs:path/000000000000/QUEUE",
            "Action=SendMessage&MessageBody=$util.urlEncode($input.path('$.text'))",
            {"requestParameters": FORM},
        ),
        (
            "sqs:action/SendMessage",
            '{"QueueUrl": "%s", "MessageBody": $input.json(\'$.text\')}',
            {"requestParameters": {"integration.request.header.Content-Type": "'application/x-amz-json-1.0'"}},
        ),
        (
            "sqs:path/000000000000/QUEUE",
            None,
            {
                "requestParameters": {
                    "integration.request.querystring.Action": "'SendMessage'",
                    "integration.request.querystring.MessageBody": "method.request.body.text",
                },
                "verb": "GET",
            },
        ),
    ],
)
def test_sqs(served: ServedRegion, front: Front, queue: str, uri: str, template: str | None, given: Any) -> None:
    text = template and template.replace("%s", queue)
    path = front.leads(uri.replace("QUEUE", queue.rpartition("/")[2]), text, **given)
    status, body = front.post(path, {"text": "two words & more"})
    assert (status, "MessageId" in json.dumps(body)) == (200, True), body
    assert messages(served, queue) == ["two words & more"]


@pytest.mark.parametrize(
    ("uri", "template", "given"),
    [
        (
            "sns:path//",
            "Action=Publish&TopicArn=$util.urlEncode('%s')&Message=$util.urlEncode($input.path('$.text'))",
            {"requestParameters": FORM},
        ),
        (
            "sns:action/Publish",
            None,
            {
                "requestParameters": {
                    "integration.request.querystring.TopicArn": "'%s'",
                    "integration.request.querystring.Message": "method.request.body.text",
                }
            },
        ),
    ],
)
def test_sns(served: ServedRegion, front: Front, queue: str, uri: str, template: str | None, given: Any) -> None:
    client = served.client("sns")
    topic = client.create_topic(Name="behind-the-front")["TopicArn"]
    arn = f"arn:aws:sqs:{REGION}:000000000000:{queue.rpartition('/')[2]}"
    client.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    told = json.loads(json.dumps(given).replace("%s", topic))
    path = front.leads(uri, template and template.replace("%s", topic), **told)
    status, body = front.post(path, {"text": "hello & all"})
    assert (status, list(body)) == (200, ["PublishResponse"]), body
    assert messages(served, queue) == ["hello & all"]
    client.delete_topic(TopicArn=topic)


def test_eventbridge(served: ServedRegion, front: Front, queue: str) -> None:
    client = served.client("events")
    client.put_rule(Name="behind-the-front", EventPattern='{"source": ["front"]}')
    arn = f"arn:aws:sqs:{REGION}:000000000000:{queue.rpartition('/')[2]}"
    client.put_targets(Rule="behind-the-front", Targets=[{"Id": "q", "Arn": arn, "InputPath": "$.detail"}])
    template = (
        "#set($context.requestOverride.header.X-Amz-Target = 'AWSEvents.PutEvents')"
        "#set($context.requestOverride.header.Content-Type = 'application/x-amz-json-1.1')"
        '{"Entries": [{"Source": "front", "DetailType": "t", "Detail": "$util.escapeJavaScript($input.json(\'$\'))"}]}'
    )
    for uri in ("events:action/PutEvents", "events:path//"):
        path = front.leads(uri, template)
        status, body = front.post(path, {"a": 1})
        assert (status, body["FailedEntryCount"]) == (200, 0), body
        assert [json.loads(message) for message in messages(served, queue)] == [{"a": 1}]
    client.remove_targets(Rule="behind-the-front", Ids=["q"])
    client.delete_rule(Name="behind-the-front")


def test_a_service_that_is_not_here_says_so(front: Front) -> None:
    path = front.leads("kinesis:action/PutRecord", '{"StreamName": "s", "Data": "YQ==", "PartitionKey": "p"}')
    status, body = front.post(path, {})
    assert status == 200, "501 is no 4xx: the response without a pattern takes it"
    assert "does not have the service kinesis" in json.dumps(body)
