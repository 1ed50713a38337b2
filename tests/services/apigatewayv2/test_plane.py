"""HTTP APIs served: events, answers, stages, CORS, custom domains, and what SAM emits."""

import base64
from typing import Any

import pytest

from panregion.functions.web import Malformed, response
from panregion.services import Context
from panregion.services.apigatewayv2 import SERVICE
from panregion.wire import AwsError
from panregion.world import Request, Response, serve
from tests.services.apigateway.lab import FUNCTION_ARN, FunctionFailed, json_of
from tests.services.apigatewayv2.lab import HttpLab, proxy


async def test_the_event_is_in_payload_format_2_0(lab: HttpLab) -> None:
    api = await lab.api({"/item/{id}": {"post": proxy()}})
    headers = [("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2"), ("User-Agent", "curl/8")]
    event = json_of(await lab.get(api, "/item/7?q=1&q=2", "POST", headers=headers, body=b"\x00\xff"))
    assert event["headers"].pop("x-amzn-trace-id").startswith("Root=1-552671f0-")
    assert len(event["requestContext"].pop("requestId")) == 36
    assert event == {
        "version": "2.0",
        "routeKey": "POST /item/{id}",
        "rawPath": "/item/7",
        "rawQueryString": "q=1&q=2",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": f"{api}.execute-api.us-east-1.amazonaws.com",
            "x-a": "1,2",
            "user-agent": "curl/8",
            "content-length": "2",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"q": "1,2"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": api,
            "domainName": f"{api}.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": api,
            "http": {
                "method": "POST",
                "path": "/item/7",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "routeKey": "POST /item/{id}",
            "stage": "$default",
            "time": "09/Apr/2015:12:34:56 +0000",
            "timeEpoch": 1428582896000,
        },
        "pathParameters": {"id": "7"},
        "body": base64.b64encode(b"\x00\xff").decode(),
        "isBase64Encoded": True,
    }


async def test_payload_format_1_0(lab: HttpLab) -> None:
    lab.functions[FUNCTION_ARN] = lambda event: {"statusCode": 200, "body": event}
    api = await lab.api({"/item/{id}": {"get": proxy("1.0")}})
    event = json_of(await lab.get(api, "/item/7?q=1&q=2"))
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/item/{id}", "/item/7")
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert event["requestContext"]["resourceId"] == "GET /item/{id}"
    lab.functions[FUNCTION_ARN] = lambda _: "no statusCode"
    assert (await lab.get(api, "/item/7")).status == 500


@pytest.mark.parametrize(
    ("payload", "status", "headers", "body"),
    [
        (b'"text"', 200, [("Content-Type", "application/json")], b"text"),
        (b'{"a": 1}', 200, [("Content-Type", "application/json")], b'{"a": 1}'),
        (b'{"statusCode": 201}', 201, [("Content-Type", "text/plain;charset=UTF-8")], b""),
        (
            b'{"statusCode": "200", "headers": {"content-type": "a/b"}, "cookies": ["c=1", "d=2"], "body": "x"}',
            200,
            [("content-type", "a/b"), ("Set-Cookie", "c=1"), ("Set-Cookie", "d=2")],
            b"x",
        ),
        (
            b'{"statusCode": 200, "isBase64Encoded": true, "body": "aGk=", "headers": {"content-type": "i"}}',
            200,
            [("content-type", "i")],
            b"hi",
        ),
    ],
)
def test_answers(payload: bytes, status: int, headers: Any, body: bytes) -> None:
    answer = response(payload, "2.0")
    assert (answer.status, answer.headers, answer.body) == (status, headers, body)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b'{"statusCode": "x"}',
        b'{"statusCode": 1}',
        b'{"statusCode": 200, "headers": ["a"]}',
        b'{"statusCode": 200, "isBase64Encoded": true, "body": "?"}',
    ],
)
def test_answers_of_a_wrong_form(payload: bytes) -> None:
    with pytest.raises(Malformed):
        response(payload, "2.0")


def failing(_event: Any) -> Any:
    raise FunctionFailed("no")


