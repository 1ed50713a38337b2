"""A small world of real processes for faults: two regions, a replicated table, a function; asked from plain tests."""

import asyncio
import io
import socket
import sqlite3
import time
import zipfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import boto3
import botocore.config
import msgspec
import psutil

from panregion.control import ControlClient, FaultHandle, progress, start_control, wait_until_stopped
from panregion.control.faults import Fault, Record
from panregion.world import HttpClient, WorldSettings, direct_dial
from panregion.world.settings import Network, Ports, Time

T = TypeVar("T")
US, EU = "us-east-1", "eu-west-1"
WAIT_S = 30.0
CODE = "import os, time\ndef handler(event, context):\n    return {'pid': os.getpid()}\n"


class World:
    """The world, and questions to it. What is asked blocks."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.settings = WorldSettings(
            regions=(US, EU),
            folder=str(folder),
            ports=ports,
            network=Network(scale=0.1),
            time=Time(table_transition_s=0.01),
        )
        self.loop = asyncio.new_event_loop()
        self.control = ControlClient(self.settings)
        self._http = HttpClient(direct_dial)
        self.kept: set[str] = set()
        """Keys of items that were acknowledged."""
        self._count = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    def up(self) -> None:
        async def start() -> None:
            self._process = start_control(self.settings, with_parent=True)
            async for _ in progress(self.settings, self._process):
                pass

        self.run(start())
        self._make_table()
        self._make_function()

    def down(self) -> None:
        async def stop() -> None:
            await self.control.stop()
            await wait_until_stopped(self.settings)
            await asyncio.to_thread(self._process.wait, 20)
            await self.control.close()
            await self._http.close()

        self.run(stop())
        self.loop.close()

    def aws(self, service: str, region: str = US) -> Any:
        config = botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=10)
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.settings.endpoint(region),
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )

    def _make_table(self) -> None:
        tables = self.aws("dynamodb")
        key = {"AttributeName": "id", "KeyType": "HASH"}
        tables.create_table(
            TableName="things",
            KeySchema=[key],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.until(lambda: tables.describe_table(TableName="things")["Table"]["TableStatus"] == "ACTIVE")
        tables.update_table(TableName="things", ReplicaUpdates=[{"Create": {"RegionName": EU}}])
        self.until(
            lambda: (
                [
                    replica["ReplicaStatus"]
                    for replica in tables.describe_table(TableName="things")["Table"].get("Replicas", [])
                ]
                == ["ACTIVE"]
            )
        )

    def _make_function(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("index.py", CODE)
        self.aws("lambda").create_function(
            FunctionName="which",
            Runtime="python3.11",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
            Timeout=2,
        )
        self.until(lambda: self.invoke()[0] is None)

    # Faults

    def inject(self, fault: Fault, duration_s: float | None = None) -> FaultHandle:
        return self.run(self.control.inject(fault, duration_s=duration_s))

    def undo(self, handle: FaultHandle) -> Record:
        return self.run(handle.undo())

    # What is asked of it

    def until(self, true: Callable[[], Any]) -> None:
        """Wait for a condition, with a bound."""
        deadline = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < deadline, "it did not come true"
            time.sleep(0.02)

    def status(self) -> dict[str, Any]:
        return self.run(self.control.status())

    def region(self, name: str = US) -> dict[str, Any]:
        return next(region for region in self.status()["regions"] if region["region"] == name)

    def get(self, url: str) -> Any:
        async def ask() -> Any:
            response = await self._http.send("GET", url, timeout_s=5)
            assert isinstance(response.body, bytes)
            return msgspec.json.decode(response.body)

        return self.run(ask())

    def edge(self, path: str) -> Any:
        return self.get(f"http://127.0.0.1:{self.settings.ports.edge}/_panregion/{path}")

    def told(self, region: str) -> Any:
        return self.get(f"{self.settings.endpoint(region)}/_panregion/faults")["faults"]

    def put(self, region: str = US) -> str:
        """A new item; its key, once the write is acknowledged. Raises botocore's ClientError."""
        self._count += 1
        key = f"item-{self._count}"
        self.aws("dynamodb", region).put_item(TableName="things", Item={"id": {"S": key}})
        self.kept.add(key)
        return key

    def items(self, region: str) -> set[str]:
        found = self.aws("dynamodb", region).scan(TableName="things", ConsistentRead=True)["Items"]
        return {item["id"]["S"] for item in found}

    def invoke(self) -> tuple[str | None, Any]:
        """(FunctionError, payload) of the function."""
        answer = self.aws("lambda").invoke(FunctionName="which", Payload=b"{}")
        return answer.get("FunctionError"), msgspec.json.decode(answer["Payload"].read())

    def asks_name_server(self) -> bytes | None:
        """The answer to a question over UDP; None where none comes."""
        question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04none\x04test\x00\x00\x01\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.3)
            asker.sendto(question, ("127.0.0.1", self.settings.ports.dns))
            try:
                return asker.recv(512)
            except TimeoutError:
                return None

    def group(self, name: str = US) -> list[psutil.Process]:
        """The processes of a region: itself and all below it."""
        leader = psutil.Process(self.region_pid(name))
        return [leader, *leader.children(recursive=True)]

    def region_pid(self, name: str = US) -> int:
        """Of a region that may be frozen and can tell nothing."""
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            if command[-2:] == ["--region", name] and self.settings.folder in " ".join(command):
                return process.pid
        raise AssertionError(f"{name} has no process")

    # What must be the same before and after

    def trace(self) -> dict[str, Any]:
        """Links, processes, clocks and stores, as far as faults could have changed them."""
        links = self.get(f"http://127.0.0.1:{self.settings.ports.network}/_panregion/links")["links"]
        names = ("cut", "delay_ms_extra", "jitter_ms", "loss", "bandwidth_bytes_s")
        status = self.status()
        return {
            "links": {tuple(link[name] for name in names) for link in links},
            "regions": [(region["region"], region["status"]) for region in status["regions"]],
            "helpers": status["helpers"],
            "live": (status["faults"], status["links"]),
            "told": (self.told(US), self.told(EU), self.edge("faults")["faults"]),
            "processes": {name: {_kind(process) for process in self.group(name)} for name in (US, EU)},
            "clocks": [abs(self.region(name)["time_s"] - time.time()) < 0.5 for name in (US, EU)],
            "stores": [self._check(name) for name in (US, EU)],
            "files": {f"{name}/{path.name}" for name in (US, EU) for path in (self.settings.path / name).iterdir()},
        }

    def _check(self, region: str) -> str:
        path = self.settings.region_folder(region) / "state.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            verdict: str = store.execute("PRAGMA quick_check(1)").fetchone()[0]
        store.close()
        return verdict

    def works(self) -> None:
        """Writes, reads, replication, functions and names are as they were; and what was refused is not there."""
        for region in (US, EU):
            self.put(region)
        self.until(lambda: self.items(US) == self.items(EU) == self.kept)
        assert self.invoke()[0] is None
        assert self.asks_name_server() is not None


def _kind(process: psutil.Process) -> str:
    """What a process is, for comparing: functions' environments come and go as they are used."""
    command = " ".join(process.cmdline())
    return "function" if "template.py" in command else command
