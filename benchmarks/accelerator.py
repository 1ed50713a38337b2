"""What a request through an accelerator costs the edge in CPU, and nginx as the comparison.

    .venv/bin/python -m benchmarks.accelerator [--nginx /usr/sbin/nginx]
    .venv/bin/python -m benchmarks.accelerator --lose-a-region

A world is started, with a load balancer that answers by itself (a fixed response) and an accelerator before it.
Requests go over kept connections, and over new ones. CPU is the edge process's own, before and after, divided by the
requests; nginx (one worker, a reverse proxy before the same load balancer, keeping its connections) is measured by
the same client in the same run. The load balancer's own cost is its region's, asked directly.

The second way puts load balancers of three regions behind an accelerator, at the pace of AWS (10 s x 3), has
users in five cities ask all the time, kills a region, and tells when the last request of each city failed.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
from demo.world import REGIONS, DemoWorld

from benchmarks.cloudfront import Server, ask_often, edge_process
from benchmarks.world import measured_world
from panregion.world import ClientError, HttpClient, direct_dial

REQUESTS, FRESH, CONNECTIONS, ROUNDS = 24_000, 3_000, 48, 3
REGION = "us-east-1"
NGINX_PORT = 19471
CITIES = ("new-york", "london", "sydney", "tokyo", "sao-paulo")
INTERVAL_S, THRESHOLD = 10, 3
SUBNETS = ["subnet-0000000000000000a", "subnet-0000000000000000b"]


def make_balancer(world: DemoWorld, region: str) -> dict[str, Any]:
    """A load balancer that says its region."""
    elbv2 = world.client("elbv2", region)
    made: dict[str, Any] = elbv2.create_load_balancer(Name="bench", Subnets=SUBNETS)["LoadBalancers"][0]
    said = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": region}
    elbv2.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": said}],
    )
    return made


def make_accelerator(world: DemoWorld, balancers: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """An accelerator before load balancers by region: its DNS name and first address."""
    client = world.client("globalaccelerator", world.settings.home("us-west-2"))
    made = client.create_accelerator(Name="bench", IdempotencyToken="a")["Accelerator"]
    ports = [{"FromPort": 80, "ToPort": 80}]
    listener = client.create_listener(
        AcceleratorArn=made["AcceleratorArn"], PortRanges=ports, Protocol="TCP", IdempotencyToken="l"
    )["Listener"]["ListenerArn"]
    for region, balancer in balancers.items():
        client.create_endpoint_group(
            ListenerArn=listener,
            EndpointGroupRegion=region,
            EndpointConfigurations=[{"EndpointId": balancer["LoadBalancerArn"]}],
            HealthCheckIntervalSeconds=INTERVAL_S,
            ThresholdCount=THRESHOLD,
            IdempotencyToken=region,
        )
    return made["DnsName"], made["IpSets"][0]["IpAddresses"][0]


async def cpu_us(server: Server, requests: int, per_connection: int) -> float:
    """Microseconds of the server's CPU that a request costs, at so many requests a connection."""
    await ask_often(server, "/", 20)
    before = server.cpu_s()
    left = requests // per_connection

    async def users() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await ask_often(server, "/", per_connection)

    connections = requests // per_connection
    await asyncio.gather(*(users() for _ in range(min(CONNECTIONS, connections))))
    return (server.cpu_s() - before) / (connections * per_connection) * 1e6


def region_process(world: DemoWorld, region: str) -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if f"panregion.region --world {world.settings.path}" in line and f"--region {region}" in line:
            return process
    raise RuntimeError(f"the world has no {region}")


NGINX_CONF = """
{user}worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000;
  upstream balancer {{ server {origin}; keepalive 64; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://balancer; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@asynccontextmanager
async def nginx(origin: str, program: str) -> AsyncIterator[Server]:
    """nginx in front of the load balancer; the CPU is its worker's."""
    with tempfile.TemporaryDirectory(prefix="panregion-nginx-") as folder:
        user = "user root;\n" if os.geteuid() == 0 else ""  # else its worker cannot read its own folder
        conf = NGINX_CONF.format(folder=folder, port=NGINX_PORT, origin=origin, user=user)
        path = Path(folder) / "nginx.conf"
        await asyncio.to_thread(path.write_text, conf)
        master = await asyncio.create_subprocess_exec(program, "-c", str(path), "-p", folder)
        try:
            await asyncio.sleep(1)
            (worker,) = [c for c in psutil.Process(master.pid).children() if "worker process" in " ".join(c.cmdline())]
            yield Server("127.0.0.1", NGINX_PORT, "bench", worker)
        finally:
            master.terminate()
            await master.wait()


