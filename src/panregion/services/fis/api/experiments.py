"""Experiments: begun, stopped, asked about."""

from typing import Any

from panregion.services.fis import layout
from panregion.services.fis.api.pages import PAGE_SIZE, page
from panregion.services.fis.engine import Turn, fresh_steps
from panregion.services.fis.errors import ValidationException
from panregion.services.fis.model import ID_LETTERS, Experiment, Report, State, show, summarize
from panregion.services.here import Here
from panregion.services.service import reads

ID_LENGTH = 18
PREVENTED = "The experiment was prevented from starting by an engaged safety lever."


def start_experiment(
    here: Here,
    client_token: str,
    experiment_template_id: str,
    experiment_options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    request = [experiment_template_id, experiment_options, tags]
    known = layout.made_by(here, "experiment", client_token, request)
    if known is not None:
        return {"experiment": show(layout.experiment(here, known))}
    template = layout.template(here, experiment_template_id)
    made = "EXP" + here.world.chance.token(ID_LENGTH, ID_LETTERS)
    prevented = layout.lever(here).state.status == "engaged"
    experiment = Experiment(
        id=made,
        arn=here.arn("fis", f"experiment/{made}"),
        template=template,
        state=State("cancelled", PREVENTED) if prevented else State("pending", "Experiment is pending."),
        steps=fresh_steps(template.actions),
        created_at=here.now(),
        ended_at=here.now() if prevented else None,
        actions_mode=(experiment_options or {}).get("actionsMode", "run-all"),
        tags=tags or {},
        report=Report(State("cancelled" if prevented else "pending")) if template.report else None,
    )
    layout.put_experiment(here, experiment)
    layout.note_made(here, "experiment", client_token, request, made)
    if not prevented:
        here.later(layout.TICK, {"id": made})
    return {"experiment": show(experiment)}


def stop_experiment(here: Here, id: str) -> dict[str, Any]:
    experiment = layout.experiment(here, id)
    if experiment.is_over:
        raise ValidationException(f"Experiment {id} is {experiment.state.status} and cannot be stopped.")
    turn = Turn(experiment, here.now())
    turn.stop("Experiment was stopped by user.")
    stopped = layout.keep_turn(here, turn)
    here.later(layout.END, {"id": id, "faults": turn.end})
    return {"experiment": show(stopped)}


@reads
def get_experiment(here: Here, id: str) -> dict[str, Any]:
    return {"experiment": show(layout.experiment(here, id))}


@reads
def list_experiments(
    here: Here,
    max_results: int = PAGE_SIZE,
    next_token: str | None = None,
    experiment_template_id: str | None = None,
) -> dict[str, Any]:
    found = [
        summarize(experiment)
        for experiment in layout.experiments(here)
        if experiment_template_id in (None, experiment.template.id)
    ]
    return page("experiments", found, next_token, max_results)


@reads
def list_experiment_resolved_targets(
    here: Here,
    experiment_id: str,
    max_results: int = PAGE_SIZE,
    next_token: str | None = None,
    target_name: str | None = None,
) -> dict[str, Any]:
    experiment = layout.experiment(here, experiment_id)
    found = [
        {
            "resourceType": experiment.template.targets[name].resource_type,
            "targetName": name,
            "targetInformation": {"arn": arn},
        }
        for name, arns in experiment.resolved.items()
        for arn in arns
        if target_name in (None, name)
    ]
    return page("resolvedTargets", found, next_token, max_results)
