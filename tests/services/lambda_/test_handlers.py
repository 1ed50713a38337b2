"""Handlers that use AWS: their clients find this region by their environment alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.functions import zipped
from panregion.region import Region
from panregion.world.settings import Ports
from tests.services.lambda_.conftest import ROLE
from tests.support import REGION, region_in

HANDLER = """
import os
import boto3
s3 = boto3.client("s3")
def handler(event, context):
    s3.put_object(Bucket="kept", Key=event["key"], Body=os.environ["AWS_REGION"].encode())
    return s3.get_object(Bucket="kept", Key=event["key"])["Body"].read().decode()
"""


@pytest.fixture
async def home(tmp_path: Path, ports: Ports) -> AsyncIterator[Region]:
    """A region served at the address that its own settings name."""
    region = region_in(tmp_path, ports=ports)
    await region.start()
    await region.serve("127.0.1.1", ports.gateway)
    yield region
    await region.stop()


async def test_a_handlers_clients_reach_its_own_region(home: Region) -> None:
    await home.ask("s3", "CreateBucket", {"Bucket": "kept"})
    code: dict[str, Any] = {"ZipFile": zipped({"app.py": HANDLER})}
    params = {"FunctionName": "f", "Runtime": "python3.11", "Role": ROLE, "Handler": "app.handler", "Code": code}
    await home.ask("lambda", "CreateFunction", {**params, "Timeout": 20})
    answer = await home.ask("lambda", "Invoke", {"FunctionName": "f", "Payload": b'{"key": "k"}'})
    assert msgspec.json.decode(answer["Payload"]) == REGION
