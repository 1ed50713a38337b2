"""The report of an experiment: what was done to what, when, and how it ended; a PDF in a bucket, as AWS makes one."""

from datetime import UTC, datetime

from panregion.services.fis.model import Experiment
from panregion.services.fis.pdf import pdf
from panregion.services.here import Here


async def deliver(here: Here, experiment: Experiment) -> str:
    """Put the report into its bucket; returns its ARN. Raises AwsError."""
    config = experiment.template.report
    assert config is not None
    place = config["outputs"]["s3Configuration"]
    key = "/".join(part for part in (place.get("prefix", "").strip("/"), f"{experiment.id}/report.pdf") if part)
    body = pdf(lines_of(experiment))
    await here.request(
        "s3", "PutObject", {"Bucket": place["bucketName"], "Key": key, "Body": body, "ContentType": "application/pdf"}
    )
    return f"arn:aws:s3:::{place['bucketName']}/{key}"


def lines_of(experiment: Experiment) -> list[str]:
    """What the report says."""
    template = experiment.template
    lines = [
        f"Experiment {experiment.id}",
        "",
        f"Template     {template.id}  {template.description}",
        f"Started      {_time(experiment.started_at)}",
        f"Ended        {_time(experiment.ended_at)}",
        f"State        {experiment.state.status}: {experiment.state.reason}",
        "",
        "Targets",
    ]
    for name, arns in experiment.resolved.items():
        lines += [f"  {name} ({template.targets[name].resource_type})", *(f"    {arn}" for arn in arns)]
    lines += ["", "Actions"]
    for name, step in experiment.steps.items():
        action = template.actions[name]
        lines.append(f"  {name}: {action.action_id}, {step.state.status}")
        lines.append(f"    from {_time(step.started_at)} to {_time(step.ended_at)}")
        lines += [f"    {key} = {value}" for key, value in action.parameters.items()]
    lines += ["", "Stop conditions"]
    lines += [f"  {condition.get('value', 'none')}" for condition in template.stop_conditions]
    return lines


def _time(at: float | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
