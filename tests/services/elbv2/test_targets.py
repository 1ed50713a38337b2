"""Targets that are addresses, health checks, and a region that starts again."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from panregion.store import MemoryEngine
from panregion.world.settings import Ports, Time
from tests.services.elbv2.conftest import SUBNETS, Front, fixed
from tests.services.elbv2.talk import ask, until
from tests.support import ServedRegion, region_in


class Target(http.server.BaseHTTPRequestHandler):
    """Says its port, or whatever the path asks for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: Any = self.server
        if self.path == "/break":
            self.close_connection = True
            return
        if self.path == "/slow":
            threading.Event().wait(2)
        status = server.health if self.path == "/health" else 200
        body = f"{server.server_port} {self.headers['X-Forwarded-For']} {self.headers['Host']}".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def target() -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
    server.daemon_threads = True
    server.__dict__["health"] = 200
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


def group_of(front: Front, name: str, *servers: Any, **more: Any) -> str:
    given = {"TargetType": "ip", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", **more}
    arn = front.group(name, **given)
    targets = [{"Id": "127.0.0.1", "Port": server.server_port} for server in servers]
    front.elbv2.register_targets(TargetGroupArn=arn, Targets=targets)
    return arn


def test_addresses_take_turns_and_are_told_who_asks(front: Front) -> None:
    with target() as first, target() as second:
        group = group_of(front, "turns", first, second)
        front.listen({"Type": "forward", "TargetGroupArn": group})
        until(lambda: ask(front.address, front.port).status == 200)
        told = [ask(front.address, front.port, headers={"Host": "a.test"}).body.decode().split() for _ in range(4)]
        assert [each[0] for each in told[:2]] == [each[0] for each in told[2:]]
        assert {each[0] for each in told} == {str(first.server_port), str(second.server_port)}
        assert {tuple(each[1:]) for each in told} == {("127.0.0.1", "a.test")}
        user = {"x-panregion-client": "198.18.3.10", "X-Forwarded-For": "192.0.2.7"}
        assert b" 192.0.2.7, 198.18.3.10 " in ask(front.address, front.port, headers=user).body


def test_stickiness_of_targets(front: Front) -> None:
    with target() as first, target() as second:
        group = group_of(front, "sticky", first, second)
        sticky = [{"Key": "stickiness.enabled", "Value": "true"}]
        front.elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=sticky)
        front.listen({"Type": "forward", "TargetGroupArn": group})
        until(lambda: ask(front.address, front.port).header("set-cookie") is not None)
        told = ask(front.address, front.port)
        cookie = next(value for value in told.all("set-cookie") if value.startswith("AWSALB=")).split(";")[0]
        assert {ask(front.address, front.port, headers={"Cookie": cookie}).body for _ in range(6)} == {told.body}


def test_targets_that_break_off_refuse_or_are_slow(front: Front) -> None:
    with target() as server:
        group = group_of(front, "broken", server)
        front.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=front.arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "1"}]
        )
        front.listen({"Type": "forward", "TargetGroupArn": group})
        until(lambda: ask(front.address, front.port).status == 200)
        assert ask(front.address, front.port, "/break").status == 502
        assert ask(front.address, front.port, "/slow").status == 504
    assert ask(front.address, front.port).status == 502


CHECKED = {
    "HealthCheckPath": "/health",
    "HealthCheckIntervalSeconds": 5,
    "HealthCheckTimeoutSeconds": 2,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 2,
}


@pytest.fixture
def quick(tmp_path: Path, ports: Ports) -> Iterator[Front]:
    """A load balancer in a world whose health checks are a hundred times as frequent."""
    served = ServedRegion(tmp_path, ports=ports, time=Time(health_check_scale=0.01))
    elbv2 = served.client("elbv2")
    made = elbv2.create_load_balancer(Name="quick", Subnets=SUBNETS)["LoadBalancers"][0]
    yield Front(elbv2, served, made)
    served.close()


def states(front: Front, group: str) -> list[str]:
    described = front.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [each["TargetHealth"]["State"] for each in described]


def well(front: Front) -> int:
    """What Global Accelerator's checkers are told of the load balancer."""
    address, port = front.served.region.settings.address("us-east-1"), front.served.port
    del address
    return ask("127.0.0.1", port, f"/_panregion/elbv2/health?arn={front.arn}").status


def test_unhealthy_targets_get_nothing_while_another_is_healthy(quick: Front) -> None:
    with target() as first, target() as second:
        group = group_of(quick, "checked", first, second, **CHECKED)
        assert states(quick, group) == ["unused", "unused"]
        quick.listen({"Type": "forward", "TargetGroupArn": group})
        until(lambda: states(quick, group) == ["healthy", "healthy"])
        assert well(quick) == 200
        first.health = 500
        until(lambda: states(quick, group) == ["unhealthy", "healthy"])
        described = quick.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        assert described[0]["TargetHealth"]["Reason"] == "Target.ResponseCodeMismatch"
        assert described[0]["TargetHealth"]["Description"] == "Health checks failed with these codes: [500]"
        told = {ask(quick.address, quick.port).body.split()[0] for _ in range(6)}
        assert told == {str(second.server_port).encode()}
        second.health = 503
        until(lambda: states(quick, group) == ["unhealthy", "unhealthy"])
        assert well(quick) == 503
        told = {ask(quick.address, quick.port).body.split()[0] for _ in range(6)}  # fail open
        assert len(told) == 2
        first.health = 200
        until(lambda: states(quick, group) == ["healthy", "unhealthy"])
        assert well(quick) == 200
        address, port = "127.0.0.1", quick.served.port
        assert ask(address, port, "/_panregion/elbv2/health?arn=none").status == 404


def test_functions_are_checked_too(quick: Front) -> None:
    source = (
        "def handler(event, context):\n"
        "    assert event['headers'] == {'user-agent': 'ELB-HealthChecker/2.0'}, event\n"
        "    return {'statusCode': 200 if event['path'] == '/health' else 404}\n"
    )
    group = quick.group("functions", HealthCheckEnabled=True, **CHECKED)
    quick.function("checked", source, group)
    quick.listen({"Type": "forward", "TargetGroupArn": group})
    until(lambda: states(quick, group) == ["healthy"])
    quick.elbv2.modify_target_group(TargetGroupArn=group, HealthCheckPath="/other")
    until(lambda: states(quick, group) == ["unhealthy"])
    quick.elbv2.modify_target_group(TargetGroupArn=group, HealthCheckEnabled=False)
    until(lambda: states(quick, group) == ["unavailable"])
    assert well(quick) == 200


async def test_a_region_that_starts_again_listens_again(tmp_path: Path, ports: Ports) -> None:
    engine = MemoryEngine()
    region = region_in(tmp_path, engine=engine, ports=ports)
    await region.start()
    made = await region.ask("elbv2", "CreateLoadBalancer", {"Name": "again", "Subnets": SUBNETS})
    balancer = made["LoadBalancers"][0]
    listener = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80}
    await region.ask("elbv2", "CreateListener", {**listener, "DefaultActions": [fixed("still here")]})
    await region.stop()
    region = region_in(tmp_path, engine=engine, ports=ports)
    await region.start()
    assert region.health()["load_balancers"] == {"listeners": 1, "failures": {}}
    await region.stop()
