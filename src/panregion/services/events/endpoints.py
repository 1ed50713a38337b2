"""Global endpoints: what they are, where they lie, what the edge is told of them, and their work.

    ("events", "endpoint", name)    -> Endpoint
    events.endpoint   {name, id, old}    bring both regions in line with it; `old` are buses that were its own

An endpoint's name leads to its home region while its health check is healthy, and to the secondary one otherwise; the
edge decides that (edge/endpoints/), by what the feed of the home region told it. With replication, a rule of AWS's own
on the bus of either region sends what came there on to the bus of the other; an event keeps the region that it came
to, by which it is known to have been replicated.
"""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.events import layout
from panregion.services.events.errors import no_endpoint
from panregion.services.events.model import Rule
from panregion.services.following import Followed
from panregion.services.records import Table
from panregion.wire import AwsError

Json = dict[str, Any]

FEED = "events"
MARKER = "global-endpoints"
"""A folder of the world that is there once it has had an endpoint: the edge follows nobody before."""
DOMAIN = ".endpoint.events.amazonaws.com"
MANAGED_BY = "events.amazonaws.com"
SERVED = ("ACTIVE", "UPDATING", "UPDATE_FAILED")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id: str
    home: str
    secondary: str
    health_check: str
    """Its ARN."""
    bus: str
    created_s: float
    modified_s: float
    state: str = "CREATING"
    reason: str | None = None
    replicates: bool = True
    role_arn: str | None = None
    description: str | None = None

    @property
    def rule(self) -> str:
        """The name of the rules that replicate."""
        return f"GlobalEndpointManagedRule-{self.id.replace('.', '-')}"

    @property
    def health_check_id(self) -> str:
        return self.health_check.rpartition("/")[2]


class Told(msgspec.Struct, frozen=True):
    """A record of the feed: an endpoint as it is now, or that there is none any more."""

    endpoint: Endpoint
    gone: bool = False


ENDPOINTS = Table("events", "endpoint", Endpoint, no_endpoint)


def put(here: Here, endpoint: Endpoint) -> None:
    ENDPOINTS.put(here.tx, endpoint, endpoint.name)
    here.publish(FEED, msgspec.msgpack.encode(Told(endpoint)))


def delete(here: Here, endpoint: Endpoint) -> None:
    ENDPOINTS.delete(here.tx, endpoint.name)
    here.publish(FEED, msgspec.msgpack.encode(Told(endpoint, gone=True)))


FOLLOWED = Followed(FEED, snapshot=lambda here: msgspec.msgpack.encode(list(ENDPOINTS.all(here.tx))))


# The rules that replicate


def mirror(here: Here, name: str, bus: str, target: str, role_arn: str | None) -> None:
    """Send what comes to a bus of this region on to another region's. Raises ResourceNotFoundException."""
    layout.require_bus(here.tx, bus)
    pattern = {"source": [{"anything-but": {"prefix": "aws."}}], "region": [here.region]}
    rule = Rule(
        bus=bus,
        name=name,
        id=here.world.chance.uuid(),
        created_s=here.now(),
        pattern=msgspec.json.encode(pattern).decode(),
        role_arn=role_arn,
        managed_by=MANAGED_BY,
        targets={name: {"Id": name, "Arn": target, **({"RoleArn": role_arn} if role_arn else {})}},
    )
    layout.put_rule(here.tx, rule)


def unmirror(here: Here, name: str, bus: str) -> None:
    """No more; without that rule there is nothing to do."""
    rule = layout.find_rule(here.tx, bus, name)
    if rule is not None:
        layout.delete_rule(here.tx, rule)


# Work


async def arrange(here: Here, payload: Json) -> None:
    """Work: what a creation, an update or a deletion still has to do."""
    endpoint = here.read(lambda here: ENDPOINTS.find(here.tx, payload["name"]))
    if endpoint is None or endpoint.id != payload["id"]:
        return
    for region, bus in payload["old"]:
        await here.request("events", "panregion:Unmirror", {"Name": endpoint.rule, "Bus": bus}, region=region)
    if endpoint.state == "DELETING":
        await here.transact(lambda here: delete(here, endpoint))
        return
    try:
        await _replicate(here, endpoint)
    except AwsError as error:
        if error.fault != "Sender":
            raise
        failed = {"CREATING": "CREATE_FAILED", "UPDATING": "UPDATE_FAILED"}.get(endpoint.state, endpoint.state)
        reason = error.message
        await here.transact(lambda here: _turn(here, endpoint, failed, reason))
        return
    await here.transact(lambda here: _turn(here, endpoint, "ACTIVE", None))


def _turn(here: Here, endpoint: Endpoint, state: str, reason: str | None) -> None:
    now = ENDPOINTS.find(here.tx, endpoint.name)
    if now is not None and now.id == endpoint.id and now.modified_s == endpoint.modified_s:
        put(here, msgspec.structs.replace(now, state=state, reason=reason))


async def _replicate(here: Here, endpoint: Endpoint) -> None:
    await here.request("route53", "GetHealthCheck", {"HealthCheckId": endpoint.health_check_id})
    for region, other in ((endpoint.home, endpoint.secondary), (endpoint.secondary, endpoint.home)):
        bus = f"arn:aws:events:{other}:{here.account_id}:event-bus/{endpoint.bus}"
        named = {"Name": endpoint.rule, "Bus": endpoint.bus}
        if endpoint.replicates:
            asked = {**named, "Target": bus, "RoleArn": endpoint.role_arn}
            await here.request("events", "panregion:Mirror", asked, region=region)
        else:
            await here.request("events", "panregion:Unmirror", named, region=region)
            await here.request("events", "DescribeEventBus", {"Name": endpoint.bus}, region=region)
