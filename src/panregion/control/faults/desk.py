"""Faults over HTTP: what control's API has for them.

POST   /faults              {"fault": {"kind": ..., ...}, "duration_s"?: s, "lease"?: id} -> {"id", "began_s", ...}
GET    /faults              {"faults": [...]} those that are live, and those that ended of late (record.py)
DELETE /faults/<id>         undone; answers once everything is as before
DELETE /faults              all undone
POST   /leases              a stream that the asker holds open: its first line is {"lease": id}, then empty lines.
                            When it closes (the process has died), what was asked under it is undone
POST   /regions/<site>/<action>   kill, freeze, stop; restore and thaw undo what is live there
POST   /links               {"from", "to", "both"?, "cut"?, "delay_ms_extra"?, "jitter_ms"?, "loss"?,
                            "bandwidth_bytes_s"?}: each replaces what was asked of it before; none heals the link
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from panregion.control.faults import links
from panregion.control.faults.keeper import Keeper
from panregion.control.faults.region_freeze import RegionFreeze
from panregion.control.faults.region_kill import RegionKill
from panregion.control.faults.table import read_fault
from panregion.control.supervisor import Supervisor
from panregion.world import Clock, Request, Response

HEARTBEAT_S = 0.2
"""How often it is seen whether the holder of a lease is still there."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /faults."""

    fault: Any
    duration_s: float | None = None
    lease: str | None = None

    def __post_init__(self) -> None:
        if self.duration_s is not None and self.duration_s < 0:
            raise ValueError("duration_s must not be negative")


class FaultDesk:
    """Answers what is asked of faults. Raises ValueError for what makes no sense."""

    def __init__(self, keeper: Keeper, supervisor: Supervisor, clock: Clock) -> None:
        self._keeper = keeper
        self._supervisor = supervisor
        self._clock = clock

    async def answer(self, request: Request) -> Response | Any | None:
        """The value (or the stream) that is asked for; None where it is not a question for this desk."""
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["faults"]:
                asked = msgspec.json.decode(request.body, type=Asked)
                return await self._keeper.inject(read_fault(asked.fault), asked.duration_s, asked.lease)
            case "GET", ["faults"]:
                return {"faults": self._keeper.records}
            case "DELETE", ["faults", id]:
                return await self._keeper.undo(id)
            case "DELETE", ["faults"]:
                return {"faults": await self._keeper.undo_all()}
            case "POST", ["leases"]:
                return Response(200, [("Content-Type", "application/x-ndjson")], self._lease())
            case "POST", ["regions", site, action]:
                return await self._act(site, action)
            case "POST", ["links"]:
                return await links.change(self._keeper, msgspec.json.decode(request.body))
        return None

    async def _lease(self) -> AsyncIterator[bytes]:
        lease = self._keeper.begin_lease()
        try:
            yield msgspec.json.encode({"lease": lease}) + b"\n"
            while True:
                await self._clock.sleep(HEARTBEAT_S)
                yield b"\n"
        finally:
            self._keeper.end_lease(lease)

    async def _act(self, site: str, action: str) -> dict[str, Any]:
        match action:
            case "kill":
                await self._down(RegionKill(region=site))
            case "freeze":
                await self._down(RegionFreeze(region=site))
            case "restore":
                self._keeper.where.require_down(site)
                await self._up(site)
                await self._supervisor.restore(site)
            case "thaw":
                children = self._supervisor.at(self._keeper.where.require_down(site))
                if all(child.status != "frozen" for child in children):
                    raise ValueError(f"{site} is not frozen: it is {children[0].status if children else 'not there'}")
                await self._up(site, frozen_only=True)
            case _:
                raise ValueError(f"{action} cannot be done to a region: kill, restore, freeze or thaw")
        children = self._supervisor.at(site)
        return {"region": site, "status": children[0].status if children else "stopped"}

    async def _down(self, fault: RegionKill | RegionFreeze) -> None:
        """Begin it, unless that is so already."""
        if not any(record.fault == fault and record.state == "live" for record in self._keeper.live):
            await self._keeper.inject(fault)

    async def _up(self, site: str, *, frozen_only: bool = False) -> None:
        """Undo what has a site down."""
        records = self._keeper.holding_down(site, frozen_only=frozen_only)
        await asyncio.gather(*(self._keeper.undo(record.id) for record in records))
