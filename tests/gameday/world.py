"""A world of three small servers: a control that breaks the application as it is told, an edge, a city's proxy.

What goes wrong is known to the millisecond, so an engine over real sockets and a real clock can be held to it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from panregion.world import HttpServer, Request, Response, SystemClock, WorldSettings, serve
from panregion.world.settings import Ports
from panregion.world.tls import make_authority
from panregion.world.whereabouts import places

REGION = "eu-west-1"
CITY = "london"
TABLE = "things"
SLOW_S = 0.6
"""How long the page `/slow` takes; whether it is a good one shows in the end."""


def json(value: Any, status: int = 200) -> Response:
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(value))


@dataclass
class SmallWorld:
    """One region and its application; `away` while the one fault it knows is live."""

    settings: WorldSettings
    things: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    lose_every: int = 0
    """Every so manieth acknowledged write is not kept."""
    refuse_faults: bool = False
    undo_fails: bool = False
    undo_s: float = 0.0
    """How long it takes until what was broken is as before."""
    backlog: int = 0
    writes: int = 0
    lost: int = 0
    leases: int = 0
    changes: list[dict[str, Any]] = field(default_factory=list)
    began_s: float = 0.0
    ended_s: float = 0.0
    clock: SystemClock = field(default_factory=SystemClock)

    async def control(self, request: Request) -> Response:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["status"]:
                about = {"folder": self.settings.folder, "ready": True, "health_check_scale": 1.0}
                return json({**about, "regions": [self._region()], "faults": []})
            case "GET", ["conflicts"]:
                return json([])
            case "POST", ["leases"]:
                return Response(200, [], self._lease())
            case "POST", ["faults"]:
                return self._inject(msgspec.json.decode(request.body))
            case "DELETE", ["faults", id]:
                await asyncio.sleep(self.undo_s)
                return self._undo(id)
        return json({"message": f"no {request.path}"}, 400)

    def _region(self) -> dict[str, Any]:
        lag = {"last_ms": 12.0, "p50_ms": 12.0, "p99_ms": 12.0, "samples": 1, "applied": 1}
        feeds = {"f": {"backlog": self.backlog, "copying": False, "lag": lag}}
        return {
            "region": REGION,
            "status": "killed" if self.away else "running",
            "replicated_tables": {"f": TABLE},
            "replication": {"us-east-1": {"state": "following", "feeds": feeds}},
        }

    async def _lease(self) -> AsyncIterator[bytes]:
        self.leases += 1
        try:
            yield b'{"lease": "l"}\n'
            while True:
                await asyncio.sleep(0.05)
                yield b"\n"
        finally:
            self.leases -= 1

    def _inject(self, asked: dict[str, Any]) -> Response:
        if self.refuse_faults:
            return json({"message": "it cannot be done here"}, 400)
        assert asked["lease"] == "l"
        self.away, self.began_s = True, self.clock.now()
        self._note(healthy=False)
        return json(self._record(asked["fault"], "live"))

    def _undo(self, id: str) -> Response:
        if self.undo_fails:
            return json({"message": f"{id} stays"}, 400)
        self.away, self.ended_s = False, self.clock.now()
        self._note(healthy=True)
        return json(self._record({"kind": "region-kill", "region": REGION}, "ended"))

    def _record(self, fault: dict[str, Any], state: str) -> dict[str, Any]:
        ended_s = None if state == "live" else self.ended_s
        return {
            "id": "1",
            "fault": fault,
            "description": "",
            "began_s": self.began_s,
            "state": state,
            "ended_s": ended_s,
            "why": None if state == "live" else "undone",
        }

    def _note(self, *, healthy: bool) -> None:
        number = len(self.changes) + 1
        self.changes.append(
            {
                "number": number,
                "time": self.clock.now(),
                "health_check": "c",
                "site": None,
                "healthy": healthy,
                "why": "x",
            }
        )

    async def edge(self, request: Request) -> Response:
        query = dict(parse_qsl(request.query))
        match request.path.removeprefix("/_panregion/").split("/"):
            case ["transitions"]:
                return json({"transitions": [one for one in self.changes if one["number"] > int(query["after"])]})
            case ["health-checks", _]:
                return json({"target": f"api.{REGION}.amazonaws.com"})
            case ["answer"]:
                assert query["client"] == CITY
                return json({"values": ["192.0.2.1" if self.away else "127.0.1.1"]})
        return json({"message": "no"}, 404)

    async def proxy(self, request: Request) -> Response:
        """The application: PUT and GET of things by id."""
        if request.path == "/slow":
            await asyncio.sleep(SLOW_S)
            return json({"message": "away"}, 502) if self.away else json({})
        if self.away:
            return json({"message": "away"}, 502)
        thing = request.path.rsplit("/", 1)[-1]
        if request.method == "PUT":
            self.writes += 1
            if self.lose_every and self.writes % self.lose_every == 0:
                self.lost += 1
            else:
                self.things[thing] = msgspec.json.decode(request.body)
            return json({})
        return json(self.things[thing]) if thing in self.things else json({}, 404)

    async def region(self, request: Request) -> Response:
        """DynamoDB's BatchGetItem over the application's things."""
        assert request.header("x-amz-target") == "DynamoDB_20120810.BatchGetItem"
        keys = msgspec.json.decode(request.body)["RequestItems"][TABLE]["Keys"]
        found = [self.things[key["id"]["S"]] for key in keys if key["id"]["S"] in self.things]
        items = [{name: {"S": value} for name, value in one.items()} for one in found]
        return json({"Responses": {TABLE: items}, "UnprocessedKeys": {}})


@contextlib.asynccontextmanager
async def small_world(folder: Path, ports: Ports) -> AsyncIterator[SmallWorld]:
    """A world on those ports, with the proxy of one city."""
    number = list(places(WorldSettings())).index(CITY)
    settings = WorldSettings(regions=(REGION,), folder=str(folder), ports=ports)
    make_authority(folder)
    world = SmallWorld(settings)
    servers: list[HttpServer] = []
    for handler, host, port in (
        (world.control, "127.0.0.1", ports.control),
        (world.edge, "127.0.0.1", ports.edge),
        (world.proxy, "127.0.0.1", ports.places + number),
        (world.region, settings.address(REGION), ports.gateway),
    ):
        servers.append(await serve(handler, host, port))
    try:
        yield world
    finally:
        for server in servers:
            await server.close()