async def test_what_goes_wrong(lab: HttpLab) -> None:
    api = await lab.api({"/": {"get": proxy()}})
    missing = await lab.get(api, "/none")
    assert (missing.status, missing.body) == (404, b'{"message":"Not Found"}')
    lab.functions[FUNCTION_ARN] = failing
    failed = await lab.get(api, "/")
    assert (failed.status, failed.body) == (500, b'{"message":"Internal Server Error"}')
    assert (await lab.get(api, "/", body=bytes(10 * 1024 * 1024 + 1))).status == 413


async def test_stages(lab: HttpLab) -> None:
    api = await lab.api({"/a": {"get": proxy()}})
    stage = {"ApiId": api, "StageName": "prod"}
    await lab.ask("CreateStage", **stage, StageVariables={"v": "1"})
    assert (await lab.get(api, "/prod/a")).status == 404
    await lab.ask("CreateDeployment", **stage)
    event = json_of(await lab.get(api, "/prod/a"))
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/prod/a", "prod")
    assert event["stageVariables"] == {"v": "1"}
    [route] = (await lab.ask("GetRoutes", ApiId=api))["Items"]
    await lab.ask("UpdateRoute", ApiId=api, RouteId=route["RouteId"], RouteKey="GET /b")
    assert (await lab.get(api, "/b")).status == 200  # the default stage is deployed with every change
    assert (await lab.get(api, "/a")).status == 404
    assert (await lab.get(api, "/prod/a")).status == 200  # the other keeps its deployment
    assert len((await lab.ask("GetDeployments", ApiId=api))["Items"]) == 2


async def test_cors(lab: HttpLab) -> None:
    lab.functions[FUNCTION_ARN] = lambda _: {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "mine"}}
    cors = {"allowOrigins": ["https://*.a.test"], "allowMethods": ["GET", "PUT"], "allowHeaders": ["x"], "maxAge": 5}
    api = await lab.api({"/": {"get": proxy()}}, **{"x-amazon-apigateway-cors": {**cors, "allowCredentials": True}})
    origin = ("Origin", "https://b.a.test")
    asked = await lab.get(api, "/", "OPTIONS", headers=[origin, ("Access-Control-Request-Method", "GET")])
    headers = dict(asked.headers)
    del headers["apigw-requestid"]
    assert (asked.status, headers) == (
        204,
        {
            "access-control-allow-origin": "https://b.a.test",
            "access-control-allow-credentials": "true",
            "access-control-allow-methods": "GET,PUT",
            "access-control-allow-headers": "x",
            "access-control-max-age": "5",
        },
    )
    assert dict((await lab.get(api, "/", headers=[origin])).headers)["access-control-allow-origin"] == origin[1]
    other = await lab.get(api, "/", headers=[("Origin", "https://other.test")])
    assert not any(name.lower().startswith("access-control") for name, _ in other.headers)


async def test_a_custom_domain_takes_its_longest_mapping(lab: HttpLab) -> None:
    api = await lab.api({"/a": {"get": proxy()}, "$default": {"x-amazon-apigateway-any-method": proxy()}})
    configuration = {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x", "EndpointType": "REGIONAL"}
    domain = await lab.ask("CreateDomainName", DomainName="api.hello.test", DomainNameConfigurations=[configuration])
    assert domain["DomainNameConfigurations"][0]["HostedZoneId"] == "Z1UJRXOUMOOFQ8"
    for key in ("v1", "v1/deep"):
        mapping = {"ApiId": api, "DomainName": "api.hello.test", "Stage": "$default", "ApiMappingKey": key}
        await lab.ask("CreateApiMapping", **mapping)
    for path, route in (("/v1/a", "GET /a"), ("/v1/deep/a", "GET /a"), ("/v1/x", "$default")):
        event = json_of(await lab.send(Request("GET", path, "", [("Host", "api.hello.test")])))
        assert (event["routeKey"], event["rawPath"]) == (route, path)
    assert SERVICE.plane is not None
    assert not SERVICE.plane.matches(lab.here, Request("GET", "/v2", "", [("Host", "api.hello.test")]))
    with pytest.raises(AwsError, match="API mappings"):
        await lab.ask("DeleteApi", ApiId=api)


async def test_http_proxy(lab: HttpLab) -> None:
    async def server(request: Request) -> Response:
        return Response(202, [], f"{request.method} {request.target} {request.header('x-a')}".encode())

    listening = await serve(server, "127.0.0.1", 0)
    uri = f"http://127.0.0.1:{listening.port}/to/{{p}}"
    item = {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "ANY", "uri": uri}}
    api = await lab.api({"/x/{p+}": {"x-amazon-apigateway-any-method": item}})
    answer = await lab.get(api, "/x/a/b?q=1", "PUT", headers=[("X-A", "1")])
    assert (answer.status, answer.body) == (202, b"PUT /to/a/b?q=1 1")
    await listening.close()
    assert (await lab.get(api, "/x/a")).status == 502
    await lab.region.dispatch.close()


