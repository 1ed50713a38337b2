"""The process that holds a site's recovery cells: `python -m panregion.region.cell --world FILE --site us-west-2`.

A cell is a region that serves one service (services/route53_recovery_cluster), with a store and an address of its
own, whatever is deployed to the region of that name or not: a world need not have it. Cells that were joined are kept
in the site's folder and start again with the process.

    GET  /_panregion/health          the site and its cells
    POST /_panregion/join            {"cluster_id", "number"}: hold a cell of that cluster from now on
    POST /_panregion/leave           {"cluster_id", "number"}: no longer, and forget what it knew
"""

import argparse
import logging
import shutil
import sys
from pathlib import Path

import msgspec

from panregion.region.gateway import as_json
from panregion.region.region import Region
from panregion.region.table import Entry
from panregion.services.recovery import FOLDER, HOST_NUMBER, Joining, cell_address, host_address
from panregion.store import SqliteEngine
from panregion.world import Dial, HttpServer, Request, Response, World, WorldSettings, link_dial, serve
from panregion.world.disk import write_durably
from panregion.world.program import run_program, told_to_stop

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

    async def start(self) -> None:
        """Serve, with the cells that were joined before. OSError where an address is taken."""
        for joining in self._kept():
            await self._begin(joining, new=False)
        self._server = await serve(self, host_address(self._site), self._settings.ports.gateway)

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.close()
        for cell in self._cells.values():
            await cell.stop()

    async def __call__(self, request: Request) -> Response:
        path = request.path.removeprefix("/_panregion/")
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

    async def _join(self, joining: Joining) -> None:
        if joining in self._cells:
            return
        await self._begin(joining, new=True)
        self._keep()

    async def _leave(self, joining: Joining) -> None:
        cell = self._cells.pop(joining, None)
        if cell is not None:
            await cell.stop()
        self._keep()  # first: a cell that is listed without its store would be one that has lost it
        shutil.rmtree(self._place(joining), ignore_errors=True)

    async def _begin(self, joining: Joining, *, new: bool) -> None:
        settings = msgspec.structs.replace(
            self._settings, regions=(self._site,), folder=str(self._settings.path / FOLDER)
        )
        engine = SqliteEngine(self._place(joining) / "state.db", settings.store.durability)
        table = {
            "route53-recovery-cluster": Entry(
                "panregion.services.route53_recovery_cluster", start=True, home=self._site
            )
        }
        cell = Region(self._site, settings, engine, self._dial_to, self._world, table)
        cell.here.running |= {"recovery-joining": joining, "recovery-new": new}
        await cell.start()
        await cell.serve(cell_address(self._site, joining.number), self._settings.ports.gateway)
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
