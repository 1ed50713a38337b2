"""Two regions, the network between them and the accelerators' plane, in one loop over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from panregion.edge.accelerator import PLANE
from panregion.edge.accelerator.plane import AcceleratorPlane
from panregion.edge.book import Book
from panregion.edge.following import Following
from panregion.edge.names import Names
from panregion.edge.plane import Surroundings
from panregion.edge.resolving import Resolver
from panregion.edge.routes import Routes
from panregion.edge.where import Map
from panregion.network import Network, Relay, Sites
from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import World, WorldSettings, link_dial
from panregion.world.settings import Network as NetworkSettings
from panregion.world.settings import Ports, Time
from panregion.world.tls import make_authority
from panregion.world.transport import listen_tcp
from tests.support import all_closed

AMERICA, EUROPE = "us-west-2", "eu-central-1"
SCALE = 0.01
SUBNETS = ["subnet-0000000000000000a", "subnet-0000000000000000b"]


class Stage:
    """`plane` is the accelerators' plane; regions can be stopped and started."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.extra_port = ports.dns  # nobody answers names here
        self.settings = WorldSettings(
            regions=(AMERICA, EUROPE),
            folder=str(folder),
            ports=ports,
            network=NetworkSettings(scale=0, jitter_ms=0),
            time=Time(health_check_scale=SCALE),
        )
        make_authority(folder)
        self.world = World()
        self.map = Map(self.settings)
        self.book = Book()
        self.engines = {name: MemoryEngine() for name in self.settings.regions}
        self.regions: dict[str, Region] = {}
        self.plane: AcceleratorPlane = PLANE()

    async def start(self) -> None:
        self._relay = Relay(Network(Sites(self.settings), self.world))
        self._listener = await listen_tcp(self._relay.protocol, "127.0.0.1", self.settings.ports.network)
        for name in self.settings.regions:
            await self.start_region(name)
        await self.start_plane()

    async def start_region(self, name: str) -> None:
        region = Region(
            name,
            self.settings,
            self.engines[name],
            lambda site: link_dial(self.settings.network_address, name, site),
        )
        await region.start()
        await region.serve(self.settings.address(name), self.settings.ports.gateway)
        self.regions[name] = region

    async def lose(self, name: str) -> None:
        await self.regions.pop(name).stop()

    async def start_plane(self) -> None:
        self.plane = PLANE()
        routes = Routes(self.settings, self.plane.route)
        names = Names(self.settings, {"accelerator": self.plane})
        self.resolver = Resolver(self.book, names, self.world.chance, lambda _check: True)
        self._following = Following(self.settings, self.world)
        await self.plane.start(
            Surroundings(self.settings, self.world, self.map, routes, self.resolver, self._following)
        )

    async def stop_plane(self) -> None:
        await self.plane.stop()
        await self._following.close()

    async def stop(self) -> None:
        await self.stop_plane()
        for name in list(self.regions):
            await self.lose(name)
        self._relay.close()
        self._listener.close()
        await all_closed()

    async def ask(self, service: str, operation: str, region: str = AMERICA, **params: Any) -> dict[str, Any]:
        return await self.regions[region].ask(service, operation, params)

    async def balancer(self, region: str, body: str = "") -> dict[str, Any]:
        """A load balancer that answers everything with its region's name."""
        made = await self.ask("elbv2", "CreateLoadBalancer", region, Name=f"b-{len(body)}{region}", Subnets=SUBNETS)
        arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        said = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": body or region}}
        await self.ask(
            "elbv2", "CreateListener", region, LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[said]
        )
        return dict(made["LoadBalancers"][0])

    async def accelerate(self, endpoints: dict[str, list[dict[str, Any]]], **more: Any) -> dict[str, Any]:
        """An accelerator of those endpoints by region: {"arn", "listener", "name", "groups" by region}."""
        token = self.world.chance.uuid
        home = "globalaccelerator"
        made = await self.ask(home, "CreateAccelerator", Name="front", IdempotencyToken=token())
        arn = made["Accelerator"]["AcceleratorArn"]
        ports = [{"FromPort": 80, "ToPort": 80}]
        given = {"Protocol": "TCP", "PortRanges": ports, **more}
        listener = await self.ask(home, "CreateListener", AcceleratorArn=arn, IdempotencyToken=token(), **given)
        listener_arn = listener["Listener"]["ListenerArn"]
        groups = {}
        for region, configurations in endpoints.items():
            group = await self.ask(
                home,
                "CreateEndpointGroup",
                ListenerArn=listener_arn,
                EndpointGroupRegion=region,
                EndpointConfigurations=configurations,
                HealthCheckIntervalSeconds=10,
                IdempotencyToken=token(),
            )
            groups[region] = group["EndpointGroup"]["EndpointGroupArn"]
        name = f"{made['Accelerator']['DnsName']}."
        return {"arn": arn, "listener": listener_arn, "groups": groups, "name": name}

    async def both(self, **more: Any) -> dict[str, Any]:
        """An accelerator before a load balancer in each region."""
        balancers = {name: await self.balancer(name) for name in self.settings.regions}
        endpoints = {name: [{"EndpointId": each["LoadBalancerArn"]}] for name, each in balancers.items()}
        return {**await self.accelerate(endpoints, **more), "balancers": balancers}

    async def connect(
        self, city: str = "london", address: str = "127.3.1.1"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of a user in a city, as it comes off the link."""
        source = f"127.18.{self.map.place_number(city)}.10"
        return await asyncio.open_connection(address, self.settings.ports.gateway, local_addr=(source, 0))

    async def get(self, city: str = "london", address: str = "127.3.1.1", path: str = "/") -> str:
        """What one request on a connection of its own is answered: the body; empty where the connection broke."""
        try:
            reader, writer = await self.connect(city, address)
        except ConnectionError:
            return ""
        try:
            return await request(reader, writer, path)
        except (ConnectionError, EOFError, asyncio.IncompleteReadError):
            return ""
        finally:
            writer.close()

    async def until(self, condition: Any, bound_s: float = 60.0) -> None:
        """Wait until an asynchronous condition holds."""
        async with asyncio.timeout(bound_s):
            while not await condition():
                await asyncio.sleep(0.005)

    async def until_told(self, city: str, body: str) -> None:
        async def told() -> bool:
            return await self.get(city) == body

        await self.until(told)


async def request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str = "/") -> str:
    """One request on a connection that stays open."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: front.test\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return (await reader.readexactly(length)).decode()


@asynccontextmanager
async def staged(folder: Path, ports: Ports) -> AsyncIterator[Stage]:
    stage = Stage(folder, ports)
    await stage.start()
    try:
        yield stage
    finally:
        await stage.stop()
