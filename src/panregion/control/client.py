"""Asking a running world: the one client that the CLI, the demo and tests have of the control API."""

from typing import Any

import msgspec

from panregion.world import ClientError, HttpClient, WorldSettings, direct_dial

ACTION_TIMEOUT_S = 90.0


class ControlError(Exception):
    """The world refused, or could not do it; the text says why."""


class NotRunning(ControlError):
    """No world answers there."""


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

    async def work(self) -> list[dict[str, Any]]:
        """What regions have still to do, and what they gave up (region/worklist.py has the form)."""
        work: list[dict[str, Any]] = await self._ask("GET", "/work", timeout_s=10)
        return work

    async def kill(self, region: str) -> None:
        """SIGKILL to the region; returns once it is gone."""
        await self._ask("POST", f"/regions/{region}/kill")

    async def restore(self, region: str) -> None:
        """Start the region on its folder; returns once it answers."""
        await self._ask("POST", f"/regions/{region}/restore")

    async def set_link(self, from_site: str, to_site: str, *, both: bool = True, **faults: Any) -> None:
        """Put faults on a link: cut ("silent", "refuse"), delay_ms_extra, jitter_ms, loss ...; none heals it."""
        await self._ask("POST", "/links", {"from": from_site, "to": to_site, "both": both, **faults})

    async def stop(self) -> None:
        """End the world; returns at once."""
        await self._ask("POST", "/stop")

    async def _ask(self, method: str, path: str, body: Any = None, timeout_s: float = ACTION_TIMEOUT_S) -> Any:
        payload = b"" if body is None else msgspec.json.encode(body)
        try:
            response = await self._client.send(method, self._url + path, body=payload, timeout_s=timeout_s)
        except ClientError as error:
            raise NotRunning(f"no world runs in {self._settings.folder}: start one with `panregion up`") from error
        assert isinstance(response.body, bytes)
        try:
            answer = msgspec.json.decode(response.body)
        except msgspec.DecodeError as error:
            raise NotRunning(f"what answers at {self._url} is no world of panregion") from error
        if response.status != 200:
            raise ControlError(answer["message"])
        return answer

    async def close(self) -> None:
        await self._client.close()
