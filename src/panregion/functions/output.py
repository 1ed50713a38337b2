"""From what a function writes to log events.

A function's stdout, stderr and the frames of AWS's runtime client come through one pipe, so their order is kept.
Plain text is one event per line; a carriage return within it stands for a line break (that is how AWS's clients
write a traceback). A frame (magic, length, microseconds, text) is one event however many lines it has. The magic
starts with two bytes that are not UTF-8 in that order at the start of a line, so the two cannot be confused.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from panregion.functions.model import EnvironmentSpec, LogEvent

FRAME = b"\xa5\x5a\x00"
HEADER_BYTES = 16
EVENT_MAX_BYTES = 256 * 1024
INVOCATION_MAX_BYTES = 4 * 1024 * 1024
"""What one invocation may log; the rest is counted and dropped, so that a flood drowns nobody else."""

EVENT_COST_BYTES = 100
"""What a line counts for beside its text, be it empty: many short ones are as much work as long ones."""

Emit = Callable[[LogEvent], None]


class OutputReader:
    """Splits one environment's output into events, as many as an invocation may have; others are counted.

    The work is linear in what it is fed, and next to nothing once an invocation has had its share: a handler that
    floods its log must not keep the region from its other work.
    """

    def __init__(self, emit: Emit, now_ms: Callable[[], int]) -> None:
        self._emit = emit
        self._now_ms = now_ms
        self._rest = b""
        self._unwanted_bytes = 0
        self._left_bytes = INVOCATION_MAX_BYTES
        self.dropped = 0
        """Lines since the last `renew` that are no event."""

    def renew(self) -> None:
        """Another invocation begins."""
        self._left_bytes, self.dropped = INVOCATION_MAX_BYTES, 0

    def feed(self, data: bytes) -> None:
        """Take a chunk; emit every event that is whole."""
        if self._unwanted_bytes:
            skipped = min(self._unwanted_bytes, len(data))
            self._unwanted_bytes -= skipped
            data = data[skipped:]
        taken, data = 0, self._rest + data
        while taken < len(data) and self._left_bytes > 0:
            before, taken = taken, self._take(data, taken)
            if taken == before:
                break
            self._left_bytes -= taken - before + EVENT_COST_BYTES
        self._rest = data[taken:]
        if self._left_bytes <= 0:
            self.dropped += self._rest.count(b"\n")
            self._rest = b""

    def flush(self) -> None:
        """Emit an unfinished last line: nobody will finish it."""
        rest, self._rest = self._rest, b""
        if rest:
            self._line(rest)

    def _take(self, data: bytes, at: int) -> int:
        """Emit what begins there; where it ends, or the same place if that has not come yet."""
        if data.startswith(FRAME, at):
            return self._take_frame(data, at)
        if len(data) - at < len(FRAME) and FRAME.startswith(data[at:]):
            return at
        newline = data.find(b"\n", at)
        frame = data.find(FRAME, at + 1, newline if newline >= 0 else len(data))
        if frame >= 0:  # a frame in the middle of a line ends that line
            end, after = frame, frame
        elif newline >= 0:
            end, after = newline, newline + 1
        elif len(data) - at < EVENT_MAX_BYTES:
            return at
        else:
            end = after = len(data)
        if end - at > EVENT_MAX_BYTES:
            end = after = at + EVENT_MAX_BYTES
        self._line(data[at:end])
        return after

    def _take_frame(self, data: bytes, at: int) -> int:
        begin = at + HEADER_BYTES
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        end = begin + min(length, EVENT_MAX_BYTES)
        if len(data) < begin or len(data) < end:
            return at
        at_ms = int.from_bytes(data[at + 8 : begin], "big") // 1000
        self._emit((at_ms, _text(data[begin:end])))
        after = min(begin + length, len(data))
        self._unwanted_bytes = begin + length - after
        return after

    def _line(self, line: bytes) -> None:
        if line.strip():
            self._emit((self._now_ms(), _text(line).replace("\r", "\n")))


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return text if text.endswith("\n") else text + "\n"


def iso(at_ms: int) -> str:
    """2026-11-21T04:13:17.123Z"""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


class PlatformLog:
    """The lines that Lambda itself writes about an environment and its invocations, as text or as JSON."""

    def __init__(
        self, spec: EnvironmentSpec, emit: Emit, now_ms: Callable[[], int], initialization: str = "on-demand"
    ) -> None:
        self._spec = spec
        self._initialization = initialization
        self._emit = emit
        self._now_ms = now_ms

    def _write(self, text: str, kind: str, record: dict[str, Any]) -> None:
        at_ms = self._now_ms()
        if not self._spec.log_json:
            self._emit((at_ms, text + "\n"))
        elif self._spec.system_log_level != "WARN" or (kind == "report" and record["status"] != "success"):
            line = {"time": iso(at_ms), "type": f"platform.{kind}", "record": record}
            self._emit((at_ms, json.dumps(line, separators=(",", ":")) + "\n"))

    def init_start(self, runtime_version: str) -> None:
        record = {
            "initializationType": self._initialization,
            "phase": "init",
            "runtimeVersion": runtime_version,
            "functionName": self._spec.name,
            "functionVersion": self._spec.version,
        }
        self._write(f"INIT_START Runtime Version: {runtime_version}", "initStart", record)

    def init_failed(self, init_ms: float, status: str, error_type: str) -> None:
        text = f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: init\tStatus: {status}"
        if error_type:
            text += f"\tError Type: {error_type}"
        record = {
            "initializationType": self._initialization,
            "phase": "init",
            "status": status,
            "metrics": {"durationMs": round(init_ms, 3)},
        }
        self._write(text, "initReport", record | ({"errorType": error_type} if error_type else {}))

    def start(self, request_id: str) -> None:
        version = self._spec.version
        record = {"requestId": request_id, "version": version}
        self._write(f"START RequestId: {request_id} Version: {version}", "start", record)

    def failed(self, request_id: str, text: str) -> None:
        """The platform's own word on an invocation that the runtime could not end."""
        if not self._spec.log_json:
            self._emit((self._now_ms(), f"{iso(self._now_ms())} {request_id} {text}\n\n"))

    def end(
        self, request_id: str, duration_ms: float, memory_used_mb: int, init_ms: float | None, status: str, error: str
    ) -> None:
        """END and REPORT; `status` is success, error or timeout."""
        if not self._spec.log_json:
            self._emit((self._now_ms(), f"END RequestId: {request_id}\n"))
        billed = int(-(-(duration_ms + (init_ms or 0)) // 1))
        parts = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {duration_ms:.2f} ms",
            f"Billed Duration: {billed} ms",
            f"Memory Size: {self._spec.memory_mb} MB",
            f"Max Memory Used: {memory_used_mb} MB",
        ]
        metrics: dict[str, float] = {
            "durationMs": round(duration_ms, 3),
            "billedDurationMs": billed,
            "memorySizeMB": self._spec.memory_mb,
            "maxMemoryUsedMB": memory_used_mb,
        }
        if init_ms is not None:
            parts.append(f"Init Duration: {init_ms:.2f} ms")
            metrics["initDurationMs"] = round(init_ms, 3)
        parts.append("" if status == "success" else f"Status: {status}" + (f"\tError Type: {error}" if error else ""))
        record = {"requestId": request_id, "metrics": metrics, "status": status}
        self._write("\t".join(parts), "report", record | ({"errorType": error} if error else {}))
