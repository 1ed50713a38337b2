"""The region's side of the forking template (template.py): starting it, telling it to fork, hearing of ends.

The template and all its forks stay in the region's own process group, so a SIGKILL to the region takes them too.
A fork's output comes out of a pipe that is read without blocking: a reader is called when there is something, and
`drain` reads what is there right now, so that all that a function printed before it answered can be had when the
answer arrives.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("template.py")
READ_BYTES = 65536
DRAIN_READS_MAX = 64
"""Reads per drain: what one pipe can hold, and then some. A child that never stops printing cannot hold us."""


class Fork:
    """One child of the template."""

    def __init__(self, template: "ForkingTemplate", id: int, output: int, on_output: Callable[[bytes], None]) -> None:
        self._template = template
        self._id = id
        self._output = output
        self._on_output = on_output
        self.pid: int | None = None
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code; a negative number is that of the signal that ended it."""
        os.set_blocking(output, False)
        asyncio.get_running_loop().add_reader(output, self._read)

    def _read(self) -> bool:
        try:
            data = os.read(self._output, READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self._on_output(data)
        return True

    def drain(self) -> None:
        """Hand over all output that is there now."""
        for _ in range(DRAIN_READS_MAX):
            if self._output < 0 or not self._read():
                return

    def kill(self) -> None:
        """End it and all that it started."""
        self._template.tell({"op": "kill", "id": self._id})

    def close(self) -> None:
        """Stop listening to its output."""
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
            self._output = -1


class TemplateEnded(Exception):
    """The template is not there (any more)."""


class ForkingTemplate:
    """The template process; started when first needed, and again should it end."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._forks: dict[int, Fork] = {}
        self._last_id = 0
        self._reading: asyncio.Task[None] | None = None
        self._outbox: list[tuple[bytes, list[int]]] = []
        self._starting = asyncio.Lock()
        self._closed = False

    async def start(self) -> None:
        """Have it running; it warms itself up while others go on, and obeys as soon as it is warm."""
        async with self._starting:
            if self._control is None and not self._closed:
                await self._start()

    async def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", str(PROGRAM), str(theirs.fileno()), pass_fds=[theirs.fileno()]
            )
        ours.setblocking(False)
        self._control = ours
        self._reading = asyncio.create_task(self._read(ours, self._process))

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def fork(
        self,
        env: dict[str, str],
        cwd: Path,
        on_output: Callable[[bytes], None],
        *,
        path: Sequence[str] = (),
        handler: str = "",
        argv: Sequence[str] = (),
        tmp: str = "",
    ) -> Fork:
        """Start a child: a Python function under the runtime interface client, or any program (`argv`).

        `tmp` is a folder that it shall see as /tmp.
        """
        await self.start()
        if self._closed:
            raise TemplateEnded
        self._last_id += 1
        ours, theirs = os.pipe()
        fork = self._forks[self._last_id] = Fork(self, self._last_id, ours, on_output)
        command = {"op": "start", "id": self._last_id, "env": env, "cwd": str(cwd), "tmp": tmp, "path": list(path)}
        self.tell({**command, "handler": handler, "argv": list(argv)}, [theirs])
        return fork

    def tell(self, command: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a command; what does not fit now goes as soon as it does. The descriptors are closed once sent."""
        self._outbox.append((json.dumps(command).encode() + b"\n", list(descriptors)))
        self._flush()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._outbox and self._control is not None:
            data, descriptors = self._outbox[0]
            try:
                sent = socket.send_fds(self._control, [data], descriptors)
            except BlockingIOError:
                loop.add_writer(self._control.fileno(), self._flush)
                return
            except OSError:
                return  # its end is noticed by the reader
            for descriptor in descriptors:
                os.close(descriptor)
            self._outbox[0] = (data[sent:], [])
            if sent == len(data):
                self._outbox.pop(0)
        if self._control is not None:
            loop.remove_writer(self._control.fileno())

    async def _read(self, control: socket.socket, process: asyncio.subprocess.Process) -> None:
        received = b""
        with contextlib.suppress(ConnectionError):
            while data := await asyncio.get_running_loop().sock_recv(control, READ_BYTES):
                *lines, received = (received + data).split(b"\n")
                for line in lines:
                    self._heard(json.loads(line))
        await process.wait()
        self._forget(control)

    def _heard(self, message: dict[str, int]) -> None:
        fork = self._forks[message["id"]]
        if "pid" in message:
            fork.pid = message["pid"]
            return
        del self._forks[message["id"]]
        _end(fork, message["status"])

    def _forget(self, control: socket.socket) -> None:
        """The template has ended, and with it all its children."""
        asyncio.get_running_loop().remove_writer(control.fileno())
        control.close()
        self._control = None
        for _, descriptors in self._outbox:
            for descriptor in descriptors:
                os.close(descriptor)
        self._outbox.clear()
        forks, self._forks = self._forks, {}
        for fork in forks.values():
            _end(fork, -signal.SIGKILL)

    async def close(self) -> None:
        """Kill the template and all its children."""
        self._closed = True
        if self._process is None or self._reading is None:
            return
        for fork in list(self._forks.values()):
            fork.kill()
        if self._control is not None:
            self._control.shutdown(socket.SHUT_WR)
        try:
            await asyncio.wait_for(asyncio.shield(self._reading), timeout=2)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._reading


def _end(fork: Fork, status: int) -> None:
    fork.drain()
    fork.close()
    if not fork.ended.done():
        fork.ended.set_result(status)
