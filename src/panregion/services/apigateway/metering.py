"""API keys and what their usage plans allow: a rate with bursts, and a quota for a day, week or month.

Quotas are counted durably, in the region where the request came in, as AWS counts them. Rates are kept in memory.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from panregion.services import Here
from panregion.services.apigateway import layout
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.kept import kept
from panregion.services.apigateway.model import ApiKey, UsagePlan
from panregion.services.apigateway.responses import Refusal


async def meter(invocation: Invocation, value: str | None) -> None:
    """Let a request with this key pass, or raise Refusal."""
    target = invocation.target
    key = await metered(invocation.here, value, target.api_id, target.stage, method_key(invocation))
    invocation.api_key = (key.value, key.id)
    invocation.forget_context()


def method_key(invocation: Invocation) -> str:
    """The method that is asked for as plans and stages name it: `/item/{id}/GET`."""
    path = invocation.match.resource.path if invocation.match else ""
    return f"{path.rstrip('/')}/{invocation.request.method}"


async def metered(here: Here, value: str | None, api_id: str, stage: str, method: str = "") -> ApiKey:
    """The key of this value, counted once more. Raises Refusal."""
    found = here.read(lambda here: find(here, value, api_id, stage)) if value else None
    if found is None:
        raise Refusal("INVALID_API_KEY")
    key, plan = found
    if not _in_rate(here, plan, key, api_id, stage, method):
        raise Refusal("THROTTLED")
    if plan.quota:
        limit, started = plan.quota.get("limit", 0), period_of(here.now(), plan.quota.get("period", "DAY"))
        if not await here.transact(lambda here: _counted(here, plan, key, started, limit)):
            raise Refusal("QUOTA_EXCEEDED")
    return key


def find(here: Here, value: str, api_id: str, stage: str) -> tuple[ApiKey, UsagePlan] | None:
    """The enabled key of this value, and the plan by which it may use the stage."""
    key = layout.api_key_of(here.tx, value)
    if key is None or not key.enabled:
        return None
    for plan in layout.USAGE_PLANS.all(here.tx):
        covered = any((s.get("apiId"), s.get("stage")) == (api_id, stage) for s in plan.api_stages)
        if covered and layout.USAGE_PLAN_KEYS.find(here.tx, plan.id, key.id):
            return key, plan
    return None


def _in_rate(here: Here, plan: UsagePlan, key: ApiKey, api_id: str, stage: str, method: str) -> bool:
    """Whether the plan's rate for the method, or else for all, has room for one more of the key's requests."""
    covered = next((s for s in plan.api_stages if (s.get("apiId"), s.get("stage")) == (api_id, stage)), {})
    own: dict[str, Any] | None = (covered.get("throttle") or {}).get(method)
    settings: dict[str, Any] | None = own or plan.throttle
    if not settings:
        return True
    place = (plan.id, key.id, api_id, stage, method) if own else (plan.id, key.id)
    rate, burst = float(settings.get("rateLimit") or 0), float(settings.get("burstLimit") or 0)
    return kept(here).rates.take(place, here.world.clock.monotonic(), rate, burst)


def throttle(invocation: Invocation) -> None:
    """Hold the stage's own rates for a method, over all clients. Raises Refusal."""
    path, _, verb = method_key(invocation).rpartition("/")
    settings = invocation.stage.method_settings
    for name in (f"{path.strip('/') or '/'}/{verb}", "*/*"):
        found = settings.get(name)
        if found is None:
            continue
        rate, burst = float(found.get("throttlingRateLimit", -1)), float(found.get("throttlingBurstLimit", -1))
        if rate < 0 or burst < 0:
            return
        place = (invocation.target.api_id, invocation.target.stage, path, verb)
        if not kept(invocation.here).rates.take(place, invocation.here.world.clock.monotonic(), rate, burst):
            raise Refusal("THROTTLED")
        return


def period_of(now: float, period: str) -> str:
    """The day on which the quota's period began; weeks begin on Sunday."""
    today = datetime.fromtimestamp(now, UTC).date()
    if period == "WEEK":
        today -= timedelta(days=(today.weekday() + 1) % 7)
    elif period == "MONTH":
        today = today.replace(day=1)
    return today.isoformat()


def _counted(here: Here, plan: UsagePlan, key: ApiKey, started: str, limit: int) -> bool:
    """Count one more for today, if the quota of the period has room."""
    if used_in_period(here, plan, key.id, started) >= limit + layout.granted(here.tx, plan.id, key.id, started):
        return False
    today = period_of(here.now(), "DAY")
    layout.put_usage(here.tx, plan.id, key.id, today, layout.usage(here.tx, plan.id, key.id, today) + 1)
    return True


def used_in_period(here: Here, plan: UsagePlan, key_id: str, started: str, until: str = "9999") -> int:
    """How many requests of a key were counted from the day on which a period began, up to and with another."""
    if (plan.quota or {}).get("period", "DAY") == "DAY":
        return layout.usage(here.tx, plan.id, key_id, started)
    return layout.usage_between(here.tx, plan.id, key_id, started, until)
