"""kill -9 under a load of S3 writes: every object that was acknowledged is there, whole."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from panregion.world import WorldSettings
from panregion.world.settings import Ports
from panregion.world.tls import make_authority
from tests.support import REGION

KILLS = 3
ACKNOWLEDGED_PER_ROUND = 60
WRITERS = 4
START_BOUND_S = 30.0


class CrashableRegion:
    """A region as a process of its own that can be killed and started again on its folder."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._settings = WorldSettings(regions=(REGION,), ports=ports, folder=str(folder))
        make_authority(folder)
        self._world = folder / "world.json"
        self._world.write_bytes(msgspec.json.encode(self._settings))
        self._log = (folder / "region.log").open("ab")
        self.start()

    def start(self) -> None:
        argv = [sys.executable, "-m", "panregion.region", "--world", str(self._world), "--region", REGION]
        self._process = subprocess.Popen(argv, stdout=self._log, stderr=self._log, start_new_session=True)
        deadline = time.monotonic() + START_BOUND_S
        while not self._answers():
            assert self._process.poll() is None, "the region ended: see its log"
            assert time.monotonic() < deadline, "the region does not answer"
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.1.1", self._settings.ports.gateway), 1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self._settings.endpoint(REGION),
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=5),
        )

    def close(self) -> None:
        self.kill()
        self._log.close()


class Writer(threading.Thread):
    """Puts objects until told to stop; `acknowledged` has the digest of each that was answered."""

    def __init__(self, name: str, client: Any) -> None:
        super().__init__(name=name)
        self.acknowledged: dict[str, str] = {}
        self.stopping = False
        self._client = client

    def run(self) -> None:
        number = 0
        while not self.stopping:
            number += 1
            key, body = f"{self.name}/{number}", os.urandom(300_000 if number % 7 == 0 else 2_000)
            try:
                self._client.put_object(Bucket="crash", Key=key, Body=body)
            except (BotoCoreError, ClientError):
                time.sleep(0.02)
                continue
            self.acknowledged[key] = hashlib.md5(body).hexdigest()


@pytest.fixture
def crashable(tmp_path: Path, ports: Ports) -> Iterator[CrashableRegion]:
    region = CrashableRegion(tmp_path, ports)
    yield region
    region.close()


def test_acknowledged_objects_survive_kills(crashable: CrashableRegion, tmp_path: Path) -> None:
    client = crashable.client()
    client.create_bucket(Bucket="crash")
    writers = [Writer(f"writer-{number}", crashable.client()) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for kill in range(1, KILLS + 1):
            wait_until_acknowledged(writers, kill * ACKNOWLEDGED_PER_ROUND)
            crashable.kill()
            crashable.start()
    finally:
        for writer in writers:
            writer.stopping = True
        for writer in writers:
            writer.join()
    acknowledged = {key: digest for writer in writers for key, digest in writer.acknowledged.items()}
    found = {key: digest_of(client, key) for key in acknowledged}
    assert found == acknowledged

    crashable.kill()
    crashable.start()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="crash")
    kept = sum(len(page["Contents"]) for page in pages)
    assert len(list((tmp_path / REGION / "objects").iterdir())) == kept, "what a kill left behind was not swept"


def wait_until_acknowledged(writers: list[Writer], count: int) -> None:
    deadline = time.monotonic() + START_BOUND_S
    while sum(len(writer.acknowledged) for writer in writers) < count:
        assert time.monotonic() < deadline, "the writers make no progress"
        time.sleep(0.01)


def digest_of(client: Any, key: str) -> str:
    return hashlib.md5(client.get_object(Bucket="crash", Key=key)["Body"].read()).hexdigest()
