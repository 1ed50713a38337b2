"""Five sites' cells in one event loop, over real links, with AWS's own client for each endpoint."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import boto3
import botocore.config
import msgspec

from panregion.network import Network, Relay, Sites
from panregion.region.cell import CellHost
from panregion.services.recovery import CELL_SITES, Document, Joining, cell_url, endpoint, host_url
from panregion.world import HttpClient, Response, World, WorldSettings, direct_dial
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports
from panregion.world.transport import bound_port, listen_tcp
from tests.support import all_closed

OWNER = "000000000000"
CLUSTER = Joining("11111111-2222-3333-4444-555555555555", 1)
CLUSTER_ARN = f"arn:aws:route53-recovery-control::{OWNER}:cluster/{CLUSTER.cluster_id}"


class Five:
    """The hosts of the five sites, in a thread of their own; every site can be killed and restored."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.folder = folder
        self.port = ports.gateway
        self.settings = WorldSettings(folder=str(folder), ports=ports)
        self.hosts: dict[str, CellHost] = {}
        self._ended: set[str] = set()
        """Sites that a test wants away: control starts no cells there either."""
        self._starting = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    def open(self) -> None:
        self.run(self._open())

    async def _open(self) -> None:
        settings = msgspec.structs.replace(self.settings, network=NetworkSettings(scale=0, jitter_ms=0))
        self.network = Network(Sites(settings), World())
        self._relay = Relay(self.network)
        self._links = await listen_tcp(self._relay.protocol, "127.0.0.1", 0)
        ports = msgspec.structs.replace(settings.ports, network=bound_port(self._links))
        self.settings = msgspec.structs.replace(settings, ports=ports)
        self.web = HttpClient(direct_dial)

    def start(self, *sites: str) -> None:
        """Start the hosts of these sites (all where none is named) on what they have on disk."""
        self._ended.difference_update(sites or CELL_SITES)
        self.run(self.start_stopped())

    async def start_stopped(self) -> None:
        """As control does when it is asked for cells: start those of every site where nobody has ended them."""
        async with self._starting:
            for site in CELL_SITES:
                if site not in self.hosts and site not in self._ended:
                    host = CellHost(self.settings, site)
                    await host.start()
                    self.hosts[site] = host

    def end(self, *sites: str) -> None:
        self._ended.update(sites)
        for site in sites:
            self.run(self.hosts.pop(site).stop())

    def cut(self, site: str, how: Literal["silent", "refuse"] | None) -> None:
        """Cut a site off from the others (or heal it)."""
        for other in CELL_SITES:
            for pair in ((site, other), (other, site)):
                link = self.network.link(*pair)
                self._loop.call_soon_threadsafe(link.set, replace(link.conditions, cut=how))

    def post(self, url: str, body: bytes = b"", method: str = "POST") -> Response:
        response: Response = self.run(self.web.send(method, url, body=body, timeout_s=20))
        return response

    def join(self, joining: Joining = CLUSTER, *sites: str) -> None:
        for site in sites or CELL_SITES:
            url = host_url(self.settings, site) + "/_panregion/join"
            assert self.post(url, msgspec.json.encode(joining)).status == 200

    def configure(self, document: Document, site: str = "us-east-1", number: int = 1) -> Response:
        url = cell_url(self.settings, site, number) + "/_panregion/configure"
        return self.post(url, msgspec.msgpack.encode(document))

    def client(self, site: str, number: int = 1) -> Any:
        return boto3.client(
            "route53-recovery-cluster",
            endpoint_url=endpoint(self.settings, site, number),
            region_name="us-west-2",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=20),
        )

    def close(self) -> None:
        self.end(*list(self.hosts))
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        await self.web.close()
        self._relay.close()
        self._links.close()
        await all_closed()
