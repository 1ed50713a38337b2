"""Endpoint groups and endpoints: operations.

Those that name endpoints ask the endpoints' region whether they are there; those that only turn a dial do not, and
work also while that region does not.
"""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.globalaccelerator import health, layout
from panregion.services.globalaccelerator.api.pages import page
from panregion.services.globalaccelerator.endpoints import resolved
from panregion.services.globalaccelerator.errors import (
    EndpointAlreadyExistsException,
    EndpointGroupAlreadyExistsException,
    EndpointGroupNotFoundException,
    EndpointNotFoundException,
    InvalidArgumentException,
    LimitExceededException,
)
from panregion.services.globalaccelerator.model import (
    ENDPOINTS_MAX,
    Endpoint,
    EndpointGroup,
    Listener,
    show_endpoint,
    show_group,
)

Json = dict[str, Any]
INTERVALS = (10, 30)


def _overrides(listener: Listener, given: list[Json]) -> dict[int, int]:
    """Raises InvalidArgumentException."""
    overrides: dict[int, int] = {}
    for each in given:
        mine, theirs = each.get("ListenerPort"), each.get("EndpointPort")
        if mine is None or theirs is None:
            raise InvalidArgumentException("A port override needs a listener port and an endpoint port")
        if not listener.takes(mine):
            raise InvalidArgumentException(f"The listener does not listen on port {mine}")
        if mine in overrides or theirs in overrides.values():
            raise InvalidArgumentException("The ports of overrides must be different")
        overrides[mine] = theirs
    return overrides


def _check_interval(interval_s: int | None) -> None:
    if interval_s not in (None, *INTERVALS):
        raise InvalidArgumentException("HealthCheckIntervalSeconds must be 10 or 30")


async def create_endpoint_group(
    here: Here,
    listener_arn: str,
    endpoint_group_region: str,
    idempotency_token: str,
    endpoint_configurations: list[Json] | None = None,
    traffic_dial_percentage: float = 100.0,
    health_check_port: int | None = None,
    health_check_protocol: str = "TCP",
    health_check_path: str = "/",
    health_check_interval_seconds: int = 30,
    threshold_count: int = 3,
    port_overrides: list[Json] | None = None,
) -> Json:
    listener = here.read(lambda here: layout.listener(here, listener_arn))
    if endpoint_group_region not in here.settings.regions:
        raise InvalidArgumentException(
            f"{endpoint_group_region} is not a region of this world; it has {', '.join(here.settings.regions)}"
        )
    _check_interval(health_check_interval_seconds)
    endpoints = await resolved(here, listener, endpoint_group_region, endpoint_configurations or [])

    def create(here: Here) -> EndpointGroup:
        made = _made_before(here, listener_arn, idempotency_token)
        if made is not None:
            return made
        listener = layout.listener(here, listener_arn)
        _check_no_group(here, listener_arn, endpoint_group_region)
        new = EndpointGroup(
            arn=f"{listener_arn}/endpoint-group/{here.world.chance.token(12, '0123456789abcdef')}",
            listener_arn=listener_arn,
            region=endpoint_group_region,
            endpoints=endpoints,
            dial=traffic_dial_percentage,
            check_port=health_check_port or listener.ports[0][0],
            check_protocol=health_check_protocol,
            check_path=health_check_path,
            interval_s=health_check_interval_seconds,
            threshold=threshold_count,
            overrides=_overrides(listener, port_overrides or []),
        )
        layout.put_group(here, new)
        layout.put_created(here, "group", idempotency_token, new.arn)
        return new

    return {"EndpointGroup": await _shown(here, await here.transact(create))}


def _made_before(here: Here, listener_arn: str, token: str) -> EndpointGroup | None:
    """What the same request has made, unless it was deleted since."""
    known = layout.created(here, "group", token)
    if known is None or layout.listener_of(known) != listener_arn:
        return None
    try:
        return layout.group(here, known)
    except EndpointGroupNotFoundException:
        return None


def _check_no_group(here: Here, listener_arn: str, region: str) -> None:
    if any(other.region == region for other in layout.groups(here, listener_arn)):
        raise EndpointGroupAlreadyExistsException(f"The listener has an endpoint group in {region} already")


