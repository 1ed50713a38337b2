"""Answers as streams, as customers see them: boto3's event stream, function URLs over HTTP, real workers."""

import base64
import http.client
import io
import json
import shutil
import zipfile
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.services.lambda_.conftest import ROLE, Deploy
from tests.support import ServedRegion

NODE: dict[str, Any] = {"Runtime": "nodejs20.x", "Timeout": 10}
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="this machine has no node")

BOOTSTRAP = """#!/usr/bin/env python3
import base64, http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", base + "next")
    asked = api.getresponse()
    event = json.loads(asked.read())
    api.putrequest("POST", base + asked.headers["Lambda-Runtime-Aws-Request-Id"] + "/response")
    api.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    api.putheader("Transfer-Encoding", "chunked")
    api.putheader("Content-Type", "text/x-own")
    api.putheader("Trailer", "Lambda-Runtime-Function-Error-Type")
    api.endheaders()
    for piece in event["pieces"]:
        api.send(b"%x\\r\\n%s\\r\\n" % (len(piece), piece.encode()))
    if event.get("fail"):
        body = base64.b64encode(b'{"errorType":"Own","errorMessage":"midway"}').decode()
        trailers = "Lambda-Runtime-Function-Error-Type: Own\\r\\nLambda-Runtime-Function-Error-Body: " + body + "\\r\\n"
        api.send(b"0\\r\\n" + trailers.encode() + b"\\r\\n")
    else:
        api.send(b"0\\r\\n\\r\\n")
    api.getresponse().read()
"""


def node(source: str) -> dict[str, str | bytes]:
    return {"app.mjs": source}


def streamed(client: Any, name: str, payload: Any = None, **params: Any) -> tuple[bytes, int, dict[str, Any]]:
    """The whole payload, in how many pieces it came, and what completed it."""
    answer = client.invoke_with_response_stream(FunctionName=name, Payload=json.dumps(payload).encode(), **params)
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    with closing(answer["EventStream"]) as stream:
        events = list(stream)
    pieces = [event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event]
    return b"".join(pieces), len(pieces), events[-1]["InvokeComplete"]


@pytest.fixture
def bootstrapped(client: Any, request: pytest.FixtureRequest) -> Any:
    """A function of a runtime of its own that answers in pieces."""
    name = request.node.originalname[-60:]
    code = {"ZipFile": executable({"bootstrap": BOOTSTRAP})}
    client.create_function(
        FunctionName=name, Runtime="provided.al2023", Role=ROLE, Handler="x.y", Code=code, Timeout=10
    )
    yield name
    client.delete_function(FunctionName=name)


def executable(files: dict[str, str]) -> bytes:
    """A zip whose files may be run."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, text)
    return content.getvalue()


@needs_node
def test_a_streaming_handler_is_heard_piece_by_piece(client: Any, deploy: Deploy) -> None:
    source = """
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  for (const piece of event) {
    stream.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  stream.end(context.functionName);
});
"""
    name = deploy(node(source), **NODE)
    payload, count, complete = streamed(client, name, ["one,", "two,"], LogType="Tail")
    assert payload == f"one,two,{name}".encode()
    assert count == 3
    assert "ErrorCode" not in complete
    assert "REPORT RequestId" in base64.b64decode(complete["LogResult"]).decode()
    again, _, _ = streamed(client, name, ["x"])
    assert again == f"x{name}".encode()


@needs_node
def test_the_first_piece_comes_before_the_last_is_written(client: Any, deploy: Deploy, tmp_path: Any) -> None:
    source = """
import fs from "node:fs";
export const handler = awslambda.streamifyResponse(async (gate, stream) => {
  stream.write("first");
  while (!fs.existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 2));
  stream.end("last");
});
"""
    gate = tmp_path / "gate"
    answer = client.invoke_with_response_stream(
        FunctionName=deploy(node(source), **NODE), Payload=json.dumps(str(gate)).encode()
    )
    events = iter(answer["EventStream"])
    assert next(events)["PayloadChunk"]["Payload"] == b"first"
    gate.touch()
    assert next(events)["PayloadChunk"]["Payload"] == b"last"
    assert next(events) == {"InvokeComplete": {}}
    answer["EventStream"].close()


@needs_node
def test_a_failure_before_and_amid_the_answer(client: Any, deploy: Deploy) -> None:
    source = """
