"""The edge's own API, for the CLI, the console, game days, and Route 53's control plane.

GET /_panregion/health                        what the edge knows and from when: services followed, planes, checks
GET, POST /_panregion/faults                  the faults that the edge has in itself (faults.py), told whole
GET /_panregion/places                        cities: name, proxy, address, position
GET /_panregion/health-checks[/<id>]          health checks with what each checker saw
GET /_panregion/health-checks/<id>/latency    what its probes took by checker, where MeasureLatency is on
GET /_panregion/transitions?after=N           changes of health, numbered, and how many there were
GET /_panregion/answers?after=N               DNS answers, numbered
GET /_panregion/visits?after=N                requests of users in cities, numbered; /traffic?after=SECOND their counts
GET /_panregion/told                          what each city is told now for the names that its users asked for
GET /_panregion/answer?name=&type=&client=    what would be answered and why; client is a city, region or subnet
GET /_panregion/route?address=&port=&client=  where a connection to an address ends: {site, host, port}; for a data
                                              plane's its name, and what it does with a request for &name=&path=
"""

import contextlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from panregion.edge.faults import EdgeFaults
from panregion.edge.following import Following
from panregion.edge.health import Monitor
from panregion.edge.log import Ring
from panregion.edge.plane import Explains, Plane
from panregion.edge.resolving import Resolver
from panregion.edge.routes import NoRoute, Routes
from panregion.edge.told import Told
from panregion.edge.visits import Visits
from panregion.edge.where import Asker, Map
from panregion.wire import dns
from panregion.world import Request, Response

PREFIX = "/_panregion/"


class BadQuestion(Exception):
    """The request makes no sense; the text says why."""


@dataclass(frozen=True)
class Seen:
    """What happened at the edge of late: changes of health, DNS answers, users' requests."""

    monitor: Monitor
    answers: Ring
    visits: Visits
    told: Told


