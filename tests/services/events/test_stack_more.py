"""Archives, connections, API destinations and global endpoints as CloudFormation makes, changes and deletes them."""

import json
from typing import Any

import pytest

from panregion.region import Region
from panregion.services import Context
from panregion.services.events.stack.endpoints import ENDPOINT
from panregion.wire import AwsError
from tests.services.events.test_endpoints import CHECK, ROLE, Pair, buses, pair, routing
from tests.services.events.test_stack import deployed

Json = dict[str, Any]

__all__ = ["pair"]

TEMPLATE: Json = {
    "Resources": {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        "Archive": {
            "Type": "AWS::Events::Archive",
            "Properties": {
                "SourceArn": {"Fn::GetAtt": ["Bus", "Arn"]},
                "EventPattern": {"source": ["app"]},
                "RetentionDays": "3",
                "Description": "kept",
            },
        },
        "Connection": {
            "Type": "AWS::Events::Connection",
            "Properties": {
                "AuthorizationType": "API_KEY",
                "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}},
            },
        },
        "Destination": {
            "Type": "AWS::Events::ApiDestination",
            "Properties": {
                "ConnectionArn": {"Fn::GetAtt": ["Connection", "Arn"]},
                "HttpMethod": "POST",
                "InvocationEndpoint": "https://h.test/",
                "InvocationRateLimitPerSecond": "10",
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["app"]},
                "Targets": [{"Id": "d", "Arn": {"Fn::GetAtt": ["Destination", "Arn"]}, "RoleArn": ROLE}],
            },
        },
    },
    "Outputs": {
        "Archive": {"Value": {"Ref": "Archive"}},
        "ArchiveArn": {"Value": {"Fn::GetAtt": ["Archive", "Arn"]}},
        "Connection": {"Value": {"Ref": "Connection"}},
        "Secret": {"Value": {"Fn::GetAtt": ["Connection", "SecretArn"]}},
        "Destination": {"Value": {"Ref": "Destination"}},
        "DestinationArn": {"Value": {"Fn::GetAtt": ["Destination", "Arn"]}},
    },
}


async def test_a_stack_of_archives_and_destinations(region: Region) -> None:
    outputs = await deployed(region, "CreateStack", TEMPLATE)
    archive = await region.ask("events", "DescribeArchive", {"ArchiveName": outputs["Archive"]})
    assert (archive["ArchiveArn"], archive["RetentionDays"]) == (outputs["ArchiveArn"], 3)
    assert json.loads(archive["EventPattern"]) == {"source": ["app"]}
    connection = await region.ask("events", "DescribeConnection", {"Name": outputs["Connection"]})
    assert (connection["SecretArn"], connection["ConnectionState"]) == (outputs["Secret"], "AUTHORIZED")
    found = await region.ask("events", "DescribeApiDestination", {"Name": outputs["Destination"]})
    assert (found["ApiDestinationArn"], found["InvocationRateLimitPerSecond"]) == (outputs["DestinationArn"], 10)

    changed = json.loads(json.dumps(TEMPLATE))
    resources = changed["Resources"]
    for gone in ("EventPattern", "RetentionDays", "Description"):
        del resources["Archive"]["Properties"][gone]
    resources["Destination"]["Properties"] |= {"HttpMethod": "PUT"}
    del resources["Destination"]["Properties"]["InvocationRateLimitPerSecond"]
    basic = {"BasicAuthParameters": {"Username": "u", "Password": "p"}}
    resources["Connection"]["Properties"] = {"AuthorizationType": "BASIC", "AuthParameters": basic}
    assert await deployed(region, "UpdateStack", changed) == outputs
    archive = await region.ask("events", "DescribeArchive", {"ArchiveName": outputs["Archive"]})
    assert archive["RetentionDays"] == 0
    assert "EventPattern" not in archive
    connection = await region.ask("events", "DescribeConnection", {"Name": outputs["Connection"]})
    assert connection["AuthParameters"] == {"BasicAuthParameters": {"Username": "u"}}
    found = await region.ask("events", "DescribeApiDestination", {"Name": outputs["Destination"]})
    assert (found["HttpMethod"], found["InvocationRateLimitPerSecond"]) == ("PUT", 300)

    await region.ask("cloudformation", "DeleteStack", {"StackName": "s"})
    kinds = {"ListArchives": "Archives", "ListConnections": "Connections", "ListApiDestinations": "ApiDestinations"}
    for operation, member in kinds.items():
        for _ in range(1000):
            if not (await region.ask("events", operation))[member]:
                break
            await region.here.world.clock.sleep(0.01)
        assert (await region.ask("events", operation))[member] == []


async def test_an_endpoint_as_a_resource(pair: Pair) -> None:
    context = Context(stack_name="s", stack_id="i", logical_id="E", suffix="X")
    here, made = pair.home.here, {"CallerReference": "c", "HealthCheckConfig": CHECK}
    check = await pair.home.ask("route53", "CreateHealthCheck", made)
    properties = {
        "RoutingConfig": routing(check["HealthCheck"]["Id"]),
        "EventBuses": buses("orders"),
        "RoleArn": ROLE,
        "Description": "d",
    }
    name = await ENDPOINT.create(here, properties, context)
    assert await ENDPOINT.create(here, properties, context) == name
    attributes = await ENDPOINT.attributes(here, name, properties)
    assert attributes["State"] == "ACTIVE"
    assert attributes["EndpointUrl"] == f"https://{attributes['EndpointId']}.endpoint.events.amazonaws.com"
    assert ENDPOINT.update is not None
    without = {key: value for key, value in properties.items() if key != "Description"}
    disabled = {**without, "ReplicationConfig": {"State": "DISABLED"}}
    await ENDPOINT.update(here, name, properties, disabled, context)
    found = await pair.ask("DescribeEndpoint", Name=name)
    assert (found["ReplicationConfig"], found["State"]) == ({"State": "DISABLED"}, "ACTIVE")
    await ENDPOINT.delete(here, name, properties, context)
    await ENDPOINT.delete(here, name, properties, context)
    assert (await pair.ask("ListEndpoints"))["Endpoints"] == []
    with pytest.raises(AwsError, match="CREATE_FAILED: Event bus none does not exist"):
        await ENDPOINT.create(here, {**properties, "EventBuses": buses("none")}, context)