export const handler = awslambda.streamifyResponse(async (midway, stream) => {
  if (midway) stream.write("some");
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw new TypeError("no");
});
"""
    name = deploy(node(source), **NODE)
    for midway, expected in ((False, b""), (True, b"some")):
        payload, _, complete = streamed(client, name, midway)
        assert payload == expected
        assert complete["ErrorCode"] == "Unhandled"
        error = json.loads(complete["ErrorDetails"])
        assert (error["errorType"], error["errorMessage"]) == ("TypeError", "no")


@needs_node
def test_a_pipeline_of_many_megabytes_is_not_cut(client: Any, deploy: Deploy) -> None:
    source = """
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
export const handler = awslambda.streamifyResponse(async (megabytes, stream) => {
  const piece = Buffer.alloc(1 << 20, "x");
  await pipeline(Readable.from((function* () { for (let i = 0; i < megabytes; i++) yield piece; })()), stream);
});
"""
    name = deploy(node(source), **NODE)
    payload, count, complete = streamed(client, name, 12)
    assert (len(payload), complete) == (12 << 20, {})
    assert count > 12
    refused = json.loads(client.invoke(FunctionName=name, Payload=b"12")["Payload"].read())
    assert refused["errorType"] == "Function.ResponseSizeTooLarge"
    whole = client.invoke(FunctionName=name, Payload=b"2")
    assert len(whole["Payload"].read()) == 2 << 20


def test_a_python_handler_answers_in_one_piece(client: Any, deploy: Deploy) -> None:
    payload, count, complete = streamed(client, deploy("def handler(event, context):\n    return [event]\n"), 7)
    assert (payload, count, complete) == (b"[7]", 1, {})


def test_a_python_handlers_error_completes_the_stream(client: Any, deploy: Deploy) -> None:
    payload, _, complete = streamed(client, deploy("def handler(event, context):\n    raise KeyError('k')\n"))
    assert payload == b""
    assert json.loads(complete["ErrorDetails"])["errorType"] == "KeyError"


def test_a_bootstrap_streams(client: Any, bootstrapped: str) -> None:
    payload, _, complete = streamed(client, bootstrapped, {"pieces": ["a", "b"]})
    assert (payload, complete) == (b"ab", {})
    payload, _, complete = streamed(client, bootstrapped, {"pieces": ["a"], "fail": True})
    assert payload == b"a"
    assert json.loads(complete["ErrorDetails"]) == {"errorType": "Own", "errorMessage": "midway"}
    buffered = client.invoke(FunctionName=bootstrapped, Payload=b'{"pieces": ["a", "b"]}')
    assert buffered["Payload"].read() == b"ab"
    failed = client.invoke(FunctionName=bootstrapped, Payload=b'{"pieces": ["a"], "fail": true}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorType"] == "Own"


def test_what_cannot_be_asked_is_refused_before_any_stream(client: Any, deploy: Deploy) -> None:
    with pytest.raises(ClientError) as error:
        client.invoke_with_response_stream(FunctionName="nowhere")
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
    name = deploy("def handler(event, context):\n    return 1\n")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as error:
        client.invoke_with_response_stream(FunctionName=name)
    assert error.value.response["Error"]["Code"] == "TooManyRequestsException"
    with pytest.raises(ClientError) as error:
        client.invoke_with_response_stream(FunctionName=name, Payload=b"{")
    assert error.value.response["Error"]["Code"] == "InvalidRequestContentException"
    dry = client.invoke_with_response_stream(FunctionName=name, InvocationType="DryRun")
    assert dry["StatusCode"] == 204
    dry["EventStream"].close()


def fetch(served: ServedRegion, url: str, body: str = "") -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body; raises IncompleteRead where the connection ends too early."""
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)) as connection:
        connection.request("POST", "/", body, {"Host": urlsplit(url).netloc, "Content-Type": "text/plain"})
        with connection.getresponse() as response:
            return response.status, response.headers, response.read()


