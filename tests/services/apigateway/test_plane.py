"""Finding the stage that a request is for, and what those get who find none."""

import asyncio

import pytest

from panregion.world import Request
from tests.services.apigateway.lab import FUNCTION_ARN, Lab, json_of, proxy

ANYTHING = {"/": {"get": proxy()}, "/{p+}": {"get": proxy()}}


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("{api}.execute-api.us-east-1.amazonaws.com", "/prod/a/b"),
        ("{api}.execute-api.localhost:4566", "/prod/a/b"),
        ("{api}.execute-api.localhost.localstack.cloud:4566", "/prod/a/b"),
        ("127.0.0.1:4566", "/restapis/{api}/prod/_user_request_/a/b"),
        ("127.0.0.1:4566", "/_aws/execute-api/{api}/prod/a/b"),
    ],
)
async def test_an_api_is_reached_by_name_and_by_path(lab: Lab, host: str, path: str) -> None:
    api = await lab.api(ANYTHING)
    answer = await lab.send(Request("GET", path.format(api=api), "", [("Host", host.format(api=api))]))
    event = json_of(answer)
    assert (event["path"], event["requestContext"]["path"]) == ("/a/b", "/prod/a/b")
    assert event["requestContext"]["domainPrefix"] == api


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("{api}.execute-api.us-east-1.amazonaws.com", "/other/a"),
        ("{api}.execute-api.us-east-1.amazonaws.com", "/"),
        ("nosuchapi0.execute-api.us-east-1.amazonaws.com", "/prod"),
        ("{api}.execute-api.eu-west-1.amazonaws.com", "/prod"),
    ],
)
async def test_no_such_api_or_stage(lab: Lab, host: str, path: str) -> None:
    api = await lab.api(ANYTHING)
    answer = await lab.send(Request("GET", path, "", [("Host", host.format(api=api))]))
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')
    assert dict(answer.headers)["x-amzn-ErrorType"] == "ForbiddenException"


async def test_no_such_method(lab: Lab) -> None:
    api = await lab.api({"/a": {"get": proxy()}})
    for answer in (await lab.get(api, "/b"), await lab.get(api, "/a", "POST")):
        assert (answer.status, answer.body) == (403, b'{"message":"Missing Authentication Token"}')
        assert dict(answer.headers)["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


async def test_a_stage_serves_its_deployment_whatever_the_api_becomes(lab: Lab) -> None:
    api = await lab.api(ANYTHING)
    for resource in (await lab.ask("GetResources", restApiId=api))["items"]:
        if resource["path"] != "/":
            await lab.ask("DeleteResource", restApiId=api, resourceId=resource["id"])
    assert (await lab.get(api, "/a")).status == 200
    await lab.ask("CreateDeployment", restApiId=api, stageName="prod")
    assert (await lab.get(api, "/a")).status == 403
    assert (await lab.get(api, "/")).status == 200


@pytest.mark.parametrize(
    ("base_path", "stage", "asked", "path"),
    [
        (None, "prod", "/a/b", "/a/b"),
        ("v1", "prod", "/v1/a", "/v1/a"),
        ("v1", "prod", "/v1", "/v1"),
        (None, None, "/prod/a", "/prod/a"),
    ],
)
async def test_a_custom_domain(lab: Lab, base_path: str | None, stage: str | None, asked: str, path: str) -> None:
    api = await lab.api(ANYTHING)
    await make_domain(lab)
    given = {"basePath": base_path, "stage": stage}
    await lab.ask(
        "CreateBasePathMapping",
        domainName="api.hello.test",
        restApiId=api,
        **{name: value for name, value in given.items() if value},
    )
    answer = await lab.send(Request("GET", asked, "", [("Host", "API.hello.test:4566")]))
    event = json_of(answer)
    context = event["requestContext"]
    assert (event["path"], context["path"], context["stage"]) == (path, path, "prod")
    assert (context["domainName"], context["domainPrefix"]) == ("api.hello.test", "api")


async def test_a_custom_domain_without_a_mapping_for_the_path(lab: Lab) -> None:
    api = await lab.api(ANYTHING)
    domain = await make_domain(lab)
    await lab.ask("CreateBasePathMapping", domainName="api.hello.test", restApiId=api, basePath="v1", stage="prod")
    assert domain["regionalHostedZoneId"] == "Z1UJRXOUMOOFQ8"
    for host in ("api.hello.test", domain["regionalDomainName"]):
        assert (await lab.send(Request("GET", "/v2", "", [("Host", host)]))).status == 403


async def test_an_api_whose_own_name_is_shut(lab: Lab) -> None:
    api = await lab.api(ANYTHING)
    await make_domain(lab)
    await lab.ask("CreateBasePathMapping", domainName="api.hello.test", restApiId=api, stage="prod")
    patch = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}]
    await lab.ask("UpdateRestApi", restApiId=api, patchOperations=patch)
    assert (await lab.get(api, "/")).status == 403
    assert (await lab.send(Request("GET", "/", "", [("Host", "api.hello.test")]))).status == 200


async def test_a_body_over_ten_megabytes(lab: Lab) -> None:
    api = await lab.api({"/": {"post": proxy()}})
    answer = await lab.get(api, "/", "POST", body=bytes(10 * 1024 * 1024 + 1))
    assert (answer.status, answer.body) == (413, b'{"message":"Request Too Long"}')


async def test_an_integration_that_takes_too_long(lab: Lab) -> None:
    released = asyncio.Event()
    finished = asyncio.Event()

    async def slow(_event: object) -> object:
        await released.wait()
        finished.set()
        return {}

    lab.functions[FUNCTION_ARN] = slow
    operation = proxy()
    operation["x-amazon-apigateway-integration"]["timeoutInMillis"] = 50
    answer = await lab.get(await lab.api({"/": {"get": operation}}), "/")
    assert (answer.status, answer.body) == (504, b'{"message": "Endpoint request timed out"}')
    released.set()
    await asyncio.wait_for(finished.wait(), 5)  # as on AWS, the function itself is not interrupted


async def test_gateway_responses_of_the_apis_own(lab: Lab) -> None:
    own = {
        "DEFAULT_4XX": {
            "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
            "responseTemplates": {"application/json": '{"m":$context.error.messageString,"p":"$context.path"}'},
        },
        "MISSING_AUTHENTICATION_TOKEN": {
            "statusCode": 404,
            "responseTemplates": {"text/plain": "no $context.error.message in $stageVariables.none."},
        },
    }
    api = await lab.api({"/": {"get": proxy()}}, **{"x-amazon-apigateway-gateway-responses": own})
    answer = await lab.get(api, "/b")
    assert (answer.status, answer.body) == (404, b"no Missing Authentication Token in .")
    assert dict(answer.headers)["Content-Type"] == "text/plain"
    large = await lab.get(api, "/", body=bytes(10 * 1024 * 1024 + 1))
    assert (large.status, large.body) == (413, b'{"m":"Request Too Long","p":"/prod/"}')
    assert dict(large.headers)["Access-Control-Allow-Origin"] == "*"


async def make_domain(lab: Lab) -> dict[str, str]:
    return await lab.ask(
        "CreateDomainName",
        domainName="api.hello.test",
        regionalCertificateArn="arn:aws:acm:us-east-1:000000000000:certificate/x",
        endpointConfiguration={"types": ["REGIONAL"]},
    )
