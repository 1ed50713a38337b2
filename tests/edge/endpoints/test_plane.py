"""Where a global endpoint's name leads."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from panregion.edge.endpoints import PLANE
from panregion.edge.endpoints.book import Book
from panregion.edge.endpoints.plane import EndpointPlane
from panregion.edge.follower import Kept
from panregion.edge.following import Following
from panregion.edge.plane import Surroundings
from panregion.edge.routes import Routes
from panregion.edge.where import Map
from panregion.services.events.endpoints import MARKER, Endpoint, Told
from panregion.world import World, WorldSettings
from tests.edge.support import Lab

ENDPOINT = Endpoint(
    name="orders",
    id="abcde.veo",
    home="us-east-1",
    secondary="eu-west-1",
    health_check="arn:aws:route53:::healthcheck/h",
    bus="orders",
    created_s=0.0,
    modified_s=0.0,
    state="ACTIVE",
)
NAME = "abcde.veo.endpoint.events.amazonaws.com."


def surroundings(folder: Path, lab: Lab) -> Surroundings:
    settings = WorldSettings(folder=str(folder), regions=("us-east-1", "eu-west-1"))
    return Surroundings(settings, World(), Map(settings), Routes(settings), lab.resolver, Following(settings, World()))


def keep(folder: Path, region: str, *endpoints: Endpoint) -> None:
    (folder / "edge").mkdir(exist_ok=True)
    (folder / MARKER).mkdir(exist_ok=True)
    kept = Kept("epoch", 1, msgspec.msgpack.encode(list(endpoints)))
    (folder / "edge" / f"events-{region}.msgpack").write_bytes(msgspec.msgpack.encode(kept))


async def test_a_name_leads_home_and_away_and_back(tmp_path: Path) -> None:
    lab = Lab()
    edge = surroundings(tmp_path, lab)
    keep(edge.settings.path, "us-east-1", ENDPOINT)
    plane = EndpointPlane()
    await plane.start(edge)
    asker = edge.map.asker("us-east-1")
    assert plane.addresses(NAME, asker) == ["127.0.1.1"]
    lab.unhealthy.add("h")
    assert plane.addresses(NAME, asker) == ["127.0.2.1"]
    assert plane.health()["endpoints"] == [
        {"id": "abcde.veo", "name": "orders", "state": "ACTIVE", "region": "eu-west-1"}
    ]
    lab.unhealthy.clear()
    assert plane.addresses(NAME, asker) == ["127.0.1.1"]
    assert plane.addresses("other.veo.endpoint.events.amazonaws.com.", asker) == []
    assert plane.addresses("events.us-east-1.amazonaws.com.", asker) is None
    await plane.stop()
    await edge.following.close()


@pytest.mark.parametrize("state", ["CREATING", "CREATE_FAILED", "DELETING"])
async def test_an_endpoint_that_is_not_there_has_no_address(tmp_path: Path, state: str) -> None:
    edge = surroundings(tmp_path, Lab())
    keep(edge.settings.path, "us-east-1", msgspec.structs.replace(ENDPOINT, state=state))
    plane = EndpointPlane()
    await plane.start(edge)
    assert plane.addresses(NAME, edge.map.asker("us-east-1")) == []
    await plane.stop()
    await edge.following.close()


async def test_nobody_is_followed_before_there_is_an_endpoint(tmp_path: Path) -> None:
    edge = surroundings(tmp_path, Lab())
    plane = PLANE()
    await plane.start(edge)
    await asyncio.sleep(0)
    assert edge.following.describe() == {}
    assert plane.addresses(NAME, edge.map.asker("us-east-1")) == []
    await plane.stop()
    await edge.following.close()


def test_the_book_follows_the_feed() -> None:
    book = Book()
    book.apply(msgspec.msgpack.encode(Told(ENDPOINT)))
    assert list(book.endpoints) == ["abcde.veo"]
    again = Book()
    again.load(book.snapshot())
    assert again.endpoints == book.endpoints
    book.apply(msgspec.msgpack.encode(Told(ENDPOINT, gone=True)))
    assert book.endpoints == {}
