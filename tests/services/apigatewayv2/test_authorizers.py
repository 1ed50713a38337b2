"""Authorizers of HTTP APIs: who is asked, what passes, and what the function behind is told."""

from typing import Any

import pytest

from panregion.services import Context
from panregion.services.apigatewayv2 import SERVICE
from panregion.wire import AwsError
from tests.services.apigateway.lab import FUNCTION_ARN, FUNCTION_URI, FunctionFailed, json_of
from tests.services.apigatewayv2.lab import HttpLab, proxy

GUARD_ARN = "arn:aws:lambda:us-east-1:000000000000:function:guard"
GUARD_URI = FUNCTION_URI.replace(FUNCTION_ARN, GUARD_ARN)
TOKEN = ("Authorization", "open")
REQUEST = {
    "Name": "g",
    "AuthorizerType": "REQUEST",
    "AuthorizerUri": GUARD_URI,
    "AuthorizerPayloadFormatVersion": "2.0",
    "IdentitySource": ["$request.header.Authorization"],
}


async def guarded(lab: HttpLab, *, answer: Any, version: str = "2.0", behind: str = "2.0", **given: Any) -> str:
    """An API with one route behind an authorizer that answers so."""
    lab.asked = []  # type: ignore[attr-defined]

    def guard(event: Any) -> Any:
        lab.asked.append(event)  # type: ignore[attr-defined]
        return answer(event) if callable(answer) else answer

    lab.functions[GUARD_ARN] = guard
    authorizer = {
        "type": "request",
        "authorizerUri": GUARD_URI,
        "authorizerPayloadFormatVersion": version,
        "identitySource": "$request.header.Authorization",
        **given,
    }
    scheme = {"type": "apiKey", "name": "Unused", "in": "header", "x-amazon-apigateway-authorizer": authorizer}
    route = {**proxy(behind), "security": [{"Guard": []}]}
    return await lab.api({"/a": {"get": route}}, components={"securitySchemes": {"Guard": scheme}})


def simple(allowed: Any, **context: Any) -> Any:
    return {"isAuthorized": allowed, "context": context}


def policy(effect: str, resource: str = "*") -> Any:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {"principalId": "me", "policyDocument": {"Statement": [statement]}, "context": {"k": 1}}


async def test_a_simple_yes_passes_with_its_context(lab: HttpLab) -> None:
    api = await guarded(lab, answer=simple(True, user="u"), enableSimpleResponses=True)
    event = json_of(await lab.get(api, "/a?q=1", headers=[TOKEN]))
    assert event["requestContext"]["authorizer"] == {"lambda": {"user": "u"}}
    (asked,) = lab.asked  # type: ignore[attr-defined]
    assert (asked["type"], asked["identitySource"], asked["rawQueryString"]) == ("REQUEST", ["open"], "q=1")
    assert asked["routeArn"] == f"arn:aws:execute-api:us-east-1:000000000000:{api}/$default/GET/a"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (policy("Allow"), 200),
        (policy("Allow", "arn:aws:execute-api:us-east-1:*/GET/*"), 200),
        (policy("Allow", "arn:aws:execute-api:us-east-1:*/POST/*"), 403),
        (policy("Deny"), 403),
        ({"principalId": "me"}, 500),
        ("yes", 500),
    ],
)
async def test_policies(lab: HttpLab, answer: Any, status: int) -> None:
    api = await guarded(lab, answer=answer)
    response = await lab.get(api, "/a", headers=[TOKEN])
    assert response.status == status
    if status == 200:
        assert json_of(response)["requestContext"]["authorizer"] == {"lambda": {"k": 1, "principalId": "me"}}


@pytest.mark.parametrize(("allowed", "status"), [(False, 403), ("true", 500), (None, 500)])
async def test_simple_answers_that_let_nobody_pass(lab: HttpLab, allowed: Any, status: int) -> None:
    api = await guarded(lab, answer=simple(allowed), enableSimpleResponses=True)
    assert (await lab.get(api, "/a", headers=[TOKEN])).status == status


async def test_without_its_identity_nobody_is_asked(lab: HttpLab) -> None:
    api = await guarded(lab, answer=simple(True), enableSimpleResponses=True)
    response = await lab.get(api, "/a")
    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    assert lab.asked == []  # type: ignore[attr-defined]


