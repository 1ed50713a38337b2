"""Orders: placed where the customer is, paid once, read everywhere, changed at home, whatever is lost meanwhile."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from panregion.testing import World
from tests.food.ordering import (
    API,
    BERLINER,
    WORLD,
    becomes,
    charges,
    checkout,
    order_of,
    placed,
    regional,
    seen,
)
from tests.food.whole import WHOLE

pytestmark = [WHOLE, pytest.mark.timeout(600), pytest.mark.world(**WORLD)]

AMERICA, EUROPE, ALSO_EUROPE = WORLD["regions"]


def test_an_order_is_placed_paid_once_and_read_everywhere(world: World) -> None:
    body = checkout("US")
    answer = world.user("new-york").post(f"{API}/orders", json=body)
    order = order_of(answer)
    home = answer.headers["x-food-region"]
    assert order["order_id"] == f"{home}~{body['id']}"
    assert (order["state"], order["total_cents"], order["home_region"]) == ("placed", 1020, home)
    for region in world.regions:
        paid = becomes(world, region, order["order_id"], "paid")
        assert (paid["home_region"], "note" in paid) == (home, region != home)
    assert [charge["amount_cents"] for charge in charges(world, body["id"])] == [1020]
    for region in world.regions:  # whoever asks again, and whom, hears of the same order
        again = world.user("new-york").post(f"{regional(region)}/orders", json=body)
        assert (again.status_code, order_of(again)["order_id"]) == (200, order["order_id"])


def test_an_order_is_changed_at_home_only(world: World) -> None:
    order = placed(world, AMERICA, checkout("US"))
    becomes(world, ALSO_EUROPE, order["order_id"], "paid")
    user, path = world.user("london"), f"/orders/{order['order_id']}/transitions"
    refused = user.post(f"{regional(ALSO_EUROPE)}{path}", json={"to": "preparing"})
    assert (refused.status_code, refused.json()["error"]) == (409, "NotHomeRegion")
    assert refused.json()["url"] == f"{regional(AMERICA)}{path}"
    assert user.post(refused.json()["url"], json={"to": "delivered"}).json()["error"] == "IllegalMove"
    for state in ("preparing", "out_for_delivery", "delivered"):
        assert user.post(refused.json()["url"], json={"to": state}).status_code == 200
    for region in world.regions:
        assert becomes(world, region, order["order_id"], "delivered")["version"] == 5
    # Five versions at home make at most five in a copy; and no copy is sent on.
    for region in world.regions:
        versions = [version for version, _ in changes(world, region, order["order_id"])]
        assert versions == sorted(set(versions))
        assert versions[-1] == 5
        marks = {mark for _, mark in changes(world, region, order["order_id"])}
        assert marks == ({None} if region == AMERICA else {AMERICA})


def changes(world: World, region: str, order_id: str) -> list[tuple[int, str | None]]:
    """What an order's table in a region went through: versions, and from where they were replicated."""
    client = world.region(region).client("dynamodbstreams")
    (stream,) = client.list_streams(TableName="food-orders")["Streams"]
    found = []
    for shard in client.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]:
        iterator = client.get_shard_iterator(
            StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            page = client.get_records(ShardIterator=iterator)
            found += [record["dynamodb"]["NewImage"] for record in page["Records"]]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    images = [image for image in found if image["order_id"]["S"] == order_id]
    return [(int(image["version"]["N"]), image.get("replicated_from", {}).get("S")) for image in images]


@pytest.mark.parametrize(
    ("card", "state", "taken"), [("declined", "cancelled", 0), ("timeout", "paid", 1), ("twice", "paid", 1)]
)
def test_what_the_provider_may_do(world: World, card: str, state: str, taken: int) -> None:
    body = checkout("US", card=card)
    order = placed(world, EUROPE, body)
    decided = becomes(world, EUROPE, order["order_id"], state)
    assert (decided.get("reason"), len(charges(world, body["id"]))) == (
        "the card was declined" if card == "declined" else None,
        taken,
    )
    for queue in ("food-charges-dead", "food-orders-parked-dead"):
        client = world.region(EUROPE).client("sqs")
        url = client.get_queue_url(QueueName=queue)["QueueUrl"]
        counted = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        assert counted["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_europeans_stay_in_europe(world: World) -> None:
    body = checkout("EU")
    refused = world.user("new-york").post(f"{regional(AMERICA)}/orders", json=body)
    assert (refused.status_code, refused.json()["error"]) == (409, "WrongJurisdiction")
    order = order_of(world.user("new-york").post(refused.json()["url"], json=body))
    becomes(world, AMERICA, order["order_id"], "paid")
    assert "deliver_to" not in seen(world, AMERICA, order["order_id"])
    assert world.eventually(lambda: seen(world, ALSO_EUROPE, order["order_id"])["deliver_to"] == BERLINER)
    listed = world.user("london").get(f"{regional(AMERICA)}/customers/{body['customer']['id']}/orders")
    assert [each["order_id"] for each in listed.json()["orders"]] == [order["order_id"]]
    # Every table, queue, log, object and function's folder lies in these files; so does what the edge and control keep.
    assert world.converged()
    folders = {path.name: path for path in world.settings.path.iterdir() if path.is_dir()}
    logs = folders.pop("logs")
    for region in (EUROPE, ALSO_EUROPE):  # the walk finds what is there to be found
        assert told_of_the_berliner(folders.pop(region)), region
    assert AMERICA in folders
    files = [*logs.iterdir(), *folders.values()]
    assert {path.name: told for path in files if (told := told_of_the_berliner(path))} == {}
    tables = world.region(AMERICA).client("dynamodb").list_tables()["TableNames"]
    assert (tables, order["order_id"] in everything(world, tables)) == (["food-orders", "food-people-us"], True)
    assert not [word for word in BERLINER.values() if word in everything(world, tables)]


def told_of_the_berliner(path: Path) -> list[str]:
    """What the files below a path have of the European customer: words that are long enough to be nobody else's."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    data = [file.read_bytes() for file in files]
    words = [word for value in BERLINER.values() for word in re.findall(r"\w{8,}", value)]
    return sorted({word for word in words for each in data if word.encode() in each})


def everything(world: World, tables: list[str]) -> str:
    """What America's tables hold, as its API tells it."""
    client = world.region(AMERICA).client("dynamodb")
    return json.dumps([item for table in tables for item in client.scan(TableName=table)["Items"]])


def test_a_region_that_is_lost_during_a_checkout(world: World) -> None:
    """The customer in New York tries again in Europe with the same id: first after America had placed the order and
    charged it, but could tell nobody; and again, as pages do, after a kill in the middle of the request."""
    known = placed(world, AMERICA, checkout("US"))
    becomes(world, EUROPE, known["order_id"], "paid")
    untold = checkout("US")
    with world.link(AMERICA, EUROPE).cut(), world.link(AMERICA, ALSO_EUROPE).cut():
        first = order_of(world.user("new-york").post(f"{regional(AMERICA)}/orders", json=untold))
        assert world.eventually(lambda: len(charges(world, untold["id"])) == 1)
        loss = world.region(AMERICA).kill()
    old = seen(world, EUROPE, known["order_id"])
    assert (old["state"], old["home_region"]) == ("paid", AMERICA)
    assert "copy" in old["note"]
    second: dict[str, Any] = world.eventually(
        lambda: order_of(world.user("new-york").post(f"{API}/orders", json=untold)), within=60
    )
    assert second["home_region"] != AMERICA
    becomes(world, second["home_region"], second["order_id"], "paid")

    loss.undo()
    cancelled = becomes(world, AMERICA, first["order_id"], "cancelled", within=60)
    assert cancelled["superseded_by"] == second["order_id"]
    for region in world.regions:
        becomes(world, region, second["order_id"], "paid", within=60)
        becomes(world, region, first["order_id"], "cancelled", within=60)
    assert len(charges(world, untold["id"])) == 1