class Api:
    """Answers requests to the edge's own port."""

    def __init__(
        self,
        following: Following,
        resolver: Resolver,
        map: Map,
        seen: "Seen",
        routes: Routes,
        planes: Mapping[str, Plane],
        faults: EdgeFaults | None = None,
    ) -> None:
        self._following = following
        self._monitor = seen.monitor
        self._resolver = resolver
        self._map = map
        self._answers = seen.answers
        self._visits = seen.visits
        self._told = seen.told
        self._routes = routes
        self._planes = planes
        self._faults = faults or EdgeFaults()

    async def __call__(self, request: Request) -> Response:
        try:
            status, value = self._respond(request)
        except BadQuestion as error:
            status, value = 400, {"message": str(error)}
        body = msgspec.json.encode(value) + b"\n"
        return Response(status, [("Content-Type", "application/json")], body)

    def _respond(self, request: Request) -> tuple[int, Any]:
        query = dict(parse_qsl(request.query))
        match request.path.removeprefix(PREFIX).split("/"):
            case ["health"]:
                return 200, self._health()
            case ["faults"]:
                return 200, self._set_faults(request)
            case ["places"]:
                return 200, {"places": [self._place(name) for name in self._map.places]}
            case ["health-checks"]:
                return 200, {"health_checks": self._monitor.describe_all()}
            case ["health-checks", check_id]:
                found = self._monitor.describe(check_id)
                return (200, found) if found else (404, {"message": f"the edge knows no health check {check_id}"})
            case ["health-checks", check_id, "latency"]:
                return 200, {"latency": self._monitor.latencies.describe(check_id)}
            case ["transitions"]:
                changes = self._monitor.transitions
                return 200, {"transitions": changes.after(_number(query)), "count": changes.count}
            case ["answers"]:
                return 200, {"answers": self._answers.after(_number(query))}
            case ["visits"]:
                return 200, {"visits": self._of_visits(query)}
            case ["traffic"]:
                return 200, self._visits.traffic(_number(query))
            case ["told"]:
                return 200, {"told": self._told.now()}
            case ["answer"]:
                return 200, self._answer(query)
            case ["route"]:
                return 200, self._route(query)
        return 404, {"message": f"the edge has no {request.path}"}

    def _of_visits(self, query: dict[str, str]) -> list[dict[str, Any]]:
        if "number" in query:
            found = self._visits.find(_number({"after": query["number"]}))
            return [] if found is None else [found]
        if "newest" not in query:
            return self._visits.after(_number(query))
        most = query["newest"]
        if not most.isascii() or not most.isdigit():
            raise BadQuestion("newest is how many")
        return self._visits.newest(int(most), query.get("city"), failed=query.get("failed") == "1")

    def _set_faults(self, request: Request) -> dict[str, Any]:
        if request.method == "POST":
            try:
                self._faults.set(request.body)
            except msgspec.DecodeError as error:
                raise BadQuestion(str(error)) from error
            self._resolver.down = self._faults.name_server
        return {"faults": self._faults.live}

    def _health(self) -> dict[str, Any]:
        checks = self._monitor.describe_all()
        return {
            "status": "ok",
            **self._following.describe(),
            "answers": self._answers.count,
            "health_checks": len(checks),
            "unhealthy": [check["id"] for check in checks if not check["healthy"]],
            "planes": {name: plane.health() for name, plane in self._planes.items()},
        }

    def _place(self, name: str) -> dict[str, Any]:
        site = self._map.places[name]
        return {
            "name": name,
            "proxy": f"http://127.0.0.1:{self._map.place_port(name)}",
            "address": self._map.place_address(name),
            "country": site.country,
            "continent": site.continent,
            "latitude": site.latitude,
            "longitude": site.longitude,
        }

    def _answer(self, query: dict[str, str]) -> dict[str, Any]:
        try:
            name, number = dns.normal(query["name"]), dns.type_number(query.get("type", "A"))
        except KeyError as error:
            raise BadQuestion("name is missing") from error
        except ValueError as error:
            raise BadQuestion(str(error)) from error
        asker = self._asker(query.get("client", ""))
        found = self._resolver.resolve(name, number, asker)
        return {
            "name": name,
            "type": dns.type_name(number),
            "asker": asker.site.name,
            "rcode": dns.RCODES[found.rcode],
            "ttl_s": found.ttl_s,
            "values": [dns.rdata_text(record.type, record.data) for record in found.records if record.type == number],
            "records": [
                {
                    "name": record.name,
                    "type": dns.type_name(record.type),
                    "ttl_s": record.ttl,
                    "value": dns.rdata_text(record.type, record.data),
                }
                for record in found.records
            ],
            "trace": found.trace,
        }

    def _route(self, query: dict[str, str]) -> dict[str, Any]:
        try:
            asker = self._asker(query.get("client", ""))
            route = self._routes.to(query["address"], int(query["port"]), asker.site.name)
        except (KeyError, ValueError) as error:
            raise BadQuestion(f"address or port is missing: {error}") from error
        except NoRoute as error:
            raise BadQuestion(str(error)) from error
        end = {"site": route.site, "host": route.host, "port": route.port}
        return {**end, **self._explained(query, asker.site.name)}

    def _explained(self, query: dict[str, str], site: str) -> dict[str, Any]:
        """Whose the address is, and what becomes of a request there."""
        address, port = query["address"], int(query["port"])
        for name, plane in self._planes.items():
            if plane.route(address, port, site) is not None:
                told = []
                if isinstance(plane, Explains):
                    told = plane.explain(site, address, port, query.get("name", ""), query.get("path", "/"))
                return {"plane": name, "explained": told}
        return {"plane": None, "explained": []}

    def _asker(self, client: str) -> Asker:
        if not client:
            return self._map.at(ipaddress.ip_address("192.0.2.1"))
        with contextlib.suppress(ValueError):  # no address: a city's name, then
            return self._map.at(ipaddress.ip_interface(client).ip)
        try:
            return self._map.asker(client)
        except KeyError as error:
            known = ", ".join(self._map.places)
            raise BadQuestion(f"{client} is no address, region or city; there are {known}") from error


def _number(query: dict[str, str]) -> int:
    text = query.get("after", "0")
    if not text.isdigit():
        raise BadQuestion(f"after={text} is not a number")
    return int(text)
