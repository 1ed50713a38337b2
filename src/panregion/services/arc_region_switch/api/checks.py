"""The health checks that a plan's steps turn: attached by the user to records, turned by executions."""

from typing import Any

from panregion.services.arc_region_switch import layout
from panregion.services.arc_region_switch.api.common import PAGE_SIZE, page
from panregion.services.arc_region_switch.model import Plan, switches
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.wire import AwsError

SERVICE = "arc-region-switch"


async def list_route53_health_checks(
    here: Here,
    arn: str,
    hosted_zone_id: str | None = None,
    record_name: str | None = None,
    max_results: int = PAGE_SIZE,
    next_token: str | None = None,
) -> dict[str, Any]:
    """As one of the plan's regions knows them, the nearest that answers."""
    params = {"arn": arn, "hostedZoneId": hosted_zone_id, "recordName": record_name}
    params |= {"maxResults": max_results, "nextToken": next_token}  # type: ignore[dict-item]
    plan = (await here.request(SERVICE, "GetPlan", {"arn": arn}))["plan"]
    failure: AwsError | None = None
    for region in sorted(plan["regions"], key=lambda region: region != here.region):
        try:
            given = {member: value for member, value in params.items() if value is not None}
            return await here.request(SERVICE, "ListRoute53HealthChecksInRegion", given, region=region)
        except AwsError as error:
            failure = error
    assert failure is not None
    raise failure


@reads
def list_route53_health_checks_in_region(
    here: Here,
    arn: str,
    hosted_zone_id: str | None = None,
    record_name: str | None = None,
    max_results: int = PAGE_SIZE,
    next_token: str | None = None,
) -> dict[str, Any]:
    plan = layout.copy(here, arn)
    shown = [
        each
        for each in _shown(here, plan)
        if hosted_zone_id in (None, each["hostedZoneId"]) and record_name in (None, each["recordName"])
    ]
    return page("healthChecks", shown, next_token, max_results)


def _shown(here: Here, plan: Plan) -> list[dict[str, Any]]:
    found = []
    for switch in switches(plan):
        turned = layout.turned(here, switch.arn)
        each = {"hostedZoneId": switch.zone_id, "recordName": switch.record, "region": switch.region}
        each["status"] = "unknown" if turned is None else "healthy" if turned.on else "unhealthy"
        if switch.arn in plan.checks:
            each["healthCheckId"] = plan.checks[switch.arn]
        found.append(each)
    return found
