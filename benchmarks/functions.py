"""What calling a function costs: warm through API Gateway, and cold with boto3 imported.

    .venv/bin/python -m benchmarks.functions [--requests 300] [--cold 10]

The warm figure is the whole request as a client of the region sees it, less the handler's own time, which
the handler measures and answers. A cold start is forced by a new configuration; its figure is the whole Invoke less
the median warm one.
"""

import argparse
import asyncio
import base64
import re
import statistics
from pathlib import Path

import msgspec
from demo.world import REGIONS, DemoWorld

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


async def deployed(world: DemoWorld) -> str:
    """Deploy the function to the first region; the API's host name."""
    folder = Path(world.settings.folder).parent / "measured"
    (folder / "src").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "src" / "app.py").write_text(HANDLER)
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


def cold_ms(world: DemoWorld, count: int) -> tuple[list[float], list[float]]:
    """(what a cold Invoke takes more than a warm one, its Init Duration) for each of `count` cold starts."""
    client = world.client("lambda", REGIONS[0])
    beyond, inits = [], []
    for number in range(count):
        variables = {"Variables": {"ROUND": str(number)}}
        client.update_function_configuration(FunctionName="measured", Environment=variables)
        client.get_waiter("function_updated_v2").wait(FunctionName="measured", WaiterConfig={"Delay": 1})
        cold, log = invoke_ms(world, client)
        warm = statistics.median(invoke_ms(world, client)[0] for _ in range(5))
        beyond.append(cold - warm)
        found = INIT.search(log)
        assert found is not None, f"this was no cold start: {log}"
        inits.append(float(found[1]))
    return beyond, inits


def invoke_ms(world: DemoWorld, client: object) -> tuple[float, str]:
    began = world.clock.monotonic()
    answer = client.invoke(FunctionName="measured", LogType="Tail")  # type: ignore[attr-defined]
    whole_ms = (world.clock.monotonic() - began) * 1000
    assert "FunctionError" not in answer, answer["Payload"].read()
    return whole_ms, base64.b64decode(answer["LogResult"]).decode()


async def run(requests: int, cold: int) -> None:
    async with measured_world() as world:
        host = await deployed(world)
        warm = await warm_ms(world, host, requests)
        print(f"warm, through API Gateway: {told(warm)}")
        beyond, inits = await asyncio.to_thread(cold_ms, world, cold)
        print(f"cold, beyond a warm Invoke: {told(beyond)}")
        print(f"cold, Init Duration: {told(inits)}")


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
