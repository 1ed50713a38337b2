"""What calling a function costs: warm by Invoke and through API Gateway, and cold with and without boto3 imported.

    .venv/bin/python -m benchmarks.functions [--requests 300] [--cold 10]

The warm figure is the whole request as a client of the region sees it, less the handler's own time, which
the handler measures and answers. A cold start is forced by a new configuration; its figure is the whole Invoke less
the median warm one. The rate is that of 4 clients that each ask an empty handler again as soon as it has answered; they
use the same processors.
"""

import argparse
import asyncio
import base64
import re
import socket
import statistics
from pathlib import Path

import msgspec
from demo.world import REGIONS, DemoWorld

from benchmarks.load import burst
from benchmarks.world import measured_world, quantile
from panregion.cli.deploy import Deployment, deploy_everywhere
from panregion.world import HttpClient, direct_dial

INIT = re.compile(r"Init Duration: ([0-9.]+) ms")

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Measured:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      FunctionName: measured
      MemorySize: 256
      CodeUri: src/
      Events:
        Get: {Type: Api, Properties: {Path: /measured, Method: get}}
  Empty:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: empty.handler
      FunctionName: empty
      CodeUri: src/
Outputs:
  Url:
    Value: !Sub "${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com"
"""

HANDLER = """
import json, time
import boto3

table = boto3.client("dynamodb")

def handler(event, context):
    began = time.perf_counter()
    body = {"n": sum(range(1000))}
    body["own_ms"] = (time.perf_counter() - began) * 1000
    return {"statusCode": 200, "body": json.dumps(body)}
"""


EMPTY = """
def handler(event, context):
    return None
"""

AUTHORIZATION = (
    f"AWS4-HMAC-SHA256 Credential=test/20261121/{REGIONS[0]}/lambda/aws4_request, SignedHeaders=host, Signature=0"
)
WORKERS = 4


async def deployed(world: DemoWorld) -> str:
    """Deploy the function to the first region; the API's host name."""
    folder = Path(world.settings.folder).parent / "measured"
    (folder / "src").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "src" / "app.py").write_text(HANDLER)
    (folder / "src" / "empty.py").write_text(EMPTY)
    outputs = await deploy_everywhere(
        Deployment(world.settings, folder / "template.yaml", "measured", {}), [REGIONS[0]]
    )
    return outputs[REGIONS[0]]["Url"]


async def warm_ms(world: DemoWorld, host: str, count: int) -> list[float]:
    """What each request took beyond the handler's own time."""
    client = HttpClient(direct_dial)
    url = f"{world.settings.endpoint(REGIONS[0])}/Prod/measured"
    took = []
    for _ in range(count):
        began = world.clock.monotonic()
        response = await client.send("GET", url, [("Host", host)], timeout_s=10)
        whole_ms = (world.clock.monotonic() - began) * 1000
        assert response.status == 200, response.body
        assert isinstance(response.body, bytes)
        took.append(whole_ms - msgspec.json.decode(response.body)["own_ms"])
    await client.close()
    return took[len(took) // 10 :]


class Caller:
    """Invoke over one connection, without a client library's own time."""

    def __init__(self, world: DemoWorld) -> None:
        self._clock = world.clock
        self._client = HttpClient(direct_dial)
        self._endpoint = world.settings.endpoint(REGIONS[0])

    async def invoke(self, name: str) -> tuple[float, str]:
        """(what it took, ms; the end of the log)"""
        url = f"{self._endpoint}/2015-03-31/functions/{name}/invocations"
        headers = [("Authorization", AUTHORIZATION), ("X-Amz-Log-Type", "Tail")]
        began = self._clock.monotonic()
        response = await self._client.send("POST", url, headers, b"{}", timeout_s=30)
        took_ms = (self._clock.monotonic() - began) * 1000
        told = {key.lower(): value for key, value in response.headers}
        assert response.status == 200, response.body
        assert "x-amz-function-error" not in told, response.body
        return took_ms, base64.b64decode(told["x-amz-log-result"]).decode()

    async def close(self) -> None:
        await self._client.close()


def raw(world: DemoWorld, name: str) -> bytes:
    """An Invoke as bytes: what a client library does to send it is no matter of the region's."""
    host = world.settings.endpoint(REGIONS[0]).removeprefix("http://")
    head = (
        f"POST /2015-03-31/functions/{name}/invocations HTTP/1.1\r\nHost: {host}\r\nAuthorization: {AUTHORIZATION}\r\n"
    )
    return f"{head}Content-Length: 2\r\n\r\n{{}}".encode()


def invoked_ms(world: DemoWorld, count: int) -> list[float]:
    """Each Invoke of the empty handler, whole, one after another over one connection."""
    host, _, port = world.settings.endpoint(REGIONS[0]).removeprefix("http://").partition(":")
    request, took = raw(world, "empty"), []
    with socket.create_connection((host, int(port))) as connection:
        for _ in range(count):
            began = world.clock.monotonic()
            connection.sendall(request)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            took.append((world.clock.monotonic() - began) * 1000)
    return took[len(took) // 10 :]


async def rate(world: DemoWorld, count: int) -> float:
    """Invocations of the empty handler a second, WORKERS at once."""
    host, _, port = world.settings.endpoint(REGIONS[0]).removeprefix("http://").partition(":")
    for total in (20 * WORKERS, count):  # the first starts the workers
        outcome = await burst((host, int(port)), [raw(world, "empty")], total, WORKERS)
        assert outcome.failures == 0
    return outcome.rate


async def cold_ms(world: DemoWorld, name: str, count: int) -> tuple[list[float], list[float]]:
    """(what a cold Invoke takes more than a warm one, its Init Duration) for each of `count` cold starts."""
    client = world.client("lambda", REGIONS[0])
    caller = Caller(world)
    beyond, inits = [], []
    for number in range(count):
        variables = {"Variables": {"ROUND": str(number)}}
        await asyncio.to_thread(client.update_function_configuration, FunctionName=name, Environment=variables)
        cold, log = await caller.invoke(name)
        warm = statistics.median([(await caller.invoke(name))[0] for _ in range(5)])
        beyond.append(cold - warm)
        found = INIT.search(log)
        assert found is not None, f"this was no cold start: {log}"
        inits.append(float(found[1]))
    await caller.close()
    return beyond, inits


async def run(requests: int, cold: int) -> None:
    async with measured_world() as world:
        host = await deployed(world)
        warm = await warm_ms(world, host, requests)
        print(f"warm, through API Gateway: {told(warm)}")
        print(f"warm, by Invoke, whole: {told(await asyncio.to_thread(invoked_ms, world, requests))}")
        print(f"by Invoke, {WORKERS} at once: {await rate(world, 10 * requests):.0f} a second")
        for name, what in (("measured", "with boto3"), ("empty", "without boto3")):
            beyond, inits = await cold_ms(world, name, cold)
            print(f"cold, {what}, beyond a warm Invoke: {told(beyond)}")
            print(f"cold, {what}, Init Duration: {told(inits)}")


def told(values: list[float]) -> str:
    return f"p50 {statistics.median(values):.1f} ms, p99 {quantile(values, 0.99):.1f} ms, {len(values)} measured"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.functions")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--cold", type=int, default=10)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.requests, arguments.cold))


if __name__ == "__main__":
    main()
