"""The plane of accelerators, put together: book, doors, checkers, selection and splices.

A user's connection to a static address goes to the point of presence nearest to the user (`route`), where the edge
accepts it. There an endpoint is selected, once, and a connection made from the point of presence over the link to the
endpoint's region; an established connection stays where it is for as long as both its ends live. In front of its
bytes the endpoint is told whose they are (world/preamble.py), as AWS preserves the client's address.
"""

import asyncio
import contextlib
import ipaddress
from functools import partial
from typing import Any

from panregion.edge.accelerator.book import Book
from panregion.edge.accelerator.checkers import Checkers, Subject, key_of, subjects_of
from panregion.edge.accelerator.datagrams import DatagramDoor
from panregion.edge.accelerator.doors import Doors, Place
from panregion.edge.accelerator.explaining import explain
from panregion.edge.accelerator.memory import Memory
from panregion.edge.accelerator.points import distance_ms, point_for, standing_points
from panregion.edge.accelerator.selection import Selected, affine, select
from panregion.edge.accelerator.splice import Inbound, Outbound, opening
from panregion.edge.plane import Surroundings
from panregion.edge.routes import Route
from panregion.edge.where import Asker
from panregion.services.elbv2.model import octet_of
from panregion.services.globalaccelerator.model import FEED, Endpoint, EndpointGroup, Listener
from panregion.world import Connection
from panregion.world.preamble import Speaker, encode
from panregion.world.transport import connect_tcp, listen_tcp, listen_udp

HOME = "us-west-2"
CONNECTIONS_MAX = 8192
BALANCER_INTERVAL_S, BALANCER_THRESHOLD = 10, 3
"""How Route 53 finds out about the load balancers that its aliases evaluate; AWS gives no figures."""
TRY_AGAIN_S = 1.0