async def _shown(here: Here, group: EndpointGroup) -> Json:
    return show_group(group, (await health.endpoints(here)).get(group.arn, {}))


async def describe_endpoint_group(here: Here, endpoint_group_arn: str) -> Json:
    found = here.read(lambda here: layout.group(here, endpoint_group_arn))
    return {"EndpointGroup": await _shown(here, found)}


async def list_endpoint_groups(
    here: Here, listener_arn: str, max_results: int | None = None, next_token: str | None = None
) -> Json:
    def find(here: Here) -> list[EndpointGroup]:
        layout.listener(here, listener_arn)
        return list(layout.groups(here, listener_arn))

    shown, following = page(here.read(find), next_token, max_results)
    known = await health.endpoints(here)
    return {"EndpointGroups": [show_group(each, known.get(each.arn, {})) for each in shown], **following}


async def update_endpoint_group(
    here: Here,
    endpoint_group_arn: str,
    endpoint_configurations: list[Json] | None = None,
    traffic_dial_percentage: float | None = None,
    health_check_port: int | None = None,
    health_check_protocol: str | None = None,
    health_check_path: str | None = None,
    health_check_interval_seconds: int | None = None,
    threshold_count: int | None = None,
    port_overrides: list[Json] | None = None,
) -> Json:
    """Endpoints that are given replace those that there are."""
    _check_interval(health_check_interval_seconds)
    before = here.read(lambda here: layout.group(here, endpoint_group_arn))
    listener = here.read(lambda here: layout.listener(here, before.listener_arn))
    endpoints: list[Endpoint] | None = None
    if endpoint_configurations is not None:
        endpoints = await resolved(here, listener, before.region, endpoint_configurations, before.endpoints)

    def update(here: Here) -> EndpointGroup:
        old = layout.group(here, endpoint_group_arn)
        given: Json = {
            "endpoints": endpoints,
            "dial": traffic_dial_percentage,
            "check_port": health_check_port,
            "check_protocol": health_check_protocol,
            "check_path": health_check_path,
            "interval_s": health_check_interval_seconds,
            "threshold": threshold_count,
        }
        if port_overrides is not None:
            given["overrides"] = _overrides(layout.listener(here, old.listener_arn), port_overrides)
        new = msgspec.structs.replace(old, **{name: value for name, value in given.items() if value is not None})
        layout.put_group(here, new)
        return new

    return {"EndpointGroup": await _shown(here, await here.transact(update))}


def delete_endpoint_group(here: Here, endpoint_group_arn: str) -> Json:
    layout.delete_group(here, layout.group(here, endpoint_group_arn))
    return {}


async def add_endpoints(here: Here, endpoint_configurations: list[Json], endpoint_group_arn: str) -> Json:
    group = here.read(lambda here: layout.group(here, endpoint_group_arn))
    listener = here.read(lambda here: layout.listener(here, group.listener_arn))
    added = await resolved(here, listener, group.region, endpoint_configurations)

    def add(here: Here) -> None:
        old = layout.group(here, endpoint_group_arn)
        known = {each.id for each in old.endpoints}
        for each in added:
            if each.id in known:
                raise EndpointAlreadyExistsException(f"The endpoint {each.id} is in the group already")
        if len(known) + len(added) > ENDPOINTS_MAX:
            raise LimitExceededException(f"An endpoint group can have at most {ENDPOINTS_MAX} endpoints")
        layout.put_group(here, msgspec.structs.replace(old, endpoints=[*old.endpoints, *added]))

    await here.transact(add)
    shown = [show_endpoint(each, {}) for each in added]
    return {"EndpointDescriptions": shown, "EndpointGroupArn": endpoint_group_arn}


def remove_endpoints(here: Here, endpoint_identifiers: list[Json], endpoint_group_arn: str) -> Json:
    group = layout.group(here, endpoint_group_arn)
    gone = {each["EndpointId"] for each in endpoint_identifiers}
    missing = gone - {each.id for each in group.endpoints}
    if missing:
        raise EndpointNotFoundException(f"The endpoint {min(missing)} is not in the group")
    kept = [each for each in group.endpoints if each.id not in gone]
    layout.put_group(here, msgspec.structs.replace(group, endpoints=kept))
    return {}