async def measure(nginx_program: str | None) -> None:
    async with measured_world() as world:
        balancer = await asyncio.to_thread(make_balancer, world, REGION)
        name, address = await asyncio.to_thread(make_accelerator, world, {REGION: balancer})
        await world.clock.sleep(2)
        port = world.settings.ports.gateway
        octet = int(balancer["DNSName"].split(".")[0][-3:])
        origin = f"{world.settings.address(REGION).rpartition('.')[0]}.{octet}"
        through = Server(address, port, name, edge_process(world))
        direct = Server(origin, port, name, region_process(world, REGION))
        for round_number in range(ROUNDS):
            await report("accelerator", "kept connections", cpu_us(through, REQUESTS, 500))
            await report("accelerator", "a connection for each", cpu_us(through, FRESH, 1))
            await report("load balancer", "kept connections", cpu_us(direct, REQUESTS, 500))
            if nginx_program is None:
                print("nginx is not installed here: no comparison")
                continue
            async with nginx(f"{origin}:{port}", nginx_program) as server:
                await report("nginx", "kept connections", cpu_us(server, REQUESTS, 500))
                await report("nginx", "a connection for each", cpu_us(server, FRESH, 1))
            print(f"round {round_number + 1} of {ROUNDS}")


async def report(who: str, what: str, measuring: Any) -> None:
    print(f"| {who} | {what} | {await measuring:.0f} us |", flush=True)


async def lose_a_region() -> None:
    async with measured_world() as world:
        balancers = {region: await asyncio.to_thread(make_balancer, world, region) for region in REGIONS}
        name, _ = await asyncio.to_thread(make_accelerator, world, balancers)
        await world.clock.sleep(INTERVAL_S * 2)
        users = [User(world, city, f"http://{name}/") for city in CITIES]
        tasks = [asyncio.create_task(user.run()) for user in users]
        await world.clock.sleep(5)
        for user in users:
            user.failed, user.last_failed_s = 0, 0.0
        lost = users[0].region
        began = world.clock.monotonic()
        await world.control.kill(lost)
        await world.clock.sleep(INTERVAL_S * THRESHOLD + 15)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        print(f"{lost} is killed; the bound is {INTERVAL_S * THRESHOLD} s")
        for user in users:
            last = f"{user.last_failed_s - began:.1f} s" if user.failed else "-"
            print(
                f"| {user.city} | {user.asked} asked | {user.failed} failed | last after {last} | now {user.region} |"
            )


class User:
    """Somebody in a city who asks all the time, over a connection of its own each time."""

    def __init__(self, world: DemoWorld, city: str, url: str) -> None:
        self.city = city
        self._world = world
        self._url = url
        self.asked = self.failed = 0
        self.last_failed_s = 0.0
        self.region = ""

    async def run(self) -> None:
        clock = self._world.clock
        while True:
            client = HttpClient(direct_dial, proxy=self._world.proxy(self.city))
            self.asked += 1
            try:
                answer = await client.send("GET", self._url, [], timeout_s=2)
                well = answer.status == 200
                assert isinstance(answer.body, bytes)
                self.region = answer.body.decode() if well else self.region
            except ClientError:
                well = False
            finally:
                await client.close()
            if not well:
                self.failed += 1
                self.last_failed_s = clock.monotonic()
            await clock.sleep(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nginx", default=shutil.which("nginx"))
    parser.add_argument("--lose-a-region", action="store_true")
    arguments = parser.parse_args()
    chosen: Callable[[], Any] = lose_a_region if arguments.lose_a_region else lambda: measure(arguments.nginx)
    asyncio.run(chosen())
