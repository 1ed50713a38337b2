"""Tracing a request from a city over a real link: the choice with its reasons, the way, and times that add up."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.control.tracing import CannotFollow, Question, follow, parsed, rows
from panregion.control.tracing.legs import Broken, parse, request_message
from panregion.control.tracing.reasons import why_not
from panregion.edge.api import Api, Seen
from panregion.edge.cache import PlaceResolver
from panregion.edge.following import Following
from panregion.edge.health import Monitor
from panregion.edge.log import Ring
from panregion.edge.plane import Surroundings
from panregion.edge.routes import Route, Routes
from panregion.edge.told import Told
from panregion.edge.visits import Visits
from panregion.edge.where import Asker, Map
from panregion.network import Network, Relay, Sites
from panregion.world import Request, Response, SystemClock, World, WorldSettings, serve
from panregion.world.distance import cities
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports
from panregion.world.tls import make_authority, server_context
from panregion.world.transport import bound_port, listen_tcp
from tests.edge.support import Lab, record

LONDON = cities()["london"]
DELAY_SCALE = 0.2
ROUND_TRIP_MS = 75.0 * DELAY_SCALE
"""Less than London - us-east-1 takes at that scale; what a connection must cost at least."""


async def answer(request: Request) -> Response:
    if request.path == "/_panregion/trace":
        return Response(404, [], b"nobody follows anything here")
    client = request.header("x-panregion-client") or "nobody"
    return Response(200, [("X-Client", client)], f"hello {request.target}".encode())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[WorldSettings]:
    """us-east-1 over HTTP and HTTPS, the links, and an edge that knows two records, one of them unhealthy."""
    make_authority(tmp_path)
    plain = await serve(answer, "127.0.1.1", 0)
    secure = await serve(answer, "127.0.1.1", 0, server_context(tmp_path, "127.0.1.1"))
    settings = WorldSettings(
        regions=("us-east-1", "eu-west-1"),
        folder=str(tmp_path),
        network=NetworkSettings(scale=DELAY_SCALE, jitter_ms=0),
        ports=Ports(gateway=plain.port, tls=secure.port),
    )
    relay = Relay(Network(Sites(settings), World()))
    links = await listen_tcp(relay.protocol, "127.0.0.1", 0)
    edge = await serve(edge_of(settings), "127.0.0.1", 0)
    ports = msgspec.structs.replace(settings.ports, network=bound_port(links), edge=edge.port)
    yield msgspec.structs.replace(settings, ports=ports)
    relay.close()
    links.close()
    for server in (edge, plain, secure):
        await server.close()


def edge_of(settings: WorldSettings) -> Api:
    lab = Lab(
        record("api", "127.0.1.1", set_identifier="far", region="us-east-1"),
        record("api", "127.0.2.1", set_identifier="near", region="eu-west-1", health_check_id="down"),
        unhealthy={"down"},
    )
    monitor = Monitor(World(), None)  # type: ignore[arg-type]  # never probes here
    following = Following(settings, World())
    plane = OnePoint(settings)
    visits, where = Visits(SystemClock()), Map(settings)
    seen = Seen(monitor, Ring(), visits, Told(visits, lab.resolver, where, lambda _city: _nobody()))
    return Api(following, lab.resolver, where, seen, Routes(settings, plane.route), {"points": plane})


def _nobody() -> PlaceResolver:
    raise AssertionError("nobody asks what cities remember")


class OnePoint:
    """A data plane with one point of presence, in Paris, which answers at us-east-1's sockets."""

    def __init__(self, settings: WorldSettings) -> None:
        self._ports = {80: settings.ports.gateway, 443: settings.ports.tls}

    async def start(self, edge: Surroundings) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        return None

    def route(self, address: str, port: int, from_site: str) -> Route | None:
        return Route("paris", "127.0.1.1", self._ports[port]) if address == "127.2.9.1" else None

    def target_health(self, name: str) -> bool | None:
        return None

    def health(self) -> dict[str, Any]:
        return {}

    def explain(self, site: str, address: str, port: int, host: str, path: str) -> list[tuple[str, str, str]]:
        return [("point of presence", "points", f"{address}:{port} for {site}: {host}{path}")]


async def traced(settings: WorldSettings, url: str) -> tuple[dict[str, Any], list[tuple[str, str, str, float | None]]]:
    found = await follow(settings, Question("london", parsed(url)))
    json.dumps(found)
    return found, rows(found, LONDON)


async def test_who_decided_what_on_the_way(world: WorldSettings) -> None:
    found, table = await traced(world, "http://api.hello.test/a?b=c")
    assert found["failure"] is None
    decided = {(what, who): text for what, who, text, _ in table}
    assert decided["question", "resolver of london"].startswith("api.hello.test. A, from 198.18.")
    assert decided["policy", "latency (api.hello.test.)"].startswith("us-east-1 is ")
    assert decided["", "  chosen"] == "far: 127.0.1.1"
    assert decided["", "  not chosen"].startswith("near: unhealthy (health check down); ")
    assert decided["", "  not chosen"].endswith(" ms away")
    assert decided["connection", "link london -> us-east-1"] == "127.0.1.1, one round trip"
    assert decided["answer", "us-east-1"] == "200, 12 bytes"
    assert found["visit"]["headers"]["x-client"] == found["resolution"]["subnet"].replace(".0/24", ".10")


