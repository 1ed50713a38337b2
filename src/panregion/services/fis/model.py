"""What FIS keeps: templates, experiments and their actions. Times are seconds since the epoch."""

from typing import Any

import msgspec

ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ENDED = frozenset({"completed", "stopped", "failed", "cancelled"})
"""States of an experiment in which nothing happens any more."""
ACTION_ENDED = frozenset({"completed", "cancelled", "stopped", "failed", "skipped"})


class State(msgspec.Struct, frozen=True):
    """How an experiment, an action or a report is, and why."""

    status: str
    reason: str = ""


class Target(msgspec.Struct, frozen=True):
    """A named set of resources: by ARN or by tag, all of them or some."""

    resource_type: str
    selection_mode: str
    arns: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    parameters: dict[str, str] = {}


class Action(msgspec.Struct, frozen=True):
    """A step of an experiment."""

    action_id: str
    description: str = ""
    parameters: dict[str, str] = {}
    targets: dict[str, str] = {}
    start_after: tuple[str, ...] = ()


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """What can be carried out again and again."""

    id: str
    arn: str
    description: str
    role_arn: str
    targets: dict[str, Target]
    actions: dict[str, Action]
    stop_conditions: tuple[dict[str, str], ...]
    empty_targets: str = "fail"
    report: dict[str, Any] | None = None
    tags: dict[str, str] = {}
    created_at: float = 0.0
    updated_at: float = 0.0


class Step(msgspec.Struct, frozen=True):
    """An action of an experiment: how it is, since when, and the faults that carry it out, by control's ids."""

    state: State = State("pending")
    started_at: float | None = None
    ended_at: float | None = None
    ends_at: float | None = None
    faults: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """The report of an experiment: how its making goes, and where it was put."""

    state: State = State("pending")
    arn: str = ""
    due: float | None = None


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a template, as the template was when it began."""

    id: str
    arn: str
    template: Template
    state: State
    steps: dict[str, Step]
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    actions_mode: str = "run-all"
    resolved: dict[str, tuple[str, ...]] = {}
    """Target -> the ARNs that it stands for."""
    stopping: str = ""
    """Why it is being stopped, and how it ends then."""
    tags: dict[str, str] = {}
    report: Report | None = None

    @property
    def is_over(self) -> bool:
        return self.state.status in ENDED


class Lever(msgspec.Struct, frozen=True):
    """The safety lever: engaged, nothing runs."""

    state: State = State("disengaged")


def without_empty(value: dict[str, Any]) -> dict[str, Any]:
    """Without members that have nothing to say."""
    return {name: inner for name, inner in value.items() if inner not in (None, "", {}, [], ())}


def show_state(state: State) -> dict[str, str]:
    return without_empty({"status": state.status, "reason": state.reason})


def show_target(target: Target) -> dict[str, Any]:
    return without_empty(
        {
            "resourceType": target.resource_type,
            "resourceArns": list(target.arns),
            "resourceTags": target.tags,
            "selectionMode": target.selection_mode,
            "parameters": target.parameters,
        }
    )


def show_action(action: Action) -> dict[str, Any]:
    return without_empty(
        {
            "actionId": action.action_id,
            "description": action.description,
            "parameters": action.parameters,
            "targets": action.targets,
            "startAfter": list(action.start_after),
        }
    )


def _show_common(template: Template) -> dict[str, Any]:
    return {
        "roleArn": template.role_arn,
        "targets": {name: show_target(target) for name, target in template.targets.items()},
        "stopConditions": list(template.stop_conditions),
        "targetAccountConfigurationsCount": 0,
        **({"experimentReportConfiguration": template.report} if template.report else {}),
    }


def _options(template: Template) -> dict[str, str]:
    return {"accountTargeting": "single-account", "emptyTargetResolutionMode": template.empty_targets}


def show_template(template: Template) -> dict[str, Any]:
    """As GetExperimentTemplate gives it."""
    return {
        **summarize_template(template),
        **_show_common(template),
        "actions": {name: show_action(action) for name, action in template.actions.items()},
        "experimentOptions": _options(template),
    }


def summarize_template(template: Template) -> dict[str, Any]:
    """As ListExperimentTemplates gives it."""
    return {
        "id": template.id,
        "arn": template.arn,
        "description": template.description,
        "creationTime": template.created_at,
        "lastUpdateTime": template.updated_at,
        "tags": template.tags,
    }


def summarize(experiment: Experiment) -> dict[str, Any]:
    """As ListExperiments gives it."""
    return {
        "id": experiment.id,
        "arn": experiment.arn,
        "experimentTemplateId": experiment.template.id,
        "state": show_state(experiment.state),
        "creationTime": experiment.created_at,
        "tags": experiment.tags,
        "experimentOptions": {**_options(experiment.template), "actionsMode": experiment.actions_mode},
    }


def show(experiment: Experiment) -> dict[str, Any]:
    """As GetExperiment gives it."""
    actions = {name: _show_step(action, experiment.steps[name]) for name, action in experiment.template.actions.items()}
    times = without_empty({"startTime": experiment.started_at, "endTime": experiment.ended_at})
    report = {"experimentReport": _show_report(experiment.report)} if experiment.report else {}
    return {**summarize(experiment), **_show_common(experiment.template), "actions": actions, **times, **report}


def _show_step(action: Action, step: Step) -> dict[str, Any]:
    times = without_empty({"startTime": step.started_at, "endTime": step.ended_at})
    return {**show_action(action), "state": show_state(step.state), **times}


def _show_report(report: Report) -> dict[str, Any]:
    reports = [{"arn": report.arn, "reportType": "PDF"}] if report.arn else []
    return without_empty({"state": show_state(report.state), "s3Reports": reports})
