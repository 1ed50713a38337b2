"""Mapping of parameters, and integrations of HTTP APIs with operations of AWS."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.services.apigatewayv2.mapping import Facts, value_of
from panregion.wire import AwsError
from panregion.world import Request, Response, serve
from tests.services.apigateway.lab import FUNCTION_ARN, FUNCTION_URI, json_of
from tests.services.apigatewayv2.lab import HttpLab

FACTS = Facts(
    Request("POST", "/p/7", "q=1&q=2&e=%20", [("X-A", "1"), ("x-a", "2")], b'{"a": {"b": [10, "x"]}, "n": null}'),
    "/p/7",
    {"id": "7"},
    {"requestId": "r", "identity": {"sourceIp": "1.2.3.4"}, "authorizer": {"claims": {"sub": "u"}}},
    {"v": "seven"},
    Response(201, [("X-R", "r1")], b'{"c": 1}'),
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("text", "text"),
        ("'text'", "'text'"),
        ("$request.header.x-A", "1,2"),
        ("$request.header.none", None),
        ("$request.querystring.q", "1,2"),
        ("$request.querystring.e", " "),
        ("$request.path", "/p/7"),
        ("$request.path.id", "7"),
        ("$request.body", '{"a": {"b": [10, "x"]}, "n": null}'),
        ("$request.body.a.b[0]", "10"),
        ("$request.body.a", '{"b":[10,"x"]}'),
        ("$request.body.n", None),
        ("$request.body.none.at.all", None),
        ("$response.header.x-r", "r1"),
        ("$response.body.c", "1"),
        ("$context.identity.sourceIp", "1.2.3.4"),
        ("$context.authorizer.claims.sub", "u"),
        ("$context.nothing", None),
        ("$stageVariables.v", "seven"),
        ("$5.00", "$5.00"),
        ("${request.path.id}-${context.requestId}", "7-r"),
        ("${context.nothing}", None),
        ("a${context.nothing}", "a"),
    ],
)
def test_sources(source: str, value: str | None) -> None:
    assert value_of(source, FACTS) == value


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[HttpLab]:
    lab = HttpLab(tmp_path)
    lab.functions[FUNCTION_ARN] = lambda event: event
    yield lab
    await lab.region.dispatch.close()


async def api_of(lab: HttpLab, route_key: str, **integration: Any) -> str:
    api = str((await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"])
    made = await lab.ask("CreateIntegration", ApiId=api, **integration)
    await lab.ask("CreateRoute", ApiId=api, RouteKey=route_key, Target=f"integrations/{made['IntegrationId']}")
    await lab.ask("CreateStage", ApiId=api, StageName="$default", AutoDeploy=True)
    return api


async def test_requests_and_responses_of_web_servers_are_mapped(lab: HttpLab) -> None:
    seen: list[Request] = []

    async def web(request: Request) -> Response:
        seen.append(request)
        return Response(418, [("X-Old", "o"), ("X-Gone", "g")], b'{"why": "tea"}')

    server = await serve(web, "127.0.0.1", 0)
    api = await api_of(
        lab,
        "ANY /in/{id}",
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="ANY",
        IntegrationUri=f"http://127.0.0.1:{server.port}/out",
        PayloadFormatVersion="1.0",
        RequestParameters={
            "append:header.x-more": "$request.path.id",
            "overwrite:header.x-set": "$context.stage",
            "remove:header.x-bad": "''",
            "append:querystring.q": "2",
            "overwrite:querystring.r": "new",
            "remove:querystring.s": "''",
            "overwrite:path": "/out/${request.path.id}",
        },
        ResponseParameters={
            "418": {
                "overwrite:statuscode": "503",
                "append:header.x-why": "$response.body.why",
                "overwrite:header.x-old": "new",
                "remove:header.x-gone": "''",
            }
        },
    )
    answer = await lab.get(api, "/in/7?q=1&r=old&s=1", headers=[("x-more", "0"), ("x-set", "a"), ("X-Bad", "b")])
    (request,) = seen
    assert (request.path, request.query) == ("/out/7", "q=1&q=2&r=new")
    assert [request.header(name) for name in ("x-more", "x-set", "x-bad")] == ["0,7", "$default", None]
    told = {name.lower(): value for name, value in answer.headers}
    assert (answer.status, told["x-why"], told["x-old"], "x-gone" in told) == (503, "tea", "new", False)
    await server.close()


async def test_a_functions_request_is_mapped_too(lab: HttpLab) -> None:
    given = {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION_URI, "PayloadFormatVersion": "2.0"}
    api = await api_of(
        lab, "GET /", **given, RequestParameters={"overwrite:header.x-who": "$context.identity.sourceIp"}
    )
    assert json_of(await lab.get(api, "/"))["headers"]["x-who"] == "127.0.0.1"


async def direct(lab: HttpLab, subtype: str, **parameters: str) -> str:
    given = {"IntegrationType": "AWS_PROXY", "IntegrationSubtype": subtype, "PayloadFormatVersion": "1.0"}
    return await api_of(lab, "POST /", **given, RequestParameters=parameters)


async def test_a_message_goes_to_a_queue_and_out_of_it(lab: HttpLab) -> None:
    url = (await lab.here.request("sqs", "CreateQueue", {"QueueName": "q"}))["QueueUrl"]
    attributes = '{"kind": {"DataType": "String", "StringValue": "${request.header.kind}"}}'
    send = await direct(
        lab,
        "SQS-SendMessage",
        QueueUrl=url,
        MessageBody="$request.body.text",
        MessageAttributes=attributes,
        DelaySeconds="0",
    )
    answer = await lab.get(send, "/", "POST", body=b'{"text": "hi"}', headers=[("kind", "k")])
    assert isinstance(answer.body, bytes)
    assert (answer.status, b"<MessageId>" in answer.body) == (200, True)
    asked = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
    (message,) = (await lab.here.request("sqs", "ReceiveMessage", asked))["Messages"]
    assert (message["Body"], message["MessageAttributes"]["kind"]["StringValue"]) == ("hi", "k")
    delete = await direct(lab, "SQS-DeleteMessage", QueueUrl=url, ReceiptHandle="$request.body.handle")
    body = msgspec.json.encode({"handle": message["ReceiptHandle"]})
    assert (await lab.get(delete, "/", "POST", body=body)).status == 200
    receive = await direct(lab, "SQS-ReceiveMessage", QueueUrl=url, MaxNumberOfMessages="10", WaitTimeSeconds="0")
    answer = await lab.get(receive, "/", "POST")
    assert isinstance(answer.body, bytes)
    assert (answer.status, b"<Message>" in answer.body) == (200, False)
    purge = await direct(lab, "SQS-PurgeQueue", QueueUrl=url)
    assert (await lab.get(purge, "/", "POST")).status == 200


async def test_the_services_errors_go_to_the_client(lab: HttpLab) -> None:
    url = "http://sqs.us-east-1.amazonaws.com/000000000000/none"
    api = await direct(lab, "SQS-SendMessage", QueueUrl=url, MessageBody="$request.body.text")
    for body in (b'{"text": "hi"}', b"{}"):  # no such queue; no such parameter
        answer = await lab.get(api, "/", "POST", body=body)
        assert isinstance(answer.body, bytes)
        assert (answer.status, b"<ErrorResponse" in answer.body) == (400, True)
    late = await direct(lab, "SQS-SendMessage", QueueUrl=url, MessageBody="m", DelaySeconds="$request.body.s")
    assert (await lab.get(late, "/", "POST", body=b'{"s": "soon"}')).status == 400


async def test_an_event_goes_to_a_bus_of_any_region(lab: HttpLab) -> None:
    seen: list[dict[str, Any]] = []

    async def put(params: dict[str, Any]) -> dict[str, Any]:
        seen.append(params)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}

    lab.services["events", "PutEvents"] = put
    given = {"Source": "app", "DetailType": "$request.header.kind", "Detail": "$request.body", "Resources": '["a"]'}
    api = await direct(lab, "EventBridge-PutEvents", **given, Time="$request.header.time", Region="eu-west-1")
    headers = [("kind", "k"), ("time", "2015-04-09T12:00:00Z")]
    answer = await lab.get(api, "/", "POST", body=b'{"a": 1}', headers=headers)
    assert json_of(answer) == {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}
    (entry,) = seen[0]["Entries"]
    assert seen[0]["_region"] == "eu-west-1"
    assert entry["Time"].isoformat() == "2015-04-09T12:00:00+00:00"
    assert (entry["Detail"], entry["DetailType"], entry["Resources"]) == ('{"a": 1}', "k", ["a"])
    assert (await lab.get(api, "/", "POST", body=b"{}", headers=[("kind", "k"), ("time", "noon")])).status == 400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"IntegrationSubtype": "StepFunctions-StartExecution"}, "StepFunctions-StartExecution is not supported"),
        ({"IntegrationSubtype": "Kinesis-PutRecord"}, "Kinesis-PutRecord is not supported"),
        ({"IntegrationSubtype": "SQS-Dance"}, "SQS-Dance is not valid"),
        ({"IntegrationType": "HTTP_PROXY"}, "is not valid"),
        ({"PayloadFormatVersion": "2.0"}, "PayloadFormatVersion must be 1.0"),
        ({"IntegrationUri": "u"}, "IntegrationUri is not supported"),
        ({"RequestParameters": {"QueueUrl": "u"}}, "missing for SQS-SendMessage: MessageBody"),
        ({"RequestParameters": {"QueueUrl": "u", "MessageBody": "m", "Color": "c"}}, "Unknown parameters"),
        ({"RequestTemplates": {"a": "b"}}, "RequestTemplates is not currently supported"),
        ({"ResponseParameters": {"999": {}}}, "Invalid status code"),
        ({"ResponseParameters": {"200": {"set:header.x": "1"}}}, "Invalid mapping expression"),
        ({"ResponseParameters": {"200": {"overwrite:header.X-Amz-Id": "1"}}}, "is reserved"),
    ],
)
async def test_what_cannot_be_a_direct_integration(lab: HttpLab, changes: dict[str, Any], said: str) -> None:
    api = (await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
    given: dict[str, Any] = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationSubtype": "SQS-SendMessage",
        "PayloadFormatVersion": "1.0",
        "RequestParameters": {"QueueUrl": "u", "MessageBody": "m"},
    }
    with pytest.raises(AwsError, match=said):
        await lab.ask("CreateIntegration", ApiId=api, **{**given, **changes})


@pytest.mark.parametrize("target", ["header.x", "append:path", "overwrite:body.x", "append:header.Authorization"])
async def test_what_cannot_be_mapped(lab: HttpLab, target: str) -> None:
    api = (await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
    given = {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET", "IntegrationUri": "http://a.example"}
    with pytest.raises(AwsError, match="Invalid mapping expression"):
        await lab.ask("CreateIntegration", ApiId=api, **given, RequestParameters={target: "1"})
