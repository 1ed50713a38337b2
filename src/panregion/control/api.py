"""The control API: what the CLI, the console, game days and tests ask of a running world.

    GET  /status                          the world, its regions, live faults, disturbed links, checks
    POST /cells                           start the recovery cells of every site, unless they run
    GET  /conflicts                       acknowledged writes that a concurrent one overwrote, each once
    GET  /items?table=&after=&limit=      a page of a table's items in every region, side by side (items.py);
                                          ?table=&key= one item
    POST /snapshot                        remember the state of the world, stopping it meanwhile
    POST /reset                           kill the world and start it in the state that was remembered
    POST /rest                            kill the world until it is reset: nothing runs, nothing is answered
    POST /stop                            end the world

Faults, leases, and what is done to regions and links: faults/desk.py.

Errors are {"message": ...} with 4xx; the message is for people.
"""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from panregion.control.faults.desk import FaultDesk
from panregion.control.faults.hands import CannotBeDone, RealHands
from panregion.control.faults.keeper import Keeper
from panregion.control.faults.wanted import EDGE, LINKS
from panregion.control.faults.wanted import target as of
from panregion.control.faults.where import where_in
from panregion.control.items import NoSuchTable, side_by_side
from panregion.control.reset import NothingKept, Reset
from panregion.control.supervisor import Child, StartFailed, Supervisor
from panregion.world import ClientError, HttpClient, Request, Response, SystemClock, World, WorldSettings, direct_dial

PROBE_TIMEOUT_S = 1.0
ITEMS_TIMEOUT_S = 3.0
PAGE_ITEMS = 50
log = logging.getLogger("panregion.control")
DISTURBED = ("cut", "delay_ms_extra", "loss", "bandwidth_bytes_s")


class BadRequest(Exception):
    """What was asked cannot be done; the text says why and what could be."""


