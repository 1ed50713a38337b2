"""The control API: what the CLI, the console, game days and tests ask of a running world.

    GET  /status                          the world, its regions, links with faults, checks
    POST /regions/<site>/<action>         kill, restore; a site is a region or holds recovery cells
    POST /cells                           start the recovery cells of every site, unless they run
    POST /links                           {"from": site, "to": site, "both": true, ...a link's faults}; none: healed
    GET  /conflicts                       acknowledged writes that a concurrent one overwrote, each once
    POST /stop                            end the world

Errors are {"message": ...} with 4xx; the message is for people.
"""

import asyncio
from typing import Any

import msgspec

from panregion.control.supervisor import Child, StartFailed, Supervisor
from panregion.world import ClientError, HttpClient, Request, Response, WorldSettings, direct_dial

PROBE_TIMEOUT_S = 1.0
FAULTS = ("cut", "delay_ms_extra", "loss", "bandwidth_bytes_s")


class BadRequest(Exception):
    """What was asked cannot be done; the text says why and what could be."""


class Control:
    """The handler of the control API."""

    def __init__(self, settings: WorldSettings, supervisor: Supervisor) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._client = HttpClient(direct_dial)
        self._disturbed: dict[tuple[str, str], dict[str, Any]] = {}
        """What was done to links, to be done again to a network that had to be started again."""
        supervisor.when_restarted = self._disturb_again
        self.ready = False
        self.failure: str | None = None
        self.stopping = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        try:
            return _json(200, await self._answer(request))
        except BadRequest as error:
            return _json(400, {"message": str(error)})
        except StartFailed as error:
            return _json(500, {"message": str(error)})

    async def _answer(self, request: Request) -> Any:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["status"]:
                return await self.status()
            case "POST", ["regions", region, action]:
                return await self._act(region, action)
            case "POST", ["cells"]:
                await self._supervisor.start_cells()
                return self._cells()
            case "POST", ["links"]:
                return await self._link(msgspec.json.decode(request.body))
            case "GET", ["conflicts"]:
                return await self.conflicts()
            case "GET", ["work"]:
                return await self.work()
            case "POST", ["stop"]:
                self.stopping.set()
                return {"stopping": True}
        raise BadRequest(f"there is no {request.method} {request.path} in the control API")

    async def _act(self, region: str, action: str) -> dict[str, Any]:
        if not self._supervisor.at(region):
            raise BadRequest(f"{region} is not a region of this world; it has {', '.join(self._settings.regions)}")
        if action == "kill":
            await self._supervisor.kill(region)
        elif action == "restore":
            await self._supervisor.restore(region)
        else:
            raise BadRequest(f"{action} cannot be done to a region: kill or restore")
        return {"region": region, "status": self._supervisor.at(region)[0].status}

    def _cells(self) -> list[dict[str, str]]:
        """The sites whose recovery cells were started."""
        cells = self._supervisor.cells.items()
        return [{"site": site, "status": child.status} for site, child in cells if child.process is not None]

    async def _link(self, wanted: dict[str, Any]) -> list[Any]:
        """Change a link, or both directions of one; the faults go to the network as they came."""
        from_site, to_site = wanted.pop("from"), wanted.pop("to")
        pairs = [(from_site, to_site), (to_site, from_site)] if wanted.pop("both", True) else [(from_site, to_site)]
        answers = []
        for a, b in pairs:
            if wanted:
                answers.append(await self._network("PUT", f"links/{a}/{b}", wanted))
                self._disturbed[a, b] = {**self._disturbed.get((a, b), {}), **wanted}
            else:
                answers.append(await self._network("DELETE", f"links/{a}/{b}"))
                self._disturbed.pop((a, b), None)
        return answers

    async def _disturb_again(self, child: Child) -> None:
        if child.name == "network":
            for (a, b), faults in self._disturbed.items():
                await self._network("PUT", f"links/{a}/{b}", faults)

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
            "name_server": f"127.0.0.1:{self._settings.ports.dns}",
            "health_check_scale": self._settings.time.health_check_scale,
            "regions": list(regions),
            "helpers": [{"name": child.name, "status": child.status} for child in self._supervisor.helpers],
            "recovery_cells": self._cells(),
            "faults": await self._faults(),
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

    async def _faults(self) -> list[Any]:
        """The links that are not as distance made them."""
        try:
            links = (await self._network("GET", "links"))["links"]
        except ClientError:
            return []
        return [link for link in links if any(link[fault] for fault in FAULTS)]

    async def close(self) -> None:
        await self._client.close()


def _json(status: int, value: object) -> Response:
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(value) + b"\n")
