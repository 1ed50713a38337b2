"""Nothing survives a reset: a test leaves behind whatever it can, and the next one looks for each of it."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from panregion.testing import World

ORDERS = {"regions": ["us-east-1", "eu-west-1"], "stacks": ["orders/template.yaml"]}
pytestmark = [pytest.mark.world(**ORDERS), pytest.mark.timeout(180)]

RESETS = 5
RESET_MAX_S = 2.0
"""Of the fastest of several, on a machine that does other things: a reset takes some 0.2 s where it has two cores."""


def lambda_name(world: World) -> str:
    (function,) = world.region("us-east-1").client("lambda").list_functions()["Functions"]
    return str(function["FunctionName"])


def state(world: World) -> dict[str, Any]:
    """All of the world that a test could have changed."""
    america, europe = (world.region(name) for name in world.regions)
    health = world.status()["regions"]
    function = america.client("lambda").get_function_configuration(FunctionName=lambda_name(world))
    return {
        "items": [region.resource("dynamodb").Table("orders").scan()["Count"] for region in (america, europe)],
        "queues": america.client("sqs").list_queues().get("QueueUrls", []),
        "buckets": sorted(bucket["Name"] for bucket in europe.client("s3").list_buckets()["Buckets"]),
        "variables": function.get("Environment", {}).get("Variables", {}),
        "tables": america.client("dynamodb").list_tables()["TableNames"],
        "conflicts": world.conflicts(),
        "faults": world.faults(),
        "links": world.status()["links"],
        "statuses": [region["status"] for region in health],
        "dead": [region["dead_letters"] for region in health],
        "environments": [region.get("functions") for region in health],
        "logs": [group["logGroupName"] for group in america.client("logs").describe_log_groups()["logGroups"]],
    }


def leave_everything(world: World) -> None:
    america, europe = (world.region(name) for name in world.regions)
    user = world.user("london")
    assert user.post("https://api.food.test/orders", json={"dish": "soup"}).status_code == 201
    america.client("sqs").create_queue(QueueName="left")
    america.client("lambda").update_function_configuration(
        FunctionName=lambda_name(world), Environment={"Variables": {"LEFT": "1"}}
    )
    europe.client("s3").create_bucket(Bucket="left", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    europe.client("s3").put_object(Bucket="left", Key="object", Body=b"left" * 1000)
    america.client("dynamodb").delete_item(TableName="orders", Key={"id": {"S": "x"}})
    with world.link(*world.regions).cut():
        for region in (america, europe):
            region.resource("dynamodb").Table("orders").put_item(Item={"id": "1", "in": region.name})
    world.converged()
    assert len(world.conflicts()) == 1
    world.link("eu-west-1", "london").delay(delay_ms=300)
    america.clock_skew(skew_s=100)
    america.service_error(service="dynamodb", share=0.5)
    world.name_server_down()
    europe.freeze()


def test_a_reset_leaves_nothing(world: World) -> None:
    running = world._running
    running.reset()  # both looks are at what was kept: the logs of a world's first moments go on after that
    kept = World(running)
    before, files = state(kept), files_of(kept)
    leave_everything(kept)
    running.reset()
    kept.close()
    fresh = World(running)
    assert json.loads(json.dumps(state(fresh), default=str)) == json.loads(json.dumps(before, default=str))
    assert files_of(fresh) == files
    user = fresh.user("london")
    began = time.monotonic()
    assert user.get("https://api.food.test/health").json()["region"] == "eu-west-1"
    assert time.monotonic() - began < 5
    fresh.close()


def files_of(world: World) -> set[str]:
    """What lies in the folders of the regions, but for what a running store and Python make as they like."""
    passing = ("-wal", "-shm", ".pyc")
    return {
        os.path.relpath(os.path.join(folder, name), world.settings.folder)
        for region in world.regions
        for folder, _, names in os.walk(Path(world.settings.folder) / region)
        for name in names
        if not name.endswith(passing) and "scratch" not in folder
    }


def test_resets_are_quick(world: World) -> None:
    took_s = sorted(world._running.reset() for _ in range(RESETS))
    print(f"a reset takes {took_s[0] * 1000:.0f} to {took_s[-1] * 1000:.0f} ms")
    assert took_s[0] < RESET_MAX_S
