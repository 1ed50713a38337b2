"""Lambda proxy integration: the event a function gets, and what its answer becomes."""

import base64
from typing import Any

import pytest

from panregion.services.apigateway.proxy import Malformed, response
from panregion.services.apigateway.routing import MediaTypes
from tests.services.apigateway.lab import FUNCTION_ARN, FunctionFailed, Lab, json_of, proxy


async def test_the_event_is_in_payload_format_1_0(lab: Lab) -> None:
    api = await lab.api({"/item/{id}": {"get": proxy()}})
    await lab.ask(
        "UpdateStage",
        restApiId=api,
        stageName="prod",
        patchOperations=[{"op": "replace", "path": "/variables/colour", "value": "blue"}],
    )
    answer = await lab.get(
        api,
        "/item/a%20b?q=1&q=2&r=x+y",
        headers=[("X-Thing", "one"), ("x-thing", "two"), ("User-Agent", "curl/8"), ("Content-Length", "0")],
        peer="198.18.3.4",
    )
    event = json_of(answer)
    resource = event["requestContext"].pop("resourceId")
    trace = event["headers"].pop("X-Amzn-Trace-Id")
    event["multiValueHeaders"].pop("X-Amzn-Trace-Id")
    ids = {name: event["requestContext"].pop(name) for name in ("requestId", "extendedRequestId", "deploymentId")}
    assert event == {
        "resource": "/item/{id}",
        "path": "/item/a%20b",
        "httpMethod": "GET",
        "headers": {
            "Host": f"{api}.execute-api.us-east-1.amazonaws.com",
            "X-Thing": "two",
            "User-Agent": "curl/8",
            "X-Forwarded-For": "198.18.3.4",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
        },
        "multiValueHeaders": {
            "Host": [f"{api}.execute-api.us-east-1.amazonaws.com"],
            "X-Thing": ["one", "two"],
            "User-Agent": ["curl/8"],
            "X-Forwarded-For": ["198.18.3.4"],
            "X-Forwarded-Port": ["443"],
            "X-Forwarded-Proto": ["https"],
        },
        "queryStringParameters": {"q": "2", "r": "x y"},
        "multiValueQueryStringParameters": {"q": ["1", "2"], "r": ["x y"]},
        "pathParameters": {"id": "a b"},
        "stageVariables": {"colour": "blue"},
        "requestContext": {
            "resourcePath": "/item/{id}",
            "httpMethod": "GET",
            "requestTime": "09/Apr/2015:12:34:56 +0000",
            "path": "/prod/item/a%20b",
            "accountId": "000000000000",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "domainPrefix": api,
            "requestTimeEpoch": 1428582896000,
            "identity": {
                "cognitoIdentityPoolId": None,
                "accountId": None,
                "cognitoIdentityId": None,
                "caller": None,
                "sourceIp": "198.18.3.4",
                "principalOrgId": None,
                "accessKey": None,
                "cognitoAuthenticationType": None,
                "cognitoAuthenticationProvider": None,
                "userArn": None,
                "userAgent": "curl/8",
                "user": None,
            },
            "domainName": f"{api}.execute-api.us-east-1.amazonaws.com",
            "apiId": api,
        },
        "body": None,
        "isBase64Encoded": False,
    }
    assert len(resource) == 6
    assert trace.startswith("Root=1-552671f0-")
    headers = dict(answer.headers)
    assert headers["x-amzn-RequestId"] == ids["requestId"]
    assert headers["x-amz-apigw-id"] == ids["extendedRequestId"]
    assert headers["Content-Type"] == "application/json"


async def test_what_is_not_there_is_null(lab: Lab) -> None:
    event = json_of(await lab.get(await lab.api({"/": {"x-amazon-apigateway-any-method": proxy()}}), "/"))
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"):
        assert event[name] is None


