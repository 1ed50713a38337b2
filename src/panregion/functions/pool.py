"""All execution environments of a region: started when there is more to do than they can, ended when idle.

An invocation goes to a free environment of its function, else it waits. For what waits, environments are started,
a bounded number at once over all functions: starting is work for the processor, and an invocation that waits takes
whichever comes first, a new environment or one that has become free. So a burst does not start more than it needs.

Environments of provisioned concurrency (`provision`) are started when nothing waits, never end for being idle, and are
replaced when they end; should one not even start, no more are tried until the wish changes.
"""

import asyncio
import shutil
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

from panregion.functions.environment import Call, Environment
from panregion.functions.model import EnvironmentSpec, Invocation, Limit, LogSink, Outcome, Throttled
from panregion.functions.runtimes import Runtime, runtime_named
from panregion.functions.streams import MODE, ResponseStream
from panregion.functions.variables import Surroundings, needs_no_tmp, python_path, variables
from panregion.world import World
from panregion.world.forks import Fork, ForkingTemplate, TemplateEnded
from panregion.world.local_http import listen

REAP_EVERY_S = 1.0


class _Function:
    """What runs of one function and version: its environments, and the invocations that wait for one."""

    def __init__(self, spec: EnvironmentSpec) -> None:
        self.spec = spec
        self.waiting: deque[Call] = deque()
        self.environments: list[Environment] = []
        self.deleted = False
        self.provisioned = 0
        self.unprovisionable = ""

    @property
    def starting(self) -> int:
        return sum(environment.state == "starting" for environment in self.environments)

    @property
    def kept(self) -> list[Environment]:
        """Its environments of provisioned concurrency."""
        return [each for each in self.environments if each.provisioned]

    def free(self) -> Environment | None:
        """A free environment, the one used last: so that those beyond the need grow idle; provisioned ones first."""
        if self.provisioned and (found := next((each for each in reversed(self.kept) if each.free), None)):
            return found
        return next((each for each in reversed(self.environments) if each.free), None)


