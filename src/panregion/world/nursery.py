"""A warm process that forks the processes of a world: `python -m panregion.world.nursery FD MODULE:FUNCTION`.

Importing a region takes half a second; forking a process that has done so takes milliseconds. Tests reset a world
between two of them, so for them it pays (control starts it with `--warm`; nursery_client.py is the other side).
FUNCTION imports and loads whatever all children need; it must start no thread and open no connection.

Over the socket FD come commands, a JSON object per line, {"id", "module", "arguments", "log"}; back go {"id", "pid"}
and, once the child has ended, {"id", "status"}. A child is the leader of a group of its own, as one that control
starts itself is. When the socket closes, the nursery ends, and its children with it (world/program.py).
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, cast

from panregion.world.process import die_with_parent

READ_BYTES = 65536
FAILED = 1

Command = dict[str, Any]


def grown_up(command: Command) -> int:
    """Run a child's program to its end, as `python -m MODULE ARGUMENTS` would; its exit code."""
    sys.argv = [command["module"], *command["arguments"]]
    try:
        runpy.run_module(command["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED * (end.code is not None)
    except BaseException:  # noqa: BLE001 - the child's last words
        traceback.print_exc()
        return FAILED
    return 0


class Nursery:
    """The loop: commands in, children out."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._ids: dict[int, int] = {}
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)

    def run(self) -> None:
        """Obey until control closes the socket."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        received = b""
        while True:
            ready, _, _ = select.select([self._control.fileno(), self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, READ_BYTES)
                self._reap()
            if self._control.fileno() not in ready:
                continue
            data = self._control.recv(READ_BYTES)
            if not data:
                return
            *lines, received = (received + data).split(b"\n")
            for line in lines:
                self._fork(json.loads(line))

    def _fork(self, command: Command) -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(self._in_child(command))
        os.setpgid(pid, pid)  # both sides do it: whoever comes first, the group is there before its number is told
        self._ids[pid] = command["id"]
        self._tell({"id": command["id"], "pid": pid})

    def _in_child(self, command: Command) -> int:
        try:
            os.setpgid(0, 0)
            self._leave(command["log"])
            status = grown_up(command)
        except BaseException:  # noqa: BLE001 - a child never comes back to the nursery's loop
            traceback.print_exc()
            status = FAILED
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return status

    def _leave(self, log: str) -> None:
        """Let go of everything that is the nursery's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._control.close()
        os.close(self._woken)
        os.close(self._wake)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.close(output)

    def _reap(self) -> None:
        while self._ids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._tell({"id": self._ids.pop(pid), "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, int]) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")


def main(descriptor: str, warm: str) -> None:
    """Warm up, then obey."""
    die_with_parent()
    control = socket.socket(fileno=int(descriptor))
    module, _, function = warm.partition(":")
    cast(Callable[[], None], getattr(importlib.import_module(module), function))()
    gc.collect()
    gc.freeze()  # so that collecting in a child does not copy the pages it shares with us
    Nursery(control).run()
    os._exit(0)  # taking the interpreter apart takes longer than all the rest


if __name__ == "__main__":
    main(*sys.argv[1:])