class Control:
    """The handler of the control API."""

    def __init__(self, settings: WorldSettings, supervisor: Supervisor) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._client = HttpClient(direct_dial)
        self._keeper = Keeper(where_in(settings), RealHands(settings, supervisor, self._client), World())
        self._desk = FaultDesk(self._keeper, supervisor, SystemClock())
        supervisor.when_running.append(self._put_back)
        self._reset = Reset(settings, supervisor)
        self.ready = False
        self.failure: str | None = None
        self.stopping = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        try:
            answer = await self._answer(request)
            return answer if isinstance(answer, Response) else _json(200, answer)
        except (BadRequest, NothingKept, ValueError) as error:  # msgspec's errors are ValueErrors too
            return _json(400, {"message": str(error)})
        except (StartFailed, CannotBeDone) as error:
            return _json(500, {"message": str(error)})

    async def _answer(self, request: Request) -> Any:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["status"]:
                return await self.status()
            case "POST", ["cells"]:
                await self._supervisor.start_cells()
                return self._cells()
            case "GET", ["conflicts"]:
                return await self.conflicts()
            case "GET", ["items"]:
                return await self.items(dict(parse_qsl(request.query)))
            case "GET", ["work"]:
                return await self.work()
            case "POST", ["snapshot"]:
                await self._reset.keep()
                return {"kept": True}
            case "POST", ["reset"]:
                await self._start_over()
                return {"reset": True}
            case "POST", ["rest"]:
                await self._keeper.forget()
                await self._reset.rest()
                return {"resting": True}
            case "POST", ["stop"]:
                self.stopping.set()
                return {"stopping": True}
        answer = await self._desk.answer(request)
        if answer is not None:
            return answer
        raise BadRequest(f"there is no {request.method} {request.path} in the control API")

    async def _start_over(self) -> None:
        """Everything as it was when the state was remembered, faults too: there were none."""
        await self._keeper.forget()
        await self._reset.put_back()

    def _cells(self) -> list[dict[str, str]]:
        """The sites whose recovery cells were started."""
        cells = self._supervisor.cells.items()
        return [{"site": site, "status": child.status} for site, child in cells if child.process is not None]

    def _outside(self, child: Child) -> dict[str, str]:
        """A service outside every region, and where it stands."""
        place = self._settings.outside[child.name].place
        known = {"name": child.name, "place": place, "status": child.status}
        return {**known, "reason": child.end} if child.status == "crashed" else known

    async def _put_back(self, child: Child) -> None:
        """A process that has come back knows nothing of the faults that are live: have it told."""
        targets = {"network": LINKS, "edge": EDGE}
        target = ("region", child.name) if child.name in self._supervisor.regions else targets.get(child.name)
        if target is None or not any(of(effect) == target for effect in self._keeper.effects()):
            return
        try:
            await self._keeper.settle(target)
        except CannotBeDone as error:
            log.error("faults were not put back: %s", error)

    async def _network(self, method: str, path: str, body: Any = None) -> Any:
        url = f"http://127.0.0.1:{self._settings.ports.network}/_panregion/{path}"
        payload = b"" if body is None else msgspec.json.encode(body)
        response = await self._client.send(method, url, body=payload, timeout_s=5)
        assert isinstance(response.body, bytes)
        answer = msgspec.json.decode(response.body)
        if response.status != 200:
            raise BadRequest(answer["message"])
        return answer

    async def status(self) -> dict[str, Any]:
        """The whole world as one value."""
        regions = await asyncio.gather(*(self._region(child) for child in self._supervisor.regions.values()))
        return {
            "ready": self.ready,
            "failure": self.failure,
            "folder": self._settings.folder,
            "account_id": self._settings.account_id,
            "front_door": f"http://127.0.0.1:{self._settings.ports.gateway}",
            "control": f"http://127.0.0.1:{self._settings.ports.control}",
            "console": f"http://127.0.0.1:{self._settings.ports.console}" if self._settings.console else None,
            "name_server": f"127.0.0.1:{self._settings.ports.dns}",
            "health_check_scale": self._settings.time.health_check_scale,
            "regions": list(regions),
            "helpers": [{"name": child.name, "status": child.status} for child in self._supervisor.helpers],
            "recovery_cells": self._cells(),
            "outside": [self._outside(child) for child in self._supervisor.outside.values()],
            "faults": self._keeper.live,
            "links": await self._links(),
        }

    async def _region(self, child: Child) -> dict[str, Any]:
        known: dict[str, Any] = {
            "region": child.name,
            "status": child.status,
            "endpoint": self._settings.endpoint(child.name),
        }
        if child.status == "crashed":
            known["reason"] = child.end
        if child.status != "running":
            return known
        try:
            response = await self._client.send("GET", child.probe_url, timeout_s=PROBE_TIMEOUT_S)
        except ClientError:
            return {**known, "status": "not answering"}
        assert isinstance(response.body, bytes)
        return {**known, **msgspec.json.decode(response.body)}

    async def conflicts(self) -> list[dict[str, Any]]:
        """The union of all regions' conflict ledgers, each overwritten write once, in the order they were written."""
        urls = [self._settings.endpoint(name) + "/_panregion/conflicts" for name in self._settings.regions]
        ledgers = await asyncio.gather(*(self._ledger(url) for url in urls))
        union = {(entry["table"], entry["loser"]["version"]): entry for ledger in ledgers for entry in ledger}
        return sorted(union.values(), key=lambda entry: int(entry["loser"]["written_ms"]))

    async def items(self, query: dict[str, str]) -> dict[str, Any]:
        """Of the regions that answer, and have the table. Raises BadRequest."""
        regions = self._settings.regions
        pages = await asyncio.gather(*(self._page(region, query) for region in regions))
        limit = query.get("limit", str(PAGE_ITEMS))
        try:
            return side_by_side(dict(zip(regions, pages, strict=True)), int(limit) if limit.isdigit() else None)
        except NoSuchTable as error:
            raise BadRequest(f"{error}: {query.get('table', '')}") from error

    async def _page(self, region: str, query: dict[str, str]) -> dict[str, Any] | None:
        """One region's part; None where it does not answer, {} where it has no such table. Raises BadRequest."""
        if self._supervisor.regions[region].status != "running":
            return None
        url = f"{self._settings.endpoint(region)}/_panregion/items?{urlencode({'limit': PAGE_ITEMS, **query})}"
        try:
            response = await self._client.send("GET", url, timeout_s=ITEMS_TIMEOUT_S)
        except ClientError:
            return None
        assert isinstance(response.body, bytes)
        answer: dict[str, Any] = msgspec.json.decode(response.body)
        if response.status == 404:
            return {}
        if response.status != 200:
            raise BadRequest(answer["message"])
        return answer

    async def work(self) -> list[dict[str, Any]]:
        """What the regions that answer have still to do, and what they gave up."""
        urls = [self._settings.endpoint(name) + "/_panregion/work" for name in self._settings.regions]
        return [entry for entries in await asyncio.gather(*(self._ledger(url) for url in urls)) for entry in entries]

    async def _ledger(self, url: str) -> list[dict[str, Any]]:
        """One region's list of something; of a region that is down nothing can be known now."""
        try:
            response = await self._client.send("GET", url, timeout_s=5)
        except ClientError:
            return []
        assert isinstance(response.body, bytes)
        ledger: list[dict[str, Any]] = msgspec.json.decode(response.body)
        return ledger

    async def _links(self) -> list[Any]:
        """The links that are not as distance made them."""
        try:
            links = (await self._network("GET", "links"))["links"]
        except ClientError:
            return []
        return [link for link in links if any(link[fault] for fault in DISTURBED)]

    async def close(self) -> None:
        await self._keeper.close()
        await self._client.close()


def _json(status: int, value: object) -> Response:
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(value) + b"\n")
