"""From a message, or from a write to a table, to the function that it invokes.

    .venv/bin/python -m benchmarks.sources [--events 100]

The function tells on a queue how long each of its records took from the client's clock before it was sent to the
handler's own: the client's request, the store's sync, the reader of the event source and the warm invocation.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

from demo.world import REGIONS, DemoWorld

from benchmarks.world import measured_world, quantile
from panregion.cli.deploy import Deployment, deploy_everywhere

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Told: {Type: AWS::SQS::Queue, Properties: {QueueName: told}}
  Asked: {Type: AWS::SQS::Queue, Properties: {QueueName: asked}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: measured
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Measured:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Environment: {Variables: {TOLD: !Ref Told}}
      Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Told.QueueName}}]
      Events:
        Message: {Type: SQS, Properties: {Queue: !GetAtt Asked.Arn, BatchSize: 10}}
        Write: {Type: DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST}}
"""

HANDLER = """
import os, time
import boto3

sqs = boto3.client("sqs")

def handler(event, context):
    now = time.time()
    for record in event["Records"]:
        sent = record["body"] if "body" in record else record["dynamodb"]["NewImage"]["sent"]["N"]
        sqs.send_message(QueueUrl=os.environ["TOLD"], MessageBody=str((now - float(sent)) * 1000))
"""

PAUSE_S = 0.05


def told(sqs: Any, url: str, count: int) -> list[float]:
    """What the function has told, in ms."""
    found: list[float] = []
    while len(found) < count:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20).get("Messages", [])
        assert messages, f"only {len(found)} of {count} records reached the function"
        for message in messages:
            found.append(float(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def measure(world: DemoWorld, events: int) -> dict[str, list[float]]:
    sqs, table = world.client("sqs", REGIONS[0]), world.client("dynamodb", REGIONS[0])
    asked, answers = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("asked", "told"))

    def message(_number: int) -> None:
        sqs.send_message(QueueUrl=asked, MessageBody=repr(time.time()))

    def write(number: int) -> None:
        table.put_item(TableName="measured", Item={"id": {"S": str(number)}, "sent": {"N": repr(time.time())}})

    found = {}
    for name, send in (("SQS to the handler", message), ("DynamoDB's stream to the handler", write)):
        send(-1)
        told(sqs, answers, 1)  # the environment is warm from here on
        for number in range(events):
            send(number)
            time.sleep(PAUSE_S)
        found[name] = told(sqs, answers, events)
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sources")
    parser.add_argument("--events", type=int, default=100)
    events = parser.parse_args().events
    async with measured_world() as world:
        folder = Path(world.settings.folder).parent / "sources"
        (folder / "src").mkdir(parents=True)
        (folder / "template.yaml").write_text(TEMPLATE)
        (folder / "src" / "app.py").write_text(HANDLER)
        deployment = Deployment(world.settings, folder / "template.yaml", "sources", {})
        await deploy_everywhere(deployment, [REGIONS[0]])
        found = await asyncio.to_thread(measure, world, events)
    for name, taken_ms in found.items():
        p50, p99 = statistics.median(taken_ms), quantile(taken_ms, 0.99)
        print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, of {len(taken_ms)}")


if __name__ == "__main__":
    asyncio.run(main())