async def test_its_times_are_those_of_the_link_and_add_up(world: WorldSettings) -> None:
    found, table = await traced(world, "http://api.hello.test/")
    visit = found["visit"]
    assert visit["connect_ms"] >= ROUND_TRIP_MS
    assert visit["first_byte_ms"] >= ROUND_TRIP_MS
    whole = next(took for what, _, _, took in table if what == "whole")
    assert whole == pytest.approx(visit["connect_ms"] + visit["first_byte_ms"] + visit["body_ms"], abs=0.2)


async def test_https_is_verified_with_the_worlds_authority(world: WorldSettings) -> None:
    found, table = await traced(world, "https://api.hello.test/")
    assert found["failure"] is None, found
    assert found["visit"]["tls_version"] == "TLSv1.3"
    assert found["visit"]["tls_ms"] >= ROUND_TRIP_MS
    assert found["visit"]["headers"]["x-client"] == "nobody"  # no proxy can write into TLS
    assert any(what == "TLS" for what, *_ in table)


async def test_a_data_plane_tells_what_it_does(world: WorldSettings) -> None:
    found, table = await traced(world, "http://127.2.9.1/a?b")
    assert found["way"]["plane"] == "points"
    assert table[0] == ("point of presence", "points", "127.2.9.1:80 for london: 127.2.9.1/a", None)
    assert table[1][:2] == ("connection", "link london -> paris")
    assert ("answer", "behind paris") in [row[:2] for row in table]


async def test_a_cache_that_answers_is_no_origin(world: WorldSettings) -> None:
    found, _ = await traced(world, "http://127.2.9.1/")
    found["visit"]["headers"] |= {"x-cache": "Hit from cloudfront", "x-amz-cf-pop": "CDG50-P1", "age": "3"}
    table = rows(found, LONDON)
    assert ("cache", "point of presence CDG50-P1", "x-cache: Hit from cloudfront, age: 3", None) in table
    assert ("answer", "cache at paris") in [row[:2] for row in table]
    assert "origin" not in [row[0] for row in table]


async def test_an_address_needs_no_name_server(world: WorldSettings) -> None:
    found, table = await traced(world, "http://127.0.1.1/")
    assert found["resolution"] is None
    assert table[0][0] == "connection"


async def test_what_stops_the_way_is_told_with_what_was_seen_before(world: WorldSettings) -> None:
    found, table = await traced(world, "http://no.hello.test/")
    assert "the name has no address: NXDOMAIN" in found["failure"]
    assert [what for what, *_ in table] == ["question", "name", "answer"]
    found, _ = await traced(world, "http://192.0.2.9/")
    assert "192.0.2.9 belongs to no site of this world" in found["failure"]
    found, table = await traced(world, "http://127.0.2.1/")
    assert table == [("connection", "link london -> eu-west-1", "127.0.2.1: it failed", None)]
    assert found["failure"].startswith("127.0.2.1 from london: connecting: london cannot reach eu-west-1")


@pytest.mark.parametrize("url", ["api.hello.test", "ftp://a.test/", "http:///path", "http://a:99999/", "http://[x/"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(CannotFollow, match="is no URL that can be traced"):
        parsed(url)


@pytest.mark.parametrize(
    ("policy", "terms", "reason"),
    [
        ("weighted", {"weight": 1}, "its weight is 1 of 1"),
        ("failover", {"role": "SECONDARY"}, "it is the secondary"),
        ("geolocation", {"area": "US/CA"}, "it is for US/CA"),
        (
            "geoproximity",
            {"near": "us-east-1", "bias": 5},
            "it is near us-east-1 with bias 5, and another circle",
        ),
        ("cidr", {"location": "office"}, "it is for the location office"),
        ("latency", {"region": "mars-1"}, "its distance is unknown"),
        ("multivalue", {}, ""),
    ],
)
def test_every_policy_has_its_reasons(policy: str, terms: dict[str, Any], reason: str) -> None:
    against = {"terms": terms, "healthy": True, "health_check": None}
    assert why_not(against, {"policy": policy, "records": [against]}, LONDON).startswith(reason)


def test_a_message_cannot_be_smuggled_and_an_answer_must_be_http() -> None:
    assert request_message("/x", "a.test", None).endswith(b"Connection: close\r\n\r\n")
    for broken in (b"", b"HTTP/1.1 200", b"SSH-2.0\r\n\r\n"):
        with pytest.raises(Broken):
            parse(broken)
    assert parse(b"HTTP/1.1 204 No Content\r\nA: b\r\n\r\n") == (204, {"a": "b"}, b"")
