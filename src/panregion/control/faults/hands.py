"""The hands of control: the supervisor's processes, and the APIs of the network, the edge and the regions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from panregion.control.faults.effects import Down, LinkChange
from panregion.control.supervisor import Supervisor
from panregion.world import ClientError, HttpClient, WorldSettings

TIMEOUT_S = 5.0


class CannotBeDone(Exception):
    """A part of the world did not do what it was told; the text says which and why."""


class RealHands:
    """See `Hands` in keeper.py. What is down is told nothing: it is settled again when it is back."""

    def __init__(self, settings: WorldSettings, supervisor: Supervisor, client: HttpClient) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._client = client

    async def site(self, site: str, how: Down | None) -> None:
        await self._supervisor.make(site, how)

    async def links(self, links: Mapping[tuple[str, str], LinkChange]) -> None:
        network = self._settings.network
        own_jitter_ms = network.jitter_ms * min(1.0, network.scale)
        told = [
            {
                "from": link.from_site,
                "to": link.to_site,
                "cut": link.cut,
                "delay_ms_extra": link.delay_ms,
                "jitter_ms": own_jitter_ms + link.jitter_ms,
                "loss": link.loss,
                "bandwidth_bytes_s": link.bandwidth_bytes_s,
            }
            for link in links.values()
        ]
        await self._tell("network", f"http://127.0.0.1:{self._settings.ports.network}/_panregion/links", "PUT", told)

    async def region(self, region: str, told: list[Any]) -> None:
        if self._supervisor.regions[region].status == "running":
            await self._tell(region, f"{self._settings.endpoint(region)}/_panregion/faults", "POST", told)

    async def edge(self, told: list[Any]) -> None:
        await self._tell("edge", f"http://127.0.0.1:{self._settings.ports.edge}/_panregion/faults", "POST", told)

    async def _tell(self, who: str, url: str, method: str, value: Any) -> None:
        running = {child.name: child.status == "running" for child in self._supervisor.helpers}
        try:
            response = await self._client.send(method, url, [], msgspec.json.encode(value), timeout_s=TIMEOUT_S)
        except ClientError as error:
            if not running.get(who, True):
                return
            raise CannotBeDone(f"{who} does not answer, and was told of no fault: {error}") from error
        if response.status != 200:
            assert isinstance(response.body, bytes)
            message = msgspec.json.decode(response.body)["message"]
            raise CannotBeDone(message if who in message else f"{who}: {message}")
