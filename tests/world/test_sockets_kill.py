"""A region with an open WebSocket is killed: the client sees the connection break, and nobody knows it afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from panregion.world.settings import Ports
from tests.world.crash import REGION, Victim

WHO_AM_I = '{"id": "$context.connectionId"}'


@pytest.fixture
async def victim(tmp_path: Path, ports: Ports) -> AsyncIterator[Victim]:
    victim = Victim(tmp_path, ports)
    await victim.start()
    yield victim
    await victim.kill()
    await victim.client.close()


def client_of(victim: Victim, service: str, path: str = "") -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=victim.settings.endpoint(REGION) + path,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def make_api(victim: Victim) -> str:
    """An API that tells who asks their connection's identifier."""
    client = client_of(victim, "apigatewayv2")
    api = client.create_api(Name="w", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.a")["ApiId"]
    templates = {"$default": '{"statusCode": 200}'}
    made = client.create_integration(ApiId=api, IntegrationType="MOCK", RequestTemplates=templates)["IntegrationId"]
    answer = {"IntegrationResponseKey": "$default", "ResponseTemplates": {"$default": WHO_AM_I}}
    client.create_integration_response(ApiId=api, IntegrationId=made, **answer)
    given = {"RouteKey": "$default", "RouteResponseSelectionExpression": "$default"}
    route = client.create_route(ApiId=api, Target=f"integrations/{made}", **given)["RouteId"]
    client.create_route_response(ApiId=api, RouteId=route, RouteResponseKey="$default")
    client.create_stage(ApiId=api, StageName="s", AutoDeploy=True)
    return str(api)


def status_of(victim: Victim, api: str, connection: str) -> int:
    """What `@connections` answers for a connection."""
    client = client_of(victim, "apigatewaymanagementapi", f"/_aws/execute-api/{api}/s")
    try:
        answer = client.get_connection(ConnectionId=connection)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


async def test_a_connection_does_not_survive_its_region(victim: Victim) -> None:
    api = await asyncio.to_thread(make_api, victim)
    url = victim.settings.endpoint(REGION).replace("http:", "ws:") + f"/_aws/execute-api/{api}/s"
    async with connect(url) as client:
        await client.send("who am I?")
        connection = msgspec.json.decode(await asyncio.wait_for(client.recv(), 10))["id"]
        assert await asyncio.to_thread(status_of, victim, api, connection) == 200
        await victim.kill()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), 10)
        assert closed.value.rcvd is None, "nobody says good-bye for a region that was killed"
    await victim.start()
    assert await asyncio.to_thread(status_of, victim, api, connection) == 410
    async with connect(url) as client:
        await client.send("and now?")
        again = msgspec.json.decode(await asyncio.wait_for(client.recv(), 10))["id"]
    assert again != connection
