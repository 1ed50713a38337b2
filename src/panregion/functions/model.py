"""What an execution environment is made from, and what an invocation ends in. Values only."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

INIT_TIMEOUT_S = 10.0
"""What AWS gives a function for its imports; ours adds its timeout, where AWS would start over within that."""

PAYLOAD_MAX_BYTES = 6 * 1024 * 1024
RESPONSE_MAX_BYTES = 6_291_556
TAIL_BYTES = 4096

LogEvent = tuple[int, str]
"""Milliseconds since the epoch, and the text."""

LogSink = Callable[[str, str, list[LogEvent]], None]
"""Takes log events of a (group, stream). Never blocks, never raises."""


class EnvironmentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that distinguishes one kind of execution environment from another.

    `revision` changes whenever anything about the function does: environments of an older one are let go.
    """

    name: str
    version: str
    revision: str
    runtime: str
    handler: str
    code: Path
    layers: tuple[Path, ...] = ()
    environment: dict[str, str] = {}
    timeout_s: int = 3
    memory_mb: int = 128
    log_group: str
    log_json: bool = False
    log_level: str = ""
    system_log_level: str = "INFO"

    @property
    def key(self) -> str:
        return f"{self.name}:{self.version}"


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a function."""

    request_id: str
    payload: bytes
    arn: str
    """As it was called, with its qualifier."""
    client_context: str = ""
    trace_id: str = ""


ErrorKind = Literal["", "Handled", "Unhandled"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an invocation ended in; `error` is empty when the handler returned."""

    payload: bytes
    error: ErrorKind = ""
    log_tail: bytes = b""
    duration_ms: float = 0.0
    init_ms: float | None = None


class Limit(msgspec.Struct, frozen=True):
    """What bounds the machine, not AWS."""

    environments: int = 256
    starting: int = 4
    """Environments that start at once: more would only slow each other down on a few cores."""
    idle_s: float = 300.0


class Throttled(Exception):
    """There may be no further concurrent invocation; `reason` is AWS's word for which limit it was."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
