"""A line for the shell, run to its end in a session of its own: what it left behind goes with it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path


async def run_line(line: str, *, env: Mapping[str, str], cwd: Path, timeout_s: float) -> tuple[int, bytes, bytes]:
    """(exit code, stdout, stderr) of `sh -c line`; `env` is added to ours. Raises TimeoutError, having killed it.

    What is installed beside our Python (panregion itself, AWS's command line) is found without its being activated.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        line,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PATH": path, **env},
        cwd=cwd,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            stdout, stderr = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    assert process.returncode is not None
    return process.returncode, stdout, stderr
