"""Following the recovery cells of all five sites, and the way to them.

The edge asks every site over its own link for what it knows next (a long poll), and takes the latest of what they
say: it goes on as long as any one site tells it. What it knows is kept on disk, so health checks keep their states when
the edge is started again with every cell out of reach. While no cluster was ever made nobody is asked.

The health checks of Region switch's plans are turned in the plan's own regions. All regions of the world are followed
for them once there is a health check of that kind; of what they tell the latest word counts.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from panregion.edge.plane import Surroundings
from panregion.edge.recovery.states import Plans, States, latest
from panregion.edge.routes import Route
from panregion.edge.where import Asker
from panregion.services.recovery import CELL_SITES, FOLDER, Told, host_url, site_of_address
from panregion.world import ClientError, HttpClient, link_dial
from panregion.world.disk import write_durably

SITE = "edge"
WAIT_S = 10.0
TIMEOUT_S = 15.0
LOOK_AGAIN_S = 1.0
PLAN_PREFIX = "arn:aws:arc-region-switch:"
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.1, 2.0


class RecoveryPlane:
    """The plane of recovery clusters: `state` is what health checks follow, `listen` tells them when to look."""

    def __init__(self) -> None:
        self._edge: Surroundings | None = None
        self._states = States()
        self._plans: dict[str, Plans] = {}
        self._plans_wanted = False
        self._listeners: list[Callable[[], None]] = []
        self._failures: dict[str, str | None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._clients: list[HttpClient] = []

    async def start(self, edge: Surroundings) -> None:
        self._edge = edge
        try:
            self._states.load(self._path.read_bytes())
        except FileNotFoundError:
            self._failures = {}
        except msgspec.DecodeError as error:
            self._failures = {str(self._path): f"it is damaged and was not used: {error}"}
        if self._plans_wanted:
            self._follow_plans(edge)
        self._tasks = [asyncio.create_task(self._begin(edge))]
        self._tell()

    @property
    def _path(self) -> Path:
        assert self._edge is not None
        return self._edge.settings.path / SITE / "recovery.msgpack"

    def _follow_plans(self, edge: Surroundings) -> None:
        for region in edge.settings.regions:
            book = self._plans[region] = Plans()
            edge.follow("arc-region-switch", book, region, self._tell, name=f"arc-region-switch-{region}")

    def listen(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever some routing control is in another state."""
        self._listeners.append(changed)

    def state(self, control_arn: str) -> bool | None:
        """Whether a routing control, or a plan's health check, is on; None for one that is not known."""
        if not control_arn.startswith(PLAN_PREFIX):
            return self._states.state(control_arn)
        if not self._plans_wanted:
            self._plans_wanted = True
            if self._edge is not None:
                self._follow_plans(self._edge)
        return latest(self._plans.values(), control_arn)

    def _tell(self) -> None:
        for changed in self._listeners:
            changed()

    async def _begin(self, edge: Surroundings) -> None:
        """Follow every site, from when the first cluster is made."""
        settings = edge.settings
        while not (settings.path / FOLDER).exists():
            await edge.world.clock.sleep(LOOK_AGAIN_S)
        async with asyncio.TaskGroup() as group:
            for site in CELL_SITES:
                client = HttpClient(link_dial(settings.network_address, SITE, site))
                self._clients.append(client)
                group.create_task(self._follow(edge, site, client))

    async def _follow(self, edge: Surroundings, site: str, client: HttpClient) -> None:
        world, position, pause_s = edge.world, -1, BACKOFF_FIRST_S
        while True:
            try:
                told = await _ask(host_url(edge.settings, site), client, position)
            except (ClientError, msgspec.DecodeError) as error:
                self._failures[site] = str(error)
                await world.clock.sleep(pause_s * (0.5 + world.chance.random() / 2))
                pause_s = min(2 * pause_s, BACKOFF_MAX_S)
                continue
            self._failures.pop(site, None)
            position, pause_s = told.position, BACKOFF_FIRST_S
            if self._states.take(site, told):
                write_durably(self._path, self._states.snapshot())
                self._tell()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients:
            await client.close()

    def addresses(self, name: str, asker: Asker) -> list[str] | None:  # noqa: ARG002 - endpoints are addresses here
        return None

    def route(self, address: str, port: int, from_site: str) -> Route | None:  # noqa: ARG002 - the same from everywhere
        site = site_of_address(address)
        if site is None or self._edge is None:
            return None
        return Route(site, address, self._edge.routes.port_here(port))

    def target_health(self, name: str) -> bool | None:  # noqa: ARG002 - it has no names
        return None

    def health(self) -> dict[str, Any]:
        return {"routing_controls": self._states.count, "failures": dict(sorted(self._failures.items()))}


async def _ask(host: str, client: HttpClient, after: int) -> Told:
    url = f"{host}/_panregion/states?after={after}&wait_s={WAIT_S:g}"
    response = await client.send("GET", url, timeout_s=TIMEOUT_S, connect_timeout_s=5)
    if response.status != 200 or not isinstance(response.body, bytes):
        raise ClientError(f"{host} answered {response.status}")
    return msgspec.msgpack.decode(response.body, type=Told)
