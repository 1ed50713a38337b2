"""The process that holds a site's recovery cells: `python -m panregion.region.cell --world FILE --site us-west-2`.

A cell is a region that serves one service (services/route53_recovery_cluster), with a store and an address of its
own, whatever is deployed to the region of that name or not: a world need not have it. Cells that were joined are kept
in the site's folder and start again with the process.

    GET  /_panregion/health          the site and its cells
    GET  /_panregion/states?after=N&wait_s=   the states that its cells know, once their position is no longer N
    POST /_panregion/join            {"cluster_id", "number"}: hold a cell of that cluster from now on
    POST /_panregion/leave           {"cluster_id", "number"}: no longer, and forget what it knew
"""

import argparse
import asyncio
import logging
import shutil
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec

from panregion.region.gateway import as_json
from panregion.region.region import Region
from panregion.region.table import Entry
from panregion.services.recovery import FOLDER, HOST_NUMBER, Joining, Told, cell_address, host_address
from panregion.services.route53_recovery_cluster.cell import NAME, Cell
from panregion.store import SqliteEngine
from panregion.world import Dial, HttpServer, Request, Response, World, WorldSettings, link_dial, serve
from panregion.world.disk import write_durably
from panregion.world.program import run_program, told_to_stop

WAIT_MAX_S = 30.0
JOIN_STEP = 1 << 40
"""More than all changes of all clusters: positions differ whenever cells have come or gone."""

log = logging.getLogger("panregion.cell")


class CellHost:
    """The cells of one site."""

    def __init__(self, settings: WorldSettings, site: str, world: World | None = None) -> None:
        self._settings = settings
        self._site = site
        self._world = world or World()
        self._folder = settings.path / FOLDER / site
        self._cells: dict[Joining, Region] = {}
        self._server: HttpServer | None = None
        self._joins = 0
        self._moved = asyncio.Event()
        self._closing = asyncio.Event()

    async def start(self) -> None:
        """Serve, with the cells that were joined before. OSError where an address is taken."""
        for joining in self._kept():
            await self._begin(joining, new=False)
        self._server = await serve(self, host_address(self._site), self._settings.ports.gateway)

    async def stop(self) -> None:
        self._closing.set()
        self._stir()
        if self._server is not None:
            await self._server.close()
        for cell in self._cells.values():
            await cell.stop()

    async def __call__(self, request: Request) -> Response:
        path = request.path.removeprefix("/_panregion/")
        if path == "states":
            return await self._states(dict(parse_qsl(request.query)))
        if path == "health":
            return as_json(200, {"site": self._site, "cells": [cell.cluster_id for cell in self._cells]})
        if request.method != "POST" or path not in ("join", "leave"):
            return as_json(404, {"message": f"the cells of {self._site} have no {request.path}"})
        try:
            joining = msgspec.json.decode(request.body, type=Joining)
        except msgspec.DecodeError as error:
            return as_json(400, {"message": str(error)})
        if not 0 < joining.number < HOST_NUMBER:
            return as_json(400, {"message": f"a cluster's number lies between 1 and {HOST_NUMBER - 1}"})
        await (self._join(joining) if path == "join" else self._leave(joining))
        return as_json(200, {"site": self._site})

    async def _states(self, query: dict[str, str]) -> Response:
        """A long poll; MessagePack of Told."""
        try:
            after, wait_s = int(query.get("after", "-1")), min(float(query.get("wait_s", "0")), WAIT_MAX_S)
        except ValueError as error:
            return as_json(400, {"message": str(error)})
        clock = self._world.clock
        until = clock.monotonic() + wait_s
        while True:
            turns = {cell: cell.turn for cell in self._running}
            told = self._told()
            if told.position != after or clock.monotonic() >= until or self._closing.is_set():
                break
            await self._news(turns, until - clock.monotonic())
        return Response(200, [("Content-Type", "application/vnd.msgpack")], msgspec.msgpack.encode(told))

    def _told(self) -> Told:
        shown = [cell.shown() for cell in self._running]
        return Told(self._joins + sum(each.version for each in shown), shown)

    @property
    def _running(self) -> list[Cell]:
        return [region.here.running[NAME] for region in self._cells.values()]

    async def _news(self, turns: dict[Cell, int], wait_s: float) -> None:
        """Return when any cell knows more than at its turn, cells have come or gone, or the time is over."""
        waits = [
            *(asyncio.ensure_future(cell.news(turn)) for cell, turn in turns.items()),
            asyncio.ensure_future(self._moved.wait()),
            asyncio.ensure_future(self._world.clock.sleep(wait_s)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _stir(self) -> None:
        """Cells have come or gone: who waits looks again. A cell that goes takes its versions along."""
        self._joins += JOIN_STEP
        self._moved.set()
        self._moved = asyncio.Event()

    async def _join(self, joining: Joining) -> None:
        if joining in self._cells:
            return
        for other in [each for each in self._cells if each.number == joining.number]:
            await self._leave(other)  # it was deleted while nobody here could be told
        await self._begin(joining, new=True)
        self._keep()
        self._stir()

    async def _leave(self, joining: Joining) -> None:
        cell = self._cells.pop(joining, None)
        if cell is not None:
            await cell.stop()
        self._keep()  # first: a cell that is listed without its store would be one that has lost it
        shutil.rmtree(self._place(joining), ignore_errors=True)
        self._stir()

    async def _begin(self, joining: Joining, *, new: bool) -> None:
        settings = msgspec.structs.replace(
            self._settings, regions=(self._site,), folder=str(self._settings.path / FOLDER)
        )
        engine = SqliteEngine(self._place(joining) / "state.db", settings.store.durability)
        table = {NAME: Entry("panregion.services.route53_recovery_cluster", start=True, home=self._site)}
        cell = Region(self._site, settings, engine, self._dial_to, self._world, table)
        cell.here.running |= {"recovery-joining": joining, "recovery-new": new}
        await cell.start()
        try:
            await cell.serve(cell_address(self._site, joining.number), self._settings.ports.gateway)
        except OSError:
            await cell.stop()  # whoever joins asks again, and finds nobody working on this store
            raise
        self._cells[joining] = cell

    def _dial_to(self, site: str) -> Dial:
        return link_dial(self._settings.network_address, self._site, site)

    def _place(self, joining: Joining) -> Path:
        return self._folder / joining.cluster_id

    @property
    def _list(self) -> Path:
        return self._folder / "cells.json"

    def _kept(self) -> list[Joining]:
        return msgspec.json.decode(self._list.read_bytes(), type=list[Joining]) if self._list.exists() else []

    def _keep(self) -> None:
        write_durably(self._list, msgspec.json.encode(list(self._cells)))


async def hold(settings: WorldSettings, arguments: argparse.Namespace) -> int:
    """Hold the site's cells until told to stop."""
    stop = told_to_stop()
    host = CellHost(settings, arguments.site)
    await host.start()
    try:
        log.info("the recovery cells of %s answer at %s", arguments.site, host_address(arguments.site))
        await stop.wait()
    finally:
        await host.stop()
    return 0


if __name__ == "__main__":
    sys.exit(run_program("region.cell", hold, "site"))
