"""The forking template: a program that has imported boto3 and forks an execution environment when it is told to.

A region starts it by its path (`python -I template.py FD`), so it imports nothing of ours and its forks are small.
This is the loop and what a fresh child does first; what it then is to a Python function is in `python_runtime.py`.
Importing boto3 and building a client takes a third of a second; a fork of a process that has done so takes a few
milliseconds. Over the socket FD come commands, a JSON object per line, each `start` with one file descriptor for the
child's output:

    {"op": "start", "id": 7, "env": {...}, "cwd": "...", "tmp": "...", "path": [...], "handler": "app.handler"}
    {"op": "start", "id": 8, "env": {...}, "cwd": "...", "argv": ["/usr/bin/node", ...]}
    {"op": "kill", "id": 7}

and back go `{"id": 7, "pid": 123}` and, once a child has ended, `{"id": 7, "status": -9}`. The end of the socket is
the end of the template and, by PR_SET_PDEATHSIG, of its children.

One child is forked ahead, whenever there is nothing else to do: forking, and the pages that a child copies when it
first moves, take half the time of a cold start. It waits for a command to carry out.

What must stay true:
- What it loads beside it, by path (`beside`), is no module of a child's: a function may have one of the same name.
- A kill takes the children's children too, also those that have made themselves orphans: on Linux an orphan becomes
  the child of its environment, and of the template once that has ended, which then kills it.
"""

import ctypes
import gc
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any


def beside(name: str) -> Any:
    """A module of this folder, by its path: by its name, all of the room would be imported."""
    spec = importlib.util.spec_from_file_location(name, f"{os.path.dirname(__file__)}/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from panregion.world import process_tree, python_runtime
else:
    process_tree, python_runtime = beside("process_tree"), beside("python_runtime")

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
COMMAND_BYTES_MAX = 1 << 20
SPARE_AFTER_S = 0.02
"""How long nothing must have happened before the next child is forked ahead: starts come in bursts."""
INIT_FAILED = 1

Command = dict[str, Any]


def own_tmp(folder: str) -> None:
    """Have /tmp be this folder, for this process and what it starts; where the machine refuses, TMPDIR alone is."""
    libc = ctypes.CDLL(None)
    if sys.platform == "linux" and libc.unshare(CLONE_NEWNS) == 0:
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        libc.mount(folder.encode(), b"/tmp", None, MS_BIND, None)


def become(command: Command, output: int) -> None:
    """Turn this fresh fork into an execution environment. Returns only by an exception."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(command["env"])
    time.tzset()
    if command.get("tmp"):
        own_tmp(command["tmp"])
    os.chdir(command["cwd"])
    argv = command.get("argv")
    if argv:
        os.set_inheritable(output, True)
        os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(output)
        os.execve(argv[0], argv, os.environ)
    os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(output)
    python_runtime.run_handler(command["handler"], command["path"])


def told(channel: socket.socket) -> tuple[Command, int]:
    """The command that a child which was forked ahead waits for, and its output. Raises SystemExit where none comes."""
    data, fds, _, _ = socket.recv_fds(channel, 65536, 1)
    while data and not data.endswith(b"\n"):
        more = channel.recv(65536)
        data = data + more if more else b""
    channel.close()
    if not data:
        raise SystemExit(0)
    return json.loads(data), fds[0]


def in_child(template: "Template", parent: int, command: Callable[[], tuple[Command, int]]) -> None:
    """The child's whole life; it never returns to the template's loop."""
    status = INIT_FAILED
    try:
        template.leave(parent)
        become(*command())
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else INIT_FAILED
    except BaseException:  # noqa: BLE001 - the child's last words
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)


class Template:
    """The loop: commands in, children out."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pids: dict[int, int] = {}
        self._ids: dict[int, int] = {}
        self._spare: tuple[int, socket.socket] | None = None
        self._libc = ctypes.CDLL(None)
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)

    def run(self) -> None:
        """Obey until the region closes the socket."""
        self._die_with(os.getppid())
        self._adopt_orphans()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        received, descriptors = b"", list[int]()
        self._fork_ahead()
        while True:
            idle_s = None if self._spare or descriptors else SPARE_AFTER_S
            ready, _, _ = select.select([self._control.fileno(), self._woken], [], [], idle_s)
            if not ready:
                self._fork_ahead()
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            if self._control.fileno() not in ready:
                continue
            data, fds, _, _ = socket.recv_fds(self._control, 65536, 16)
            if not data:
                return
            descriptors += fds
            *lines, received = (received + data).split(b"\n")
            for line in lines:
                self._obey(json.loads(line), descriptors)

    def _obey(self, command: Command, descriptors: list[int]) -> None:
        if command["op"] == "kill":
            self._kill(command["id"])
            return
        output = descriptors.pop(0)
        self._start(command, output)
        os.close(output)

    def _start(self, command: Command, output: int) -> None:
        pid = self._given_to_spare(command, output) or self._fork(lambda: (command, output))
        self._pids[command["id"]] = pid
        self._ids[pid] = command["id"]
        self._tell({"id": command["id"], "pid": pid})

    def _fork(self, command: Callable[[], tuple[Command, int]]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            in_child(self, parent, command)
        return pid

    def _fork_ahead(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

        def command() -> tuple[Command, int]:
            ours.close()
            return told(theirs)

        self._spare = (self._fork(command), ours)
        theirs.close()

    def _given_to_spare(self, command: Command, output: int) -> int | None:
        """The process that was forked ahead, if it took the command."""
        if self._spare is None:
            return None
        (pid, channel), self._spare = self._spare, None
        data = json.dumps(command).encode() + b"\n"
        with channel:
            try:
                sent = socket.send_fds(channel, [data], [output])
                while sent < len(data):  # with nothing left nothing is sent: it has closed its end, and runs
                    sent += channel.send(data[sent:])
            except OSError:  # somebody has killed it; it has not the whole of the command, so it has not begun
                return None
        return pid

    def _kill(self, id: int) -> None:
        pid = self._pids.get(id)
        if pid is not None:
            process_tree.kill_whole(pid)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                break
            name = self._ids.pop(pid, None)
            if name is not None:  # else the end of an orphan, or of the spare
                del self._pids[name]
                self._tell({"id": name, "status": os.waitstatus_to_exitcode(status)})
            elif self._spare is not None and self._spare[0] == pid:
                self._spare[1].close()
                self._spare = None
        for child in list(process_tree.children(os.getpid())):
            if child not in self._ids and (self._spare is None or child != self._spare[0]):
                process_tree.kill_whole(child)

    def _tell(self, message: dict[str, int]) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")

    def leave(self, parent: int) -> None:
        """In a child: let go of everything that is the template's."""
        self._die_with(parent)
        self._adopt_orphans()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._control.close()
        os.close(self._woken)
        os.close(self._wake)

    def _adopt_orphans(self) -> None:
        """Have what loses its parents below this process become its own child. Lasts across an exec."""
        if sys.platform == "linux":
            self._libc.prctl(PR_SET_CHILD_SUBREAPER, 1)

    def _die_with(self, parent: int) -> None:
        if sys.platform == "linux":
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died before we asked
                os._exit(INIT_FAILED)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    template = Template(control)
    sys.meta_path.append(python_runtime.RuntimePackages)
    python_runtime.warm_up()
    python_runtime.look_around()
    gc.collect()
    gc.freeze()  # so that collecting in a child does not copy the pages it shares with us
    template.run()
    os._exit(0)  # taking the interpreter apart takes longer than all the rest


if __name__ == "__main__":
    main()