class Functions:
    """Runs functions. One per region; `close` ends every process it started."""

    def __init__(
        self, folder: Path, world: World, around: Surroundings, sink: LogSink, limit: Limit | None = None
    ) -> None:
        self._folder = folder
        self._world = world
        self._around = around
        self._sink = sink
        self._limit = limit or Limit()
        self._template = ForkingTemplate()
        self._functions: dict[str, _Function] = {}
        self._in_flight: dict[str, int] = {}
        self._starting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._last = 0
        self._closed = False
        self._preparing: dict[Environment, asyncio.Future[str | None]] = {}
        shutil.rmtree(self._folder / "scratch", ignore_errors=True)

    async def warm(self) -> None:
        """Start the template, so that the first cold start does not wait for it."""
        await self._template.start()

    @property
    def template_pid(self) -> int | None:
        """The template's process, once it has been needed."""
        return self._template.pid

    def in_flight(self, name: str) -> int:
        """How many invocations of a function run or wait, over all its versions."""
        return self._in_flight.get(name, 0)

    def describe(self) -> list[dict[str, str | int]]:
        """What runs now, for people."""
        return [
            {"function": function.spec.key, "state": each.state, "waiting": len(function.waiting)}
            for function in self._functions.values()
            for each in function.environments
        ]

    async def invoke(self, spec: EnvironmentSpec, invocation: Invocation, reserved: int | None = None) -> Outcome:
        """Run a function once. Raises Throttled where its reserved concurrency, or the region's, is used up."""
        return await self.begin(spec, invocation, reserved)

    def begin(
        self,
        spec: EnvironmentSpec,
        invocation: Invocation,
        reserved: int | None = None,
        stream: ResponseStream | None = None,
    ) -> asyncio.Future[Outcome]:
        """Have a function run once; a stream is written as it answers, and ended. Raises Throttled, at once."""
        self._admit(spec.name, reserved)
        self._in_flight[spec.name] = self.in_flight(spec.name) + 1
        call = Call(invocation, stream)
        call.outcome.add_done_callback(lambda _: self._over(spec.name))
        self._place(self._function(spec), call)
        return call.outcome

    def _over(self, name: str) -> None:
        self._in_flight[name] -= 1

    async def prepare(self, spec: EnvironmentSpec) -> str | None:
        """Bring up an environment before anybody calls. Returns what its worker wrote where it did not start."""
        function = self._function(spec)
        if function.environments or self._starting >= self._limit.starting:
            return None
        prepared: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._preparing[self._start(function)] = prepared
        return await prepared

    def provision(self, wanted: list[tuple[EnvironmentSpec, int]]) -> None:
        """Keep this many environments of each of these warm, from now on, and none of others."""
        for function in self._functions.values():
            function.provisioned = 0
        for spec, count in wanted:
            function = self._function(spec)
            function.provisioned += count
            function.unprovisionable = ""
        for function in self._functions.values():
            self._drop_surplus(function)
        self._start_more()

    def provisioned(self, key: str) -> tuple[int, str]:
        """How many kept environments of a function's version are ready, and why there cannot be more, if so."""
        function = self._functions.get(key)
        return (0, "") if function is None else (sum(each.ready for each in function.kept), function.unprovisionable)

    def _drop_surplus(self, function: _Function) -> None:
        kept = function.kept
        free = [each for each in kept if each.free]
        for each in free[: max(0, len(kept) - function.provisioned)]:
            each.retire()

    def _admit(self, name: str, reserved: int | None) -> None:
        if reserved is not None and self.in_flight(name) >= reserved:
            raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        if sum(self._in_flight.values()) >= self._limit.environments:
            raise Throttled("ConcurrentInvocationLimitExceeded")

    def _function(self, spec: EnvironmentSpec) -> _Function:
        function = self._functions.get(spec.key)
        if function is None:
            function = self._functions[spec.key] = _Function(spec)
        elif function.spec.revision != spec.revision:
            function.spec = spec
            for each in function.environments:
                if each.free:
                    each.retire()
        function.deleted = False
        return function

    def forget(self, name: str) -> None:
        """A function was deleted: end its environments as they become free."""
        for function in self._functions.values():
            if function.spec.name == name:
                function.deleted = True
                function.provisioned = 0
                for each in function.environments:
                    if each.free:
                        each.retire()

    def _place(self, function: _Function, call: Call) -> None:
        free = function.free()
        if free is None:
            function.waiting.append(call)
            self._start_more()
        else:
            free.give(call)

    def _start_more(self) -> None:
        """Start what there is room for: first for those who wait, then what is to be kept."""
        for function in self._functions.values():
            while function.waiting and function.starting < len(function.waiting) and self._may_start:
                self._start(function)
        for function in self._functions.values():
            while function.provisioned and self._lacks(function) and self._may_start:
                self._start(function, provisioned=True)

    @property
    def _may_start(self) -> bool:
        return self._starting < self._limit.starting and not self._closed

    def _lacks(self, function: _Function) -> bool:
        return len(function.kept) < function.provisioned and not function.unprovisionable

    def _start(self, function: _Function, *, provisioned: bool = False) -> Environment:
        stream = self._stream_name(function.spec)
        environment = Environment(function.spec, self, self._world.clock, self._sink, stream, provisioned=provisioned)
        function.environments.append(environment)
        self._starting += 1
        task = asyncio.create_task(self._bring_up(environment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return environment

    def _prepared(self, environment: Environment, said: str | None) -> None:
        waiting = self._preparing.pop(environment, None)
        if waiting is not None and not waiting.done():  # who asked may have gone
            waiting.set_result(said)

    async def _bring_up(self, environment: Environment) -> None:
        try:
            runtime = runtime_named(environment.spec.runtime)
            fork = await self._fork(environment, runtime)
        except (OSError, KeyError, TemplateEnded) as error:
            environment.could_not_start(f"{type(error).__name__}: {error}")
            return
        environment.started(fork, runtime.label)
        if self._closed:
            environment.retire()

    async def _fork(self, environment: Environment, runtime: Runtime) -> Fork:
        spec = environment.spec
        self._last += 1
        scratch = self._folder / "scratch" / str(self._last)
        scratch.mkdir(parents=True)
        environment.server = await listen(environment.handle, "127.0.0.1", environment.begin, MODE)
        api = f"127.0.0.1:{environment.server.port}"
        env = variables(spec, self._around, api, environment.log_stream, scratch, environment.initialization)
        path = python_path(spec, runtime.version)
        fork = await self._template.fork(
            env,
            spec.code,
            environment.output,
            path=path,
            handler=spec.handler,
            argv=runtime.argv(spec),
            tmp=str(scratch) if needs_no_tmp(spec, scratch) else "",
        )
        fork.ended.add_done_callback(lambda _: shutil.rmtree(scratch, ignore_errors=True))
        return fork

    def _stream_name(self, spec: EnvironmentSpec) -> str:
        day = datetime.fromtimestamp(self._world.clock.now(), UTC).strftime("%Y/%m/%d")
        return f"{day}/[{spec.version}]{self._world.chance.token(32, '0123456789abcdef')}"

    # An environment calls these

    def freed(self, environment: Environment) -> None:
        if environment.state == "idle":  # it has just started; later it is told free as soon as it has answered
            self._starting -= 1
            self._prepared(environment, None)
        function = self._functions[environment.spec.key]
        if function.spec.revision != environment.spec.revision:
            environment.retire()
        elif function.waiting:
            environment.give(function.waiting.popleft())
        elif function.deleted or (environment.provisioned and len(function.kept) > function.provisioned):
            environment.retire()
        self._start_more()

    def ended(self, environment: Environment) -> None:
        function = self._functions[environment.spec.key]
        function.environments.remove(environment)
        if not environment.initialized:
            self._starting -= 1
            self._prepared(environment, environment.said)
            if environment.provisioned and environment.spec.revision == function.spec.revision:
                function.unprovisionable = environment.said or "the function did not start"
        if call := environment.take_back():
            function.waiting.appendleft(call)
        elif not environment.initialized and function.waiting and not self._closed:
            environment.fail(function.waiting.popleft())
        if function.deleted and not function.environments and not function.waiting:
            del self._functions[function.spec.key]
        self._start_more()

    # Ends

    async def reap(self) -> None:
        """End environments that have been idle for too long; never returns."""
        while True:
            await self._world.clock.sleep(REAP_EVERY_S)
            self.reap_now()

    def reap_now(self) -> None:
        since = self._world.clock.monotonic() - self._limit.idle_s
        for function in self._functions.values():
            for each in function.environments:
                if each.state == "idle" and each.free and not each.provisioned and each.idle_since <= since:
                    each.retire()

    async def close(self) -> None:
        """Kill all workers and the template."""
        self._closed = True
        for function in self._functions.values():
            for call in function.waiting:
                call.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._template.close()
        shutil.rmtree(self._folder / "scratch", ignore_errors=True)
