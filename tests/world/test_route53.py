"""Route 53 from end to end over real processes: zones by boto3, answers by dig, health by checkers and alarms."""

import asyncio
import ipaddress
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from demo.world import DemoWorld

from panregion.cli.dns import ask
from panregion.control import progress, start_control
from panregion.world.settings import Ports

SCALE = 0.05
BOUND_S = 60.0
LONG = [f'"{"x" * 200}{number:02}"' for number in range(10)]

pytestmark = pytest.mark.skipif(shutil.which("dig") is None, reason="dig is not installed")


@pytest.fixture
async def world(tmp_path: Path, ports: Ports) -> AsyncIterator[DemoWorld]:
    world = DemoWorld(tmp_path, ports, SCALE)
    process = start_control(world.settings, with_parent=True, warm=True)
    async for _ in progress(world.settings, process):
        pass
    yield world
    await world.stop()
    await asyncio.to_thread(process.wait, 20)


def a(name: str, *values: str, type: str = "A", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": type, "TTL": 5, "ResourceRecords": [{"Value": value} for value in values], **more}


RECORDS = [
    a("Www.dig.test", "127.0.1.1"),
    a("cname.dig.test", "www.dig.test", type="CNAME"),
    a("*.wild.dig.test", "127.0.2.1"),
    a("txt.dig.test", '"one" "two"', type="TXT"),
    a("long.dig.test", *LONG, type="TXT"),
    a("caa.dig.test", '0 issue "ca.test"', type="CAA"),
    a("srv.dig.test", "1 2 443 www.dig.test.", type="SRV"),
    a("naptr.dig.test", '100 50 "u" "sip+E2U" "!^.*$!sip:a@dig.test!" .', type="NAPTR"),
    a("ds.dig.test", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", type="DS"),
    a("sshfp.dig.test", "1 1 DD465C09CFA51FB45020CC83316FFF21B9EC74AC", type="SSHFP"),
    a("https.dig.test", '1 . alpn="h2" port=8443', type="HTTPS"),
    a("sub.dig.test", "ns.elsewhere.test.", type="NS"),
]


class Asker:
    """Route 53's client, and dig."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self.route53 = world.client("route53", "us-east-1")
        made = self.route53.create_hosted_zone(Name="dig.test", CallerReference="dig")
        self.zone_id = made["HostedZone"]["Id"]

    def change(self, *records: dict[str, Any]) -> None:
        """Write records and wait until the name server has them."""
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
        info = self.route53.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes})
        waiter = self.route53.get_waiter("resource_record_sets_changed")
        waiter.wait(Id=info["ChangeInfo"]["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 20})

    async def dig(self, *words: str) -> str:
        port = str(self.world.settings.ports.dns)
        started = await asyncio.create_subprocess_exec(
            *("dig", "@127.0.0.1", "-p", port, "+tries=1", "+time=5", "+nocookie", *words),
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await asyncio.wait_for(started.communicate(), 20)
        return told.decode()

    async def short(self, *words: str) -> list[str]:
        return sorted((await self.dig("+short", *words)).split("\n")[:-1])

    async def until(self, name: str, values: list[str]) -> None:
        clock = self.world.clock
        began = clock.monotonic()
        while (now := await self.short(name)) != values:
            assert clock.monotonic() - began < BOUND_S, f"{name} is {now}, not {values}"
            await asyncio.sleep(0.05)


async def off_loop(call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    return await asyncio.to_thread(lambda: call(*args, **more))


async def test_route_53_as_dig_and_boto3_see_it(world: DemoWorld) -> None:
    asker = await off_loop(Asker, world)
    await off_loop(asker.change, *RECORDS)
    await records_by_dig(asker)
    await oddities_by_dig(asker)
    await the_test_of_an_answer(asker)
    await a_traffic_policy(asker)
    await alarms_and_children(asker)
    await what_checkers_saw(asker)


async def records_by_dig(asker: Asker) -> None:
    assert await asker.short("www.dig.test") == ["127.0.1.1"]
    assert await asker.short("+tcp", "www.dig.test") == ["127.0.1.1"]
    assert await asker.short("cname.dig.test") == ["127.0.1.1", "www.dig.test."]
    assert await asker.short("deep.down.wild.dig.test") == ["127.0.2.1"]
    assert await asker.short("txt.dig.test", "TXT") == ['"one" "two"']
    for name in ("caa", "srv", "naptr", "ds", "sshfp", "https"):
        kept = next(each for each in RECORDS if each["Name"] == f"{name}.dig.test")
        (value,) = await asker.short(f"{name}.dig.test", kept["Type"])
        assert value.replace(" ", "") == kept["ResourceRecords"][0]["Value"].replace(" ", "")
    servers = asker.route53.get_hosted_zone(Id=asker.zone_id)["DelegationSet"]["NameServers"]
    assert await asker.short("dig.test", "NS") == sorted(f"{server}." for server in servers)


async def oddities_by_dig(asker: Asker) -> None:
    cut = await asker.dig("+ignore", "+noedns", "long.dig.test", "TXT")
    assert " tc " in cut.replace(";", " ")
    assert await asker.short("long.dig.test", "TXT") == LONG, "dig asks again by TCP by itself"
    mixed = await asker.dig("wWw.DiG.tEsT")
    assert ";wWw.DiG.tEsT." in mixed
    assert "status: NOERROR" in mixed
    absent = await asker.dig("nowhere.dig.test")
    assert "status: NXDOMAIN" in absent
    assert "SOA" in absent
    empty = await asker.dig("www.dig.test", "AAAA")
    assert "status: NOERROR" in empty
    assert "ANSWER: 0" in empty
    assert "SOA" in empty
    assert "status: REFUSED" in await asker.dig("www.dig.test", "ANY")
    assert "status: REFUSED" in await asker.dig("elsewhere.example")
    referred = await asker.dig("+norecurse", "a.sub.dig.test")
    assert "ns.elsewhere.test." in referred
    assert "aa" not in referred.partition("flags:")[2].partition(";")[0].split()
    placed = await asker.dig("+subnet=198.18.7.0/24", "www.dig.test")
    assert "CLIENT-SUBNET: 198.18.7.0/24/0" in placed


async def the_test_of_an_answer(asker: Asker) -> None:
    regions = [
        a("near.dig.test", asker.world.settings.address(region), SetIdentifier=region, Region=region)
        for region in asker.world.settings.regions
    ]
    await off_loop(asker.change, *regions)
    question = {"HostedZoneId": asker.zone_id, "RecordName": "near.dig.test", "RecordType": "A"}
    answers = {}
    for city, number in (("london", 2), ("sydney", 3)):
        told = await off_loop(ask, asker.world.settings, city, "near.dig.test", "A")
        assert [each["value"] for each in told["answers"]] == [f"127.0.{number}.1"]
        subnet = told["subnet"].partition("/")[0]
        answers[city] = await off_loop(
            asker.route53.test_dns_answer, **question, EDNS0ClientSubnetIP=subnet, EDNS0ClientSubnetMask="24"
        )
    assert [answer["RecordData"] for answer in answers.values()] == [["127.0.2.1"], ["127.0.3.1"]]
    assert answers["london"]["ResponseCode"] == "NOERROR"


async def a_traffic_policy(asker: Asker) -> None:
    document = {
        "AWSPolicyFormatVersion": "2015-10-01",
        "RecordType": "A",
        "StartRule": "all",
        "Endpoints": {"one": {"Type": "value", "Value": "127.0.1.1"}, "two": {"Type": "value", "Value": "127.0.2.1"}},
        "Rules": {
            "all": {
                "RuleType": "failover",
                "Primary": {"RuleReference": "few", "EvaluateTargetHealth": "true"},
                "Secondary": {"EndpointReference": "two"},
            },
            "few": {"RuleType": "weighted", "Items": [{"Weight": "1", "EndpointReference": "one"}]},
        },
    }
    policy = (await off_loop(asker.route53.create_traffic_policy, Name="p", Document=json.dumps(document)))[
        "TrafficPolicy"
    ]
    made = await off_loop(
        asker.route53.create_traffic_policy_instance,
        HostedZoneId=asker.zone_id,
        Name="traffic.dig.test",
        TTL=5,
        TrafficPolicyId=policy["Id"],
        TrafficPolicyVersion=1,
    )
    await asker.until("traffic.dig.test", ["127.0.1.1"])
    await off_loop(asker.route53.delete_traffic_policy_instance, Id=made["TrafficPolicyInstance"]["Id"])
    await asker.until("traffic.dig.test", [])


async def alarms_and_children(asker: Asker) -> None:
    """A record follows an alarm of another region, and another a calculated check above it."""
    alarms = asker.world.client("cloudwatch", "eu-west-1")
    await off_loop(
        alarms.put_metric_alarm,
        AlarmName="errors",
        MetricName="5XXError",
        Namespace="AWS/ApiGateway",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    followed = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "eu-west-1", "Name": "errors"},
        "InsufficientDataHealthStatus": "Healthy",
    }
    alarm_check = await create_check(asker, "alarm", followed)
    parent = {"Type": "CALCULATED", "ChildHealthChecks": [alarm_check], "HealthThreshold": 1, "Inverted": True}
    parent_check = await create_check(asker, "parent", parent)
    for name, check in (("alarmed", alarm_check), ("inverted", parent_check)):
        primary = a(f"{name}.dig.test", "127.0.1.1", SetIdentifier="p", Failover="PRIMARY", HealthCheckId=check)
        secondary = a(f"{name}.dig.test", "127.0.2.1", SetIdentifier="s", Failover="SECONDARY")
        await off_loop(asker.change, primary, secondary)
    await asker.until("alarmed.dig.test", ["127.0.1.1"])
    await asker.until("inverted.dig.test", ["127.0.2.1"])
    for state, answers in (("ALARM", ["127.0.2.1", "127.0.1.1"]), ("OK", ["127.0.1.1", "127.0.2.1"])):
        await off_loop(alarms.set_alarm_state, AlarmName="errors", StateValue=state, StateReason="a drill")
        await asker.until("alarmed.dig.test", answers[:1])
        await asker.until("inverted.dig.test", answers[1:])


async def create_check(asker: Asker, reference: str, config: dict[str, Any]) -> str:
    made = await off_loop(asker.route53.create_health_check, CallerReference=reference, HealthCheckConfig=config)
    return str(made["HealthCheck"]["Id"])


async def what_checkers_saw(asker: Asker) -> None:
    """Three chosen checkers each say what they see of a region that answers and of a port where nobody is."""
    few = ["us-east-1", "eu-west-1", "sa-east-1"]
    shared = {"IPAddress": "127.0.1.1", "RequestInterval": 10, "Regions": few, "MeasureLatency": True}
    good = {"Type": "TCP", "Port": asker.world.settings.ports.gateway, **shared}
    good_check = await create_check(asker, "good", good)
    bad_check = await create_check(asker, "bad", {"Type": "TCP", "Port": 9, **shared})
    seen: dict[str, list[dict[str, Any]]] = {}
    clock = asker.world.clock
    began = clock.monotonic()
    while not all(len(seen.get(check, [])) == len(few) for check in (good_check, bad_check)):
        assert clock.monotonic() - began < BOUND_S, seen
        for check in (good_check, bad_check):
            told = await off_loop(asker.route53.get_health_check_status, HealthCheckId=check)
            seen[check] = told["HealthCheckObservations"]
        await asyncio.sleep(0.05)
    assert {each["Region"] for each in seen[good_check]} == set(few)
    (range_,) = (await off_loop(asker.route53.get_checker_ip_ranges))["CheckerIpRanges"]
    addresses = {ipaddress.ip_address(each["IPAddress"]) for each in seen[good_check]}
    assert len(addresses) == len(few)
    assert all(address in ipaddress.ip_network(range_) for address in addresses)
    assert all(each["StatusReport"]["Status"].startswith("Success: ") for each in seen[good_check])
    assert all("connection refused" in each["StatusReport"]["Status"] for each in seen[bad_check])
    failures = await off_loop(asker.route53.get_health_check_last_failure_reason, HealthCheckId=bad_check)
    assert len(failures["HealthCheckObservations"]) == len(few)
    none = await off_loop(asker.route53.get_health_check_last_failure_reason, HealthCheckId=good_check)
    assert none["HealthCheckObservations"] == []
