"""What keys have used of their plans' quotas, day by day, and what is granted beyond."""

from datetime import date, timedelta
from typing import Any

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.errors import BadRequestException, NotFoundException
from panregion.services.apigateway.metering import period_of, used_in_period
from panregion.services.apigateway.model import UsagePlan
from panregion.services.apigateway.patch import Operations

DAYS_MAX = 90


@reads
def get_usage(
    here: Here,
    usage_plan_id: str,
    start_date: str,
    end_date: str,
    key_id: str | None = None,
) -> dict[str, Any]:
    """For each key a pair for each day: how many requests were counted, and how many remained of the quota."""
    plan = layout.USAGE_PLANS.require(here.tx, usage_plan_id)
    days = _days(start_date, end_date)
    keys = [key.id for key in layout.USAGE_PLAN_KEYS.all(here.tx, usage_plan_id) if key_id in (None, key.id)]
    if key_id is not None and not keys:
        raise NotFoundException("Invalid Usage Plan ID or API Key identifier specified")
    items = {key: [_of_day(here, plan, key, day) for day in days] for key in keys}
    return {"usagePlanId": usage_plan_id, "startDate": start_date, "endDate": end_date, "items": items}


def update_usage(
    here: Here, usage_plan_id: str, key_id: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    """Set what remains to a key until its period ends."""
    plan = layout.USAGE_PLANS.require(here.tx, usage_plan_id)
    layout.USAGE_PLAN_KEYS.require(here.tx, usage_plan_id, key_id)
    if not plan.quota:
        raise BadRequestException(f"Usage Plan {usage_plan_id} has no quota")
    today = period_of(here.now(), "DAY")
    for operation in patch_operations or []:
        value = operation.get("value", "")
        if (operation["op"], operation["path"]) != ("replace", "/remaining") or not value.isdigit():
            raise BadRequestException("Invalid patch: only a number for /remaining may be replaced")
        started = period_of(here.now(), plan.quota.get("period", "DAY"))
        used = used_in_period(here, plan, key_id, started)
        layout.put_granted(here.tx, plan.id, key_id, started, int(value) + used - plan.quota.get("limit", 0))
    items = {key_id: [_of_day(here, plan, key_id, date.fromisoformat(today))]}
    return {"usagePlanId": usage_plan_id, "startDate": today, "endDate": today, "items": items}


def _days(start: str, end: str) -> list[date]:
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError as error:
        raise BadRequestException("Usage dates must be of the form YYYY-MM-DD") from error
    if not 0 <= (last - first).days < DAYS_MAX:
        raise BadRequestException(f"Usage is asked for at most {DAYS_MAX} days, the first before the last")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _of_day(here: Here, plan: UsagePlan, key_id: str, day: date) -> list[int]:
    used = layout.usage(here.tx, plan.id, key_id, day.isoformat())
    if not plan.quota:
        return [used, 0]
    moment_s = (day - date(1970, 1, 1)).days * 86_400
    started = period_of(moment_s, plan.quota.get("period", "DAY"))
    limit = plan.quota.get("limit", 0) + layout.granted(here.tx, plan.id, key_id, started)
    return [used, max(0, limit - used_in_period(here, plan, key_id, started, day.isoformat()))]