async def test_bodies_are_text_unless_the_api_takes_them_as_binary(lab: Lab) -> None:
    api = await lab.api({"/": {"post": proxy()}}, **{"x-amazon-apigateway-binary-media-types": ["image/png"]})
    text = json_of(await lab.get(api, "/", "POST", body="héllo".encode()))
    assert (text["body"], text["isBase64Encoded"]) == ("héllo", False)
    image = json_of(await lab.get(api, "/", "POST", body=b"\x89PNG", headers=[("content-type", "image/png")]))
    assert (base64.b64decode(image["body"]), image["isBase64Encoded"]) == (b"\x89PNG", True)


async def test_a_binary_answer_is_decoded_for_who_accepts_it(lab: Lab) -> None:
    api = await lab.api({"/": {"get": proxy()}}, **{"x-amazon-apigateway-binary-media-types": ["image/png"]})
    encoded = base64.b64encode(b"\x89PNG").decode()
    lab.functions[FUNCTION_ARN] = lambda _: {"statusCode": 200, "body": encoded, "isBase64Encoded": True}
    assert (await lab.get(api, "/", headers=[("Accept", "image/png")])).body == b"\x89PNG"
    assert (await lab.get(api, "/")).body == encoded.encode()


@pytest.mark.parametrize(
    ("payload", "status", "headers", "body"),
    [
        (b"{}", 200, [], b""),
        (b'{"statusCode": "201"}', 201, [], b""),
        (b'{"statusCode": 204, "body": null, "headers": null}', 204, [], b""),
        (b'{"headers": {"A": true, "B": 1}, "body": "x"}', 200, [("A", "true"), ("B", "1")], b"x"),
        (b'{"multiValueHeaders": {"Set-Cookie": ["a", "b"]}}', 200, [("Set-Cookie", "a"), ("Set-Cookie", "b")], b""),
        (
            b'{"headers": {"a": "1", "c": "4"}, "multiValueHeaders": {"A": ["1", "2"]}}',
            200,
            [("A", "1"), ("A", "2"), ("c", "4")],
            b"",
        ),
    ],
)
def test_answers(payload: bytes, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    answer = response(payload, MediaTypes([]), None)
    assert (answer.status, answer.headers, answer.body) == (status, headers, body)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b'"text"',
        b"[]",
        b'{"statusCode": "ok"}',
        b'{"statusCode": true}',
        b'{"statusCode": 42}',
        b'{"statusCode": 200, "more": 1}',
        b'{"statusCode": 200, "body": {"a": 1}}',
        b'{"statusCode": 200, "headers": []}',
        b'{"statusCode": 200, "headers": {"a": {}}}',
        b'{"statusCode": 200, "multiValueHeaders": {"a": "b"}}',
    ],
)
def test_answers_of_a_wrong_form(payload: bytes) -> None:
    with pytest.raises(Malformed):
        response(payload, MediaTypes([]), None)


def failing(_event: Any) -> Any:
    raise FunctionFailed("no")


@pytest.mark.parametrize(
    ("function", "status"),
    [(failing, 502), (lambda _: "hello", 502), (lambda _: {"statusCode": 418, "body": "x"}, 418), (None, 500)],
)
async def test_what_the_client_sees_of_a_function_that_fails(lab: Lab, function: Any, status: int) -> None:
    api = await lab.api({"/": {"get": proxy()}})
    del lab.functions[FUNCTION_ARN]
    if function:
        lab.functions[FUNCTION_ARN] = function
    answer = await lab.get(api, "/")
    assert answer.status == status
    if status >= 500:
        assert answer.body == b'{"message": "Internal server error"}'
        assert dict(answer.headers)["x-amzn-ErrorType"] == "InternalServerErrorException"


async def test_the_function_may_be_named_by_a_stage_variable_and_lie_in_another_region(lab: Lab) -> None:
    arn = "arn:aws:lambda:eu-west-1:000000000000:function:far"
    lab.functions[arn] = lambda _: {"statusCode": 200, "body": "far"}
    api = await lab.api({"/": {"get": proxy(arn.replace("far", "${stageVariables.name}"))}})
    patch = [{"op": "replace", "path": "/variables/name", "value": "far"}]
    await lab.ask("UpdateStage", restApiId=api, stageName="prod", patchOperations=patch)
    assert (await lab.get(api, "/")).body == b"far"
