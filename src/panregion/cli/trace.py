"""`panregion trace`: one request of somebody in a city, and a table of who decided what on its way.

The name is resolved by the edge, which tells how it came to its answer; the request then goes to the address that was
answered, over the link from the city, with every leg timed. Nothing is estimated but the distances that a latency
policy goes by, which are what it really goes by.
"""

import asyncio
import ipaddress
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from panregion.cli.legs import Broken, Target, Visit, request_message, visit
from panregion.cli.output import Failure, UsageFailure, json_option, out, print_json
from panregion.cli.reasons import why_not
from panregion.cli.world import one_of, places, settings_of_world
from panregion.world import ClientError, HttpClient, SystemClock, WorldSettings, direct_dial, link_dial
from panregion.world.distance import Site, cities
from panregion.world.tls import trusting

EDGE_TIMEOUT_S = 5.0
PORTS = {"http": 80, "https": 443}
FRONT_HEADERS = ("x-cache", "age", "via")
Row = tuple[str, str, str, float | None]
"""(what, who decided, what was decided, how long it took in milliseconds)."""


@click.command()
@click.option("--from", "city", required=True, help="The city that the user is in.")
@click.argument("url")
@json_option
def trace(city: str, url: str, as_json: bool) -> None:
    """One GET of URL as somebody in a city: who decided what on its way, and what each leg took."""
    settings = settings_of_world()
    one_of("city", city, places(settings))
    traced = asyncio.run(follow(settings, city, _parsed(url)))
    if as_json:
        print_json(traced)
    else:
        out.print(_table(rows(traced, _site(settings, city))))
    if traced["failure"]:
        raise Failure(traced["failure"])


def _parsed(url: str) -> SplitResult:
    """Raises UsageFailure for what is no URL of a web server."""
    try:
        parsed = urlsplit(url)
        usable = parsed.scheme in PORTS and bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageFailure(f"{url} is no URL that can be traced: http://name/path or https://name/path")
    return parsed


def _site(settings: WorldSettings, city: str) -> Site:
    own = settings.places.get(city)
    if own is None:
        return cities()[city]
    return Site(city, city, own.country, own.continent, own.latitude, own.longitude, own.subdivision)


async def follow(settings: WorldSettings, city: str, url: SplitResult) -> dict[str, Any]:
    """Resolve, go there, come back: all that was seen, as one value (`failure` says what stopped it)."""
    traced: dict[str, Any] = {"from": city, "url": url.geturl(), "resolution": None, "way": None, "visit": None}
    edge = HttpClient(direct_dial)
    try:
        address = await _resolved(settings, edge, city, url, traced)
        asked = {"address": address, "port": _port(url), "client": city, "name": url.hostname, "path": url.path or "/"}
        way = await _ask_edge(settings, edge, "route", asked, refusal_is_answer=True)
        if "message" in way:
            raise Broken(way["message"])
        traced["way"] = {"address": address, **way}
        traced["visit"] = msgspec.to_builtins(await _visit(settings, city, url, traced["way"]))
        traced["failure"] = None
    except Broken as error:
        traced["failure"] = f"{url.hostname} from {city}: {error}"
    finally:
        await edge.close()
    return traced


def _port(url: SplitResult) -> int:
    return url.port or PORTS[url.scheme]


async def _resolved(
    settings: WorldSettings, edge: HttpClient, city: str, url: SplitResult, traced: dict[str, Any]
) -> str:
    """The address that the name has for that city. Raises Broken where it has none."""
    assert url.hostname is not None
    try:
        return str(ipaddress.ip_address(url.hostname))
    except ValueError:
        clock = SystemClock()
        await _ask_edge(settings, edge, "places", {})  # so that the answer's time is not that of connecting
        began = clock.monotonic()
        found = await _ask_edge(settings, edge, "answer", {"name": url.hostname, "type": "A", "client": city})
        took_ms = round((clock.monotonic() - began) * 1000, 1)
        number = places(settings).index(city)
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
        raise Failure(f"the edge does not answer ({error}): `panregion status` says how the world is") from error
    assert isinstance(response.body, bytes)
    answer: dict[str, Any] = msgspec.json.decode(response.body)
    if response.status != 200 and not refusal_is_answer:
        raise UsageFailure(answer["message"])
    return answer


