"""What tests share: a region in this process, and AWS's own clients that talk to it.

PANREGION_TEST_AWS=1 points the clients at AWS itself, with the credentials and region of the environment.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import boto3
import botocore.config

from panregion.region import Region
from panregion.store import Engine, MemoryEngine
from panregion.world import WorldSettings, direct_dial
from panregion.world.settings import Time
from panregion.world.world import World

REGION = "us-east-1"
AGAINST_AWS = os.environ.get("PANREGION_TEST_AWS") == "1"


def settings_in(folder: Path, **changes: Any) -> WorldSettings:
    """Settings of a world of one region whose state lies in `folder`, with quick tables."""
    given: dict[str, Any] = {"regions": (REGION,), "time": Time(table_transition_s=0.01), **changes}
    return WorldSettings(folder=str(folder), **given)


def region_in(folder: Path, *, engine: Engine | None = None, world: World | None = None, **changes: Any) -> Region:
    """A region with its store in memory (or in `engine`), not yet started."""
    return Region(REGION, settings_in(folder, **changes), engine or MemoryEngine(), lambda _site: direct_dial, world)


class ServedRegion:
    """A region in a thread of its own, reachable over HTTP on a free port."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.region = region_in(folder, **changes)
        self.port = self.run(self._start())
        self.endpoint = f"http://127.0.0.1:{self.port}"

    async def _start(self) -> int:
        await self.region.start()
        return await self.region.serve("127.0.0.1", 0)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine in the region's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def client(self, service: str, **config: Any) -> Any:
        """boto3's client of a service, pointed at this region (or at AWS)."""
        config = {"retries": {"max_attempts": 0}, "connect_timeout": 5, "read_timeout": 40, **config}
        if AGAINST_AWS:
            return boto3.client(service, config=botocore.config.Config(**config))  # type: ignore[call-overload]
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(inject_host_prefix=False, **config),
        )

    def close(self) -> None:
        """Stop the region and its thread."""
        self.run(self.region.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def all_closed(within_s: float = 5.0) -> None:
    """Wait until the running loop watches no socket any more.

    One end hears of the other's closing from the kernel, which on a busy machine takes longer than some turns of the
    loop. What is left in the end, pytest complains of.
    """
    loop: Any = asyncio.get_running_loop()
    own = 1  # the pipe that wakes it
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while len(loop._selector.get_map()) > own:
                await asyncio.sleep(0.001)
