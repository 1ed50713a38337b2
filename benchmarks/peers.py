"""Who is compared: panregion's region, a handler that does nothing on the same server (the ceiling), and what people
would use instead: moto, dynalite (in memory and on disk), MiniStack. `scripts/bench` installs them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

START_TIMEOUT_S = 30.0
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "bench"
DYNALITE = [str(CACHE / "node_modules/.bin/dynalite"), "--host", "127.0.0.1", "--createTableMs", "0"]


@dataclass(frozen=True)
class Peer:
    """A server under test, in a process of its own."""

    name: str
    address: tuple[str, int]
    process: psutil.Process

    def cpu_s(self) -> float:
        """CPU that the server has used so far, its children included."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(times.user + times.system for times in (member.cpu_times() for member in family))

    def memory_mb(self) -> float:
        return float(self.process.memory_info().rss) / 1e6


@contextlib.contextmanager
def running(
    name: str, argv: list[str], address: tuple[str, int], environment: dict[str, str] | None = None
) -> Iterator[Peer]:
    """Start a server, wait until it accepts connections, end it with the block."""
    with tempfile.NamedTemporaryFile(prefix=f"bench-{name}-") as log:
        process = subprocess.Popen(
            argv, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **(environment or {})}
        )
        try:
            await_accepting(address, process, Path(log.name))
            yield Peer(name, address, psutil.Process(process.pid))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_accepting(address: tuple[str, int], process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server accepts connections, or fail with its log."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(address):
            return
        time.sleep(0.05)
    raise TimeoutError(f"{address} did not accept a connection: {log.read_text()}")


@contextlib.contextmanager
def panregion() -> Iterator[Peer]:
    """One region, durable commits, its own address and port."""
    from panregion.world.tls import make_authority

    with tempfile.TemporaryDirectory(prefix="bench-region-") as folder:
        settings = {"regions": ["us-east-1"], "folder": folder, "ports": {"gateway": 14566, "tls": 14567}}
        make_authority(Path(folder))
        world = Path(folder) / "world.json"
        world.write_text(json.dumps(settings))
        argv = [sys.executable, "-m", "panregion.region", "--world", str(world), "--region", "us-east-1"]
        with running("panregion", argv, ("127.0.1.1", 14566)) as peer:
            yield peer


@contextlib.contextmanager
def hello() -> Iterator[Peer]:
    """The same HTTP server with a handler that answers 200 with an empty object."""
    with running("hello", [sys.executable, "-m", "benchmarks.hello"], ("127.0.0.1", 14568)) as peer:
        yield peer


@contextlib.contextmanager
def moto() -> Iterator[Peer]:
    """moto's own server, as its users start it."""
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "14569"]
    with running("moto", argv, ("127.0.0.1", 14569)) as peer:
        yield peer


@contextlib.contextmanager
def dynalite() -> Iterator[Peer]:
    """dynalite with its store in memory."""
    with running("dynalite", [*DYNALITE, "--port", "14570"], ("127.0.0.1", 14570)) as peer:
        yield peer


@contextlib.contextmanager
def dynalite_disk() -> Iterator[Peer]:
    """dynalite on LevelDB, which does not sync every write."""
    with tempfile.TemporaryDirectory(prefix="bench-dynalite-") as folder:
        argv = [*DYNALITE, "--port", "14571", "--path", folder]
        with running("dynalite-disk", argv, ("127.0.0.1", 14571)) as peer:
            yield peer


@contextlib.contextmanager
def ministack() -> Iterator[Peer]:
    """MiniStack, as its users start it, on loopback."""
    environment = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": "14572"}
    with running("ministack", [str(CACHE / "ministack/bin/ministack")], ("127.0.0.1", 14572), environment) as peer:
        yield peer


PEERS: dict[str, Callable[[], contextlib.AbstractContextManager[Peer]]] = {
    "hello": hello,
    "panregion": panregion,
    "dynalite": dynalite,
    "dynalite-disk": dynalite_disk,
    "ministack": ministack,
    "moto": moto,
}
