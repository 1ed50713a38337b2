"""Global endpoints: their life, what they replicate, and where events that are put by them go."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.region import Region
from panregion.region.table import Entry
from panregion.store import MemoryEngine
from panregion.wire import AwsError
from panregion.world import ClientError as NoAnswer
from panregion.world import Response, direct_dial
from panregion.world.settings import Ports
from tests.services.events.lab import TABLE
from tests.services.sns.lab import eventually
from tests.support import ServedRegion, settings_in

Json = dict[str, Any]

HOME, AWAY = "us-east-1", "eu-west-1"
ROLE = "arn:aws:iam::000000000000:role/r"
CHECK = {"Type": "HTTP", "IPAddress": "127.0.1.1", "Port": 80, "RequestInterval": 10, "FailureThreshold": 3}


@dataclass
class Edge:
    """What the edge says an endpoint's name leads to: addresses by name; None: it does not answer."""

    names: dict[str, str] | None = field(default_factory=dict)

    async def send(self, _method: str, url: str, *, timeout_s: float) -> Response:
        assert timeout_s > 0
        if self.names is None:
            raise NoAnswer("nobody is there")
        name = url.partition("name=")[2].partition("&")[0]
        found = self.names.get(name)
        return Response(200, [], json.dumps({"values": [found] if found else []}).encode())

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Pair:
    home: Region
    away: Region
    edge: Edge

    async def ask(self, operation: str, region: Region | None = None, **params: Any) -> Json:
        return await (region or self.home).ask("events", operation, params)

    async def endpoint(self, **changes: Any) -> Json:
        check = await self.home.ask(
            "route53", "CreateHealthCheck", {"CallerReference": "c", "HealthCheckConfig": CHECK}
        )
        given = {
            "Name": "e",
            "RoutingConfig": routing(check["HealthCheck"]["Id"]),
            "EventBuses": buses("orders"),
            "RoleArn": ROLE,
            **changes,
        }
        await self.ask("CreateEndpoint", **given)
        return await self.settled()

    async def settled(self) -> Json:
        found: list[Json] = []

        async def decided() -> bool:
            found.append(await self.ask("DescribeEndpoint", Name="e"))
            return not found[-1]["State"].endswith("ING")

        await eventually(decided)
        return found[-1]

    async def watched(self, region: Region) -> None:
        """A queue of all that comes to the region's bus."""
        await region.ask("sqs", "CreateQueue", {"QueueName": "q"})
        pattern = json.dumps({"source": ["app"]})
        await self.ask("PutRule", region, Name="w", EventBusName="orders", EventPattern=pattern)
        arn = f"arn:aws:sqs:{region.name}:000000000000:q"
        await self.ask("PutTargets", region, Rule="w", EventBusName="orders", Targets=[{"Id": "1", "Arn": arn}])

    async def arrived(self, region: Region, count: int) -> list[Json]:
        url = f"{region.settings.endpoint(region.name)}/000000000000/q"
        found: list[Json] = []

        async def enough() -> bool:
            answer = await region.ask("sqs", "ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10})
            found.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            return len(found) >= count

        await eventually(enough)
        return found


def routing(check_id: str, secondary: str = AWAY) -> Json:
    primary = {"HealthCheck": f"arn:aws:route53:::healthcheck/{check_id}"}
    return {"FailoverConfig": {"Primary": primary, "Secondary": {"Route": secondary}}}


def buses(*names: str) -> list[Json]:
    names = names if len(names) == 2 else names * 2
    arns = zip((HOME, AWAY), names, strict=True)
    return [{"EventBusArn": f"arn:aws:events:{region}:000000000000:event-bus/{name}"} for region, name in arns]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    table = {**TABLE, "route53": Entry("panregion.services.route53", home=HOME)}
    regions, edge = [], Edge()
    port = 0
    for name, host in ((AWAY, "127.0.2.1"), (HOME, "127.0.1.1")):
        settings = settings_in(tmp_path, regions=(HOME, AWAY), ports=Ports(gateway=port))
        region = Region(name, settings, MemoryEngine(), lambda _site: direct_dial, None, table)
        region.dispatch._clients["edge"] = edge  # type: ignore[assignment]
        await region.start()
        port = await region.serve(host, port)
        regions.append(region)
    away, home = regions
    away.here.settings = home.settings
    for region in regions:
        await region.ask("events", "CreateEventBus", {"Name": "orders"})
    yield Pair(home, away, edge)
    await home.stop()
    await away.stop()


def entry(number: int) -> Json:
    return {"Source": "app", "DetailType": "t", "Detail": json.dumps({"n": number}), "EventBusName": "orders"}


async def test_replication_sends_either_buss_events_to_the_other_once(pair: Pair) -> None:
    described = await pair.endpoint()
    assert described["State"] == "ACTIVE", described
    assert described["EndpointUrl"] == f"https://{described['EndpointId']}.endpoint.events.amazonaws.com"
    await pair.watched(pair.home)
    await pair.watched(pair.away)
    await pair.ask("PutEvents", Entries=[entry(1)])
    await pair.ask("PutEvents", pair.away, Entries=[entry(2)])
    for region in (pair.home, pair.away):
        events = await pair.arrived(region, 2)
        assert sorted((event["detail"]["n"], event["region"]) for event in events) == [(1, HOME), (2, AWAY)]
    (rule,) = (await pair.ask("ListRules", NamePrefix="GlobalEndpoint", EventBusName="orders"))["Rules"]
    assert rule["ManagedBy"] == "events.amazonaws.com"


async def test_without_replication_there_is_none(pair: Pair) -> None:
    await pair.endpoint(ReplicationConfig={"State": "DISABLED"}, RoleArn=ROLE)
    for region in (pair.home, pair.away):
        assert (await pair.ask("ListRules", region, EventBusName="orders"))["Rules"] == []
    await pair.ask("UpdateEndpoint", Name="e", ReplicationConfig={"State": "ENABLED"})
    assert (await pair.settled())["State"] == "ACTIVE"
    for region in (pair.home, pair.away):
        assert len((await pair.ask("ListRules", region, EventBusName="orders"))["Rules"]) == 1
    await pair.ask("DeleteEndpoint", Name="e")

    async def gone() -> bool:
        return not (await pair.ask("ListEndpoints"))["Endpoints"]

    await eventually(gone)
    for region in (pair.home, pair.away):
        assert (await pair.ask("ListRules", region, EventBusName="orders"))["Rules"] == []


async def test_what_cannot_be_made_says_why(pair: Pair) -> None:
    described = await pair.endpoint(EventBuses=buses("none"))
    assert (described["State"], described["StateReason"]) == ("CREATE_FAILED", "Event bus none does not exist.")


async def test_events_go_where_the_name_leads(pair: Pair) -> None:
    endpoint = (await pair.endpoint(ReplicationConfig={"State": "DISABLED"}))["EndpointId"]
    assert pair.edge.names is not None
    await pair.watched(pair.home)
    await pair.watched(pair.away)
    pair.edge.names[f"{endpoint}.endpoint.events.amazonaws.com"] = "127.0.2.1"
    answer = await pair.ask("PutEvents", EndpointId=endpoint, Entries=[entry(1)])
    assert answer["FailedEntryCount"] == 0
    assert [event["detail"]["n"] for event in await pair.arrived(pair.away, 1)] == [1]
    pair.edge.names.clear()  # the edge has not heard of it yet, but its home has made it
    pair.home.here.running["events-endpoints"].clear()
    await pair.ask("PutEvents", EndpointId=endpoint, Entries=[entry(4)])
    assert [event["detail"]["n"] for event in await pair.arrived(pair.home, 1)] == [4]
    with pytest.raises(AwsError) as raised:
        await pair.ask("PutEvents", EndpointId="none.abc", Entries=[entry(2)])
    assert raised.value.code == "ResourceNotFoundException"
    pair.edge.names = None  # the edge is gone, and the region takes what comes to it
    pair.home.here.running["events-endpoints"].clear()
    await pair.ask("PutEvents", EndpointId=endpoint, Entries=[entry(3)])
    assert [event["detail"]["n"] for event in await pair.arrived(pair.home, 1)] == [3]


async def test_a_region_that_is_cut_off_takes_the_events_itself(pair: Pair) -> None:
    endpoint = (await pair.endpoint(ReplicationConfig={"State": "DISABLED"}))["EndpointId"]
    assert pair.edge.names is not None
    pair.edge.names[f"{endpoint}.endpoint.events.amazonaws.com"] = "127.0.2.1"
    await pair.watched(pair.home)
    await pair.away.stop()
    await pair.ask("PutEvents", EndpointId=endpoint, Entries=[entry(1)])
    assert [event["detail"]["n"] for event in await pair.arrived(pair.home, 1)] == [1]


async def test_another_regions_endpoint_is_described_from_here(pair: Pair) -> None:
    made = await pair.endpoint()
    assert await pair.ask("DescribeEndpoint", pair.away, Name="e", HomeRegion=HOME) == made
    listed = await pair.ask("ListEndpoints", pair.away, HomeRegion=HOME, NamePrefix="e")
    assert [one["Name"] for one in listed["Endpoints"]] == ["e"]
    assert (await pair.ask("ListEndpoints", pair.away))["Endpoints"] == []


# Through boto3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"EventBuses": buses("a", "b")},
            "The names of the event buses must be identical in each Region.",
        ),
        (
            {"RoutingConfig": routing("h", HOME)},
            "EventBuses must be one event bus of the primary and one of the secondary Region.",
        ),
        ({}, "Secondary Region eu-west-1 is not a region of this world."),
    ],
)
def test_endpoints_that_cannot_be(served: ServedRegion, changes: Json, message: str) -> None:
    events = served.client("events")
    given = {"Name": "never", "RoutingConfig": routing("h"), "EventBuses": buses("orders"), "RoleArn": ROLE}
    with pytest.raises(ClientError) as raised:
        events.create_endpoint(**{**given, **changes})
    assert raised.value.response["Error"] == {"Code": "ValidationException", "Message": message}
    for call in (events.describe_endpoint, events.delete_endpoint, events.update_endpoint):
        with pytest.raises(ClientError) as raised:
            call(Name="none")
        assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert events.list_endpoints()["Endpoints"] == []
