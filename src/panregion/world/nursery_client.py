"""Control's side of the nursery (nursery.py): a way of starting processes that takes milliseconds."""

import asyncio
import json
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from panregion.world.process import PYTHON, Process

READ_BYTES = 65536


class NurseryEnded(Exception):
    """The nursery is not there any more, and its children with it."""


class _Child:
    """A process that the nursery forked, as asyncio shows one that we started ourselves."""

    def __init__(self, id: int) -> None:
        loop = asyncio.get_running_loop()
        self.id = id
        self.born: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()

    @property
    def pid(self) -> int:
        return self.born.result()

    @property
    def returncode(self) -> int | None:
        return self.ended.result() if self.ended.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self.ended)


class Nursery:
    """A warm process and its children; started by `start`, ended, with all of them, by `close`."""

    def __init__(self, warm: str, log_path: Path) -> None:
        self._warm = warm
        self._log_path = log_path
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._children: dict[int, _Child] = {}
        self._last_id = 0

    async def start(self) -> None:
        """Start it; it obeys once it is warm."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with theirs, self._log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(PYTHON, "-m", "panregion.world.nursery", str(theirs.fileno()), self._warm),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        self._reading = asyncio.create_task(self._read(reader))

    async def spawn(self, module: str, arguments: Sequence[str], log_path: Path) -> Process:
        """Start `python -m MODULE ARGUMENTS` as the leader of a new group, its output appended to `log_path`.

        Raises NurseryEnded.
        """
        if self._writer is None or self._reading is None or self._reading.done():
            raise NurseryEnded("the process that forks the others has ended: see logs/nursery.log")
        self._last_id += 1
        child = self._children[self._last_id] = _Child(self._last_id)
        log_path.parent.mkdir(parents=True, exist_ok=True)
        command = {"id": child.id, "module": module, "arguments": list(arguments), "log": str(log_path)}
        self._writer.write(json.dumps(command).encode() + b"\n")
        await asyncio.shield(child.born)
        return Process(child)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            message = json.loads(line)
            child = self._children[message["id"]]
            if "pid" in message:
                child.born.set_result(message["pid"])
            else:
                del self._children[message["id"]]
                child.ended.set_result(message["status"])
        self._forget()

    def _forget(self) -> None:
        """The nursery has ended, and with it all its children."""
        children, self._children = self._children, {}
        for child in children.values():
            if not child.born.done():
                child.born.set_exception(NurseryEnded("the process that forks the others has ended"))
            elif not child.ended.done():
                child.ended.set_result(-signal.SIGKILL)

    async def close(self) -> None:
        """End it; whoever of its children still runs ends, too."""
        if self._process is None or self._writer is None or self._reading is None:
            return
        self._writer.close()
        await self._reading
        await self._process.wait()
