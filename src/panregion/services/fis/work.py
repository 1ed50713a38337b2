"""What happens later: an experiment goes on, from one moment at which something may happen to the next."""

import logging
from typing import Any

import msgspec

from panregion.services.fis import hands, layout, targets
from panregion.services.fis.carrying import faults_of
from panregion.services.fis.catalogue import seconds_of
from panregion.services.fis.engine import Turn
from panregion.services.fis.model import Experiment, Report, State
from panregion.services.fis.report import deliver
from panregion.services.here import Here
from panregion.wire import AwsError

Payload = dict[str, Any]
log = logging.getLogger("panregion.fis")

LEVER_REASON = "The experiment was stopped by an engaged safety lever."


async def tick(here: Here, payload: Payload) -> None:
    """Look at an experiment, do what is to be done now, and come back when something may happen."""
    name: str = payload["id"]
    experiment = here.read(lambda here: layout.experiment(here, name))
    if experiment.report is not None and experiment.report.state.status == "running":
        await _report(here, experiment)
    elif experiment.state.status in ("pending", "initiating"):
        await _resolve(here, experiment)
    elif not experiment.is_over:
        await _go_on(here, experiment)
    await here.transact(lambda here: _come_back(here, name))


def _come_back(here: Here, id: str) -> None:
    next_at = Turn(layout.experiment(here, id), here.now()).next_at
    if next_at is not None:
        here.later(layout.TICK, {"id": id}, next_at)


async def _happen(here: Here, id: str, happen: Any) -> Turn:
    """Let something happen, and leave the work that follows."""

    def step(here: Here) -> Turn:
        turn = Turn(layout.experiment(here, id), here.now())
        happen(turn)
        layout.keep_turn(here, turn)
        if turn.end:
            here.later(layout.END, {"id": id, "faults": turn.end})
        return turn

    return await here.transact(step)


async def end(here: Here, payload: Payload) -> None:
    """End faults. They have a time of their own, so one that control cannot be asked about ends by itself."""
    for fault in payload["faults"]:
        try:
            await hands.end(here, fault)
        except hands.ControlRefused as error:
            log.info("%s: the fault %s ends when its time is over: %s", payload["id"], fault, error)


async def _resolve(here: Here, experiment: Experiment) -> None:
    initiating = State("initiating", "Experiment is initiating.")
    await here.transact(lambda here: _begin(here, experiment.id, initiating))
    try:
        resolved = await targets.resolve(here, experiment)
    except (targets.NotThere, AwsError) as error:
        reason = f"Target resolution failed: {error}."
        await _happen(here, experiment.id, lambda turn: turn.fail(reason))
        return
    await _happen(here, experiment.id, lambda turn: turn.resolved(resolved))


def _begin(here: Here, id: str, state: State) -> None:
    experiment = layout.experiment(here, id)
    if experiment.state.status == "pending":
        layout.put_experiment(here, msgspec.structs.replace(experiment, state=state))


async def _go_on(here: Here, experiment: Experiment) -> None:
    reason = "" if experiment.state.status == "stopping" else await _stop_reason(here, experiment)
    for name, step in experiment.steps.items() if not reason else ():
        if step.state.status == "initiating":
            await _carry_out(here, experiment, name)
    await _happen(here, experiment.id, lambda turn: turn.stop(reason) if reason else turn.go_on())


async def _stop_reason(here: Here, experiment: Experiment) -> str:
    """Why the experiment has to stop now; empty where it may go on."""
    if here.read(layout.lever).state.status == "engaged":
        return LEVER_REASON
    for condition in experiment.template.stop_conditions:
        if condition["source"] == "none":
            continue
        region, name = condition["value"].split(":")[3], condition["value"].split(":", 6)[6]
        try:
            found = await here.request("cloudwatch", "DescribeAlarms", {"AlarmNames": [name]}, region=region)
        except AwsError:
            continue  # the alarm's region cannot be asked: nobody knows that it rings
        if any(alarm["StateValue"] == "ALARM" for alarm in found.get("MetricAlarms", [])):
            return f"Experiment was stopped by the stop condition {condition['value']}."
    return ""


async def _carry_out(here: Here, experiment: Experiment, name: str) -> None:
    """Begin the faults of an action."""
    action = experiment.template.actions[name]
    arns = [arn for target in action.targets.values() for arn in experiment.resolved.get(target, ())]
    duration_s = float(seconds_of(action.parameters["duration"]))
    begun: list[str] = []
    try:
        for fault in faults_of(action, arns, here.region):
            begun += [await hands.begin(here, fault, duration_s)]
    except hands.ControlRefused as error:
        await end(here, {"id": experiment.id, "faults": begun})
        reason = str(error)
        await _happen(here, experiment.id, lambda turn: turn.could_not(name, reason))
        return
    await _happen(here, experiment.id, lambda turn: turn.began(name, tuple(begun)))


async def _report(here: Here, experiment: Experiment) -> None:
    assert experiment.report is not None
    if experiment.report.due is not None and experiment.report.due > here.now():
        return
    try:
        arn = await deliver(here, experiment)
    except AwsError as error:
        made = Report(State("failed", f"The report could not be put into the bucket: {error}"))
    else:
        made = Report(State("completed", "Experiment report generation is completed."), arn)
    await here.transact(lambda here: _note_report(here, experiment.id, made))


def _note_report(here: Here, id: str, made: Report) -> None:
    layout.put_experiment(here, msgspec.structs.replace(layout.experiment(here, id), report=made))


WORK = {layout.TICK: tick, layout.END: end}
