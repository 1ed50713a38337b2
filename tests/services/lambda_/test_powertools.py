"""Handlers of Powertools for AWS Lambda, unmodified: logger, metrics, batch, idempotency on DynamoDB."""

import json
from collections.abc import AsyncIterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.functions import zipped
from panregion.region import Region
from panregion.world.settings import Ports
from tests.services.lambda_.conftest import ROLE
from tests.support import region_in

LOGS = """
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()
tracer = Tracer()

@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler
@logger.inject_lambda_context(log_event=True, correlation_id_path="order")
def handler(event, context):
    logger.append_keys(step="checked")
    logger.info("an order", extra={"amount": 7})
    metrics.add_metric(name="Orders", unit=MetricUnit.Count, value=1)
    return {"seen": logger.get_correlation_id()}
"""

BATCH = """
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

processor = BatchProcessor(event_type=EventType.SQS)

def one(record):
    if record.json_body["bad"]:
        raise ValueError("bad")
    print("done", record.json_body["n"])

def handler(event, context):
    return process_partial_response(event=event, record_handler=one, processor=processor, context=context)
"""

ONCE = """
import os
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent

layer = DynamoDBPersistenceLayer(table_name="once")
count = 0

@idempotent(persistence_store=layer, config=IdempotencyConfig(event_key_jmespath="id"))
def handler(event, context):
    global count
    count += 1
    return {"count": count}
"""

VARIABLES = {"POWERTOOLS_SERVICE_NAME": "shop", "POWERTOOLS_METRICS_NAMESPACE": "Shop", "POWERTOOLS_LOG_LEVEL": "INFO"}


@cache
def brought(source: str) -> bytes:
    """A package of a handler with what its requirements.txt would name."""
    files: dict[str, str | bytes] = {"app.py": source}
    for name in ("aws_lambda_powertools", "typing_extensions", "aws_xray_sdk", "wrapt"):
        found = find_spec(name)
        assert found is not None
        assert found.origin is not None
        path = Path(found.origin)
        if path.name != "__init__.py":
            files[path.name] = path.read_bytes()
            continue
        for each in path.parent.rglob("*"):
            if each.suffix in (".py", ".so", ".json"):
                files[str(each.relative_to(path.parent.parent))] = each.read_bytes()
    return zipped(files)


@pytest.fixture
async def home(tmp_path: Path, ports: Ports) -> AsyncIterator[Region]:
    """A region served where its functions' clients look for it."""
    region = region_in(tmp_path, ports=ports)
    await region.start()
    await region.serve("127.0.1.1", ports.gateway)
    yield region
    await region.stop()


async def deploy(home: Region, source: str, **params: Any) -> None:
    code: dict[str, Any] = {"ZipFile": brought(source)}
    given = {"FunctionName": "f", "Runtime": "python3.11", "Role": ROLE, "Handler": "app.handler", "Code": code}
    environment = {"Variables": VARIABLES}
    await home.ask("lambda", "CreateFunction", {**given, "Timeout": 20, "Environment": environment, **params})


async def invoke(home: Region, event: Any) -> Any:
    answer = await home.ask("lambda", "Invoke", {"FunctionName": "f", "Payload": json.dumps(event).encode()})
    assert "FunctionError" not in answer, answer["Payload"]
    return msgspec.json.decode(answer["Payload"])


async def logged(home: Region) -> list[Any]:
    """The lines in the function's log that are JSON."""
    await home.here.running["lambda"].logs.flush()
    events = (await home.ask("logs", "FilterLogEvents", {"logGroupName": "/aws/lambda/f"}))["events"]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


@pytest.mark.parametrize("logging", [{}, {"LogFormat": "JSON"}])
async def test_logger_metrics_and_a_tracer_that_is_off(home: Region, logging: dict[str, str]) -> None:
    variables = {**VARIABLES, "POWERTOOLS_TRACE_DISABLED": "true"}
    await deploy(home, LOGS, LoggingConfig=logging, Environment={"Variables": variables})
    assert await invoke(home, {"order": "o-1"}) == {"seen": "o-1"}
    lines = await logged(home)
    (order,) = (line for line in lines if line.get("message") == "an order")
    assert (order["service"], order["amount"], order["step"]) == ("shop", 7, "checked")
    assert (order["function_name"], order["cold_start"], order["correlation_id"]) == ("f", True, "o-1")
    metrics = [line for line in lines if "_aws" in line]
    assert {name for line in metrics for name in ("Orders", "ColdStart") if name in line} == {"Orders", "ColdStart"}
    assert metrics[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Shop"


async def test_of_a_batch_only_what_failed_is_told(home: Region) -> None:
    await deploy(home, BATCH)
    records = [
        {"messageId": str(n), "body": json.dumps({"n": n, "bad": n == 1}), "eventSource": "aws:sqs"} for n in range(3)
    ]
    assert await invoke(home, {"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


async def test_what_was_done_is_not_done_again(home: Region) -> None:
    table = {
        "TableName": "once",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    await home.ask("dynamodb", "CreateTable", table)
    await deploy(home, ONCE)
    answers = [await invoke(home, {"id": each}) for each in ("a", "a", "b", "a")]
    assert answers == [{"count": 1}, {"count": 1}, {"count": 2}, {"count": 1}]
    (first, _) = (await home.ask("dynamodb", "Scan", {"TableName": "once"}))["Items"]
    assert first["status"] == {"S": "COMPLETED"}