async def test_an_answer_is_kept_by_identity_for_its_time(lab: HttpLab) -> None:
    api = await guarded(lab, answer=simple(True), enableSimpleResponses=True, authorizerResultTtlInSeconds=60)
    for token in ("a", "a", "b"):
        assert (await lab.get(api, "/a", headers=[("Authorization", token)])).status == 200
    assert len(lab.asked) == 2  # type: ignore[attr-defined]


async def test_a_function_that_fails_lets_nobody_pass(lab: HttpLab) -> None:
    def fails(_event: Any) -> Any:
        raise FunctionFailed({"errorMessage": "no"})

    api = await guarded(lab, answer=fails)
    assert (await lab.get(api, "/a", headers=[TOKEN])).status == 500


async def test_format_1_0_on_both_sides(lab: HttpLab) -> None:
    api = await guarded(lab, answer=policy("Allow"), version="1.0", behind="1.0")
    lab.functions[FUNCTION_ARN] = lambda event: {"statusCode": 200, "body": event}
    event = json_of(await lab.get(api, "/a", headers=[TOKEN]))
    assert event["requestContext"]["authorizer"] == {"k": 1, "principalId": "me"}
    (asked,) = lab.asked  # type: ignore[attr-defined]
    assert (asked["methodArn"], asked["authorizationToken"]) == (
        f"arn:aws:execute-api:us-east-1:000000000000:{api}/$default/GET/a",
        "open",
    )


async def test_a_route_that_wants_a_signature(lab: HttpLab) -> None:
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
    route = {**proxy(), "security": [{"Iam": []}]}
    api = await lab.api({"/a": {"get": route}}, components={"securitySchemes": {"Iam": scheme}})
    assert (await lab.get(api, "/a")).status == 403
    signed = ("Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b")
    assert (await lab.get(api, "/a", headers=[signed])).status == 200


async def test_the_operations(lab: HttpLab) -> None:
    api = (await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
    made = await lab.ask("CreateAuthorizer", ApiId=api, **REQUEST)
    assert made["AuthorizerResultTtlInSeconds"] == 300
    place = {"ApiId": api, "AuthorizerId": made["AuthorizerId"]}
    assert (await lab.ask("UpdateAuthorizer", **place, Name="h"))["Name"] == "h"
    assert [each["Name"] for each in (await lab.ask("GetAuthorizers", ApiId=api))["Items"]] == ["h"]
    route = await lab.ask("CreateRoute", RouteKey="GET /", AuthorizationType="CUSTOM", **place)
    with pytest.raises(AwsError, match="is referenced by a route"):
        await lab.ask("DeleteAuthorizer", **place)
    await lab.ask("DeleteRoute", ApiId=api, RouteId=route["RouteId"])
    await lab.ask("DeleteAuthorizer", **place)
    with pytest.raises(AwsError, match="Invalid Authorizer identifier specified"):
        await lab.ask("GetAuthorizer", **place)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"AuthorizerType": "JWT", "JwtConfiguration": {}}, "JwtConfiguration"),
        ({"AuthorizerType": "JWT"}, "with an Issuer and an Audience"),
        ({"AuthorizerUri": ""}, "AuthorizerUri is required"),
        ({"AuthorizerPayloadFormatVersion": "3.0"}, "AuthorizerPayloadFormatVersion"),
        ({"AuthorizerPayloadFormatVersion": "1.0", "EnableSimpleResponses": True}, "only supported for payload"),
        ({"AuthorizerResultTtlInSeconds": 60, "IdentitySource": []}, "IdentitySource is required"),
        ({"IdentitySource": ["header"]}, "Invalid identity source"),
    ],
)
async def test_what_cannot_be_an_authorizer(lab: HttpLab, changes: dict[str, Any], said: str) -> None:
    api = (await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
    with pytest.raises(AwsError, match=said):
        await lab.ask("CreateAuthorizer", **{"ApiId": api, **REQUEST, **changes})


async def test_cloudformation_makes_one(lab: HttpLab) -> None:
    kind = SERVICE.resources["AWS::ApiGatewayV2::Authorizer"]
    api = (await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
    properties = {"ApiId": api, **REQUEST, "AuthorizerResultTtlInSeconds": "30", "EnableSimpleResponses": "true"}
    context = Context(stack_name="s", logical_id="G", stack_id="arn", suffix="x")
    made = await kind.create(lab.here, properties, context)
    found = await lab.ask("GetAuthorizer", ApiId=api, AuthorizerId=made)
    assert (found["AuthorizerResultTtlInSeconds"], found["EnableSimpleResponses"]) == (30, True)
    await kind.delete(lab.here, made, properties, context)