class AcceleratorPlane:
    """Global Accelerator at the edge. It also tells the health of load balancers, for aliases that evaluate it."""

    def __init__(self) -> None:
        self._book = Book()
        self._doors = Doors(self._open)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._users: set[Inbound] = set()
        self._balancers: dict[str, Subject] = {}
        self._changed = asyncio.Event()
        self._connections = 0
        self._refused = 0
        self._checkers: Checkers | None = None
        self._distances: dict[tuple[str, str], float] = {}

    async def start(self, edge: Surroundings) -> None:
        self._edge = edge
        memory = Memory(edge.settings.path / "edge" / "accelerator.msgpack")
        self._checkers = Checkers(edge, standing_points(edge.settings.regions), memory)
        edge.follow(FEED, self._book, edge.settings.home(HOME), self._changed.set)
        await self._catch_up()
        self._spawn(self._follow())

    def _spawn(self, doing: Any) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self) -> None:
        """Bring sockets and checks in line with the book whenever it changes, or when a port was taken."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TRY_AGAIN_S if self._doors.failures else None):
                    await self._changed.wait()
            await self._catch_up()

    async def _catch_up(self) -> None:
        self._changed.clear()
        self._check()
        await self._doors.follow(self._book.sockets())

    def _check(self) -> None:
        own = [subject for _, group in self._book.groups() for subject in subjects_of(group)]
        self.checkers.follow([*own, *self._balancers.values()])

    @property
    def checkers(self) -> Checkers:
        assert self._checkers is not None, "the plane was not started"
        return self._checkers

    # What the edge asks

    def addresses(self, name: str, asker: Asker) -> list[str] | None:
        del asker  # the same two addresses for everybody: that is the point of them
        if not name.endswith(".awsglobalaccelerator.com."):
            return None
        found = self._book.named(name)
        return list(found.addresses) if found is not None else []

    def route(self, address: str, port: int, from_site: str) -> Route | None:
        if not address.startswith(("127.3.", "127.4.")):
            return None
        try:
            site = self._edge.map.asker(from_site).site
        except KeyError:
            return None
        return Route(point_for(site), address, self._edge.routes.port_here(port))

    def explain(self, site: str, address: str, port: int, host: str, path: str) -> list[tuple[str, str, str]]:
        """Where the listener's connections go from the site's point of presence, for those who trace one."""
        del host, path  # a connection is passed on unread
        point = point_for(self._edge.map.asker(site).site)
        self.checkers.use(point)
        told = [("point of presence", "accelerator", f"{point}, {address}")]
        listener = self._doors.listener_at((address, port, "TCP"))
        if listener is None:
            return [*told, ("listener", "accelerator", f"none takes TCP on port {port}")]
        groups = sorted(self._book.groups_of(listener), key=lambda group: self._distance(point, group.region))
        healthy = partial(self._healthy_from, point)
        return [*told, *explain(groups, healthy, partial(self._distance, point))]

    def _healthy_from(self, point: str, group: EndpointGroup, endpoint: Endpoint) -> bool:
        return self.checkers.healthy(key_of(group.arn, endpoint.id), point)

    def target_health(self, name: str) -> bool | None:
        accelerator = self._book.named(name)
        if accelerator is not None:
            return self._accelerator_well(accelerator.arn)
        balancer = octet_of(name)
        if balancer is None or balancer[0] not in self._edge.settings.regions:
            return None
        return self._balancer_well(name, *balancer)

    def _accelerator_well(self, arn: str) -> bool:
        """Whether any endpoint of each listener is healthy."""
        tree = self._book.trees[arn]
        if not tree.accelerator.enabled:
            return False
        return all(
            any(
                self.checkers.well(key_of(group.arn, endpoint.id))
                for group in self._book.groups_of(listener)
                for endpoint in group.endpoints
                if endpoint.weight
            )
            for listener in tree.listeners
        )

    def _balancer_well(self, name: str, region: str, octet: int) -> bool:
        if name not in self._balancers:
            key = key_of("alias", name)
            self._balancers[name] = Subject(key, str(octet), region, BALANCER_INTERVAL_S, BALANCER_THRESHOLD)
            self._check()
        return self.checkers.well(self._balancers[name].key)

    def health(self) -> dict[str, Any]:
        return {
            "accelerators": len(self._book.trees),
            "sockets": self._doors.count,
            "failures": self._doors.failures,
            "open": len(self._users),
            "connections": self._connections,
            "refused": self._refused,
            "points": self.checkers.points,
            "endpoints": [row for _, group in self._book.groups() for row in self._rows(group)],
            "transitions": self.checkers.transitions.after(0),
        }

    def _rows(self, group: EndpointGroup) -> list[dict[str, Any]]:
        rows = []
        for endpoint in group.endpoints:
            state, reason = self.checkers.verdict(key_of(group.arn, endpoint.id))
            row = {"group": group.arn, "region": group.region, "endpoint": endpoint.id}
            rows.append({**row, "state": state, "reason": reason})
        return rows

    # Connections

    async def _open(self, place: Place) -> Any:
        address, port, protocol = place
        here = self._edge.routes.port_here(port)
        if protocol == "UDP":
            _, door = await listen_udp(lambda: DatagramDoor(partial(self._tunnel, place)), address, here)
            return door.close
        server = await listen_tcp(
            lambda: Inbound(lambda user: self._arrive(user, place), self._users.discard), address, here
        )
        return server.close

    def _arrive(self, user: Inbound, place: Place) -> None:
        self._users.add(user)
        self._connections += 1
        listener = self._doors.listener_at(place)
        if listener is None or len(self._users) > CONNECTIONS_MAX:
            self._refuse(user)
            return
        self._spawn(self._connect(user, place, listener))

    def _refuse(self, user: Inbound) -> None:
        self._refused += 1
        user.abort()

    async def _connect(self, user: Inbound, place: Place, listener: Listener) -> None:
        way = self._way(user.peer, place, listener)
        if way is None:
            self._refuse(user)
            return
        point, route, speaker = way
        preamble = b"" if speaker is None else encode(speaker)
        outbound = Outbound(opening(route.host, route.port, point, route.site, preamble))
        try:
            await connect_tcp(lambda: outbound, *self._edge.settings.network_address)
        except OSError:
            self._refuse(user)
            return
        user.join(outbound)
        outbound.join(user)

    async def _tunnel(self, place: Place, client: tuple[str, int]) -> Connection:
        """A stream for a client's datagrams to the endpoint that is selected for them. Raises OSError."""
        listener = self._doors.listener_at(place)
        way = None if listener is None else self._way(client, place, listener, datagrams=True)
        if way is None:
            raise ConnectionRefusedError("there is no endpoint")
        self._connections += 1
        point, route, speaker = way
        assert speaker is not None, "a tunnel says whose datagrams it carries"
        reader, writer = await self._edge.routes.dial(point, route)(route.host, route.port)
        writer.write(encode(speaker))
        return reader, writer

    def _way(
        self, client: tuple[str, int], place: Place, listener: Listener, *, datagrams: bool = False
    ) -> tuple[str, Route, Speaker | None] | None:
        """Point of presence, way to the selected endpoint, and what it is told of the client."""
        asker = self._edge.map.at(ipaddress.ip_address(client[0]))
        point = point_for(asker.site)
        self.checkers.use(point)
        source = self._public(asker) if asker.known else str(asker.address)
        selected = self.selected(listener, point, source)
        if selected is None:
            return None
        address, port, _ = place
        target_port = selected.group.overrides.get(port, port)
        route = self._edge.routes.to(selected.endpoint.address, target_port, point)
        speaker = Speaker(source, client[1], address, port, datagrams)
        told = datagrams or selected.endpoint.preserves_client
        return point, route, speaker if told else None

    def _public(self, asker: Asker) -> str:
        """The address that the user has in the city's network, as all that leaves the city shows it."""
        name = asker.site.name
        return self._edge.map.place_address(name) if name in self._edge.map.places else str(asker.address)

    def selected(self, listener: Listener, point: str, source: str) -> Selected | None:
        """The endpoint for a new connection from a client through a point of presence."""
        groups = sorted(self._book.groups_of(listener), key=lambda group: self._distance(point, group.region))
        chance = self._edge.world.chance
        draw = affine(source) if listener.affinity == "SOURCE_IP" else lambda _question: chance.random()
        return select(
            groups, lambda group, endpoint: self.checkers.healthy(key_of(group.arn, endpoint.id), point), draw
        )

    def _distance(self, point: str, region: str) -> float:
        if (point, region) not in self._distances:
            self._distances[point, region] = distance_ms(point, region)
        return self._distances[point, region]

    async def stop(self) -> None:
        self._doors.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for user in list(self._users):
            user.abort()
        if self._checkers is not None:
            await self._checkers.stop()
