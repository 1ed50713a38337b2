"""A console over a world that a test makes up: what control and the edge answer is scripted, what is asked is kept."""

import html
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.console.app import Console
from panregion.console.aws import Aws
from panregion.console.edge import Edge
from panregion.console.guard import FORM, Guard
from panregion.console.site import Site
from panregion.console.watching import Watcher
from panregion.control import ControlClient
from panregion.world import Request, Response, World, WorldSettings, serve
from panregion.world.background import Background
from panregion.world.settings import Ports

TOKEN = "token-of-this-console"
REGIONS = ("us-east-1", "eu-west-1")


class Scripted:
    """Control, and the edge, over HTTP. `answers` are by method and path without the query; others are 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "GET /status": status(),
            "GET /_panregion/traffic": {"until": 0, "traffic": []},
            "GET /_panregion/transitions": {"transitions": [], "count": 0},
            "GET /_panregion/told": {"told": []},
            "GET /_panregion/health-checks": {"health_checks": []},
        }
        self.asked: list[tuple[str, Any]] = []

    async def __call__(self, request: Request) -> Response:
        what = f"{request.method} {request.path}"
        if request.method != "GET":
            self.asked.append((what, msgspec.json.decode(request.body) if request.body else None))
        found = self.answers.get(what)
        if found is None:
            return Response(400, [], msgspec.json.encode({"message": f"nobody scripted {what}"}))
        return Response(200, [("Content-Type", "application/json")], msgspec.json.encode(found))


def status(**statuses: str) -> dict[str, Any]:
    """What control says of a small world; a region's status by its name with underscores."""
    regions = [
        {
            "region": region,
            "status": statuses.get(region.replace("-", "_"), "running"),
            "endpoint": f"http://127.0.{number}.1:4566",
            "services": ["dynamodb"],
            "memory_mb": 60.0,
            "uptime_s": 12.5,
            "work": 0,
            "dead_letters": 0,
            "replication": {},
            "replicated_tables": {},
        }
        for number, region in enumerate(REGIONS, 1)
    ]
    return {
        "ready": True,
        "failure": None,
        "folder": "/worlds/small/.panregion",
        "account_id": "000000000000",
        "front_door": "http://127.0.0.1:4566",
        "control": "http://127.0.0.1:4500",
        "console": "http://127.0.0.1:4503",
        "name_server": "127.0.0.1:4553",
        "health_check_scale": 1.0,
        "regions": regions,
        "helpers": [{"name": "network", "status": "running"}, {"name": "edge", "status": "running"}],
        "recovery_cells": [],
        "outside": [],
        "faults": [],
        "links": [],
    }


class Lab:
    """`ask` as a browser's page would; `world` is scripted."""

    def __init__(self, console: Console, site: Site, watcher: Watcher, world: Scripted) -> None:
        self.console = console
        self.site = site
        self.watcher = watcher
        self.world = world
        self.thread: Background | None = None
        """Where it runs, if that is not where the test does."""

    def do(self, change: Callable[[], None]) -> None:
        """Change something in the console's own thread."""

        async def changed() -> None:
            change()

        assert self.thread is not None
        self.thread.run(changed(), 30)

    async def get(self, target: str, **headers: str) -> tuple[int, str]:
        """Status and text of a page."""
        path, _, query = target.partition("?")
        response = await self.console(Request("GET", path, query, [*_headers(self, headers)]))
        assert isinstance(response.body, bytes)
        return response.status, response.body.decode()

    async def post(self, path: str, form: dict[str, str], **headers: str) -> Response:
        """A form's answer; the token is among the fields unless the test says another."""
        body = urlencode({"token": TOKEN, **form}).encode()
        told = {"content-type": FORM, "origin": self.origin, "sec-fetch-site": "same-origin", **headers}
        return await self.console(Request("POST", path, "", [*_headers(self, told)], body))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.site.settings.ports.console}"


def _headers(lab: Lab, given: dict[str, str]) -> list[tuple[str, str]]:
    headers = {"host": f"127.0.0.1:{lab.site.settings.ports.console}", **given}
    return [(name.replace("_", "-"), value) for name, value in headers.items()]


def read(text: str) -> str:
    """A page as a reader sees it, tags left out and spaces as one."""
    text = text[text.index("<main") :] if "<main" in text else text
    parts = [part.partition(">")[2] if number else part for number, part in enumerate(text.split("<"))]
    return " ".join(html.unescape(" ".join(parts)).split())


@asynccontextmanager
async def laboratory(folder: Path, world: World | None = None, console: int = Ports().console) -> AsyncIterator[Lab]:
    """A console with nobody watching: a test that wants moments adds them to its history, or enters the watcher.

    It says that it is at the port `console`, and is served by whoever wants to.
    """
    scripted = Scripted()
    server = await serve(scripted, "127.0.0.1", 0)
    ports = Ports(control=server.port, edge=server.port, console=console)
    settings = WorldSettings(regions=REGIONS, ports=ports, folder=str(folder / ".panregion"))
    world = world or World()
    control, edge = ControlClient(settings), Edge(settings)
    try:
        watcher = Watcher(settings, control, edge, world.clock)
        site = Site(settings, control, edge, Aws(settings), TOKEN, watcher.history, world)
        yield Lab(Console(site, Guard(ports.console, TOKEN), watcher), site, watcher, scripted)
    finally:
        await control.close()
        await edge.close()
        await server.close()
