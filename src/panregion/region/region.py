"""One region: its store, services, work and server, put together.

The same object runs as a process of a world (`python -m panregion.region`) and inside a test, where the
engine is in memory, the clock stands still and the links are direct.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from panregion.region.catalogue import Catalogue
from panregion.region.dispatch import RegionDispatch, answer_call
from panregion.region.faults.keeper import CannotHave, RegionFaults
from panregion.region.gateway import Gateway, InternalRoute, as_json
from panregion.region.table import TABLE, Entry
from panregion.region.tracing import described
from panregion.region.worker import Worker
from panregion.region.worklist import listing
from panregion.services import Here, certificates
from panregion.services.web import WEB
from panregion.store import Engine, Store
from panregion.world import Dial, HttpClient, HttpServer, Request, Response, World, WorldSettings, direct_dial, serve
from panregion.world.process import resident_bytes
from panregion.world.tls import CERTIFICATE, server_context, trusting

DialTo = Callable[[str], Dial]
"""Gives the way of dialling a site from this region."""


class Region:
    """A region that can be started, asked and stopped."""

    def __init__(
        self,
        name: str,
        settings: WorldSettings,
        engine: Engine,
        dial_to: DialTo,
        world: World | None = None,
        table: Mapping[str, Entry] = TABLE,
    ) -> None:
        self.name = name
        self.settings = settings
        self.store = Store(engine)
        self.catalogue = Catalogue(table)
        self.dispatch = RegionDispatch(self.catalogue, self._client_to)
        self._dial_to = dial_to
        self.here = Here(
            region=name,
            settings=settings,
            folder=settings.region_folder(name),
            world=world or World(),
            store=self.store,
            dispatch=self.dispatch,
            running={"closing": asyncio.Event()},
        )
        self.worker = Worker(self.here, self.catalogue)
        self._started_at = self.here.now()
        self._stops: list[Callable[[], Awaitable[None]]] = []
        self._figures: list[Callable[[], dict[str, Any]]] = []
        self.faults = RegionFaults(self.here)
        self._routes: dict[str, InternalRoute] = {
            "health": self._health,
            "call": self._call,
            "work": self._work,
            "faults": self._set_faults,
            "trace": self._trace,
        }
        self.gateway = Gateway(self.here, self.catalogue, self.dispatch, self._routes)
        self._servers: list[HttpServer] = []

    def _client_to(self, site: str) -> HttpClient:
        """A client over the link to a site, or through this region's way out to the web."""
        if site != WEB:
            return HttpClient(self._dial_to(site))
        host, port = self.settings.egress(self.name)
        tls = trusting(self.settings.path) if (self.settings.path / CERTIFICATE).exists() else None
        return HttpClient(direct_dial, tls=tls, proxy=f"http://{host}:{port}")

    async def start(self) -> None:
        """Start background work and the services' own; the region can be asked from then on, if not served."""
        for service in self.catalogue.having("start"):
            if service.start is not None:
                running = await service.start(self.here)
                self._stops.append(running.stop)
                self._routes.update(running.routes)
                self._figures.append(running.health)
        worker = asyncio.create_task(self.worker.run())
        self._stops.append(lambda: _cancelled(worker))

    async def serve(self, host: str, port: int, tls_port: int | None = None) -> int:
        """Serve HTTP, and HTTPS where a port is given for it; returns the port of the former."""
        self._servers.append(await serve(self.gateway, host, port))
        if tls_port is not None:
            tls = server_context(self.settings.path, host, self._certificate)
            self._servers.append(await serve(self.gateway, host, tls_port, tls))
        return self._servers[0].port

    def _certificate(self, name: str) -> tuple[str, str, str] | None:
        """The certificate that ACM keeps for a name."""
        served = self.store.read(lambda tx: certificates.find(tx, name))
        return None if served is None else (f"{served.arn}/{served.created_at}", served.chain, served.key)

    async def stop(self) -> None:
        """Stop working (streams to other regions end with it), then serving, then keeping."""
        self.here.closing.set()
        await self.faults.close()
        for stop in reversed(self._stops):
            await stop()
        for server in self._servers:
            await server.close()
        await self.dispatch.close()
        await self.store.close()

    async def ask(self, service: str, operation: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """An operation, as a customer of this region asks for it. Raises AwsError."""
        return await self.here.request(service, operation, dict(params or {}))

    async def _call(self, request: Request) -> Response:
        body = await answer_call(self.dispatch, self.here, request.body)
        return Response(200, [("Content-Type", "application/vnd.msgpack")], body)

    async def _set_faults(self, request: Request) -> Response:
        """What faults the region has in itself, told whole (region/faults)."""
        if request.method == "POST":
            try:
                await self.faults.set(request.body)
            except CannotHave as error:
                return as_json(400, {"message": str(error)})
            self.dispatch.faults = self.faults if self.faults.calls else None
        return as_json(200, {"faults": self.faults.live})

    async def _trace(self, request: Request) -> Response:
        """What the region did for a request that asked to be followed: GET /_panregion/trace?id=ROOT (tracing.py)."""
        recording = self.gateway.recorder.find(request.query.removeprefix("id="))
        return as_json(200, {"steps": []} if recording is None else described(recording))

    async def _health(self, _request: Request) -> Response:
        return as_json(200, self.health())

    def health(self) -> dict[str, Any]:
        """The region's state as a plain value, for /_panregion/health."""
        pid = os.getpid()
        figures = {name: figure for figures in self._figures for name, figure in figures().items()}
        return {
            **figures,
            "region": self.name,
            "status": "running",
            "pid": pid,
            "time_s": self.here.now(),
            "uptime_s": round(self.here.now() - self._started_at, 3),
            "memory_mb": round((resident_bytes(pid) or 0) / 1e6, 1),
            "services": self.catalogue.names,
            "work": self._count("work"),
            "dead_letters": self._count("dead-work"),
        }

    async def _work(self, _request: Request) -> Response:
        return as_json(200, listing(self.store, self.name, self.here.now(), self.worker.running))

    def _count(self, space: str) -> int:
        return self.store.read(lambda tx: sum(1 for _ in tx.values((space,))))


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def state_path(settings: WorldSettings, region: str) -> Path:
    """Where a region keeps its store."""
    return settings.region_folder(region) / "state.db"
