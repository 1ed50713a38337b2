"""What a request at a point of presence costs the edge in CPU, and nginx as the comparison.

    .venv/bin/python -m benchmarks.cloudfront [--nginx /usr/sbin/nginx]
    .venv/bin/python -m benchmarks.cloudfront --lose-a-region

A world is started, a distribution put in front of an S3 bucket, and objects of 1 KB and 64 KB asked for over kept
connections, without TLS and with it, and past the cache. CPU is the edge process's own, before and after, divided by
the requests; nginx (one worker, its proxy cache before the same bucket) is measured by the same client in the same
run. The nginx of any Linux will do: `--nginx` names one that is not installed.

The second way puts the bucket of one region and that of another into an origin group, has five cities read from
it all the time, kills the first region, and tells how many reads failed and how long the slowest took.
"""

import argparse
import asyncio
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from demo.world import DemoWorld

from benchmarks.world import measured_world
from panregion.edge.cloudfront.pops import points_of_presence
from panregion.world import ClientError, HttpClient, direct_dial
from panregion.world.tls import trusting

REQUESTS, PASSED, CONNECTIONS = 20_000, 2_000, 8
SIZES = {"1 KB": 1_000, "64 KB": 64_000}
BUCKET, REGION, CITY = "cdn-bench", "us-east-1", "new-york"
NGINX_PORT = 19470
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


@dataclass(frozen=True)
class Server:
    """Who is measured: where it listens, what it is called, and the process whose CPU counts."""

    address: str
    port: int
    host: str
    process: psutil.Process
    tls: ssl.SSLContext | None = None

    def cpu_s(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


async def ask_often(server: Server, path: str, requests: int) -> None:
    """One connection's requests, one after another. Raises where one is no 200."""
    name = server.host if server.tls else None
    reader, writer = await asyncio.open_connection(
        server.address, server.port, ssl=server.tls, server_hostname=name, limit=1 << 20
    )
    message = f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n".encode()
    for _ in range(requests):
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode("latin-1"))
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


async def cpu_per_request_us(server: Server, path: str, requests: int = REQUESTS) -> float:
    """Microseconds of the server's CPU that a request costs."""
    await ask_often(server, path, 50)
    before = server.cpu_s()
    each = requests // CONNECTIONS
    await asyncio.gather(*(ask_often(server, path, each) for _ in range(CONNECTIONS)))
    return (server.cpu_s() - before) / (each * CONNECTIONS) * 1e6


def edge_process(world: DemoWorld) -> psutil.Process:
    """The edge of this world."""
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "panregion.edge" in line and str(world.settings.path) in line:
            return process
    raise RuntimeError("the world has no edge")


