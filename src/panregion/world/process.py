"""Child processes, each in a process group of its own, so that a kill takes its children too."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from panregion.world.process_tree import descendants

PYTHON = sys.executable


class Started(Protocol):
    """A process as asyncio shows one: we, or somebody for us (nursery_client.py), started it."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...


class Process:
    """A process group that was started by this process, or for it."""

    def __init__(self, process: Started) -> None:
        self._process = process
        self.pid = process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative signal number if a signal ended it."""
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; one that has already ended is left in peace."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """SIGKILL to the group and to what has left it for a group of its own: nothing is told beforehand."""
        below = [] if self.exit_code is not None else [pid for pid in descendants(self.pid) if pid != self.pid]
        self.signal(signal.SIGKILL)
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def wait(self) -> int:
        return await self._process.wait()

    async def terminate(self, grace_s: float = 5) -> int:
        """SIGTERM, and SIGKILL to what is left of the group after `grace_s`."""
        if self.exit_code is None:
            self.signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_s)
        self.kill()
        return await self._process.wait()


async def spawn(
    argv: Sequence[str],
    *,
    log_path: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    dies_with_us: bool = False,
) -> Process:
    """Start `argv` as the leader of a new group, its output appended to `log_path`.

    `env` is added to this process's environment. `dies_with_us` is for programs that do not see to that themselves:
    it is killed when this process dies, however that is.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with_parent if dies_with_us else None,
        )
    return Process(process)


class Burner:
    """A child in this process's own group that uses up one processor and does nothing; it dies with us."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def light(cls) -> "Burner":
        program = "import ctypes, signal\nctypes.CDLL(None).prctl(1, signal.SIGKILL)\nwhile True: pass"
        if sys.platform != "linux":
            program = "while True: pass"
        quiet = asyncio.subprocess.DEVNULL
        return cls(await asyncio.create_subprocess_exec(PYTHON, "-I", "-S", "-c", program, stdin=quiet, stdout=quiet))

    async def out(self) -> None:
        """End it; returns once it is gone."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


async def run(argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60) -> tuple[int, bytes, bytes]:
    """Run a short-lived child to its end: (exit code, stdout, stderr). Raises TimeoutError, having killed it."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        stdout, stderr = await asyncio.wait_for(process.communicate(stdin), timeout_s)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return process.returncode, stdout, stderr


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies, so that a killed control leaves nobody behind.

    Elsewhere there is no such call; there the control's absence is noticed by its closed pipe.
    """
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process of that id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stopped(pid: int) -> bool:
    """Whether a signal has the process stand still. Where the system does not tell (no /proc), it is taken to."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return text.rpartition(")")[2].split()[0] in ("T", "Z", "X")


_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(pid: int) -> int | None:
    """The process's resident memory, where the system tells it."""
    try:
        file = os.open(f"/proc/{pid}/statm", os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(os.read(file, 128).split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return None
    finally:
        os.close(file)


Detached = subprocess.Popen[bytes]
"""A process that outlives the one that started it."""


def spawn_detached(
    argv: Sequence[str], *, log_path: Path, stdin: int | None = None, keeps: Sequence[int] = ()
) -> Detached:
    """Start `argv` in a session of its own, to outlive this process; its output is appended to `log_path`.

    `stdin` is a descriptor that it reads, such as a pipe by which it learns that we have ended; `keeps` are some that
    stay open for as long as it lives.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        source = subprocess.DEVNULL if stdin is None else stdin
        return subprocess.Popen(argv, stdin=source, stdout=log, stderr=log, start_new_session=True, pass_fds=keeps)


def version_told(program: str) -> str:
    """What a program answers to --version; empty where it is not there or does not tell. Blocking, for milliseconds."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip()
