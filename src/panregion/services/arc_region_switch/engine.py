"""How an execution goes on. Pure: an execution and what has happened in, the execution after it and what to do out.

Steps run one after another, those inside of a parallel one side by side. One that fails pauses the execution: it is
then resumed (the step runs again), the step is skipped, or the execution canceled. A pause that was asked for begins
when nothing runs any more. In ungraceful mode a Lambda step is skipped where its configuration says so.
"""

from typing import Any

import msgspec

from panregion.services.arc_region_switch.errors import IllegalStateException, ResourceNotFoundException
from panregion.services.arc_region_switch.model import FINISHED, Event, Execution, Step

ACTIVE = frozenset({"inProgress", "pendingManualApproval"})
UNDER_WAY = frozenset({"running", "pendingApproval"})


class Turn:
    """One turn of an execution: `execution` as it is after it, `events` to be kept, steps `to_run` by name."""

    def __init__(self, execution: Execution, now: float) -> None:
        self.execution = execution
        self.now = now
        self.events: list[Event] = []
        self.to_run: list[str] = []
        self.watch_health = False

    # What has happened

    def start(self) -> None:
        self._note("executionStarted")
        self._go_on()

    def succeeded(self, name: str, resources: tuple[str, ...] = ()) -> None:
        """A step did what it is for."""
        self._end(name, "completed", "stepSucceeded", resources=resources)
        self._go_on()

    def failed(self, name: str, error: str) -> None:
        """A step did not: the execution pauses."""
        self._end(name, "failed", "stepFailed", error=error)
        self._note("stepPausedByError", name, error=error)
        self._set(state="pausedByFailedStep", pausing=False)

    def approved(self, name: str, comment: str) -> None:
        self._require_status(name, "pendingApproval")
        self._end(name, "completed", "stepSucceeded", description=comment or "approved")
        if not any(step.status == "pendingApproval" for step in self.execution.steps):
            self._set(state="inProgress")
        self._go_on()

    def declined(self, name: str, comment: str) -> None:
        """An execution that is not approved of is canceled."""
        self._require_status(name, "pendingApproval")
        self.cancel(comment or f"{name} was declined")

    def cancel(self, comment: str) -> None:
        self._require_not_ended()
        self._note("executionCanceling", description=comment)
        for step in self.execution.steps:
            if step.status in UNDER_WAY:
                self._end(step.name, "canceled", "stepCanceled")
        self._set(state="canceled", ended_at=self.now, pausing=False)
        self._note("executionCanceled", description=comment)

    def pause(self) -> None:
        if self.execution.state not in ACTIVE:
            raise IllegalStateException(f"The execution is {self.execution.state}: it cannot be paused")
        self._set(pausing=True)
        self._note("executionPausing")
        self._settle()

    def resume(self) -> None:
        if self.execution.state not in ("pausedByOperator", "pausedByFailedStep"):
            raise IllegalStateException(f"The execution is {self.execution.state}: it cannot be resumed")
        self._set(state="inProgress", pausing=False)
        for step in self.execution.steps:
            if step.status == "failed":
                self._begin(step)
        self._go_on()

    def switch_mode(self, mode: str) -> None:
        self._require_not_ended()
        self._set(mode=mode)
        for step in self.execution.steps:
            if step.status not in FINISHED:
                self._change(step.name, mode=mode)
        kind = "Ungraceful" if mode == "ungraceful" else "Graceful"
        self._note(f"executionBehaviorChangedTo{kind}")

    def skip(self, name: str, comment: str) -> None:
        """Leave out a step that failed, runs or waits."""
        step = self._require(name)
        self._require_not_ended()
        if step.status not in UNDER_WAY | {"failed"} or step.block == "Parallel":
            raise IllegalStateException(f"The step {name} is {step.status}: it cannot be skipped")
        self._end(name, "skipped", "stepSkipped", description=comment)
        self._recover()

    def step_ungraceful(self, name: str, comment: str) -> None:
        """Let one step be ungraceful; one that failed runs again."""
        step = self._require(name)
        self._require_not_ended()
        if step.status in FINISHED | {"canceled"}:
            raise IllegalStateException(f"The step {name} is {step.status}")
        self._change(name, mode="ungraceful")
        self._note("stepExecutionBehaviorChangedToUngraceful", name, description=comment)
        if step.status == "failed":
            self._begin(self._require(name))
            self._recover()

    def healthy(self) -> None:
        """The application's alarms are healthy again: the execution is over."""
        if self.execution.state == "completedMonitoringApplicationHealth":
            self._complete()

    # How it goes on

    def _go_on(self) -> None:
        if self.execution.pausing:
            self._settle()
        if self.execution.state not in ACTIVE:
            return
        for name in [step.name for step in self.execution.steps if not step.parent]:
            step = self._require(name)
            if step.status == "notStarted":
                self._begin(step)
            if self._require(name).status not in FINISHED:
                return
        self._done()

    def _begin(self, step: Step) -> None:
        children = [each for each in self.execution.steps if each.parent == step.name]
        skips = step.config.get("ungraceful", {}).get("behavior") == "skip"
        if step.mode == "ungraceful" and step.block == "CustomActionLambda" and skips:
            self._change(step.name, started_at=self.now)
            self._end(step.name, "skipped", "stepSkipped", description="the execution is ungraceful")
            return
        approval = step.block == "ManualApproval"
        status = "pendingApproval" if approval else "running"
        self._change(step.name, status=status, run=step.run + 1, started_at=self.now, ended_at=None)
        self._note("stepPendingApproval" if approval else "stepStarted", step.name)
        if approval:
            self._set(state="pendingManualApproval")
            self._note("executionPendingApproval", step.name)
        for child in children:
            self._begin(child)
        if not children:
            self.to_run.append(step.name)

    def _end(self, name: str, status: str, event: str, **more: Any) -> None:
        step = self._require(name)
        self._change(name, status=status, ended_at=self.now)
        self._note(event, name, **more)
        if step.parent:
            self._gather(step.parent)

    def _gather(self, parent: str) -> None:
        """A parallel step is over when all within it is."""
        if self._require(parent).status == "running" and all(
            step.status in FINISHED for step in self.execution.steps if step.parent == parent
        ):
            self._end(parent, "completed", "stepSucceeded")

    def _settle(self) -> None:
        """A pause begins when nothing runs."""
        if self.execution.pausing and not any(
            step.status == "running" and step.block != "Parallel" for step in self.execution.steps
        ):
            self._set(state="pausedByOperator", pausing=False)
            self._note("executionPaused")

    def _recover(self) -> None:
        """Go on, unless another step has failed too."""
        steps = self.execution.steps
        if self.execution.state == "pausedByFailedStep" and not any(step.status == "failed" for step in steps):
            self._set(state="inProgress")
        if self.execution.state == "pendingManualApproval" and not any(s.status == "pendingApproval" for s in steps):
            self._set(state="inProgress")
        self._go_on()

    def _done(self) -> None:
        alarms = self.execution.plan.given.get("associatedAlarms", {}).values()
        if any(alarm["alarmType"] == "applicationHealth" for alarm in alarms):
            self._set(state="completedMonitoringApplicationHealth")
            self._note("executionSuccessMonitoringApplicationHealth")
            self.watch_health = True
        else:
            self._complete()

    def _complete(self) -> None:
        exceptions = any(step.status == "skipped" and step.mode == "graceful" for step in self.execution.steps)
        self._set(
            state="completedWithExceptions" if exceptions else "completed",
            ended_at=self.now,
            recovered_s=self.now - self.execution.started_at,
        )
        self._note("executionSucceeded")

    # Odds and ends

    def _require(self, name: str) -> Step:
        step = self.execution.step(name)
        if step is None:
            raise ResourceNotFoundException(f"The execution has no step {name}")
        return step

    def _require_status(self, name: str, status: str) -> None:
        step = self._require(name)
        if step.status != status:
            raise IllegalStateException(f"The step {name} is {step.status}, not {status}")

    def _require_not_ended(self) -> None:
        if self.execution.ended:
            raise IllegalStateException(f"The execution is over: {self.execution.state}")

    def _set(self, **changes: Any) -> None:
        self.execution = msgspec.structs.replace(self.execution, updated_at=self.now, **changes)

    def _change(self, name: str, **changes: Any) -> None:
        steps = [msgspec.structs.replace(s, **changes) if s.name == name else s for s in self.execution.steps]
        self._set(steps=tuple(steps))

    def _note(self, type: str, step: str = "", **more: Any) -> None:
        found = self.execution.step(step)
        block = "" if found is None else found.block
        self.events.append(Event(type=type, at=self.now, step=step, block=block, **more))
