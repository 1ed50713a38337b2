"""Requests of users and those that are sent from the console: legs on a line of time, and what came back as text."""

import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.console.data.waterfall import waterfall
from panregion.console.followed import Followed
from panregion.console.pages.request import command
from panregion.console.pages.requests import question
from panregion.control.tracing import CannotFollow, Leg, Question, parsed
from panregion.network import Network, Relay, Sites
from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import Request, Response, World, WorldSettings, direct_dial
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports
from panregion.world.transport import bound_port, listen_tcp
from tests.console.lab import REGIONS, Lab, read

HOSTILE = "<script>alert(1)</script>"


def visit(number: int, **changes: Any) -> dict[str, Any]:
    """What the edge tells of a request."""
    usual = {"number": number, "city": "london", "method": "GET", "host": "api.test", "path": f"/{number}"}
    times = {"began_s": 1_700_000_000.0, "connect_ms": 20.0, "first_byte_ms": 50.5, "took_ms": 51.0}
    came = {"site": "eu-west-1", "address": "127.0.2.1", "status": 200, "failure": None, "cache": None}
    return {**usual, **times, **came, **changes}


async def test_the_last_requests_and_who_answered(lab: Lab) -> None:
    failed = visit(2, status=502, failure=f"no route to {HOSTILE}", site=None, path=f"/{HOSTILE}")
    lab.world.answers["GET /_panregion/visits"] = {
        "visits": [failed, visit(1), visit(3, method="CONNECT", status=None)]
    }
    code, text = await lab.get("/requests?city=london&failed=1")
    assert code == 200
    assert "<script>alert" not in text
    seen = read(text)
    assert "22:13:20 london GET api.test/1 eu-west-1 200 51.0 ms" in seen
    assert "nobody 502" in seen
    assert "tunnel" in seen
    assert '<option value="1" selected>' in text
    _, part = await lab.get("/requests", x_part="requests")
    assert "<html" not in part


async def test_nobody_asked_for_anything(lab: Lab) -> None:
    lab.world.answers["GET /_panregion/visits"] = {"visits": []}
    assert "panregion curl --from london" in read((await lab.get("/requests"))[1])


async def test_what_the_edge_knows_of_one(lab: Lab) -> None:
    lab.world.answers["GET /_panregion/visits"] = {"visits": [visit(7, cache="Hit from cloudfront")]}
    seen = read((await lab.get("/requests/7"))[1])
    assert "connection 20.0 ms" in seen
    assert "answer 30.5 ms request sent until" in seen
    assert "body 0.5 ms" in seen
    assert "Point of presence Hit from cloudfront" in seen
    text = html.unescape((await lab.get("/requests/7"))[1])
    assert '"/requests?from=london&url=http%3A%2F%2Fapi.test%2F7&method=GET"' in text
    lab.world.answers["GET /_panregion/visits"] = {"visits": [visit(7, connect_ms=None)]}
    assert "on a connection that was kept" in read((await lab.get("/requests/7"))[1])


@pytest.mark.parametrize("page", ["/requests/99", "/requests/many", "/requests/sent/1", "/requests/sent/x"])
async def test_what_is_forgotten_is_told_so(lab: Lab, page: str) -> None:
    lab.world.answers["GET /_panregion/visits"] = {"visits": []}
    code, text = await lab.get(page)
    assert (code, "That request is forgotten" in text) == (404, True)


FORM = {"from": "london", "method": "GET", "url": "http://api.test/"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"from": "atlantis"}, "is no city of this world"),
        ({"url": "ftp://x/"}, "is no URL that can be traced"),
        ({"url": "http://a.test/\r\nX: y"}, "is no URL that can be traced"),
        ({"method": "GET / HTTP/1.1"}, "is no method of HTTP"),
        ({"headers": "no header"}, "is no header that can be sent"),
        ({"headers": "a b: c"}, "is no header that can be sent"),
        ({"headers": "Host: other"}, "is the request's own"),
        ({"headers": "Content-Length: 5"}, "is the request's own"),
        ({"headers": "x-panregion-client: 1.2.3.4"}, "is the request's own"),
    ],
)
def test_what_no_client_would_send_is_refused(lab: Lab, change: dict[str, str], said: str) -> None:
    with pytest.raises(CannotFollow, match=said):
        question(lab.site, {**FORM, **change}).check()