async def _visit(settings: WorldSettings, city: str, url: SplitResult, way: dict[str, Any]) -> Visit:
    assert url.hostname is not None
    secure = url.scheme == "https"
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    client = None if secure else f"198.18.{places(settings).index(city)}.10"
    message = request_message(path, url.netloc.rpartition("@")[2], client)
    target = Target(way["host"], way["port"], url.hostname, message, trusting(settings.path) if secure else None)
    return await visit(target, link_dial(settings.network_address, city, way["site"]), SystemClock())


def rows(traced: dict[str, Any], asker: Site) -> list[Row]:
    """The table's rows. Pure."""
    found: list[Row] = []
    if traced["resolution"] is not None:
        found += _resolution_rows(traced["resolution"], asker)
    way = traced["way"]
    if way is None:
        return found
    found += [(what, who, decided, None) for what, who, decided in way["explained"]]
    if traced["visit"] is None:
        found.append(("connection", _link(traced["from"], way), f"{way['address']}: it failed", None))
        return found
    return found + _visit_rows(traced["from"], way, traced["visit"])


def _link(city: str, way: dict[str, Any]) -> str:
    return f"link {city} -> {way['site']}"


def _resolution_rows(resolution: dict[str, Any], asker: Site) -> list[Row]:
    question = f"{resolution['name']} {resolution['type']}, from {resolution['subnet']}"
    found: list[Row] = [("question", f"resolver of {asker.name}", question, None)]
    for step in resolution["trace"]:
        if "policy" not in step:
            found.append(("name", "name server", step["why"], None))
            continue
        found.append(("policy", f"{step['policy']} ({step['name']})", step["why"], None))
        for record in step["records"]:
            target = record["target"] if isinstance(record["target"], str) else ", ".join(record["target"])
            label = record["set_identifier"] or target
            if record["chosen"]:
                found.append(("", "  chosen", f"{label}: {target}", None))
            else:
                found.append(("", "  not chosen", f"{label}: {why_not(record, step, asker)}", None))
    answer = f"{', '.join(resolution['values']) or resolution['rcode']}, for {resolution['ttl_s']} s"
    found.append(("answer", "name server", answer, resolution["took_ms"]))
    return found


def _visit_rows(city: str, way: dict[str, Any], seen: dict[str, Any]) -> list[Row]:
    site, headers = way["site"], seen["headers"]
    found: list[Row] = []
    found.append(("connection", _link(city, way), f"{way['address']}, one round trip", seen["connect_ms"]))
    if seen["tls_ms"] is not None:
        found.append(("TLS", site, f"{seen['tls_version']}, by the world's authority", seen["tls_ms"]))
    if "x-amz-cf-pop" in headers:
        told = ", ".join(f"{name}: {headers[name]}" for name in FRONT_HEADERS if name in headers)
        found.append(("cache", f"point of presence {headers['x-amz-cf-pop']}", told, None))
    beyond_ms = max(0.0, round(seen["first_byte_ms"] - seen["connect_ms"], 1))
    hit = headers.get("x-cache", "").startswith(("Hit", "RefreshHit"))
    origin = f"cache at {site}" if hit else f"behind {site}" if way["plane"] else site
    first = f"first byte of the answer, {beyond_ms} ms of it beyond the link's round trip"
    found.append(("cache" if hit else "origin", origin, first, seen["first_byte_ms"]))
    found.append(("answer", origin, f"{seen['status']}, {seen['body_bytes']} bytes", seen["body_ms"]))
    legs = (seen["connect_ms"], seen["tls_ms"] or 0.0, seen["first_byte_ms"], seen["body_ms"])
    found.append(("whole", "", "connection to last byte", round(sum(legs), 1)))
    return found


def _table(found: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "who decided", "what was decided"):
        table.add_column(heading)
    table.add_column("ms", justify="right")
    for what, who, decided, took_ms in found:
        table.add_row(what, escape(who), escape(decided), "" if took_ms is None else f"{took_ms:.1f}")
    return table
