"""Experiment templates."""

from typing import Any

import msgspec

from panregion.services.fis import checks, layout
from panregion.services.fis.api.pages import PAGE_SIZE, page
from panregion.services.fis.errors import ValidationException
from panregion.services.fis.model import ID_LETTERS, Template, show_target, show_template, summarize_template
from panregion.services.here import Here
from panregion.services.service import reads

SERVICES = (
    *("acm", "apigateway", "apigatewayv2", "cloudformation", "cloudwatch", "dynamodb", "dynamodbstreams", "ec2"),
    *("elbv2", "events", "iam", "lambda", "logs", "pipes", "route53", "s3", "scheduler", "sns", "sqs", "ssm", "sts"),
)
"""Whose calls can be made to fail."""
ID_LENGTH = 15


def create_experiment_template(
    here: Here,
    client_token: str,
    description: str,
    stop_conditions: list[dict[str, str]],
    actions: dict[str, Any],
    role_arn: str,
    targets: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
    experiment_options: dict[str, str] | None = None,
    experiment_report_configuration: dict[str, Any] | None = None,
) -> dict[str, Any]:
    request = [description, stop_conditions, actions, role_arn, targets, tags, experiment_options]
    known = layout.made_by(here, "template", client_token, request)
    if known is not None:
        return {"experimentTemplate": show_template(layout.template(here, known))}
    options = experiment_options or {}
    if options.get("accountTargeting", "single-account") != "single-account":
        raise ValidationException("accountTargeting multi-account is not supported: a world has one account.")
    made_id = "EXT" + here.world.chance.token(ID_LENGTH, ID_LETTERS)
    blank = Template(
        id=made_id,
        arn=here.arn("fis", f"experiment-template/{made_id}"),
        description=description,
        role_arn=role_arn,
        targets={},
        actions={},
        stop_conditions=(),
        tags=tags or {},
        created_at=here.now(),
    )
    made = _changed(
        here, blank, targets or {}, actions, stop_conditions, options, experiment_report_configuration or None
    )
    layout.put_template(here, made)
    layout.note_made(here, "template", client_token, request, made_id)
    return {"experimentTemplate": show_template(made)}


def _changed(
    here: Here,
    template: Template,
    targets: dict[str, Any],
    actions: dict[str, Any],
    stop_conditions: list[dict[str, str]],
    options: dict[str, str],
    report: dict[str, Any] | None,
) -> Template:
    """A template with what a request gives. Raises ValidationException."""
    checks.check_report(report)
    read = checks.read_targets(targets)
    return msgspec.structs.replace(
        template,
        targets=read,
        actions=checks.read_actions(actions, read, checks.Around(here.region, here.settings.regions, SERVICES)),
        stop_conditions=checks.read_stop_conditions(stop_conditions),
        empty_targets=options.get("emptyTargetResolutionMode", template.empty_targets),
        report=report,
        updated_at=here.now(),
    )


def update_experiment_template(
    here: Here,
    id: str,
    description: str | None = None,
    stop_conditions: list[dict[str, str]] | None = None,
    targets: dict[str, Any] | None = None,
    actions: dict[str, Any] | None = None,
    role_arn: str | None = None,
    experiment_options: dict[str, str] | None = None,
    experiment_report_configuration: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What is not given stays; what is given stands in place of what was."""
    old = layout.template(here, id)
    shown = show_template(old)
    kept_targets = {name: show_target(target) for name, target in old.targets.items()}
    report = old.report if experiment_report_configuration is None else experiment_report_configuration or None
    changed = _changed(
        here,
        msgspec.structs.replace(
            old,
            description=old.description if description is None else description,
            role_arn=role_arn or old.role_arn,
        ),
        kept_targets if targets is None else targets,
        shown["actions"] if actions is None else actions,
        list(old.stop_conditions) if stop_conditions is None else stop_conditions,
        experiment_options or {},
        report,
    )
    layout.put_template(here, changed)
    return {"experimentTemplate": show_template(changed)}


def delete_experiment_template(here: Here, id: str) -> dict[str, Any]:
    gone = layout.template(here, id)
    layout.delete_template(here, id)
    return {"experimentTemplate": show_template(gone)}


@reads
def get_experiment_template(here: Here, id: str) -> dict[str, Any]:
    return {"experimentTemplate": show_template(layout.template(here, id))}


@reads
def list_experiment_templates(
    here: Here, max_results: int = PAGE_SIZE, next_token: str | None = None
) -> dict[str, Any]:
    found = [summarize_template(template) for template in layout.templates(here)]
    return page("experimentTemplates", found, next_token, max_results)
