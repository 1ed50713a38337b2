"""The forking template: a program that has imported boto3 and forks an execution environment when it is told to.

A region starts it by its path (`python -I template.py FD`), so it imports nothing of ours and its forks are small.
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
- A child imports `awslambdaric.bootstrap`, and with it the C client, only once it has its environment: the client reads
  AWS_LAMBDA_RUNTIME_API once, when it is loaded.
- A child sees what a function on AWS sees: the standard library, its own code and layers, boto3 and what boto3
  needs. The rest of the machine's site-packages is out of sight, so a forgotten requirement fails here too; and a
  boto3 that the function brings along is used instead of the one imported before the fork.
- A kill takes the children's children too, also those that have made themselves orphans: on Linux an orphan becomes
  the child of its environment, and of the template once that has ended, which then kills it.
"""

import contextlib
import ctypes
import gc
import importlib.machinery
import json
import os
import select
import signal
import socket
import sys
import sysconfig
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, TextIO

RUNTIME_PACKAGES = frozenset(
    {
        *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"),
        *("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"),
    }
)
"""What the Lambda runtime for Python brings along, by import name."""

PRELOADED = RUNTIME_PACKAGES - {"runtime_client"}
"""Those that `warm_up` imports. The client itself reads its environment when it is loaded, so every child loads it."""

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
COMMAND_BYTES_MAX = 1 << 20
SPARE_AFTER_S = 0.02
"""How long nothing must have happened before the next child is forked ahead: starts come in bursts."""
INIT_FAILED = 1

Command = dict[str, Any]
SITE_PATH = [entry for entry in sys.path if entry.endswith("-packages")]


class RuntimePackages:
    """Finds the runtime's own packages after everything that the function brings along."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if path is not None or name not in RUNTIME_PACKAGES:
            return None
        return importlib.machinery.PathFinder.find_spec(name, SITE_PATH, target)


def standard_library() -> list[str]:
    """sys.path without anybody's packages."""
    roots = {sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"]}
    return [*roots, *(f"{root}/lib-dynload" for root in roots)]


STANDARD_LIBRARY = standard_library()


def warm_up() -> None:
    """Import what nearly every handler needs, and have botocore do once what it would do in every child."""
    import concurrent.futures.thread  # noqa: F401
    import http.client  # noqa: F401
    import logging.handlers  # noqa: F401
    import uuid  # noqa: F401

    import awslambdaric.lambda_context  # type: ignore[import-untyped]
    import awslambdaric.lambda_runtime_log_utils  # type: ignore[import-untyped]
    import awslambdaric.lambda_runtime_marshaller  # type: ignore[import-untyped]  # noqa: F401
    import boto3.dynamodb.conditions
    import boto3.session
    import botocore.hooks
    import botocore.loaders
    import simplejson  # type: ignore[import-untyped]  # noqa: F401

    remember(botocore.loaders.JSONFileLoader, "load_file", lambda _loader, path: path)
    remember(
        botocore.loaders.Loader, "list_available_services", lambda loader, kind: (*loader.search_paths, kind)
    )  # looks into 440 folders: two thirds of the time that a first client takes
    remember(botocore.hooks, "accepts_kwargs", lambda function: function)
    remember(botocore.hooks.EventAliaser, "_alias_event_name", lambda _aliaser, name: name)
    with contextlib.suppress(OSError):  # where it has another name, every child loads it for itself
        ctypes.CDLL("libstdc++.so.6")  # the runtime client's, whose loading takes longer than its own
    session = boto3.session.Session("none", "none", region_name="us-east-1")
    session.resource("dynamodb").Table("none")
    session.client("s3")


def look_around() -> None:
    """Have the folders' contents known that every child looks into, and no others, which it would only carry along."""
    sys.path_importer_cache.clear()
    importlib.machinery.PathFinder.find_spec("nothing", [*STANDARD_LIBRARY, *SITE_PATH])


def remember(owner: Any, name: str, key: Callable[..., Any]) -> None:
    """Have a function of botocore's answer from memory where `key` of its arguments is one that it has seen.

    All of these answer from files that do not change, or from what a function's signature is.
    """
    function, answers = getattr(owner, name), dict[Any, Any]()

    def remembering(*args: Any, **kwargs: Any) -> Any:
        asked = key(*args, **kwargs)
        if asked not in answers:
            answers[asked] = function(*args, **kwargs)
        return answers[asked]

    setattr(owner, name, remembering)


def brought_along(path: list[str], modules: frozenset[str]) -> bool:
    """Whether the function's own folders hold another version of a package that was imported before the fork."""
    return any(
        os.path.exists(f"{folder}/{name}") or os.path.exists(f"{folder}/{name}.py")
        for folder in path
        for name in modules
    )


def forget(modules: frozenset[str]) -> None:
    """Have these packages imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] in modules]:
        del sys.modules[name]


def become_python_function(command: Command) -> None:
    """Run the handler under AWS's own runtime interface client; returns only by SystemExit."""
    path = command["path"]
    sys.path[:] = [*path, *STANDARD_LIBRARY]
    if brought_along(path, PRELOADED):
        forget(PRELOADED)
    sys.argv[:] = ["bootstrap.py", command["handler"]]
    sys.stdout, sys.stderr = text_output(1), text_output(2)
    from awslambdaric import bootstrap
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # type: ignore[import-untyped]

    bootstrap._get_handler = with_traceback(bootstrap._get_handler)
    bootstrap.run(command["handler"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"], False))


def text_output(descriptor: int) -> TextIO:
    """A new text stream: the one that the interpreter made at its start remembers what the template's output was."""
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def with_traceback(get_handler: Callable[[str], Any]) -> Callable[[str], Any]:
    """AWS's client tells only the last line of a failed import; the log shall have the whole of it."""

    def get_handler_or_explain(handler: str) -> Any:
        try:
            return get_handler(handler)
        except Exception as error:
            if isinstance(error.__context__, ImportError):
                cause = error.__context__
                sys.stderr.write("\r".join("".join(traceback.format_exception(cause)).splitlines()) + "\n")
            raise

    return get_handler_or_explain


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
    become_python_function(command)


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


def children(pid: int) -> Iterator[int]:
    """The processes that it is the parent of, as Linux tells."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found = file.read().split()
        except OSError:
            continue
        yield from map(int, found)


def descendants(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for child in list(children(pid)):
        yield from descendants(child)


def kill_whole(pid: int) -> None:
    """Kill a process and all below it; what was forked meanwhile is found in another round."""
    known: set[int] = set()
    while found := set(descendants(pid)) - known:
        known |= found
        for each in sorted(found, reverse=True):  # children first, as a rule: none of them becomes an orphan
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                continue


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
            kill_whole(pid)

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
        for child in list(children(os.getpid())):
            if child not in self._ids and (self._spare is None or child != self._spare[0]):
                kill_whole(child)

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
    sys.meta_path.append(RuntimePackages)
    warm_up()
    look_around()
    gc.collect()
    gc.freeze()  # so that collecting in a child does not copy the pages it shares with us
    template.run()
    os._exit(0)  # taking the interpreter apart takes longer than all the rest


if __name__ == "__main__":
    main()
