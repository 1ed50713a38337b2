"""What the tests of execution environments share."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panregion.functions import EnvironmentSpec
from panregion.world.process import alive


def spec_of(name: str, code: Path = Path("/nowhere"), **changes: Any) -> EnvironmentSpec:
    given: dict[str, Any] = {
        "name": name,
        "version": "$LATEST",
        "revision": "1",
        "runtime": "python3.11",
        "handler": "app.handler",
        "code": code,
        "log_group": f"/aws/lambda/{name}",
        **changes,
    }
    return EnvironmentSpec(**given)


async def until(check: Callable[[], bool], bound_s: float = 30) -> None:
    """Wait for what other processes do: bounded, and told by nobody."""
    async with asyncio.timeout(bound_s):
        while not check():
            await asyncio.sleep(0.002)


def runs(pid: int) -> bool:
    """Whether a process is there and is not merely unburied."""
    try:
        return alive(pid) and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it went between two looks
        return False