def streaming_url(client: Any, name: str) -> str:
    made = client.create_function_url_config(FunctionName=name, AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    assert made["InvokeMode"] == "RESPONSE_STREAM"
    return str(made["FunctionUrl"])


@needs_node
def test_a_url_streams_with_status_headers_and_cookies(client: Any, deploy: Deploy, served: ServedRegion) -> None:
    source = """
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const prelude = { statusCode: 201, headers: { "Content-Type": "text/css", "X-Own": "1" }, cookies: ["a=b"] };
  const body = awslambda.HttpResponseStream.from(stream, prelude);
  body.write(event.body);
  body.end("!");
});
"""
    status, headers, body = fetch(served, streaming_url(client, deploy(node(source), **NODE)), "hello")
    assert (status, body) == (201, b"hello!")
    assert headers["content-type"] == "text/css"
    assert (headers["x-own"], headers["set-cookie"]) == ("1", "a=b")
    assert headers["transfer-encoding"] == "chunked"


@needs_node
def test_a_url_streams_plainly_and_breaks_off_where_the_function_does(
    client: Any, deploy: Deploy, served: ServedRegion
) -> None:
    source = """
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.body === "early") throw new Error("early");
  stream.setContentType("text/event-stream");
  stream.write("data: 1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (event.body === "midway") throw new Error("midway");
  stream.end();
});
"""
    url = streaming_url(client, deploy(node(source), **NODE))
    status, headers, body = fetch(served, url)
    assert (status, headers["content-type"], body) == (200, "text/event-stream", b"data: 1")
    assert fetch(served, url, "early")[0] == 502
    with pytest.raises(http.client.IncompleteRead):
        fetch(served, url, "midway")


def test_a_buffered_answer_is_a_streaming_urls_body_as_it_stands(
    client: Any, deploy: Deploy, served: ServedRegion
) -> None:
    name = deploy("def handler(event, context):\n    return {'statusCode': 418}\n")
    url = streaming_url(client, name)
    status, headers, body = fetch(served, url)
    assert (status, json.loads(body)) == (200, {"statusCode": 418})
    assert headers["content-type"] == "application/json"
    changed = client.update_function_url_config(FunctionName=name, InvokeMode="BUFFERED")
    assert changed["InvokeMode"] == "BUFFERED"
    assert fetch(served, url)[0] == 418


def test_a_timeout_amid_a_stream_completes_it(client: Any, deploy: Deploy) -> None:
    name = deploy("import time\ndef handler(event, context):\n    time.sleep(60)\n", Timeout=1)
    _, _, complete = streamed(client, name)
    assert json.loads(complete["ErrorDetails"])["errorType"] == "Sandbox.Timedout"


def test_sam_makes_a_url_that_streams_and_a_mapping_with_windows(client: Any, served: ServedRegion) -> None:
    stacks = served.client("cloudformation")
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
                },
            },
            "Streams": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "FunctionName": "streams-by-sam",
                    "Runtime": "python3.11",
                    "Handler": "index.handler",
                    "InlineCode": "def handler(event, context):\n    return {'state': {}}\n",
                    "FunctionUrlConfig": {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"},
                    "Events": {
                        "Writes": {
                            "Type": "DynamoDB",
                            "Properties": {
                                "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]},
                                "StartingPosition": "TRIM_HORIZON",
                                "TumblingWindowInSeconds": 60,
                                "BisectBatchOnFunctionError": True,
                                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                            },
                        }
                    },
                },
            },
        },
    }
    stacks.create_stack(
        StackName="streams",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stacks.get_waiter("stack_create_complete").wait(StackName="streams", WaiterConfig={"Delay": 1, "MaxAttempts": 40})
    url = client.get_function_url_config(FunctionName="streams-by-sam")
    assert url["InvokeMode"] == "RESPONSE_STREAM"
    assert fetch(served, url["FunctionUrl"])[2] == b'{"state": {}}'
    (mapping,) = client.list_event_source_mappings(FunctionName="streams-by-sam")["EventSourceMappings"]
    assert (mapping["TumblingWindowInSeconds"], mapping["BisectBatchOnFunctionError"]) == (60, True)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    stacks.delete_stack(StackName="streams")
    stacks.get_waiter("stack_delete_complete").wait(StackName="streams", WaiterConfig={"Delay": 1, "MaxAttempts": 40})