def test_the_command_that_sends_the_same() -> None:
    asked = Question("london", parsed("http://a.test/x?y=1"), "PUT", (("A", "b c"),), b'{"it": "\'s"}')
    told = command(asked)
    assert told.startswith("panregion trace --from london -X PUT -H 'A: b c' -d ")
    assert told.endswith("'http://a.test/x?y=1'")
    assert command(Question("london", parsed("http://a.test/"))) == "panregion trace --from london http://a.test/"


def test_legs_on_one_line_of_time() -> None:
    lines = waterfall(
        [
            Leg("answer", "name server", "1.2.3.4", 10.0, -10.0),
            Leg("policy", "latency", "near", None),
            Leg("connection", "link", "", 20.0, 0.0),
            Leg("  operation", "us-east-1", "", 5.0, 60.0),
            Leg("replication", "a -> b", "", 20.0, 70.0),
        ]
    )
    assert [(line["left"], line["width"]) for line in lines] == [(0, 10), (None, None), (10, 20), (70, 5), (80, 20)]
    assert [line["depth"] for line in lines] == [0, 0, 0, 1, 0]
    assert waterfall([]) == []


@pytest.fixture
async def reached(lab: Lab, tmp_path: Path) -> AsyncIterator[Lab]:
    """A console whose world has links, a name server's answers, and us-east-1 with a data plane of the test's."""
    region = Region(
        "us-east-1", WorldSettings(regions=REGIONS, folder=str(tmp_path)), MemoryEngine(), lambda _: direct_dial
    )
    await region.start()
    port = await region.serve("127.0.1.1", 0)
    quick = NetworkSettings(scale=0.0, jitter_ms=0)
    settings = WorldSettings(regions=REGIONS, folder=lab.site.settings.folder, network=quick)
    relay = Relay(Network(Sites(settings), World()))
    links = await listen_tcp(relay.protocol, "127.0.0.1", 0)
    ports = Ports(gateway=port, network=bound_port(links), edge=lab.site.settings.ports.edge)
    lab.site.followed = Followed(msgspec.structs.replace(settings, ports=ports), World())
    way = {"site": "us-east-1", "host": "127.0.1.1", "port": port, "plane": None, "explained": []}
    lab.world.answers["GET /_panregion/route"] = way

    class Plane:
        async def handle(self, _here: object, request: Request) -> Response:
            return Response(200, [("X-Hostile", HOSTILE)], f"{HOSTILE} {request.body.decode()}".encode())

    region.gateway._plane = lambda _here, _request: Plane()  # type: ignore[method-assign,assignment,return-value]
    yield lab
    await lab.site.followed.over()
    relay.close()
    links.close()
    await region.stop()


async def test_one_that_is_sent_from_here_is_followed_to_the_region(reached: Lab) -> None:
    form = {**FORM, "url": "http://127.0.1.1/x", "method": "POST", "headers": "A: b", "body": HOSTILE}
    answer = await reached.post("/requests", form)
    assert (answer.status, answer.headers[0]) == (303, ("Location", "/requests/sent/1"))
    assert "It is on its way" in read((await reached.get("/requests/sent/1"))[1])
    await reached.site.followed.over()
    _, text = await reached.get("/requests/sent/1")
    assert "<script>alert" not in text
    seen = read(text)
    assert "200 after" in seen
    assert "connection link london -> us-east-1" in seen
    assert "gateway us-east-1 POST /x, answered 200" in seen
    assert f"x-hostile: {HOSTILE}" in seen
    assert f"{HOSTILE} {HOSTILE}" in seen
    assert "data-over" in text
    reached.world.answers["GET /_panregion/visits"] = {"visits": []}
    assert "POST http://127.0.1.1/x from london" in read((await reached.get("/requests"))[1])


async def test_why_one_came_to_nothing_is_told(reached: Lab) -> None:
    reached.world.answers["GET /_panregion/route"] = {"message": "belongs to no site of this world"}
    await reached.post("/requests", {**FORM, "url": "http://192.0.2.1/"})
    await reached.site.followed.over()
    assert "192.0.2.1 from london: belongs to no site" in read((await reached.get("/requests/sent/1"))[1])


async def test_only_the_last_are_kept(lab: Lab) -> None:
    followed = Followed(lab.site.settings, World(), kept=2)
    for _ in range(3):
        followed.send(Question("london", parsed("http://192.0.2.1/")))
    await followed.over()
    assert [sent.number for sent in followed.newest] == [3, 2]
    assert followed.find(1) is None
