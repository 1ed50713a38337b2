"""The plane over real sockets: who is served by whom, whose address is told, what stays and what moves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from panregion.services.route53.model import Change
from panregion.wire import dns
from panregion.world.settings import Ports
from panregion.world.tls import trusting
from tests.edge.accelerator.stage import AMERICA, EUROPE, SUBNETS, Stage, request, staged
from tests.edge.support import ZONE, alias

HOSTED_ZONE = "Z2BJ6XQ5FK7U4H"


@pytest.fixture
async def stage(tmp_path: Path, ports: Ports) -> AsyncIterator[Stage]:
    async with staged(tmp_path, ports) as stage:
        yield stage


async def test_users_come_to_the_nearest_region_at_either_address(stage: Stage) -> None:
    await stage.both()
    await stage.until_told("london", EUROPE)
    assert await stage.get("london", "127.4.1.1") == EUROPE
    assert await stage.get("san-francisco") == AMERICA
    assert await stage.get("tokyo", "127.4.1.1") == AMERICA


async def test_the_point_of_presence_nearest_to_the_user_takes_the_connection(stage: Stage) -> None:
    route = stage.plane.route("127.3.1.1", 80, "london")
    assert route is not None
    assert (route.site, route.host, route.port) == ("london", "127.3.1.1", stage.settings.ports.gateway)
    route = stage.plane.route("127.4.1.1", 5000, "utrecht")
    assert route is not None
    assert (route.site, route.port) == ("amsterdam", 5000)
    assert stage.plane.route("127.2.1.1", 80, "london") is None


async def test_the_endpoint_is_told_the_users_own_address(stage: Stage) -> None:
    front = await stage.both()
    listeners = await stage.ask(
        "elbv2", "DescribeListeners", EUROPE, LoadBalancerArn=front["balancers"][EUROPE]["LoadBalancerArn"]
    )
    condition = {"Field": "source-ip", "SourceIpConfig": {"Values": [f"{stage.map.place_address('london')}/32"]}}
    said = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "hello, London"}}
    await stage.ask(
        "elbv2",
        "CreateRule",
        EUROPE,
        ListenerArn=listeners["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[condition],
        Actions=[said],
    )
    await stage.until_told("london", "hello, London")
    assert await stage.get("paris") == EUROPE


async def test_a_lost_region_is_left_and_taken_up_again(stage: Stage) -> None:
    await stage.both()
    await stage.until_told("london", EUROPE)
    await stage.lose(EUROPE)
    await stage.until_told("london", AMERICA)
    await stage.start_region(EUROPE)
    await stage.until_told("london", EUROPE)


async def test_an_established_connection_stays_while_new_ones_move(stage: Stage) -> None:
    front = await stage.both()
    await stage.until_told("london", EUROPE)
    reader, writer = await stage.connect("london")
    assert await request(reader, writer) == EUROPE
    await stage.ask(
        "globalaccelerator",
        "UpdateEndpointGroup",
        EndpointGroupArn=front["groups"][EUROPE],
        TrafficDialPercentage=0.0,
    )
    await stage.until_told("london", AMERICA)
    assert await request(reader, writer) == EUROPE
    await stage.lose(EUROPE)
    assert await reader.read() == b""
    writer.close()


async def test_without_any_healthy_endpoint_it_fails_open(stage: Stage) -> None:
    """A target group without targets makes a load balancer unhealthy, which still answers for itself."""
    balancer = await stage.balancer(EUROPE)
    arn = balancer["LoadBalancerArn"]
    group = await stage.ask("elbv2", "CreateTargetGroup", EUROPE, Name="empty", TargetType="lambda")
    group_arn = group["TargetGroups"][0]["TargetGroupArn"]
    listener = (await stage.ask("elbv2", "DescribeListeners", EUROPE, LoadBalancerArn=arn))["Listeners"][0]
    forward = {"Type": "forward", "TargetGroupArn": group_arn}
    condition = {"Field": "path-pattern", "Values": ["/never"]}
    await stage.ask(
        "elbv2",
        "CreateRule",
        EUROPE,
        ListenerArn=listener["ListenerArn"],
        Priority=1,
        Conditions=[condition],
        Actions=[forward],
    )
    front = await stage.accelerate({EUROPE: [{"EndpointId": arn}]})

    async def unhealthy() -> bool:
        return stage.plane.target_health(front["name"]) is False

    await stage.until(unhealthy)
    assert await stage.get("london") == EUROPE
    (row,) = stage.plane.health()["endpoints"]
    assert (row["state"], row["endpoint"]) == ("UNHEALTHY", arn)
    assert "503" in row["reason"]


async def test_affinity_keeps_a_client_with_its_endpoint(stage: Stage) -> None:
    first, second = await stage.balancer(EUROPE, "one"), await stage.balancer(EUROPE, "second")
    endpoints = [{"EndpointId": each["LoadBalancerArn"]} for each in (first, second)]
    await stage.accelerate({EUROPE: endpoints}, ClientAffinity="SOURCE_IP")
    cities = list(stage.map.places)[:20]

    async def answered() -> bool:
        return await stage.get(cities[0]) != ""

    await stage.until(answered)
    told = {city: await stage.get(city) for city in cities}
    assert set(told.values()) == {"one", "second"}
    assert {city: await stage.get(city) for city in cities} == told


async def test_names_lead_to_the_addresses_and_aliases_evaluate_health(stage: Stage) -> None:
    front = await stage.both()
    await stage.until_told("london", EUROPE)
    asker = stage.map.asker("london")
    assert stage.plane.addresses(front["name"], asker) == ["127.3.1.1", "127.4.1.1"]
    assert stage.plane.addresses("a0.awsglobalaccelerator.com.", asker) == []
    assert stage.plane.addresses("hello.test.", asker) is None
    stage.book.take(Change(zone=ZONE))
    balancers = {region: each["DNSName"] for region, each in front["balancers"].items()}
    records = [
        alias("front", front["name"], zone_id=HOSTED_ZONE, evaluate=True),
        alias(
            "app", balancers[EUROPE], zone_id="Z215JYRZR1TBD5", evaluate=True, set_identifier="1", failover="PRIMARY"
        ),
        alias(
            "app", balancers[AMERICA], zone_id="Z1H1FL5HABSF5", evaluate=True, set_identifier="2", failover="SECONDARY"
        ),
    ]
    for record in records:
        stage.book.take(Change(record=record))
    assert sorted(stage.resolver.resolve("front.hello.test.", dns.A, asker).addresses) == ["127.3.1.1", "127.4.1.1"]
    assert stage.resolver.resolve("app.hello.test.", dns.A, asker).addresses == ["127.0.2.16"]
    await stage.lose(EUROPE)

    async def moved() -> bool:
        return stage.resolver.resolve("app.hello.test.", dns.A, asker).addresses == ["127.0.1.16"]

    await stage.until(moved)


async def test_the_plane_comes_back_with_what_it_knew_while_the_home_is_lost(stage: Stage) -> None:
    await stage.both()
    await stage.until_told("san-francisco", AMERICA)
    await stage.lose(AMERICA)
    await stage.until_told("san-francisco", EUROPE)
    await stage.stop_plane()
    await stage.start_plane()
    assert await stage.get("san-francisco") == EUROPE


async def test_a_disabled_or_deleted_accelerator_takes_no_connections(stage: Stage) -> None:
    front = await stage.both()
    await stage.until_told("london", EUROPE)
    await stage.ask("globalaccelerator", "UpdateAccelerator", AcceleratorArn=front["arn"], Enabled=False)
    await stage.until_told("london", "")
    assert stage.plane.target_health(front["name"]) is False
    await stage.ask("globalaccelerator", "UpdateAccelerator", AcceleratorArn=front["arn"], Enabled=True)
    await stage.until_told("london", EUROPE)


async def test_port_overrides_lead_elsewhere(stage: Stage) -> None:
    balancer = await stage.balancer(EUROPE)
    said = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "overridden"}}
    await stage.ask(
        "elbv2",
        "CreateListener",
        EUROPE,
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=stage.extra_port,
        DefaultActions=[said],
    )
    front = await stage.accelerate({EUROPE: [{"EndpointId": balancer["LoadBalancerArn"]}]})
    await stage.until_told("london", EUROPE)
    await stage.ask(
        "globalaccelerator",
        "UpdateEndpointGroup",
        EndpointGroupArn=front["groups"][EUROPE],
        PortOverrides=[{"ListenerPort": 80, "EndpointPort": stage.extra_port}],
    )
    await stage.until_told("london", "overridden")


async def test_half_open_and_slow_clients_do_no_harm_to_others(stage: Stage) -> None:
    await stage.both()
    await stage.until_told("london", EUROPE)
    idle = [await stage.connect("london") for _ in range(50)]
    for _, writer in idle:
        writer.write(b"GET / HT")
    assert await stage.get("london") == EUROPE
    for number, (_, writer) in enumerate(idle):
        if number % 2:
            writer.transport.abort()
        else:
            writer.close()

    async def none_left() -> bool:
        return int(stage.plane.health()["open"]) == 0

    await stage.until(none_left)


async def test_a_large_body_passes_and_back(stage: Stage) -> None:
    """Bytes are held back where the other side is slow, and none is lost: the load balancer reads it all first."""
    await stage.both()
    await stage.until_told("london", EUROPE)
    reader, writer = await stage.connect("london")
    size = 100_000_000
    writer.write(f"POST / HTTP/1.1\r\nHost: front.test\r\nContent-Length: {size}\r\n\r\n".encode())
    for number in range(size // 1_000_000):
        writer.write(b"x" * 1_000_000)
        await writer.drain()
        if number % 25 == 0:  # meanwhile others are served
            assert await asyncio.wait_for(stage.get("london"), 5) == EUROPE
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    assert head.startswith(b"HTTP/1.1 200")
    writer.close()


async def test_https_passes_unread_and_still_tells_whose_it_is(stage: Stage) -> None:
    certificate = await stage.ask("acm", "RequestCertificate", EUROPE, DomainName="front.test")
    balancer = await stage.balancer(EUROPE)
    said = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "secure"}}
    listener = await stage.ask(
        "elbv2",
        "CreateListener",
        EUROPE,
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate["CertificateArn"]}],
        DefaultActions=[said],
    )
    known = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "hello, Tokyo"}}
    condition = {"Field": "source-ip", "SourceIpConfig": {"Values": [f"{stage.map.place_address('tokyo')}/32"]}}
    await stage.ask(
        "elbv2",
        "CreateRule",
        EUROPE,
        ListenerArn=listener["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[condition],
        Actions=[known],
    )
    ports = [{"FromPort": 443, "ToPort": 443}]
    await stage.accelerate({EUROPE: [{"EndpointId": balancer["LoadBalancerArn"]}]}, PortRanges=ports)
    tls = trusting(stage.settings.path)

    async def ask(city: str) -> str:
        source = f"127.18.{stage.map.place_number(city)}.10"
        try:
            reader, writer = await asyncio.open_connection(
                "127.3.1.1", stage.settings.ports.tls, local_addr=(source, 0), ssl=tls, server_hostname="front.test"
            )
        except ConnectionError:
            return ""
        try:
            return await request(reader, writer)
        finally:
            writer.close()

    async def told() -> bool:
        return await ask("tokyo") == "hello, Tokyo"

    await stage.until(told)
    assert await ask("london") == "secure"


async def test_datagrams_reach_the_nearest_region_and_come_back(stage: Stage) -> None:
    """A network load balancer in each region, whose target says which it is."""
    targets = {region: await Says.listen(region) for region in stage.settings.regions}
    endpoints = {}
    for region, (_, port) in targets.items():
        made = await stage.ask("elbv2", "CreateLoadBalancer", region, Name="net", Subnets=SUBNETS, Type="network")
        arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        group = await stage.ask(
            "elbv2", "CreateTargetGroup", region, Name="net", TargetType="ip", Protocol="UDP", Port=port, VpcId="v"
        )
        group_arn = group["TargetGroups"][0]["TargetGroupArn"]
        await stage.ask("elbv2", "RegisterTargets", region, TargetGroupArn=group_arn, Targets=[{"Id": "127.0.0.1"}])
        forward = [{"Type": "forward", "TargetGroupArn": group_arn}]
        listener = {"LoadBalancerArn": arn, "Protocol": "UDP", "Port": stage.extra_port, "DefaultActions": forward}
        await stage.ask("elbv2", "CreateListener", region, **listener)
        endpoints[region] = [{"EndpointId": arn}]
    ports = [{"FromPort": stage.extra_port, "ToPort": stage.extra_port}]
    await stage.accelerate(endpoints, Protocol="UDP", PortRanges=ports)
    london, tokyo = await User.at(stage, "london"), await User.at(stage, "tokyo")

    async def served() -> bool:
        return await london.say("hello") == f"{EUROPE}: hello" and await tokyo.say("hello") == f"{AMERICA}: hello"

    await stage.until(served)
    assert await london.say("x" * 8000) == f"{EUROPE}: {'x' * 8000}"
    for each in (london, tokyo):
        each.close()
    for transport, _ in targets.values():
        transport.close()


class Says(asyncio.DatagramProtocol):
    """Answers each datagram with its name in front."""

    def __init__(self, name: str) -> None:
        self._name = name

    @classmethod
    async def listen(cls, name: str) -> tuple[asyncio.DatagramTransport, int]:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: cls(name), local_addr=("127.0.0.1", 0))
        return transport, transport.get_extra_info("sockname")[1]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(f"{self._name}: ".encode() + data, addr)


class User(asyncio.DatagramProtocol):
    """Somebody in a city, as their datagrams come to the accelerator."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[str] = asyncio.Queue()

    @classmethod
    async def at(cls, stage: Stage, city: str) -> "User":
        source = f"127.18.{stage.map.place_number(city)}.10"
        there = ("127.3.1.1", stage.extra_port)
        loop = asyncio.get_running_loop()
        _, user = await loop.create_datagram_endpoint(cls, local_addr=(source, 0), remote_addr=there)
        return user

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._heard.put_nowait(data.decode())

    async def say(self, text: str) -> str:
        """What comes back; empty where nothing does for a moment."""
        self._transport.sendto(text.encode())
        try:
            return await asyncio.wait_for(self._heard.get(), 0.5)
        except TimeoutError:
            return ""

    def close(self) -> None:
        self._transport.close()
