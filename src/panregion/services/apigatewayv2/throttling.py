"""The rates of a stage's routes, over all clients: a route's own settings, or those of the stage for all."""

from panregion.services import Here
from panregion.services.apigatewayv2.model import Stage
from panregion.services.rates import Buckets


def throttled(here: Here, api_id: str, stage: Stage, route_key: str) -> bool:
    """Whether one request or message more is too many now."""
    own = stage.route_settings.get(route_key) or {}
    settings = {**stage.default_route_settings, **own}
    rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
    if rate is None or burst is None:
        return False
    buckets: Buckets = here.running.setdefault("apigatewayv2-rates", Buckets())
    key = (api_id, stage.stage_name, route_key)
    return not buckets.take(key, here.world.clock.monotonic(), float(rate), float(burst))
