"""Function URLs: their operations through boto3, and requests to them as a browser makes them."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from panregion.functions import Outcome
from panregion.services.lambda_.api.urls import DOMAIN
from panregion.world import Request
from tests.services.lambda_.lab import FAILED, Lab, laboratory

ORIGIN = "https://shop.example"


@pytest.fixture
def named(deploy: Any) -> str:
    return str(deploy("def handler(event, context): return event"))


def test_the_operations(client: Any, named: str) -> None:
    made = client.create_function_url_config(FunctionName=named, AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    assert f".{DOMAIN}.us-east-1.on.aws/" in made["FunctionUrl"]
    assert made["Cors"] == {"AllowOrigins": ["*"]}
    with pytest.raises(ClientError, match="FunctionUrlConfig exists for this Lambda function"):
        client.create_function_url_config(FunctionName=named, AuthType="NONE")
    changed = client.update_function_url_config(FunctionName=named, AuthType="AWS_IAM")
    assert (changed["AuthType"], changed["FunctionUrl"]) == ("AWS_IAM", made["FunctionUrl"])
    listed = client.list_function_url_configs(FunctionName=named)["FunctionUrlConfigs"]
    assert [each["FunctionUrl"] for each in listed] == [made["FunctionUrl"]]
    client.delete_function_url_config(FunctionName=named)
    with pytest.raises(ClientError, match="The resource you requested does not exist"):
        client.get_function_url_config(FunctionName=named)


class Urls:
    """A function URL and its function, which the test plays."""

    def __init__(self, lab: Lab, host: str) -> None:
        self.lab = lab
        self._host = host

    async def ask(
        self, method: str = "GET", path: str = "/", query: str = "", body: bytes = b"", **headers: str
    ) -> Any:
        given = [("Host", self._host), *((name.replace("_", "-"), value) for name, value in headers.items())]
        request = Request(method, path, query, given, body, "198.18.3.7")
        return await self.lab.region.gateway(request)


@pytest.fixture
async def urls(tmp_path: Any) -> Any:
    async with laboratory(tmp_path) as lab:
        yield lab


async def with_url(lab: Lab, **params: Any) -> Urls:
    made = await lab.region.ask(
        "lambda", "CreateFunctionUrlConfig", {"FunctionName": "f", "AuthType": "NONE", **params}
    )
    return Urls(lab, urlsplit(made["FunctionUrl"]).netloc)


def answering(**answer: Any) -> Any:
    return Outcome(payload=json.dumps(answer).encode())


async def test_a_request_is_an_event_of_format_2(urls: Lab) -> None:
    page = await with_url(urls)
    urls.functions.answers = [answering(statusCode=201, body="made", headers={"X-Own": "1"}, cookies=["a=b"])]
    response = await page.ask("POST", "/orders/7", "x=1&x=2", b'{"n":1}', content_type="application/json")
    assert (response.status, response.body) == (201, b"made")
    assert {("X-Own", "1"), ("Set-Cookie", "a=b")} <= set(response.headers)
    event = urls.functions.calls[0][2]
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/orders/7")
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["requestContext"]["http"]["sourceIp"] == "198.18.3.7"
    assert (event["body"], event["isBase64Encoded"]) == ('{"n":1}', False)


async def test_what_goes_wrong_is_told_to_nobody(urls: Lab) -> None:
    page = await with_url(urls)
    urls.functions.answers = [FAILED]
    response = await page.ask()
    assert (response.status, response.body) == (502, b'{"Message":"Internal Server Error"}')


async def test_a_url_that_wants_a_signature_takes_none_without(urls: Lab) -> None:
    page = await with_url(urls, AuthType="AWS_IAM")
    assert (await page.ask()).status == 403
    assert (await page.ask(authorization="AWS4-HMAC-SHA256 Credential=a/b/us-east-1/lambda/aws4_request")).status == 200


async def test_preflight_and_origin(urls: Lab) -> None:
    page = await with_url(urls, Cors={"AllowOrigins": [ORIGIN], "AllowMethods": ["GET"], "MaxAge": 5})
    asked = await page.ask("OPTIONS", origin=ORIGIN, access_control_request_method="GET")
    assert (asked.status, dict(asked.headers)["access-control-max-age"]) == (204, "5")
    assert dict((await page.ask(origin=ORIGIN)).headers)["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in dict((await page.ask(origin="https://other.example")).headers)


async def test_a_name_without_a_function_is_forbidden(urls: Lab) -> None:
    assert (await Urls(urls, f"{'a' * 32}.{DOMAIN}.us-east-1.on.aws").ask()).status == 403
