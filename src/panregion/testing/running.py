"""One world of a test run: a folder, a block of ports and control's process, which all end when the run does.

Control holds the reading end of a pipe whose other end is ours. When we close it, or are killed, control ends the world
and deletes its folder.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from panregion.control import (
    ControlClient,
    ControlError,
    Deployment,
    DeploymentFailed,
    PortTaken,
    StartFailed,
    deploy_everywhere,
    progress,
    start_control,
)
from panregion.testing.blocks import claim
from panregion.testing.errors import WorldFailed
from panregion.testing.options import Options
from panregion.world import SystemClock, WorldSettings
from panregion.world.background import Background

END_TIMEOUT_S = 20.0
REMOVE_AGAIN_S = 0.05
STARTS_MAX = 3
"""A port can be taken between our look at it and its use."""


class RunningWorld:
    """A world that was started for tests, with its stacks deployed and its state kept."""

    def __init__(self, options: Options, background: Background) -> None:
        self.options = options
        self.outputs: dict[str, dict[str, dict[str, str]]] = {}
        """Stack -> region -> outputs."""
        self.warnings: list[str] = []
        """What was to be said of the stacks, such as that a function does not start; they stand, as on AWS."""
        self._background = background
        self._closing = contextlib.ExitStack()
        try:
            self.settings = self._start()
            self.control = ControlClient(self.settings)
            self._closing.callback(lambda: self.ask(self.control.close()))
            self._deploy()
            self.ask(self.control.snapshot())
        except BaseException:
            self._closing.close()
            raise

    def ask(self, question: Any, timeout_s: float | None = None) -> Any:
        """The result of a coroutine. Raises WorldFailed where control refuses or is not there."""
        try:
            return self._background.run(question, timeout_s)
        except ControlError as error:
            raise WorldFailed(str(error)) from error

    def _start(self) -> WorldSettings:
        for attempt in range(STARTS_MAX):
            with contextlib.ExitStack() as stack:
                ports, claimed = stack.enter_context(claim())
                folder = Path(tempfile.mkdtemp(prefix="panregion-test-")).resolve()
                stack.callback(self._remove, folder)
                settings = self.options.settings(folder, ports)
                try:
                    self._bring_up(settings, claimed, stack)
                except PortTaken as error:
                    if attempt == STARTS_MAX - 1:
                        raise WorldFailed(str(error)) from error
                    continue
                self._closing.push(stack.pop_all())
                return settings
        raise AssertionError("unreachable")

    def _remove(self, folder: Path) -> None:
        """Control has done it, unless it was killed; then its processes die with it, and write while they do.

        Raises OSError where something cannot be deleted.
        """
        clock = SystemClock()
        until = clock.monotonic() + END_TIMEOUT_S
        while folder.exists():
            try:
                shutil.rmtree(folder)
            except OSError:
                if clock.monotonic() >= until:
                    raise
                self._background.run(clock.sleep(REMOVE_AGAIN_S))

    def _bring_up(self, settings: WorldSettings, claimed: int, stack: contextlib.ExitStack) -> None:
        theirs, ours = os.pipe()
        try:
            process = start_control(settings, with_parent=False, warm=True, lease=theirs, keeps=[claimed])
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        stack.callback(process.wait, END_TIMEOUT_S)
        stack.callback(os.close, ours)
        try:
            self._background.run(self._until_ready(settings, process), self.options.start_timeout_s)
        except StartFailed as error:
            raise WorldFailed(f"the world did not start: {error}") from error
        except TimeoutError as error:
            raise WorldFailed(f"the world did not start within {self.options.start_timeout_s:g} s") from error

    @staticmethod
    async def _until_ready(settings: WorldSettings, process: Any) -> None:
        async for _ in progress(settings, process):
            pass

    def _deploy(self) -> None:
        for stack in self.options.stacks:
            name = stack.name or Path(stack.template).parent.name
            deployment = Deployment(self.settings, Path(stack.template), name, stack.parameters, warn=self._warn)
            regions = list(stack.regions or self.settings.regions)
            try:
                self.outputs[name] = self._background.run(deploy_everywhere(deployment, regions))
            except DeploymentFailed as error:
                raise WorldFailed(f"{stack.template}: {error}") from error

    def _warn(self, region: str, text: str) -> None:
        self.warnings.append(f"{region}: {text}")

    def reset(self) -> float:
        """Put the world back to what it was after its stacks were deployed; seconds that it took."""
        clock = SystemClock()
        began = clock.monotonic()
        self.ask(self.control.reset())
        return clock.monotonic() - began

    def rest(self) -> None:
        """Kill the world until its next reset: while nobody looks it need not check its health. Raises WorldFailed."""
        self.ask(self.control.rest())

    def close(self) -> None:
        """End the world; its folder, processes and ports are gone when this returns."""
        self._closing.close()