def make_distribution(world: DemoWorld) -> str:
    """A bucket with an object of each size behind a distribution; returns its domain name."""
    bucket = world.client("s3", REGION)
    bucket.create_bucket(Bucket=BUCKET)
    for size in SIZES.values():
        body = os.urandom(size)
        for key in (f"{size}.bin", f"passed/{size}.bin"):
            bucket.put_object(Bucket=BUCKET, Key=key, Body=body)
    cloudfront = world.client("cloudfront", REGION)
    origin = {
        "Id": "files",
        "DomainName": f"{BUCKET}.s3.{REGION}.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    config: dict[str, Any] = {
        "CallerReference": "bench",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "files",
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": OPTIMIZED,
        },
        "CacheBehaviors": {
            "Quantity": 1,
            "Items": [
                {
                    "PathPattern": "/passed/*",
                    "TargetOriginId": "files",
                    "ViewerProtocolPolicy": "allow-all",
                    "CachePolicyId": DISABLED,
                }
            ],
        },
    }
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    waiter = cloudfront.get_waiter("distribution_deployed")
    waiter.wait(Id=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    return str(made["DomainName"])


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
  proxy_cache_path {folder}/cache keys_zone=one:10m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://{origin};
      proxy_set_header Host {bucket}.s3.{region}.amazonaws.com;
      proxy_cache one; proxy_cache_valid 200 1h;
    }}
    location /passed/ {{
      proxy_pass http://{origin};
      proxy_set_header Host {bucket}.s3.{region}.amazonaws.com;
      proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""


CITIES = ("new-york", "london", "sydney", "tokyo", "sao-paulo")
FIRST, SECOND = "eu-west-1", "us-east-1"
STEADY_S = 15.0


def make_group(world: DemoWorld) -> str:
    """A bucket in each of two regions behind an origin group that tries once, for two seconds; its domain name."""
    for region in (FIRST, SECOND):
        bucket = world.client("s3", region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        bucket.create_bucket(Bucket=f"group-{region}", **where)
        bucket.put_object(Bucket=f"group-{region}", Key="where", Body=region.encode())
    origins = [
        {
            "Id": region,
            "DomainName": f"group-{region}.s3.{region}.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "ConnectionAttempts": 1,
            "ConnectionTimeout": 2,
        }
        for region in (FIRST, SECOND)
    ]
    both = {
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 4, "Items": [500, 502, 503, 504]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": origin["Id"]} for origin in origins]},
    }
    behavior = {"TargetOriginId": "both", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": DISABLED}
    cloudfront = world.client("cloudfront", SECOND)
    config: dict[str, Any] = {
        "CallerReference": "group",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": origins},
        "OriginGroups": {"Quantity": 1, "Items": [both]},
        "DefaultCacheBehavior": behavior,
    }
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    waiter = cloudfront.get_waiter("distribution_deployed")
    waiter.wait(Id=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    return str(made["DomainName"])


@dataclass
class Ledger:
    """What one city's reads came to."""

    reads: int = 0
    failed: int = 0
    slowest_s: float = 0.0
    last: str = ""


async def read_steadily(world: DemoWorld, city: str, url: str, ledger: Ledger) -> None:
    """Read again and again, ten times a second at most."""
    client = HttpClient(direct_dial, proxy=world.proxy(city))
    try:
        while True:
            began = world.clock.monotonic()
            try:
                response = await client.send("GET", url, timeout_s=10)
                ok, body = response.status == 200, response.body
                ledger.last = body.decode() if ok and isinstance(body, bytes) else ledger.last
            except ClientError:
                ok = False
            ledger.reads += 1
            ledger.failed += not ok
            ledger.slowest_s = max(ledger.slowest_s, world.clock.monotonic() - began)
            await world.clock.sleep(0.1)
    finally:
        await client.close()


async def lose_a_region() -> None:
    """Kill the primary origin's region under steady reads."""
    async with measured_world() as world:
        domain = await asyncio.to_thread(make_group, world)
        ledgers = {city: Ledger() for city in CITIES}
        readers = [
            asyncio.create_task(read_steadily(world, city, f"http://{domain}/where", ledger))
            for city, ledger in ledgers.items()
        ]
        await world.clock.sleep(STEADY_S)
        before = sum(ledger.failed for ledger in ledgers.values())
        steady = {city: ledger.slowest_s for city, ledger in ledgers.items()}
        for ledger in ledgers.values():
            ledger.slowest_s = 0.0
        await world.control.kill(FIRST)
        await world.clock.sleep(STEADY_S)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        print(f"failed before the loss: {before}")
        for city, ledger in ledgers.items():
            slowest = f"{steady[city] * 1000:.0f} ms before, {ledger.slowest_s * 1000:.0f} ms after"
            print(f"| {city} | {ledger.reads} reads | {ledger.failed} failed | {slowest} | now {ledger.last} |")


@asynccontextmanager
async def nginx(world: DemoWorld, program: str) -> AsyncIterator[Server]:
    """nginx with its cache in front of the same bucket; the CPU is its worker's."""
    with tempfile.TemporaryDirectory(prefix="panregion-nginx-") as folder:
        origin = f"{world.settings.address(REGION)}:{world.settings.ports.gateway}"
        user = "user root;\n" if os.geteuid() == 0 else ""  # else its worker cannot read its own folder
        conf = NGINX_CONF.format(folder=folder, port=NGINX_PORT, origin=origin, bucket=BUCKET, region=REGION, user=user)
        path = Path(folder) / "nginx.conf"
        await asyncio.to_thread(path.write_text, conf)
        master = await asyncio.create_subprocess_exec(program, "-c", str(path), "-p", folder)
        try:
            await asyncio.sleep(1)
            children = psutil.Process(master.pid).children()
            (worker,) = [child for child in children if "worker process" in " ".join(child.cmdline())]
            yield Server("127.0.0.1", NGINX_PORT, "bench", worker)
        finally:
            master.terminate()
            await master.wait()


async def measure(nginx_program: str | None) -> None:
    row: Callable[[str, str, float], None] = lambda who, what, us: print(f"| {who} | {what} | {us:.0f} us |")  # noqa: E731
    async with measured_world() as world:
        domain = await asyncio.to_thread(make_distribution, world)
        (pop,) = [pop for pop in points_of_presence() if pop.site.name == CITY]
        edge = edge_process(world)
        ports = world.settings.ports
        plain = Server(pop.address, ports.gateway, domain, edge)
        tls = Server(pop.address, ports.tls, domain, edge, trusting(world.settings.path))
        for name, size in SIZES.items():
            row("point of presence", name, await cpu_per_request_us(plain, f"/{size}.bin"))
            row("point of presence, TLS", name, await cpu_per_request_us(tls, f"/{size}.bin"))
            row(
                "point of presence, past the cache",
                name,
                await cpu_per_request_us(plain, f"/passed/{size}.bin", PASSED),
            )
        if nginx_program is None:
            print("nginx is not installed here: no comparison")
            return
        async with nginx(world, nginx_program) as server:
            for name, size in SIZES.items():
                row("nginx", name, await cpu_per_request_us(server, f"/{size}.bin"))
                row("nginx, past its cache", name, await cpu_per_request_us(server, f"/passed/{size}.bin", PASSED))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nginx", default=shutil.which("nginx"))
    parser.add_argument("--lose-a-region", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(lose_a_region() if arguments.lose_a_region else measure(arguments.nginx))
