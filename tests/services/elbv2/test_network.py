"""Network load balancers: TCP and UDP, passed on unread to addresses of this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.world.preamble import Speaker, encode
from panregion.world.settings import Ports
from tests.services.elbv2.conftest import FIXED, SUBNETS, Front
from tests.services.elbv2.talk import until
from tests.support import ServedRegion


@pytest.fixture
def front(balanced: ServedRegion, elbv2: Any) -> Iterator[Front]:
    made = elbv2.create_load_balancer(Name="net", Subnets=SUBNETS[:1], Type="network")["LoadBalancers"][0]
    yield Front(elbv2, balanced, made)
    elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])


@contextmanager
def echo(kind: socket.SocketKind) -> Iterator[int]:
    """A server that answers what it is told, turned round; its port."""
    listener = socket.socket(socket.AF_INET, kind)
    listener.bind(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                if kind == socket.SOCK_DGRAM:
                    data, client = listener.recvfrom(65536)
                    listener.sendto(data[::-1], client)
                else:
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(5)
                        while data := connection.recv(65536):
                            connection.sendall(data[::-1])
            except TimeoutError:
                continue

    if kind == socket.SOCK_STREAM:
        listener.listen()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    over.set()
    thread.join(10)
    listener.close()


def forward(front: Front, protocol: str, target: int, port: int) -> str:
    group = front.group(
        f"net-{protocol.lower().replace('_', '-')}", TargetType="ip", Protocol=protocol, Port=9, VpcId="vpc-1"
    )
    front.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": target}])
    front.listen({"Type": "forward", "TargetGroupArn": group}, port, Protocol=protocol)
    return group


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


def test_it_is_shown_as_a_network_load_balancer(front: Front) -> None:
    assert front.balancer["Type"] == "network"
    assert front.balancer["CanonicalHostedZoneId"] == "Z26RNL4JYFTOTI"
    assert ":loadbalancer/net/net/" in front.arn
    assert front.balancer["DNSName"].endswith(".elb.us-east-1.amazonaws.com")
    keys = {
        each["Key"] for each in front.elbv2.describe_load_balancer_attributes(LoadBalancerArn=front.arn)["Attributes"]
    }
    assert "dns_record.client_routing_policy" in keys


def test_refusals(front: Front) -> None:
    given = {"LoadBalancerArn": front.arn, "Port": 20100}
    create = front.elbv2.create_listener
    assert code_of(create, **given, Protocol="TCP", DefaultActions=[FIXED]) == "InvalidLoadBalancerAction"
    functions = [{"Type": "forward", "TargetGroupArn": front.group("net-functions")}]
    assert code_of(create, **given, Protocol="TCP", DefaultActions=functions) == "IncompatibleProtocols"
    assert code_of(create, **given, Protocol="TLS", DefaultActions=functions) == "NotImplemented"
    assert code_of(create, **given, Protocol="HTTP", DefaultActions=functions) == "NotImplemented"


def test_connections_are_passed_on(front: Front, ports: Ports) -> None:
    port = ports.gateway
    with echo(socket.SOCK_STREAM) as target:
        forward(front, "TCP", target, port)

        def told() -> bool:
            with socket.create_connection((front.address, port), 5) as user:
                user.sendall(b"abc")
                user.shutdown(socket.SHUT_WR)
                return user.recv(10) == b"cba" and user.recv(10) == b""

        until(told)


def test_datagrams_are_passed_on_and_come_back(front: Front, ports: Ports) -> None:
    port = ports.gateway
    with echo(socket.SOCK_DGRAM) as target, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as user:
        forward(front, "UDP", target, port)
        user.settimeout(0.2)

        def told() -> bool:
            user.sendto(b"hello", (front.address, port))
            return user.recv(100) == b"olleh"

        until(told)
        for size in (0, 1, 1400, 9000):
            user.sendto(b"a" * size + b"b", (front.address, port))
            assert user.recv(65536) == b"b" + b"a" * size


def test_datagrams_may_come_through_a_tunnel(front: Front, ports: Ports) -> None:
    port = ports.gateway
    with echo(socket.SOCK_DGRAM) as target:
        forward(front, "TCP_UDP", target, port)
        preamble = encode(Speaker("198.18.3.10", 5000, "127.3.1.1", 53, datagrams=True))

        def told() -> bool:
            with socket.create_connection((front.address, port), 5) as tunnel:
                tunnel.sendall(preamble + b"\x00\x03abc\x00\x01x")
                answer = b""
                while len(answer) < 8:
                    answer += tunnel.recv(100)
                return answer in (b"\x00\x03cba\x00\x01x", b"\x00\x01x\x00\x03cba")

        until(told)