@pytest.mark.parametrize(
    ("operation", "params", "told"),
    [
        ("CreateApi", {"Name": "a", "ProtocolType": "WEBSOCKET"}, "RouteSelectionExpression is a required field"),
        ("CreateRoute", {"RouteKey": "nonsense"}, "route key is not formatted"),
        ("CreateRoute", {"RouteKey": "GET /", "Target": "integrations/none"}, "Invalid target"),
        ("CreateRoute", {"RouteKey": "GET /", "AuthorizationType": "JWT"}, "JWT"),
        ("CreateIntegration", {"IntegrationType": "MOCK"}, "MOCK"),
        ("CreateIntegration", {"IntegrationType": "AWS_PROXY"}, "IntegrationUri"),
        ("CreateStage", {"StageName": "a b"}, "Stage name"),
        ("CreateDeployment", {}, "At least one route"),
    ],
)
async def test_refusals(lab: HttpLab, operation: str, params: dict[str, Any], told: str) -> None:
    api = (await lab.ask("CreateApi", Name="x", ProtocolType="HTTP"))["ApiId"]
    given = params if operation == "CreateApi" else {"ApiId": api, **params}
    with pytest.raises(AwsError, match=told):
        await lab.ask(operation, **given)


async def test_a_quick_create(lab: HttpLab) -> None:
    api = await lab.ask("CreateApi", Name="quick", ProtocolType="HTTP", Target=FUNCTION_ARN)
    lab.functions[FUNCTION_ARN] = lambda event: {"statusCode": 200, "body": event["version"]}
    assert (await lab.get(api["ApiId"], "/anything")).body == b"1.0"


async def test_resource_types(lab: HttpLab) -> None:
    types = {name.rpartition(":")[2]: kind for name, kind in SERVICE.resources.items()}

    def context(kind: str) -> Context:
        return Context(stack_name="s", stack_id="arn:s", logical_id=kind, suffix="X", tags={"team": "a"})

    made: list[tuple[str, str, dict[str, Any]]] = []

    async def make(kind: str, **properties: Any) -> str:
        assert set(properties) <= types[kind].properties
        physical = await types[kind].create(lab.here, properties, context(kind))
        assert await types[kind].create(lab.here, properties, context(kind)) == physical
        made.append((kind, physical, properties))
        return physical

    body = {"openapi": "3.0.1", "info": {"title": "sam"}, "paths": {"/x": {"get": proxy()}}}
    api = await make("Api", Body=body, CorsConfiguration={"AllowOrigins": ["*"], "MaxAge": "5"})
    integration = await make(
        "Integration",
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=FUNCTION_ARN,
        PayloadFormatVersion="2.0",
        TimeoutInMillis="3000",
    )
    await make("Route", ApiId=api, RouteKey="GET /y", Target=f"integrations/{integration}")
    await make("Stage", ApiId=api, StageName="$default", AutoDeploy="true", StageVariables={"a": "b"})
    configuration = {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x", "EndpointType": "REGIONAL"}
    domain = await make("DomainName", DomainName="api.hello.test", DomainNameConfigurations=[configuration])
    await make("ApiMapping", ApiId=api, DomainName=domain, Stage="$default", ApiMappingKey="v1")
    for path in ("/x", "/y"):
        assert json_of(await lab.get(api, path))["stageVariables"] == {"a": "b"}
    assert (await types["Api"].attributes(lab.here, api, {}))["ApiEndpoint"].endswith("us-east-1.amazonaws.com")
    assert (await types["DomainName"].attributes(lab.here, domain, {}))["RegionalDomainName"].startswith("d-")
    for kind, physical, properties in reversed(made):
        await types[kind].delete(lab.here, physical, properties, context(kind))
        await types[kind].delete(lab.here, physical, properties, context(kind))
    assert lab.here.read(lambda here: [key for key, _ in here.tx.prefix(("apigatewayv2",))]) == []
