"""Whether what a plan names is there. AWS looks every half hour; here it is looked at when somebody asks."""

from typing import Any

from panregion.services.arc_region_switch import layout
from panregion.services.arc_region_switch.api.common import PAGE_SIZE, page
from panregion.services.arc_region_switch.model import Json, Step, steps_of
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.wire import AwsError


async def get_plan_evaluation_status(
    here: Here, plan_arn: str, max_results: int = PAGE_SIZE, next_token: str | None = None
) -> dict[str, Any]:
    plan = here.read(lambda here: layout.copy(here, plan_arn))
    warnings = []
    for workflow in plan.given["workflows"]:
        for step in steps_of(workflow, "graceful"):
            for resource, service, operation, params, region in _named(step):
                try:
                    await here.request(service, operation, params, region=region or None)
                except AwsError as error:
                    warnings.append(_warning(here, workflow, str(plan.version), step, resource, error))
    return {
        "planArn": plan_arn,
        "lastEvaluationTime": here.now(),
        "lastEvaluatedVersion": str(plan.version),
        "region": here.region,
        "evaluationState": "actionRequired" if warnings else "passed",
        **page("warnings", warnings, next_token, max_results),
    }


def _named(step: Step) -> list[tuple[str, str, str, Json, str]]:
    """(resource, service, operation, parameters, region) of what tells whether each resource of a step is there."""
    match step.block:
        case "CustomActionLambda":
            arns = [each["arn"] for each in step.config["lambdas"]]
            return [
                (arn, "lambda", "GetFunctionConfiguration", {"FunctionName": arn}, arn.split(":")[3]) for arn in arns
            ]
        case "ARCRoutingControl":
            controls = [each for some in step.config["regionAndRoutingControls"].values() for each in some]
            arns = [each["routingControlArn"] for each in controls]
            service = "route53-recovery-control-config"
            return [(arn, service, "DescribeRoutingControl", {"RoutingControlArn": arn}, "") for arn in arns]
        case "Route53HealthCheck":
            zone_id = step.config["hostedZoneId"]
            return [(f"arn:aws:route53:::hostedzone/{zone_id}", "route53", "GetHostedZone", {"Id": zone_id}, "")]
    return []


def _warning(here: Here, workflow: Json, version: str, step: Step, resource: str, error: AwsError) -> Json:
    return {
        "workflow": {"action": workflow["workflowTargetAction"]},
        "version": version,
        "stepName": step.name,
        "resourceArn": resource,
        "warningStatus": "active",
        "warningUpdatedTime": here.now(),
        "warningMessage": str(error),
    }


@reads
def list_service_quota_warnings(
    _here: Here,
    plan_arns: list[str] | None = None,
    max_results: int = PAGE_SIZE,
    next_token: str | None = None,
) -> dict[str, Any]:
    """A world has no service quotas that could differ between regions (and refuses checks of them)."""
    del plan_arns
    return page("serviceQuotaWarningSummaries", [], next_token, max_results)
