"""Global endpoints."""

import re
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.events import endpoints
from panregion.services.events.endpoints import ENDPOINTS, Endpoint
from panregion.services.events.errors import (
    ResourceAlreadyExistsException,
    ValidationException,
)
from panregion.services.events.names import page

Json = dict[str, Any]

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
BUS_ARN = re.compile(r"arn:aws[a-z-]*:events:([a-z0-9-]+):(\d{12}):event-bus/(.+)")


def create_endpoint(
    here: Here,
    name: str,
    routing_config: Json,
    event_buses: list[Json],
    description: str | None = None,
    replication_config: Json | None = None,
    role_arn: str | None = None,
) -> Json:
    """Its home is this region."""
    if ENDPOINTS.find(here.tx, name) is not None:
        raise ResourceAlreadyExistsException(f"Endpoint '{name}' already exists.")
    now = here.now()
    endpoint = Endpoint(
        name=name,
        id=f"{_letters(here, 10)}.{_letters(here, 3)}",
        home=here.region,
        **_routing(routing_config),
        bus=_bus(here, routing_config, event_buses),
        created_s=now,
        modified_s=now,
        replicates=(replication_config or {}).get("State", "ENABLED") == "ENABLED",
        role_arn=role_arn,
        description=description,
    )
    _check_role(endpoint)
    (here.settings.path / endpoints.MARKER).mkdir(parents=True, exist_ok=True)
    endpoints.put(here, endpoint)
    here.later("events.endpoint", {"name": name, "id": endpoint.id, "old": []})
    shown = _described(here, endpoint)
    listed = ("Name", "Arn", "RoutingConfig", "ReplicationConfig", "EventBuses", "RoleArn", "State")
    return {key: shown[key] for key in listed if key in shown}


def _letters(here: Here, count: int) -> str:
    return "".join(LETTERS[int(here.world.chance.random() * len(LETTERS))] for _ in range(count))


def _routing(config: Json) -> Json:
    failover = config["FailoverConfig"]
    return {"health_check": failover["Primary"]["HealthCheck"], "secondary": failover["Secondary"]["Route"]}


def _bus(here: Here, routing: Json, buses: list[Json]) -> str:
    """The name that the bus has in both regions."""
    found = [BUS_ARN.fullmatch(bus["EventBusArn"]) for bus in buses]
    assert all(found), "botocore's model has the same pattern"
    names = {each[3] for each in found if each is not None}
    regions = {each[1] for each in found if each is not None}
    if len(names) != 1:
        raise ValidationException("The names of the event buses must be identical in each Region.")
    secondary = routing["FailoverConfig"]["Secondary"]["Route"]
    if secondary == here.region or regions != {here.region, secondary}:
        raise ValidationException("EventBuses must be one event bus of the primary and one of the secondary Region.")
    if secondary not in here.settings.regions:
        raise ValidationException(f"Secondary Region {secondary} is not a region of this world.")
    return names.pop()


def _check_role(endpoint: Endpoint) -> None:
    if endpoint.replicates and endpoint.role_arn is None:
        raise ValidationException("RoleArn is required when event replication is enabled.")


def update_endpoint(
    here: Here,
    name: str,
    description: str | None = None,
    routing_config: Json | None = None,
    replication_config: Json | None = None,
    event_buses: list[Json] | None = None,
    role_arn: str | None = None,
) -> Json:
    """What is not given stays as it is."""
    before = ENDPOINTS.require(here.tx, name)
    changes: Json = {"modified_s": here.now(), "state": "UPDATING", "reason": None}
    if routing_config is not None:
        changes |= _routing(routing_config)
    secondary = changes.get("secondary", before.secondary)
    if event_buses is not None or secondary != before.secondary:
        routing = {"FailoverConfig": {"Secondary": {"Route": secondary}}}
        changes["bus"] = _bus(here, routing, event_buses or _buses(here, before))
    if replication_config is not None:
        changes["replicates"] = replication_config.get("State", "ENABLED") == "ENABLED"
    given = {"description": description, "role_arn": role_arn}
    changes |= {key: value for key, value in given.items() if value is not None}
    changed = msgspec.structs.replace(before, **changes)
    _check_role(changed)
    endpoints.put(here, changed)
    moved = (changed.bus, changed.secondary) != (before.bus, before.secondary)
    old = [[region, before.bus] for region in (before.home, before.secondary)] if moved else []
    here.later("events.endpoint", {"name": name, "id": before.id, "old": old})
    shown = _described(here, changed)
    for key in ("Description", "CreationTime", "LastModifiedTime", "StateReason"):
        shown.pop(key, None)
    return shown


def delete_endpoint(here: Here, name: str) -> None:
    endpoint = ENDPOINTS.require(here.tx, name)
    endpoints.put(here, msgspec.structs.replace(endpoint, state="DELETING", modified_s=here.now()))
    old = [[region, endpoint.bus] for region in (endpoint.home, endpoint.secondary)]
    here.later("events.endpoint", {"name": name, "id": endpoint.id, "old": old})


async def describe_endpoint(here: Here, name: str, home_region: str | None = None) -> Json:
    """Another region's endpoint is asked for over the link."""
    if home_region is not None and home_region != here.region:
        return await here.request("events", "DescribeEndpoint", {"Name": name}, region=home_region)
    return here.read(lambda here: _described(here, ENDPOINTS.require(here.tx, name)))


def _buses(here: Here, endpoint: Endpoint) -> list[Json]:
    regions = (endpoint.home, endpoint.secondary)
    prefix = "arn:aws:events"
    return [{"EventBusArn": f"{prefix}:{region}:{here.account_id}:event-bus/{endpoint.bus}"} for region in regions]


def _described(here: Here, endpoint: Endpoint) -> Json:
    failover = {"Primary": {"HealthCheck": endpoint.health_check}, "Secondary": {"Route": endpoint.secondary}}
    shown = {
        "Name": endpoint.name,
        "Description": endpoint.description,
        "Arn": here.arn("events", f"endpoint/{endpoint.name}"),
        "RoutingConfig": {"FailoverConfig": failover},
        "ReplicationConfig": {"State": "ENABLED" if endpoint.replicates else "DISABLED"},
        "EventBuses": _buses(here, endpoint),
        "RoleArn": endpoint.role_arn,
        "EndpointId": endpoint.id,
        "EndpointUrl": f"https://{endpoint.id}{endpoints.DOMAIN}",
        "State": endpoint.state,
        "StateReason": endpoint.reason,
        "CreationTime": endpoint.created_s,
        "LastModifiedTime": endpoint.modified_s,
    }
    return {key: value for key, value in shown.items() if value is not None}


async def list_endpoints(
    here: Here,
    name_prefix: str | None = None,
    home_region: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Json:
    """Those whose home is this region, or another one that is asked over the link."""
    if home_region is not None and home_region != here.region:
        given = {"NamePrefix": name_prefix, "NextToken": next_token, "MaxResults": max_results}
        asked = {key: value for key, value in given.items() if value is not None}
        return await here.request("events", "ListEndpoints", asked, region=home_region)
    known = here.read(lambda here: list(ENDPOINTS.all(here.tx)))
    found = [one for one in known if one.name.startswith(name_prefix or "")]
    shown = [_described(here, one) for one in found]
    return page(shown, [one.name for one in found], "Endpoints", next_token, max_results)
