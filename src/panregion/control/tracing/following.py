"""Resolve as a city does, go there over the link, come back: all that was seen, as one value.

Nothing is estimated but the distances that a latency policy goes by, which are what it really goes by.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from panregion.control.tracing import inside
from panregion.control.tracing.legs import Broken, Target, Visit, request_message, visit
from panregion.control.tracing.where import places
from panregion.world import ClientError, Headers, HttpClient, World, WorldSettings, direct_dial, link_dial
from panregion.world.distance import Site, cities
from panregion.world.tls import trusting

EDGE_TIMEOUT_S = 5.0
PATIENCE_S = 3.0
"""How long the other regions are given to get what was written."""

PORTS = {"http": 80, "https": 443}
HEADER = "x-panregion-trace"
METHOD = re.compile(r"[A-Z]{1,20}")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]{0,8000}")
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "x-panregion-client", HEADER})
"""Headers that the request has from us."""


class CannotFollow(Exception):
    """There is nothing to follow; the text says why. `asked_wrongly`: the question makes no sense."""

    def __init__(self, text: str, *, asked_wrongly: bool = True) -> None:
        super().__init__(text)
        self.asked_wrongly = asked_wrongly


@dataclass(frozen=True)
class Question:
    """What somebody in a city asks for."""

    city: str
    url: SplitResult
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def check(self) -> None:
        """Raises CannotFollow for what no HTTP client would send."""
        if not METHOD.fullmatch(self.method):
            raise CannotFollow(f"{self.method[:40]!r} is no method of HTTP, such as GET or POST")
        for name, value in self.headers:
            if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
                raise CannotFollow(f"{name[:40]!r} is no header that can be sent: Name: value")
            if name.lower() in OURS:
                raise CannotFollow(f"the header {name} is the request's own")


def parsed(url: str) -> SplitResult:
    """Raises CannotFollow for what is no URL of a web server."""
    try:
        found = urlsplit(url)
        usable = found.scheme in PORTS and bool(found.hostname) and found.port != 0 and found.netloc.isascii()
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise CannotFollow(f"{url} is no URL that can be traced: http://name/path or https://name/path")
    return found


def site_of(settings: WorldSettings, city: str) -> Site:
    """Where a city is."""
    own = settings.places.get(city)
    if own is None:
        return cities()[city]
    return Site(city, city, own.country, own.continent, own.latitude, own.longitude, own.subdivision)


async def follow(
    settings: WorldSettings, asked: Question, world: World | None = None, patience_s: float = PATIENCE_S
) -> dict[str, Any]:
    """What was seen of the request on its way, in the regions and after it (`failure` says what stopped it).

    Raises CannotFollow.
    """
    asked.check()
    world = world or World()
    client = HttpClient(direct_dial)
    traced: dict[str, Any] = {"from": asked.city, "url": asked.url.geturl(), "method": asked.method}
    traced |= {"resolution": None, "way": None, "visit": None, "steps": [], "replication": []}
    try:
        address = await _resolved(settings, client, asked, traced, world)
        way = await _way(settings, client, asked, address)
        traced["way"] = {"address": address, **way}
        root = f"1-{int(world.clock.now()):08x}-{world.chance.bits(96):024x}"
        seen = await _visit(settings, asked, traced["way"], root, world)
        traced["visit"] = msgspec.to_builtins(seen)
        began_s = traced["visit"].pop("began_s")
        traced["steps"] = await inside.steps(client, settings, root, began_s)
        moments = (began_s, world.clock, patience_s)
        traced["replication"] = await inside.replication(client, settings, traced["steps"], *moments)
        traced["failure"] = None
    except Broken as error:
        traced["failure"] = f"{asked.url.hostname} from {asked.city}: {error}"
    finally:
        await client.close()
    return traced


async def _way(settings: WorldSettings, client: HttpClient, asked: Question, address: str) -> dict[str, Any]:
    """Where a connection to the address ends. Raises Broken."""
    url = asked.url
    query = {"address": address, "port": url.port or PORTS[url.scheme], "client": asked.city, "name": url.hostname}
    query["path"] = url.path or "/"
    way = await _ask_edge(settings, client, "route", query, refusal_is_answer=True)
    if "message" in way:
        raise Broken(way["message"])
    return way


async def _resolved(
    settings: WorldSettings, client: HttpClient, asked: Question, traced: dict[str, Any], world: World
) -> str:
    """The address that the name has for that city. Raises Broken where it has none."""
    name = asked.url.hostname
    assert name is not None
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        clock = world.clock
        await _ask_edge(settings, client, "places", {})  # so that the answer's time is not that of connecting
        began = clock.monotonic()
        found = await _ask_edge(settings, client, "answer", {"name": name, "type": "A", "client": asked.city})
        took_ms = round((clock.monotonic() - began) * 1000, 1)
        number = places(settings).index(asked.city)
    traced["resolution"] = {**found, "subnet": f"198.18.{number}.0/24", "took_ms": took_ms}
    if not found["values"]:
        reasons = "; ".join(step["why"] for step in found["trace"])
        raise Broken(f"the name has no address: {found['rcode']}, {reasons}")
    return str(found["values"][0])


async def _ask_edge(
    settings: WorldSettings, edge: HttpClient, path: str, query: dict[str, Any], *, refusal_is_answer: bool = False
) -> dict[str, Any]:
    url = f"http://127.0.0.1:{settings.ports.edge}/_panregion/{path}?{urlencode(query)}"
    try:
        response = await edge.send("GET", url, timeout_s=EDGE_TIMEOUT_S)
    except ClientError as error:
        told = f"the edge does not answer ({error}): `panregion status` says how the world is"
        raise CannotFollow(told, asked_wrongly=False) from error
    assert isinstance(response.body, bytes)
    answer: dict[str, Any] = msgspec.json.decode(response.body)
    if response.status != 200 and not refusal_is_answer:
        raise CannotFollow(answer["message"])
    return answer


async def _visit(settings: WorldSettings, asked: Question, way: dict[str, Any], root: str, world: World) -> Visit:
    url = asked.url
    assert url.hostname is not None
    secure = url.scheme == "https"
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    client = None if secure else f"198.18.{places(settings).index(asked.city)}.10"
    headers: Headers = [*asked.headers, (HEADER, root)]
    host = url.netloc.rpartition("@")[2]
    message = request_message(path, host, client, method=asked.method, headers=headers, body=asked.body)
    target = Target(way["host"], way["port"], url.hostname, message, trusting(settings.path) if secure else None)
    return await visit(target, link_dial(settings.network_address, asked.city, way["site"]), world.clock)
