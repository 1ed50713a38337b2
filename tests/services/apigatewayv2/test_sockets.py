"""WebSocket APIs served: connections, messages, answers, ends, limits of time and size, and `@connections`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from panregion.services.apigatewayv2.sockets import live
from panregion.world import Request, Response, Switching, serve
from tests.services.apigateway.lab import FUNCTION_ARN, FUNCTION_URI, FunctionFailed
from tests.services.apigatewayv2.sockets import OK, PROXY, SIGNED, SocketLab, received

GUARD_ARN = "arn:aws:lambda:us-east-1:000000000000:function:guard"
GUARD_URI = FUNCTION_URI.replace(FUNCTION_ARN, GUARD_ARN)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[SocketLab]:
    lab = SocketLab(tmp_path)
    async with lab.serving():
        yield lab


def echo(event: dict[str, Any]) -> Any:
    return {"statusCode": 200, "body": msgspec.json.encode({"echo": event.get("body")}).decode()}


async def test_the_events_of_a_connections_life(lab: SocketLab) -> None:
    api = await lab.sockets("$connect", "$disconnect", "$default", "send", StageVariables={"colour": "red"})
    async with lab.connect(api, "?user=me&user=you", additional_headers={"X-Mine": "1"}) as client:
        await client.send('{"action": "send", "text": "hi"}')
        await client.send("no JSON")
        await lab.until(lambda: len(lab.told) == 3)
        await client.close(4001, "enough")
    await lab.until(lambda: len(lab.told) == 4)
    begun, *messages, end = lab.told
    about = begun["requestContext"]
    assert begun["headers"]["X-Mine"] == "1"
    assert begun["multiValueHeaders"]["Sec-WebSocket-Version"] == ["13"]
    assert (begun["queryStringParameters"], begun["multiValueQueryStringParameters"]) == (
        {"user": "you"},
        {"user": ["me", "you"]},
    )
    assert (begun["stageVariables"], begun["isBase64Encoded"], "body" in begun) == ({"colour": "red"}, False, False)
    connection = about["connectionId"]
    assert len(connection) == 16
    assert connection.endswith("=")
    assert about == {
        "routeKey": "$connect",
        "eventType": "CONNECT",
        "extendedRequestId": about["extendedRequestId"],
        "requestTime": "09/Apr/2015:12:34:56 +0000",
        "messageDirection": "IN",
        "stage": "prod",
        "connectedAt": 1428582896000,
        "requestTimeEpoch": 1428582896000,
        "identity": {"userAgent": about["identity"]["userAgent"], "sourceIp": "127.0.0.1"},
        "requestId": about["requestId"],
        "domainName": f"{api}.execute-api.us-east-1.amazonaws.com",
        "connectionId": connection,
        "apiId": api,
    }
    told = {message["body"]: message for message in messages}
    routes = {body: message["requestContext"]["routeKey"] for body, message in told.items()}
    assert routes == {'{"action": "send", "text": "hi"}': "send", "no JSON": "$default"}
    for message in messages:
        assert "headers" not in message
        assert message["requestContext"]["eventType"] == "MESSAGE"
        assert message["requestContext"]["messageId"]
        assert message["requestContext"]["connectionId"] == connection
    assert end["requestContext"]["eventType"] == "DISCONNECT"
    assert end["requestContext"]["disconnectStatusCode"] == 4001
    assert end["requestContext"]["disconnectReason"] == "enough"
    assert end["headers"]["x-restapi"] == ""


async def test_a_route_with_a_response_answers_and_one_without_does_not(lab: SocketLab) -> None:
    lab.answer = echo
    api = await lab.sockets("quiet")
    await lab.route(api, "loud", two_way=True, **PROXY)
    async with lab.connect(api) as client:
        await client.send('{"action": "quiet"}')
        await lab.until(lambda: len(lab.told) == 1)
        await client.send('{"action": "loud"}')
        assert await received(client) == {"echo": '{"action": "loud"}'}


async def test_messages_without_a_route_and_broken_functions_are_told(lab: SocketLab) -> None:
    api = await lab.sockets("send")
    async with lab.connect(api) as client:
        for action in ("other", "$connect"):
            await client.send(msgspec.json.encode({"action": action}).decode())
            told = await received(client)
            assert told["message"] == "Forbidden"
        assert set(told) == {"message", "connectionId", "requestId"}
        answers: list[Any] = [{}, "text", None]
        for lab.answer in answers:
            await client.send('{"action": "send"}')
            assert (await received(client))["message"] == "Internal server error"

        def fails(_event: Any) -> Any:
            raise FunctionFailed("no")

        lab.answer = fails
        await client.send('{"action": "send"}')
        assert (await received(client))["message"] == "Internal server error"


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"statusCode": 403, "body": "no"}, 403), ({"statusCode": 500}, 500), ({}, 502), ("text", 502)],
)
async def test_connect_may_refuse(lab: SocketLab, answer: Any, status: int) -> None:
    lab.answer = answer
    api = await lab.sockets("$connect")
    with pytest.raises(InvalidStatus) as refused:
        await lab.connect(api)
    assert refused.value.response.status_code == status
    assert not live(lab.here).open


async def test_a_subprotocol_is_the_functions_choice(lab: SocketLab) -> None:
    lab.answer = {**OK, "headers": {"Sec-WebSocket-Protocol": "two", "X-Other": "1"}}
    api = await lab.sockets("$connect")
    async with lab.connect(api, subprotocols=[Subprotocol("one"), Subprotocol("two")]) as client:
        assert client.subprotocol == "two"
        assert client.response is not None
        assert "X-Other" not in client.response.headers


async def test_a_connection_does_not_exist_before_connect_has_answered(lab: SocketLab) -> None:
    api = await lab.sockets("$connect")
    statuses = []

    async def post(event: dict[str, Any]) -> Any:
        statuses.append((await lab.manage(api, "POST", event["requestContext"]["connectionId"], b"hi")).status)
        return OK

    lab.answer = post
    async with lab.connect(api) as client:
        assert statuses == [410]
        (connection,) = live(lab.here).open
        assert (await lab.manage(api, "POST", connection, b"hi")).status == 200
        assert await asyncio.wait_for(client.recv(), 5) == "hi"


async def test_connections_are_managed(lab: SocketLab) -> None:
    api = await lab.sockets("$disconnect")
    other = await lab.sockets()
    async with lab.connect(api) as client:
        await lab.until(lambda: live(lab.here).open)
        (connection,) = live(lab.here).open
        found = await lab.manage(api, "GET", connection.replace("=", "%3D"))
        assert isinstance(found.body, bytes)
        told = msgspec.json.decode(found.body)
        assert (told["connectedAt"], told["identity"]["sourceIp"]) == ("2015-04-09T12:34:56Z", "127.0.0.1")
        assert (await lab.manage(other, "POST", connection, b"x")).status == 410
        assert (await lab.manage(api, "POST", connection, b"x", headers=[])).status == 403
        assert (await lab.manage(api, "POST", connection, b"x" * (128 * 1024 + 1))).status == 413
        assert (await lab.manage(api, "POST", connection, b"\xff")).status == 400
        assert (await lab.manage(api, "POST", connection, b"x" * (128 * 1024))).status == 200
        assert len(await asyncio.wait_for(client.recv(), 5)) == 128 * 1024
        assert (await lab.manage(api, "DELETE", connection)).status == 204
        assert [(await lab.manage(api, verb, connection)).status for verb in ("GET", "POST", "DELETE")] == [410] * 3
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)
        assert client.close_code == 1000
    await lab.until(lambda: lab.told)
    assert lab.told[0]["requestContext"]["disconnectStatusCode"] == 1000


async def test_idle_and_old_connections_are_closed_by_the_worlds_clock(lab: SocketLab) -> None:
    api = await lab.sockets("$default", "$disconnect")
    async with lab.connect(api) as idle, lab.connect(api, ping_interval=None) as busy:
        await lab.until(lambda: len(live(lab.here).open) == 2)
        for _ in range(16):
            await lab.clock.advance(500)
            before = len(lab.told)
            if len(live(lab.here).open) == 0:
                break
            await busy.send("still here")
            await lab.until(lambda before=before: len(lab.told) > before)
            await lab.clock.advance(2)
        for client in (idle, busy):
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(client.recv(), 5)
            assert (client.close_code, client.close_reason) == (1001, "Going away")
    ends = [event["requestContext"] for event in lab.told if "disconnectStatusCode" in event["requestContext"]]
    assert [end["disconnectStatusCode"] for end in ends] == [1001, 1001]
    ages_s = [(end["requestTimeEpoch"] - end["connectedAt"]) // 1000 for end in ends]
    assert ages_s[0] in range(600, 603)
    assert ages_s[1] in range(7200, 7203)


@pytest.mark.parametrize(
    ("message", "code"),
    [("x" * (32 * 1024 + 1), 1009), (["x" * 32 * 1024] * 5, 1009), (b"binary", 1003)],
)
async def test_what_is_too_large_or_binary_ends_the_connection(lab: SocketLab, message: Any, code: int) -> None:
    api = await lab.sockets("$default", "$disconnect")
    async with lab.connect(api) as client:
        await client.send(message)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)
        assert client.close_code == code
    await lab.until(lambda: lab.told)
    assert [event["requestContext"]["disconnectStatusCode"] for event in lab.told] == [code]


async def test_a_message_of_128_kb_in_frames_of_32_passes(lab: SocketLab) -> None:
    api = await lab.sockets("$default")
    async with lab.connect(api) as client:
        await client.send(["x" * 32 * 1024] * 4)
        await lab.until(lambda: lab.told)
    assert len(lab.told[0]["body"]) == 128 * 1024


async def guarded(lab: SocketLab, answer: Any, source: str = "route.request.querystring.token") -> str:
    """An API whose `$connect` is guarded by a function that answers so; what it was asked is in `lab.asked`."""
    lab.asked = []  # type: ignore[attr-defined]

    def guard(event: Any) -> Any:
        lab.asked.append(event)  # type: ignore[attr-defined]
        return answer(event) if callable(answer) else answer

    lab.functions[GUARD_ARN] = guard
    api = await lab.sockets("$connect", "$default")
    given = {"AuthorizerType": "REQUEST", "AuthorizerUri": GUARD_URI, "IdentitySource": [source]}
    made = await lab.ask("CreateAuthorizer", ApiId=api, Name="g", **given)
    routes = (await lab.ask("GetRoutes", ApiId=api))["Items"]
    (route,) = [route["RouteId"] for route in routes if route["RouteKey"] == "$connect"]
    kind = {"AuthorizationType": "CUSTOM", "AuthorizerId": made["AuthorizerId"]}
    await lab.ask("UpdateRoute", ApiId=api, RouteId=route, **kind)
    return api


def policy(effect: str, **more: Any) -> Any:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*"}
    return {"principalId": "me", "policyDocument": {"Statement": [statement]}, **more}


async def test_an_authorizer_is_asked_when_one_connects_and_known_to_every_message(lab: SocketLab) -> None:
    api = await guarded(lab, policy("Allow", context={"team": "blue"}))
    async with lab.connect(api, "?token=t") as client:
        await client.send("hello")
        await lab.until(lambda: len(lab.told) == 2)
    for event in lab.told:
        authorizer = event["requestContext"]["authorizer"]
        assert (authorizer["principalId"], authorizer["team"]) == ("me", "blue")
    (asked,) = lab.asked  # type: ignore[attr-defined]
    assert asked["type"] == "REQUEST"
    assert asked["methodArn"] == f"arn:aws:execute-api:us-east-1:000000000000:{api}/prod/$connect"
    assert asked["queryStringParameters"] == {"token": "t"}


def fails(_event: Any) -> Any:
    raise FunctionFailed("Unauthorized")


@pytest.mark.parametrize(
    ("answer", "query", "status"),
    [
        (policy("Allow"), "", 401),
        (policy("Deny"), "?token=t", 403),
        ({"isAuthorized": True}, "?token=t", 500),
        (fails, "?token=t", 401),
    ],
)
async def test_an_authorizer_may_refuse(lab: SocketLab, answer: Any, query: str, status: int) -> None:
    api = await guarded(lab, answer)
    with pytest.raises(InvalidStatus) as refused:
        await lab.connect(api, query)
    assert refused.value.response.status_code == status
    assert lab.told == []


async def test_an_api_key_is_asked_for_and_its_quota_kept(lab: SocketLab) -> None:
    api = await lab.sockets("$connect")
    (route,) = (await lab.ask("GetRoutes", ApiId=api))["Items"]
    await lab.ask("UpdateRoute", ApiId=api, RouteId=route["RouteId"], ApiKeyRequired=True)
    request = lab.here.request
    key = await request("apigateway", "CreateApiKey", {"name": "k", "enabled": True, "value": "k" * 20})
    stages = [{"apiId": api, "stage": "prod"}]
    params = {"name": "p", "apiStages": stages, "quota": {"limit": 1, "period": "DAY"}}
    plan = await request("apigateway", "CreateUsagePlan", params)
    given = {"usagePlanId": plan["id"], "keyId": key["id"], "keyType": "API_KEY"}
    await request("apigateway", "CreateUsagePlanKey", given)
    statuses = []
    for headers in ({}, {"x-api-key": "wrong"}, {"x-api-key": "k" * 20}, {"x-api-key": "k" * 20}):
        try:
            async with lab.connect(api, additional_headers=headers):
                statuses.append(101)
        except InvalidStatus as refused:
            statuses.append(refused.response.status_code)
    assert statuses == [403, 403, 101, 429]
    assert lab.told[0]["requestContext"]["identity"]["apiKeyId"] == key["id"]


async def test_mock_http_and_aws_integrations(lab: SocketLab) -> None:
    asked: list[Any] = []

    async def web(request: Request) -> Response:
        asked.append((request.method, request.path, request.body))
        return Response(200, [], b'{"from": "the web"}')

    async def put(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return {}

    server = await serve(web, "127.0.0.1", 0)
    lab.services["dynamodb", "PutItem"] = put
    uri = f"http://127.0.0.1:{server.port}/x"
    api = await lab.sockets()
    mock: dict[str, Any] = {
        "TemplateSelectionExpression": "\\$default",
        "RequestTemplates": {"$default": '{"statusCode": 200}'},
    }
    made = await lab.route(api, "mock", two_way=True, IntegrationType="MOCK", **mock)
    template = '#set($c = $context.connectionId){"seen": "$stageVariables.v", "known": $c.length()}'
    response = {"IntegrationResponseKey": "/2\\d\\d/", "ResponseTemplates": {"$default": template}}
    await lab.ask("CreateIntegrationResponse", ApiId=api, IntegrationId=made["IntegrationId"], **response)
    await lab.ask("UpdateStage", ApiId=api, StageName="prod", StageVariables={"v": "7"})
    web_given: dict[str, Any] = {"IntegrationMethod": "POST", "IntegrationUri": uri}
    await lab.route(api, "proxy", two_way=True, IntegrationType="HTTP_PROXY", **web_given)
    templates: dict[str, Any] = {"RequestTemplates": {"$default": '{"n": $input.json("$.n")}'}}
    await lab.route(api, "web", two_way=True, IntegrationType="HTTP", **web_given, **templates)
    table = '{"TableName": "t", "Item": {"id": {"S": "$context.connectionId"}}}'
    action: dict[str, Any] = {
        "IntegrationUri": "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem",
        "IntegrationMethod": "POST",
    }
    await lab.route(api, "$connect", IntegrationType="AWS", **action, RequestTemplates={"$default": table})
    async with lab.connect(api) as client:
        (connection,) = live(lab.here).open
        assert asked.pop() == {"TableName": "t", "Item": {"id": {"S": connection}}}
        await client.send('{"action": "mock"}')
        assert await received(client) == {"seen": "7", "known": 16}
        await client.send('{"action": "proxy"}')
        assert await received(client) == {"from": "the web"}
        await client.send('{"action": "web", "n": [1]}')
        assert await received(client) == {"from": "the web"}
    assert asked == [("POST", "/x", b'{"action": "proxy"}'), ("POST", "/x", b'{"n": [1]}')]
    await server.close()


async def test_what_is_no_websocket_request_is_told(lab: SocketLab) -> None:
    api = await lab.sockets("$connect")
    assert (await lab.get(api, "/prod")).status == 426
    with pytest.raises(InvalidStatus) as refused:
        await lab.connect(api, "/more")
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        await lab.connect(api, stage="other")
    assert refused.value.response.status_code == 404


async def test_a_routes_rate(lab: SocketLab) -> None:
    limits = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1.0}
    api = await lab.sockets("$connect", "$default", RouteSettings={"$default": limits}, DefaultRouteSettings=limits)
    async with lab.connect(api) as client:
        with pytest.raises(InvalidStatus) as refused:
            await lab.connect(api)
        assert refused.value.response.status_code == 429
        await client.send("one")
        await client.send("two")
        assert (await received(client))["message"] == "Too Many Requests"
        await lab.clock.advance(1)
        await client.send("three")
        await lab.until(lambda: [event.get("body") for event in lab.told] == [None, "one", "three"])


async def test_a_custom_domain_leads_to_the_stage_and_to_its_connections(lab: SocketLab) -> None:
    api = await lab.sockets("$connect", "$default")
    given = {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x", "EndpointType": "REGIONAL"}
    await lab.ask("CreateDomainName", DomainName="chat.hello.test", DomainNameConfigurations=[given])
    mapping = {"DomainName": "chat.hello.test", "Stage": "prod", "ApiMappingKey": "v1"}
    await lab.ask("CreateApiMapping", ApiId=api, **mapping)
    host = ("Host", "chat.hello.test")
    upgrade = [host, ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
    answer = await lab.send(Request("GET", "/v1", "", [*upgrade, key]))
    assert (answer.status, isinstance(answer, Switching)) == (101, True)
    about = lab.told[0]["requestContext"]
    assert (about["domainName"], about["stage"]) == ("chat.hello.test", "prod")
    path = f"/v1/@connections/{about['connectionId']}"
    assert (await lab.send(Request("GET", path, "", [host, SIGNED]))).status == 410, "nobody took the connection over"
    await lab.clock.advance(601)
    await lab.until(lambda: not live(lab.here).open)


async def test_a_function_of_another_region_is_asked_there(lab: SocketLab) -> None:
    asked: list[str] = []

    async def invoke(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params["_region"])
        return {"Payload": b'{"statusCode": 200}'}

    lab.services["lambda", "Invoke"] = invoke
    api = await lab.sockets()
    far = FUNCTION_URI.replace("lambda:us-east-1", "lambda:eu-west-1")
    await lab.route(api, "$connect", IntegrationType="AWS_PROXY", IntegrationUri=far)
    await lab.route(api, "b", IntegrationType="AWS", IntegrationUri=far, IntegrationMethod="POST")
    async with lab.connect(api) as client:
        await client.send('{"action": "b"}')
        await lab.until(lambda: asked == ["eu-west-1", "eu-west-1"])
