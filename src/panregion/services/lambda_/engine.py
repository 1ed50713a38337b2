"""What runs a region's functions: their environments, their code on disk, and the way of their logs to CloudWatch.

There is one engine per region; operations find it by `engine_of(here)`.
"""

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import Coroutine
from typing import Any

from panregion.functions import CodeStore, EnvironmentSpec, Functions, Limit, LogEvent, Surroundings
from panregion.services import Here
from panregion.services.lambda_.meter import Meter
from panregion.services.lambda_.model import Config
from panregion.wire import AwsError
from panregion.world import Request, Response
from panregion.world.aside import aside
from panregion.world.tls import CERTIFICATE

CODE_ROUTE = "functions/code"
DIGEST = re.compile("[0-9a-f]{64}")

FLUSH_EVERY_S = 0.1
"""How long log events wait for others: what a crash of the region may lose of them."""

BUFFER_MAX_EVENTS = 100_000
BATCH_EVENTS = 5_000

log = logging.getLogger("panregion.lambda")


class LogWriter:
    """Takes log events at once and writes them in batches, in the order in which they came.

    A clean stop loses none. A crash loses at most what the last FLUSH_EVERY_S brought; AWS promises no more.
    """

    def __init__(self, here: Here) -> None:
        self._here = here
        self._buffer: list[tuple[str, str, LogEvent]] = []
        self._some = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._dropped = 0

    def write(self, group: str, stream: str, events: list[LogEvent]) -> None:
        if len(self._buffer) >= BUFFER_MAX_EVENTS:
            self._dropped += len(events)
            return
        self._buffer += [(group, stream, event) for event in events]
        self._some.set()

    async def run(self) -> None:
        """Write what comes; never returns."""
        while True:
            await self._some.wait()
            await self._here.world.clock.sleep(FLUSH_EVERY_S)
            try:
                await self.flush()
            except AwsError as error:
                log.warning("log events wait: %s", error)

    async def flush(self) -> None:
        """Write all that has come so far; what cannot be written stays for the next time. Raises AwsError."""
        async with self._flushing:
            self._some.clear()
            while self._buffer:
                page = self._buffer[:BATCH_EVENTS]
                try:
                    await self._here.request("logs", "panregion:AppendEvents", {"batches": batches(page)})
                except AwsError:
                    self._some.set()
                    raise
                del self._buffer[: len(page)]
            if self._dropped:
                log.warning("%d log events came faster than they could be written and were dropped", self._dropped)
                self._dropped = 0


def batches(events: list[tuple[str, str, LogEvent]]) -> list[dict[str, Any]]:
    """Events by their stream, in order."""
    by_stream: dict[tuple[str, str], list[LogEvent]] = {}
    for group, stream, event in events:
        by_stream.setdefault((group, stream), []).append(event)
    return [{"group": group, "stream": stream, "events": each} for (group, stream), each in by_stream.items()]


class Engine:
    """See the module."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self.logs = LogWriter(here)
        self.meter = Meter(here)
        self.code = CodeStore(here.folder / "functions" / "code")
        host, port = here.settings.egress(here.region)
        around = Surroundings(
            region=here.region,
            endpoint=here.settings.endpoint(here.region),
            proxy=f"http://{host}:{port}",
            authority=authority if (authority := here.settings.path / CERTIFICATE).exists() else None,
            machine=dict(os.environ),
        )
        limit = Limit(idle_s=here.settings.functions.idle_s)
        self.functions = Functions(here.folder / "functions", here.world, around, self.logs.write, limit)
        self._specs: dict[str, EnvironmentSpec] = {}
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self) -> None:
        """Begin the background work."""
        for work in (self.logs.run(), self.meter.run(), self.functions.reap()):
            self.spawn(work)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """End every process and write the last log events."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.functions.close()
        try:
            await self.logs.flush()
        except AwsError as error:
            log.warning("the last log events are lost: %s", error)
        try:
            await self.meter.flush()
        except AwsError as error:
            log.warning("Lambda's last metrics are lost: %s", error)

    async def download(self, request: Request) -> Response:
        """The zip of a package, at the address that GetFunction gives."""
        digest = request.query.removeprefix("sha256=")
        if DIGEST.fullmatch(digest) is None:
            return Response(400, [], b"sha256=<64 hexadecimal digits>")
        try:
            content = await aside(self.code.content, digest)
        except FileNotFoundError:
            return Response(404, [], b"there is no such package")
        return Response(200, [("Content-Type", "application/zip")], content)

    def health(self) -> dict[str, Any]:
        """Figures for people and the console."""
        return {"environments": self.functions.describe()}

    def spec(self, config: Config) -> EnvironmentSpec:
        """What an environment of this version is made from. Raises FileNotFoundError where its code is gone."""
        found = self._specs.get(config.revision)
        if found is None:
            if len(self._specs) > 1000:
                self._specs.clear()
            found = self._specs[config.revision] = self._spec(config)
        return found

    def _spec(self, config: Config) -> EnvironmentSpec:
        return EnvironmentSpec(
            name=config.name,
            version=config.version_name,
            revision=config.revision,
            runtime=config.runtime,
            handler=config.handler,
            code=self.code.path(config.package.digest),
            layers=tuple(self.code.path(layer.package.digest) for layer in config.layers),
            environment=config.environment,
            timeout_s=config.timeout_s,
            memory_mb=config.memory_mb,
            log_group=config.log_group,
            log_json=config.logging.get("LogFormat") == "JSON",
            log_level=config.logging.get("ApplicationLogLevel", ""),
            system_log_level=config.logging.get("SystemLogLevel", "INFO"),
        )


def engine_of(here: Here) -> Engine:
    """The engine of this region."""
    engine = here.running["lambda"]
    assert isinstance(engine, Engine)
    return engine


def location(here: Here, digest: str) -> str:
    """Where a package can be downloaded."""
    return f"{here.settings.endpoint(here.region)}/_panregion/{CODE_ROUTE}?sha256={digest}"
