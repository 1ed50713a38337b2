"""One execution environment: a worker process, the Runtime API it talks to, and the invocation it runs.

    starting --/next--> idle --invocation--> busy --/response--> returning --/next--> idle
       any --exit, kill--> ended

`returning` is the moment between the answer and the worker's next request; an invocation may already be given to it
then, and waits the fraction of a millisecond (`_given`). Should the worker end before it took it, the invocation has
not begun, and the pool gives it to another environment.

The environment decides nothing about other environments: it tells its owner (`Owner`) when it is free and when it
has ended.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Literal, Protocol

from panregion.functions import failures
from panregion.functions.model import (
    INIT_TIMEOUT_S,
    RESPONSE_MAX_BYTES,
    TAIL_BYTES,
    EnvironmentSpec,
    Invocation,
    LogEvent,
    LogSink,
    Outcome,
)
from panregion.functions.output import OutputReader, PlatformLog
from panregion.functions.streams import Flow, Intake, ResponseStream, is_streamed
from panregion.world import Clock, Request
from panregion.world.forks import Fork
from panregion.world.local_http import LocalServer, Reply
from panregion.world.process import resident_bytes

State = Literal["starting", "idle", "busy", "returning", "ended"]

PREFIX = "/2018-06-01/runtime/"
RESULT = re.compile(re.escape(PREFIX) + r"invocation/([^/]+)/(response|error)$")
ACCEPTED = b'{"status":"OK"}\n'


class Owner(Protocol):
    def freed(self, environment: "Environment") -> None:
        """It can take an invocation."""

    def ended(self, environment: "Environment") -> None:
        """Its worker is gone."""


class Call:
    """An invocation on its way: what was asked, and the future and the stream that its caller waits for."""

    __slots__ = ("intake", "invocation", "outcome", "stream")

    def __init__(self, invocation: Invocation, stream: ResponseStream | None = None) -> None:
        self.invocation = invocation
        self.stream = stream
        self.intake: Intake | None = None
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def end(self, outcome: Outcome) -> None:
        if self.stream is not None:
            self.stream.end()
        if not self.outcome.done():  # its caller has gone
            self.outcome.set_result(outcome)

    def cancel(self) -> None:
        """It will not be run."""
        if self.stream is not None:
            self.stream.end()
        self.outcome.cancel()

    def whole(self, content_type: str, body: bytes) -> None:
        """The answer came in one piece, whichever way it was asked for."""
        if self.stream is not None:
            self.stream.open(content_type)
            self.stream.write(body)


class Environment:
    """See the module. Made by the pool, which then gives it its fork by `started`."""

    def __init__(
        self,
        spec: EnvironmentSpec,
        owner: Owner,
        clock: Clock,
        sink: LogSink,
        log_stream: str,
        *,
        provisioned: bool = False,
    ) -> None:
        self.spec = spec
        self.provisioned = provisioned
        self.state: State = "starting"
        self.idle_since = clock.monotonic()
        self.log_stream = log_stream
        self.init_error: bytes | None = None
        self.server: LocalServer | None = None
        self._owner = owner
        self._clock = clock
        self._sink = sink
        self._fork: Fork | None = None
        self._call: Call | None = None
        self._given: Call | None = None
        self._next: Reply | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._began = clock.monotonic()
        self._init_ms: float | None = None
        self._init_reported = False
        self._killed: Literal["", "timeout", "retired"] = ""
        self._tail = b""
        self._output = OutputReader(self._log, self._now_ms)
        self._platform = PlatformLog(spec, self._log, self._now_ms, self.initialization)

    @property
    def free(self) -> bool:
        """Whether it can be given an invocation."""
        return self.state in ("idle", "returning") and self._given is None and not self._killed

    @property
    def initialization(self) -> str:
        """AWS's word for why it was made."""
        return "provisioned-concurrency" if self.provisioned else "on-demand"

    @property
    def ready(self) -> bool:
        """Whether it has started and is there to stay."""
        return self.initialized and self.state != "ended" and not self._killed

    @property
    def initialized(self) -> bool:
        """Whether its worker has ever asked for an invocation."""
        return self._init_ms is not None

    @property
    def said(self) -> str:
        """The end of what its worker wrote, tracebacks included."""
        return self._tail.decode(errors="replace")

    def started(self, fork: Fork, runtime_version: str) -> None:
        """Its worker has been asked for."""
        self._fork = fork
        self._platform.init_start(runtime_version)
        self._timer = self._after(INIT_TIMEOUT_S + self.spec.timeout_s, self._time_out)
        fork.ended.add_done_callback(lambda ended: self._exited(ended.result()))

    def output(self, data: bytes) -> None:
        """Bytes that the worker wrote."""
        self._output.feed(data)

    def give(self, call: Call) -> None:
        """Run an invocation; only when `free`."""
        assert self.free, self.state
        self._given = call
        if self._next is not None:
            self._deliver()

    def take_back(self) -> Call | None:
        """An invocation that was given and never begun."""
        call, self._given = self._given, None
        return call

    def retire(self) -> None:
        """End it; for environments that run nothing."""
        if self.state != "ended" and not self._killed:
            self._killed = "retired"
            if self._fork is not None:
                self._fork.kill()

    # The Runtime API

    def handle(self, request: Request, reply: Reply) -> None:
        """A request of the worker's runtime client."""
        if request.path == PREFIX + "invocation/next":
            self._asked_next(reply)
        elif match := RESULT.match(request.path):
            self._answered(match[1], match[2], request, reply)
        elif request.path == PREFIX + "init/error":
            self.init_error = request.body
            reply(202, [], ACCEPTED)
        else:
            reply(404, [], b'{"errorMessage":"the Runtime API has no such path","errorType":"NotFound"}')

    def begin(self, request: Request, flow: Flow) -> Callable[[bytes], None] | None:
        """A request whose body is still to come: what takes it piece by piece, where that is an answer in pieces."""
        if not is_streamed(request):
            return None
        match, call = RESULT.match(request.path), self._call
        if match is None or match[2] != "response" or call is None or call.invocation.request_id != match[1]:
            return None
        call.intake = Intake(request, flow, call.stream)
        return call.intake.take

    def _asked_next(self, reply: Reply) -> None:
        first = self.state == "starting"
        if first:
            self._stop_timer()
            self._init_ms = (self._clock.monotonic() - self._began) * 1000
        self.state = "idle"
        self.idle_since = self._clock.monotonic()
        self._next = reply
        if self._given is not None:
            self._deliver()
        elif first:
            self._owner.freed(self)

    def _deliver(self) -> None:
        call, reply = self._given, self._next
        assert call is not None
        assert reply is not None
        self._call, self._given, self._next = call, None, None
        self.state = "busy"
        self._tail = b""
        self._output.renew()
        invocation = call.invocation
        self._platform.start(invocation.request_id)
        self._began = self._clock.monotonic()
        self._timer = self._after(self.spec.timeout_s, self._time_out)
        headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(self._now_ms() + self.spec.timeout_s * 1000)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.arn),
        ]
        if invocation.trace_id:
            headers.append(("Lambda-Runtime-Trace-Id", invocation.trace_id))
        if invocation.client_context:
            headers.append(("Lambda-Runtime-Client-Context", invocation.client_context))
        reply(200, headers, invocation.payload)

    def _answered(self, request_id: str, kind: str, request: Request, reply: Reply) -> None:
        call = self._call
        if call is None or call.invocation.request_id != request_id:
            reply(400, [], b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}')
            return
        body, failed = request.body, kind == "error"
        if call.intake is not None and not failed:
            body, failed = call.intake.end(request)
            reply(202, [], ACCEPTED)
        elif len(body) > RESPONSE_MAX_BYTES:
            reply(
                413, [], b'{"errorMessage":"Exceeded maximum allowed payload size","errorType":"RequestEntityTooLarge"}'
            )
            body, failed = failures.too_large(RESPONSE_MAX_BYTES), True
        else:
            reply(202, [], ACCEPTED)
            if not failed:
                call.whole(request.header("content-type") or "application/json", body)
        self.state = "returning"
        self._finish(body, "error" if failed else "success", failed=failed)
        self._owner.freed(self)

    # Ends

    def could_not_start(self, reason: str) -> None:
        """There will be no worker."""
        self.init_error = failures.body("Runtime.InvalidEntrypoint", f"RequestId: - Error: {reason}")
        self._log((self._now_ms(), f"{reason}\n"))
        self._exited(0)

    def _time_out(self) -> None:
        self._killed = "timeout"
        if self._fork is not None:
            self._fork.kill()

    def _exited(self, status: int) -> None:
        was, self.state = self.state, "ended"
        self._stop_timer()
        self._output.flush()
        if self.server is not None:
            self.server.close()
        if was == "starting" and self._killed != "retired":
            self._failed_to_start(status)
        elif self._call is not None:
            self._failed_to_answer(self._call.invocation.request_id, status)
        self._owner.ended(self)

    def _failed_to_start(self, status: int) -> None:
        init_ms = (self._clock.monotonic() - self._began) * 1000
        if self.init_error is None and self._killed != "timeout":
            self.init_error = failures.body("Runtime.ExitError", f"Error: {failures.how_it_exited(status)}")
        if self.init_error is None:
            self._platform.init_failed(init_ms, "timeout", "")
        else:
            self._platform.init_failed(init_ms, "error", failures.error_type(self.init_error))

    def fail(self, call: Call) -> None:
        """End an invocation that this environment was to run but never came to: it did not start."""
        self._call = call
        request_id = call.invocation.request_id
        self._platform.start(request_id)
        self._began = self._clock.monotonic()
        if self.init_error is None:
            self._finish(failures.timed_out(request_id, self.spec.timeout_s), "timeout", failed=True)
            return
        exited = failures.error_type(self.init_error) == "Runtime.ExitError"
        body = self.init_error.replace(b'"Error: ', b'"RequestId: %s Error: ' % request_id.encode()) if exited else b""
        self._finish(body or self.init_error, "error", failed=True)

    def _failed_to_answer(self, request_id: str, status: int) -> None:
        if self._killed == "timeout":
            text = f"Task timed out after {self.spec.timeout_s:.2f} seconds"
            self._platform.failed(request_id, text)
            self._finish(failures.timed_out(request_id, self.spec.timeout_s), "timeout", failed=True)
            return
        self._platform.failed(request_id, f"Error: {failures.how_it_exited(status)}\nRuntime.ExitError")
        self._finish(failures.exited(request_id, status), "error", failed=True)

    def _finish(self, body: bytes, status: str, *, failed: bool) -> None:
        """Write END and REPORT, after all that the handler wrote, and answer the caller."""
        call = self._call
        assert call is not None
        self._stop_timer()
        duration_ms = (self._clock.monotonic() - self._began) * 1000
        if self._fork is not None:
            self._fork.drain()
        if dropped := self._output.dropped:
            self._log((self._now_ms(), f"panregion: {dropped} further log lines of this invocation were dropped\n"))
        init_ms = None if self._init_reported else self._init_ms
        self._init_reported = True
        error_type = failures.error_type(body) if failed else ""
        memory_mb = self._memory_used_mb()
        self._platform.end(call.invocation.request_id, duration_ms, memory_mb, init_ms, status, error_type)
        self._call = None
        call.end(
            Outcome(
                payload=body,
                error="Unhandled" if failed else "",
                log_tail=self._tail,
                duration_ms=duration_ms,
                init_ms=init_ms,
            )
        )

    # Small things

    def _memory_used_mb(self) -> int:
        pid = None if self._fork is None else self._fork.pid
        used = None if pid is None else resident_bytes(pid)
        return 0 if used is None else used >> 20

    def _log(self, event: LogEvent) -> None:
        self._tail = (self._tail + event[1][-TAIL_BYTES:].encode())[-TAIL_BYTES:]
        self._sink(self.spec.log_group, self.log_stream, [event])

    def _now_ms(self) -> int:
        return int(self._clock.now() * 1000)

    def _after(self, delay_s: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(delay_s, call)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
