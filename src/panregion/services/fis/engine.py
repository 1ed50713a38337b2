"""What happens next in an experiment: pure. A turn takes an experiment, and gives what it has become and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from panregion.services.fis.catalogue import seconds_of
from panregion.services.fis.model import ACTION_ENDED, Experiment, Report, State, Step

LOOK_EVERY_S = 0.5
"""At stop conditions, while an experiment runs."""
REASONS = {
    "completed": "Experiment completed.",
    "skipped": "Action was skipped.",
}


@dataclass
class Turn:
    """One moment of an experiment, `at` (epoch seconds)."""

    experiment: Experiment
    at: float
    end: list[str] = field(default_factory=list)
    """Faults, by control's ids, that are to end."""

    def _set(self, **changes: object) -> None:
        self.experiment = msgspec.structs.replace(self.experiment, **changes)

    def _step(self, name: str, status: str, reason: str = "", **changes: object) -> None:
        step = msgspec.structs.replace(self.experiment.steps[name], state=State(status, reason), **changes)
        self._set(steps={**self.experiment.steps, name: step})

    # What can happen

    def resolved(self, targets: Mapping[str, tuple[str, ...]]) -> None:
        """It is known what the targets stand for: the experiment begins, or it cannot."""
        self._set(resolved=dict(targets))
        if self.experiment.state.status != "initiating":
            return
        empty = {name for name, arns in targets.items() if not arns}
        template = self.experiment.template
        if empty and template.empty_targets == "fail":
            self.fail(f"Target resolution returned empty set: {', '.join(sorted(empty))}.")
            return
        self._set(state=State("running", "Experiment is running."), started_at=self.at)
        skip_all = self.experiment.actions_mode == "skip-all"
        for name, action in template.actions.items():
            if skip_all or not empty.isdisjoint(action.targets.values()):
                self._step(name, "skipped", REASONS["skipped"])
        self.go_on()

    def began(self, name: str, faults: tuple[str, ...]) -> None:
        """The faults of an action hold."""
        action = self.experiment.template.actions[name]
        ends_at = self.at + seconds_of(action.parameters["duration"])
        if self.experiment.steps[name].state.status == "initiating":
            self._step(name, "running", faults=faults, ends_at=ends_at)
        else:
            self.end += faults  # it was stopped meanwhile

    def could_not(self, name: str, reason: str) -> None:
        """The faults of an action could not begin."""
        self._step(name, "failed", reason, ended_at=self.at)
        self.fail(f"Action {name} failed: {reason}")

    def go_on(self) -> None:
        """Time has passed: actions end, others begin, and with the last the experiment is over."""
        if self.experiment.state.status == "stopping":
            self._over("stopped", self.experiment.stopping)
            return
        if self.experiment.state.status != "running":
            return
        for name, step in self.experiment.steps.items():
            if step.state.status == "running" and step.ends_at is not None and step.ends_at <= self.at:
                self.end += step.faults
                self._step(name, "completed", "Action was completed.", ended_at=self.at, faults=())
        done = {name for name, step in self.experiment.steps.items() if step.state.status in ACTION_ENDED}
        if len(done) == len(self.experiment.steps):
            self._over("completed", REASONS["completed"])
            return
        for name, step in self.experiment.steps.items():
            waits_for = set(self.experiment.template.actions[name].start_after)
            if step.state.status == "pending" and waits_for <= done:
                self._step(name, "initiating", started_at=self.at)

    def stop(self, reason: str) -> None:
        """Somebody, an alarm or the safety lever wants it to end."""
        if self.experiment.is_over or self.experiment.state.status == "stopping":
            return
        self._end_steps("stopped", reason)
        self._set(state=State("stopping", reason), stopping=reason)

    def fail(self, reason: str) -> None:
        """It cannot go on."""
        self._end_steps("stopped", "The experiment failed.")
        self._over("failed", reason)

    def _end_steps(self, status: str, reason: str) -> None:
        for name, step in self.experiment.steps.items():
            if step.state.status in ACTION_ENDED:
                continue
            self.end += step.faults
            begun = step.started_at is not None
            self._step(name, status if begun else "cancelled", reason, ended_at=self.at if begun else None, faults=())

    def _over(self, status: str, reason: str) -> None:
        self._set(state=State(status, reason), ended_at=self.at)
        config = self.experiment.template.report
        if config is not None:
            after_s = seconds_of(config["postExperimentDuration"]) if config.get("postExperimentDuration") else 0
            self._set(report=Report(State("running"), due=self.at + after_s))

    @property
    def next_at(self) -> float | None:
        """When to look again; None where nothing happens any more."""
        experiment = self.experiment
        if experiment.report is not None and experiment.report.state.status == "running":
            return experiment.report.due
        if experiment.is_over:
            return None
        begins = any(step.state.status == "initiating" for step in experiment.steps.values())
        if experiment.state.status != "running" or begins:
            return self.at
        ends = [step.ends_at for step in experiment.steps.values() if step.ends_at and step.state.status == "running"]
        return min([self.at + LOOK_EVERY_S, *ends])


def fresh_steps(names: Mapping[str, object]) -> dict[str, Step]:
    """The steps of an experiment that has not begun."""
    return dict.fromkeys(names, Step())
