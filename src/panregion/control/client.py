"""Asking a running world: the one client that the CLI, the demo and tests have of the control API."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.control.faults import Fault, Record
from panregion.world import ClientError, HttpClient, WorldSettings, direct_dial

ACTION_TIMEOUT_S = 90.0


class ControlError(Exception):
    """The world refused, or could not do it; the text says why."""


class NotRunning(ControlError):
    """No world answers there."""


@dataclass
class Lease:
    """Held by a process that asks for faults; `lost` where control let go of it first: it has ended."""

    id: str
    lost: bool = False


async def _read_away(chunks: AsyncIterator[bytes], lease: Lease) -> None:
    """Take in the beats of a lease, so that the stream goes on; it has no end but that of the world."""
    with contextlib.suppress(ClientError):
        async for _ in chunks:
            continue
    lease.lost = True


class ControlClient:
    """The control API as methods. Each raises ControlError; NotRunning where no world answers."""

    def __init__(self, settings: WorldSettings) -> None:
        self._settings = settings
        self._url = f"http://127.0.0.1:{settings.ports.control}"
        self._client = HttpClient(direct_dial)

    async def status(self) -> dict[str, Any]:
        """The whole world as one value (see control/api.py)."""
        status: dict[str, Any] = await self._ask("GET", "/status", timeout_s=5)
        return status

    async def conflicts(self) -> list[dict[str, Any]]:
        """The acknowledged writes that a concurrent one overwrote, by the ledgers of the regions that answer."""
        conflicts: list[dict[str, Any]] = await self._ask("GET", "/conflicts", timeout_s=10)
        return conflicts

    async def items(self, table: str, *, after: str = "", limit: int = 50) -> dict[str, Any]:
        """A page of a table's items in every region, side by side (control/items.py has the form)."""
        query = urlencode({"table": table, "after": after, "limit": limit})
        page: dict[str, Any] = await self._ask("GET", f"/items?{query}", timeout_s=10)
        return page

    async def item(self, table: str, key: str) -> dict[str, Any]:
        """One item in every region, as `items` has it; `key` is JSON in DynamoDB's form."""
        page: dict[str, Any] = await self._ask("GET", f"/items?{urlencode({'table': table, 'key': key})}", timeout_s=10)
        return page

    async def work(self) -> list[dict[str, Any]]:
        """What regions have still to do, and what they gave up (region/worklist.py has the form)."""
        work: list[dict[str, Any]] = await self._ask("GET", "/work", timeout_s=10)
        return work

    # Faults

    async def inject(
        self, fault: Fault, *, duration_s: float | None = None, lease: "Lease | str | None" = None
    ) -> "FaultHandle":
        """Begin a fault; returns once it holds. It ends when it is undone, after `duration_s`, or with its lease."""
        body = {"fault": fault, "duration_s": duration_s, "lease": lease.id if isinstance(lease, Lease) else lease}
        return FaultHandle(self, msgspec.convert(await self._ask("POST", "/faults", body), Record))

    async def undo(self, id: str) -> Record:
        """End a fault; returns once all is as before: a region that was killed answers."""
        return msgspec.convert(await self._ask("DELETE", f"/faults/{id}"), Record)

    async def undo_all(self) -> list[Record]:
        """End every live fault, whoever asked for it; returns those."""
        return msgspec.convert((await self._ask("DELETE", "/faults"))["faults"], list[Record])

    async def faults(self) -> list[Record]:
        """Those that ended of late, and those that are live (`state`)."""
        return msgspec.convert((await self._ask("GET", "/faults"))["faults"], list[Record])

    @contextlib.asynccontextmanager
    async def lease(self) -> AsyncIterator["Lease"]:
        """While the block runs (and this process lives) a lease is held; then all that was asked under it is undone."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                stream = await stack.enter_async_context(self._client.stream("POST", self._url + "/leases"))
                held = Lease(msgspec.json.decode(await anext(stream.chunks))["lease"])
            except (ClientError, StopAsyncIteration) as error:
                raise self._nobody() from error
            reading = asyncio.ensure_future(_read_away(stream.chunks, held))
            try:
                yield held
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def kill(self, region: str) -> None:
        """SIGKILL to the region; returns once it is gone."""
        await self._ask("POST", f"/regions/{region}/kill")

    async def freeze(self, region: str) -> None:
        """SIGSTOP to the region; returns once it stands still."""
        await self._ask("POST", f"/regions/{region}/freeze")

    async def thaw(self, region: str) -> None:
        """Let a region that was frozen go on."""
        await self._ask("POST", f"/regions/{region}/thaw")

    async def restore(self, region: str) -> None:
        """Undo what keeps the region down and start it on its folder; returns once it answers."""
        await self._ask("POST", f"/regions/{region}/restore")

    async def set_link(self, from_site: str, to_site: str, *, both: bool = True, **faults: Any) -> None:
        """Put faults on a link: cut ("silent", "refuse"), delay_ms_extra, jitter_ms, loss ...; none heals it.
        Each stays until it is replaced or healed."""
        await self._ask("POST", "/links", {"from": from_site, "to": to_site, "both": both, **faults})

    async def snapshot(self) -> None:
        """Remember the world's state; the world is away for a moment."""
        await self._ask("POST", "/snapshot")

    async def reset(self) -> None:
        """Make the world what it was when its state was remembered; nothing since survives."""
        await self._ask("POST", "/reset")

    async def rest(self) -> None:
        """Kill the world until it is reset, which needs a state that was remembered."""
        await self._ask("POST", "/rest")

    async def stop(self) -> None:
        """End the world; returns at once."""
        await self._ask("POST", "/stop")

    async def _ask(self, method: str, path: str, body: Any = None, timeout_s: float = ACTION_TIMEOUT_S) -> Any:
        payload = b"" if body is None else msgspec.json.encode(body)
        try:
            response = await self._client.send(method, self._url + path, body=payload, timeout_s=timeout_s)
        except ClientError as error:
            raise self._nobody() from error
        assert isinstance(response.body, bytes)
        try:
            answer = msgspec.json.decode(response.body)
        except msgspec.DecodeError as error:
            raise NotRunning(f"what answers at {self._url} is no world of panregion") from error
        if response.status != 200:
            raise ControlError(answer["message"])
        return answer

    def _nobody(self) -> NotRunning:
        return NotRunning(f"no world runs in {self._settings.folder}: start one with `panregion up`")

    async def close(self) -> None:
        await self._client.close()


@dataclass(frozen=True)
class FaultHandle:
    """A fault that this process began."""

    client: ControlClient
    record: Record

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def fault(self) -> Fault:
        return self.record.fault

    @property
    def began_s(self) -> float:
        """Unix seconds."""
        return self.record.began_s

    async def undo(self) -> Record:
        """End it; one that has ended already stays so."""
        return await self.client.undo(self.id)
