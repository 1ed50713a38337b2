"""A SAM application with both kinds of API and every form of Auth, deployed by boto3 and asked over HTTP."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.world import serve
from tests.services.apigatewayv2.test_tokens import Issuer
from tests.support import ServedRegion

TEMPLATE = (Path(__file__).parent / "sam.yaml").read_text()
SIGNATURE = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/execute-api/aws4_request, Signature=x"


Answer = tuple[int, Any, dict[str, str]]


class Deployed:
    """The application's APIs."""

    def __init__(self, served: ServedRegion, outputs: dict[str, str], issuer: Issuer) -> None:
        self._served = served
        self.outputs = outputs
        self.issuer = issuer

    def ask(self, api: str, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Status, body as a value and headers (lower case) of a request to the API `Rest` or `Http`."""
        stage = {"Rest": "prod", "Http": "live"}[api]
        url = f"{self._served.endpoint}/_aws/execute-api/{self.outputs[api]}/{stage}{path}"
        return self.fetch(url, method, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def fetch(self, url: str, method: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, text, told = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                status, text, told = error.code, error.read(), error.headers
        return status, json.loads(text or b"null"), {name.lower(): value for name, value in told.items()}

    def by_domain(self, domain: str, path: str) -> Answer:
        return self.fetch(f"{self._served.endpoint}{path}", "GET", None, {"Host": domain})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    issuer.server = await serve(issuer, "127.0.0.1", 0)
    yield issuer
    await issuer.server.close()


def deploy(served: ServedRegion, issuer: Issuer) -> Deployed:
    certificate = served.client("acm").request_certificate(DomainName="*.sam.test")["CertificateArn"]
    given = {"Issuer": issuer.url, "Certificate": certificate}
    stacks = served.client("cloudformation")
    stacks.create_stack(
        StackName="auth",
        TemplateBody=TEMPLATE,
        Capabilities=["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )
    stacks.get_waiter("stack_create_complete").wait(StackName="auth", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (stack,) = stacks.describe_stacks(StackName="auth")["Stacks"]
    return Deployed(served, {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}, issuer)


def undeploy(served: ServedRegion) -> None:
    stacks = served.client("cloudformation")
    stacks.delete_stack(StackName="auth")
    stacks.get_waiter("stack_delete_complete").wait(StackName="auth", WaiterConfig={"Delay": 1, "MaxAttempts": 60})


async def test_sam_with_every_form_of_auth(served: ServedRegion, issuer: Issuer) -> None:
    deployed = await asyncio.to_thread(deploy, served, issuer)
    await asyncio.to_thread(rest, served, deployed)
    await asyncio.to_thread(http, deployed)
    await asyncio.to_thread(undeploy, served)


def rest(served: ServedRegion, app: Deployed) -> None:
    client = served.client("apigateway")
    assert app.ask("Rest", "/default")[0] == 401
    assert app.ask("Rest", "/default", X_Token="xx")[0] == 401, "the validation expression"
    status, body, headers = app.ask("Rest", "/default", X_Token="other")
    assert (status, set(body), headers["x-why"]) == (418, {"m"}, "denied")
    status, body, _ = app.ask("Rest", "/default", X_Token="open")
    assert (status, body["authorizer"]["by"], body["variables"]) == (200, "guard", {"colour": "blue"})
    assert app.ask("Rest", "/request")[0] == 401
    assert app.ask("Rest", "/request?token=open")[0] == 200
    assert app.ask("Rest", "/iam")[0] == 403
    assert app.ask("Rest", "/iam", Authorization=SIGNATURE)[1]["identity"]["accessKey"] == "AKID"
    assert app.ask("Rest", "/open")[0] == 200
    assert app.ask("Rest", "/key")[0] == 403
    (plan,) = [p for p in client.get_usage_plans()["items"] if p["apiStages"][0]["apiId"] == app.outputs["Rest"]]
    assert (plan["quota"]["limit"], plan["throttle"]["rateLimit"]) == (1000, 100.0)
    (key,) = client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    assert app.ask("Rest", "/key", X_Api_Key=key["value"])[1]["identity"]["apiKeyId"] == key["id"]
    thing = {"method": "POST", "Content_Type": "application/json"}
    assert app.ask("Rest", "/thing?q=1", body=b"{}", **thing)[0] == 400
    assert app.ask("Rest", "/thing", body=b'{"id": "1"}', **thing)[0] == 400
    assert app.ask("Rest", "/thing?q=1", body=b'{"id": "1"}', **thing)[0] == 200
    status, _, headers = app.ask("Rest", "/default", method="OPTIONS")
    assert (status, headers["access-control-allow-origin"], headers["access-control-max-age"]) == (200, "*", "600")
    assert app.by_domain("rest.sam.test", "/v1/open")[0] == 200
    found = client.get_rest_api(restApiId=app.outputs["Rest"])
    assert "execute-api:Invoke" in found["policy"]
    stage = client.get_stage(restApiId=app.outputs["Rest"], stageName="prod")
    assert stage["canarySettings"]["stageVariableOverrides"] == {"colour": "green"}


def http(app: Deployed) -> None:
    far: dict[str, Any] = {"iat": None, "exp": 4_000_000_000}
    read, write = app.issuer.token(scope="read", **far), app.issuer.token(scope="write", **far)
    assert app.ask("Http", "/default")[0] == 401
    assert app.ask("Http", "/default", Authorization=f"Bearer {write}")[0] == 403
    status, body, _ = app.ask("Http", "/default", Authorization=f"Bearer {read}")
    assert (status, body["authorizer"]["jwt"]["claims"]["sub"]) == (200, "u")
    assert app.ask("Http", "/scopes", Authorization=f"Bearer {write}")[0] == 200
    assert app.ask("Http", "/lambda", Authorization="closed")[0] == 403
    assert app.ask("Http", "/lambda", Authorization="open")[1]["authorizer"] == {"lambda": {"by": "guard"}}
    assert app.ask("Http", "/iam")[0] == 403
    assert app.ask("Http", "/iam", Authorization=SIGNATURE)[1]["authorizer"]["iam"]["accessKey"] == "AKID"
    assert app.ask("Http", "/nowhere/else")[1]["variables"] == {"colour": "red"}
    assert [app.ask("Http", "/open")[0] for _ in range(2)] == [200, 429], "the route's own rate"
    given: dict[str, Any] = {"Origin": "https://a.example", "Access_Control_Request_Method": "GET"}
    status, _, headers = app.ask("Http", "/default", method="OPTIONS", **given)
    assert (status, headers["access-control-allow-origin"]) == (204, "https://a.example")
    assert app.by_domain("http.sam.test", "/else")[0] == 200
