"""Who may pass: signatures, Lambda authorizers, API keys, quotas and rates, request validators."""

from typing import Any

import pytest

from panregion.services.apigateway.authorize import decide
from panregion.services.apigateway.metering import period_of
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.validation import local
from panregion.services.rates import Bucket
from panregion.wire import AwsError
from tests.services.apigateway.lab import FUNCTION_ARN, FUNCTION_URI, FunctionFailed, Lab, json_of, proxy

AUTHORIZER_ARN = FUNCTION_ARN.replace("hello", "who")
ARN = "arn:aws:execute-api:us-east-1:000000000000:api/prod/GET/item/7"


def scheme(kind: str, **more: Any) -> dict[str, Any]:
    given = {"type": kind, "authorizerUri": FUNCTION_URI.replace(FUNCTION_ARN, AUTHORIZER_ARN), **more}
    return {
        "securityDefinitions": {
            "who": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": given,
            }
        }
    }


def guarded() -> dict[str, Any]:
    return {"/item/{id}": {"get": {**proxy(), "security": [{"who": []}]}}}


def policy(effect: str = "Allow", resource: str = "*") -> dict[str, Any]:
    return {"Statement": [{"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}]}


async def test_a_token_authorizer_lets_pass_and_says_who(lab: Lab) -> None:
    asked: list[Any] = []

    def who(event: Any) -> Any:
        asked.append(event)
        return {"principalId": "ada", "policyDocument": policy(), "context": {"n": 1, "yes": True}}

    lab.functions[AUTHORIZER_ARN] = who
    api = await lab.api(guarded(), **scheme("token"))
    answer = await lab.get(api, "/item/7", headers=[("Authorization", "secret")])
    authorizer = json_of(answer)["requestContext"]["authorizer"]
    assert authorizer == {"n": "1", "yes": "true", "principalId": "ada", "integrationLatency": 0}
    arn = f"arn:aws:execute-api:us-east-1:000000000000:{api}/prod/GET/item/7"
    assert asked == [{"type": "TOKEN", "methodArn": arn, "authorizationToken": "secret"}]


async def test_a_request_authorizer_sees_the_request(lab: Lab) -> None:
    def who(event: Any) -> Any:
        assert event["type"] == "REQUEST"
        assert event["pathParameters"] == {"id": "7"}
        return {
            "principalId": event["queryStringParameters"]["q"],
            "policyDocument": policy(resource=event["methodArn"]),
        }

    lab.functions[AUTHORIZER_ARN] = who
    api = await lab.api(guarded(), **scheme("request", identitySource="method.request.querystring.q"))
    assert json_of(await lab.get(api, "/item/7?q=v"))["requestContext"]["authorizer"]["principalId"] == "v"
    assert (await lab.get(api, "/item/7")).status == 401


def raising(message: str) -> Any:
    def who(_event: Any) -> Any:
        raise FunctionFailed(message)

    return who


@pytest.mark.parametrize(
    ("who", "token", "status", "body"),
    [
        (None, None, 401, b'{"message":"Unauthorized"}'),
        (None, "wrong", 401, b'{"message":"Unauthorized"}'),
        (raising("Unauthorized"), "Bearer x", 401, b'{"message":"Unauthorized"}'),
        (raising("broken"), "Bearer x", 500, b'{"message":null}'),
        (lambda _: "no object", "Bearer x", 500, b'{"message":null}'),
        (lambda _: {"principalId": "a"}, "Bearer x", 500, b'{"message":null}'),
        (
            lambda _: {"principalId": "a", "policyDocument": policy(resource="arn:other")},
            "Bearer x",
            403,
            b'{"Message":"User is not authorized to access this resource"}',
        ),
        (
            lambda _: {"principalId": "a", "policyDocument": policy("Deny")},
            "Bearer x",
            403,
            b'{"Message":"User is not authorized to access this resource with an explicit deny in an'
            b' identity-based policy"}',
        ),
        (None, "Bearer x", 500, b'{"message":null}'),
    ],
)
async def test_those_who_do_not_pass(lab: Lab, who: Any, token: str | None, status: int, body: bytes) -> None:
    if who:
        lab.functions[AUTHORIZER_ARN] = who
    api = await lab.api(guarded(), **scheme("token", identityValidationExpression="Bearer .*"))
    answer = await lab.get(api, "/item/7", headers=[("Authorization", token)] if token else [])
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize(
    ("statements", "passes"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, True),
        ([{"Effect": "Allow", "Action": ["execute-api:*"], "Resource": ["x", "arn:*/prod/GET/*"]}], True),
        ([{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:*/prod/G?T/item/?"}], True),
        ([{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:*/prod/POST/*"}], False),
        ([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], False),
        ([], False),
    ],
)
def test_policies(statements: Any, passes: bool) -> None:
    if passes:
        decide({"Statement": statements}, ARN)
    else:
        with pytest.raises(Refusal):
            decide({"Statement": statements}, ARN)


async def test_aws_iam_wants_a_signature(lab: Lab) -> None:
    operation = {**proxy(), "x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
    api = await lab.api({"/": {"get": operation}})
    answer = await lab.get(api, "/")
    assert (answer.status, answer.body) == (403, b'{"message":"Missing Authentication Token"}')
    signed = [("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/execute-api/aws4_request")]
    assert (await lab.get(api, "/", headers=signed)).status == 200


async def keyed(lab: Lab, **plan: Any) -> tuple[str, str]:
    """An API that wants a key, and one that a plan with these limits gives."""
    security = {"securityDefinitions": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}}
    api = await lab.api({"/": {"get": {**proxy(), "security": [{"api_key": []}]}}}, **security)
    key = await lab.ask("CreateApiKey", name="k", enabled=True)
    stages = [{"apiId": api, "stage": "prod"}]
    made = await lab.ask("CreateUsagePlan", name="p", apiStages=stages, **plan)
    await lab.ask("CreateUsagePlanKey", usagePlanId=made["id"], keyId=key["id"], keyType="API_KEY")
    return api, key["value"]


async def test_an_api_key(lab: Lab) -> None:
    api, value = await keyed(lab)
    for headers in ([], [("x-api-key", "wrong")]):
        answer = await lab.get(api, "/", headers=headers)
        assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')
    event = json_of(await lab.get(api, "/", headers=[("X-Api-Key", value)]))
    assert event["requestContext"]["identity"]["apiKey"] == value


async def test_an_api_key_counts_while_it_is_there_and_enabled(lab: Lab) -> None:
    api, value = await keyed(lab)
    (key,) = (await lab.ask("GetApiKeys"))["items"]

    async def status() -> int:
        return (await lab.get(api, "/", headers=[("x-api-key", value)])).status

    for enabled, wanted in (("false", 403), ("true", 200)):
        patch = [{"op": "replace", "path": "/enabled", "value": enabled}]
        await lab.ask("UpdateApiKey", apiKey=key["id"], patchOperations=patch)
        assert await status() == wanted
    with pytest.raises(AwsError, match="API Key already exists"):
        await lab.ask("CreateApiKey", name="again", value=value)
    await lab.ask("DeleteApiKey", apiKey=key["id"])
    assert await status() == 403
    assert (await lab.ask("CreateApiKey", name="again", value=value))["value"] == value, "its value is free again"


async def test_a_quota(lab: Lab) -> None:
    api, value = await keyed(lab, quota={"limit": 2, "period": "DAY"})
    answers = [await lab.get(api, "/", headers=[("x-api-key", value)]) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].body == b'{"message":"Limit Exceeded"}'
    await lab.clock.advance(86_400)
    assert (await lab.get(api, "/", headers=[("x-api-key", value)])).status == 200


@pytest.mark.parametrize("period", ["DAY", "WEEK"])
async def test_what_was_used_is_told_and_more_is_granted(lab: Lab, period: str) -> None:
    api, value = await keyed(lab, quota={"limit": 3, "period": period})
    (plan,) = (await lab.ask("GetUsagePlans"))["items"]
    (key,) = (await lab.ask("GetUsagePlanKeys", usagePlanId=plan["id"]))["items"]

    async def statuses(count: int) -> list[int]:
        return [(await lab.get(api, "/", headers=[("x-api-key", value)])).status for _ in range(count)]

    async def told() -> Any:
        asked = {"usagePlanId": plan["id"], "startDate": "2015-04-08", "endDate": "2015-04-10"}
        return (await lab.ask("GetUsage", **asked))["items"][key["id"]]

    assert await statuses(2) == [200, 200]
    assert await told() == [[0, 3], [2, 1], [0, 3 if period == "DAY" else 1]]
    await lab.clock.advance(86_400)
    assert await statuses(2) == [200, 200 if period == "DAY" else 429]
    assert (await told())[1:] == ([[2, 1], [2, 1]] if period == "DAY" else [[2, 1], [1, 0]])
    given = {"usagePlanId": plan["id"], "keyId": key["id"]}
    patches = [{"op": "replace", "path": "/remaining", "value": "2"}]
    changed = await lab.ask("UpdateUsage", **given, patchOperations=patches)
    assert changed["items"][key["id"]][0][1] == 2
    assert await statuses(3) == [200, 200, 429]


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("GetUsage", {"startDate": "2015-04-10", "endDate": "2015-04-09"}, "the first before the last"),
        ("GetUsage", {"startDate": "2015-01-01", "endDate": "2015-04-09"}, "at most 90 days"),
        ("GetUsage", {"startDate": "today", "endDate": "2015-04-09"}, "YYYY-MM-DD"),
        ("GetUsage", {"startDate": "2015-04-09", "endDate": "2015-04-09", "keyId": "none"}, "Invalid Usage Plan ID"),
        ("UpdateUsage", {"patchOperations": []}, "has no quota"),
    ],
)
async def test_usage_that_cannot_be_told(lab: Lab, operation: str, given: dict[str, Any], said: str) -> None:
    await keyed(lab)
    (plan,) = (await lab.ask("GetUsagePlans"))["items"]
    (key,) = (await lab.ask("GetUsagePlanKeys", usagePlanId=plan["id"]))["items"]
    params = given if operation == "GetUsage" else {"keyId": key["id"], **given}
    with pytest.raises(AwsError, match=said):
        await lab.ask(operation, usagePlanId=plan["id"], **params)


async def test_a_rate(lab: Lab) -> None:
    api, value = await keyed(lab, throttle={"rateLimit": 1.0, "burstLimit": 2})
    answers = [await lab.get(api, "/", headers=[("x-api-key", value)]) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].body == b'{"message":"Too Many Requests"}'
    await lab.clock.advance(1)
    assert (await lab.get(api, "/", headers=[("x-api-key", value)])).status == 200


async def test_a_rate_of_one_method_in_a_plan(lab: Lab) -> None:
    api, value = await keyed(lab, throttle={"rateLimit": 100.0, "burstLimit": 100})
    (plan,) = (await lab.ask("GetUsagePlans"))["items"]
    path = f"/apiStages/{api}:prod/throttle/~1GET"
    patches = [
        {"op": "replace", "path": f"{path}/rateLimit", "value": "1"},
        {"op": "replace", "path": f"{path}/burstLimit", "value": "1"},
    ]
    changed = await lab.ask("UpdateUsagePlan", usagePlanId=plan["id"], patchOperations=patches)
    assert changed["apiStages"][0]["throttle"] == {"/GET": {"rateLimit": 1.0, "burstLimit": 1}}
    answers = [(await lab.get(api, "/", headers=[("x-api-key", value)])).status for _ in range(2)]
    assert answers == [200, 429]
    removed = [{"op": "remove", "path": path}]
    changed = await lab.ask("UpdateUsagePlan", usagePlanId=plan["id"], patchOperations=removed)
    assert "throttle" not in changed["apiStages"][0]
    assert (await lab.get(api, "/", headers=[("x-api-key", value)])).status == 200
    wrong = [{"op": "replace", "path": f"/apiStages/{api}:prod/other", "value": "1"}]
    with pytest.raises(AwsError, match="Invalid patch path"):
        await lab.ask("UpdateUsagePlan", usagePlanId=plan["id"], patchOperations=wrong)


async def test_a_rate_of_a_stage(lab: Lab) -> None:
    api = await lab.api({"/a": {"get": proxy()}, "/b": {"get": proxy()}})
    limits = (("rateLimit", "1"), ("burstLimit", "1"))
    patches = [{"op": "replace", "path": f"/~1a/GET/throttling/{name}", "value": value} for name, value in limits]
    await lab.ask("UpdateStage", restApiId=api, stageName="prod", patchOperations=patches)
    assert [(await lab.get(api, path)).status for path in ("/a", "/a", "/b", "/b")] == [200, 429, 200, 200]
    patches = [{"op": "replace", "path": f"/*/*/throttling/{name}", "value": value} for name, value in limits]
    await lab.ask("UpdateStage", restApiId=api, stageName="prod", patchOperations=patches)
    assert [(await lab.get(api, "/b")).status for _ in range(2)] == [200, 429]


async def test_an_authorizers_answer_is_kept_and_holds_for_other_methods(lab: Lab) -> None:
    asked: list[Any] = []

    def who(event: Any) -> Any:
        asked.append(event)
        named = event["methodArn"] if event["authorizationToken"] == "one" else "*"
        return {"principalId": "ada", "policyDocument": policy(resource=named)}

    lab.functions[AUTHORIZER_ARN] = who
    paths = {f"/{name}": {"get": {**proxy(), "security": [{"who": []}]}} for name in "ab"}
    api = await lab.api(paths, **scheme("token", authorizerResultTtlInSeconds=60))

    async def status(path: str, token: str) -> int:
        return (await lab.get(api, path, headers=[("Authorization", token)])).status

    assert [await status("/a", "one"), await status("/b", "one"), await status("/a", "one")] == [200, 403, 200]
    assert [await status("/a", "all"), await status("/b", "all")] == [200, 200]
    assert len(asked) == 2
    await lab.clock.advance(60)
    assert await status("/b", "one") == 200
    assert len(asked) == 3
    await lab.ask("FlushStageAuthorizersCache", restApiId=api, stageName="prod")
    assert await status("/b", "one") == 200
    assert len(asked) == 4


async def test_a_request_authorizers_answer_is_kept_by_all_its_sources(lab: Lab) -> None:
    asked: list[Any] = []

    def who(event: Any) -> Any:
        asked.append(event)
        return {"principalId": "ada", "policyDocument": policy()}

    lab.functions[AUTHORIZER_ARN] = who
    sources = "method.request.querystring.q, context.identity.sourceIp"
    api = await lab.api(guarded(), **scheme("request", identitySource=sources))
    never = await lab.api(guarded(), **scheme("request", identitySource=sources, authorizerResultTtlInSeconds=0))
    for path, count in (("/item/1?q=a", 1), ("/item/2?q=a", 1), ("/item/1?q=b", 2)):
        await lab.get(api, path)
        assert len(asked) == count
    for count in (3, 4):
        await lab.get(never, "/item/1?q=a")
        assert len(asked) == count


async def test_who_signed_is_shown(lab: Lab) -> None:
    operation = {**proxy(), "x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
    api = await lab.api({"/": {"get": operation}})
    scope = "AKID/20260101/us-east-1/execute-api/aws4_request"
    by_header = await lab.get(
        api, "/", headers=[("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, Signature=x")]
    )
    by_query = await lab.get(api, f"/?X-Amz-Credential={scope.replace('/', '%2F')}&X-Amz-Signature=x")
    for answer in (by_header, by_query):
        identity = json_of(answer)["requestContext"]["identity"]
        assert (identity["accessKey"], identity["accountId"]) == ("AKID", "000000000000")
        assert identity["userArn"] == "arn:aws:iam::000000000000:root"


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    bucket = Bucket(2, 0)
    assert [bucket.take(100, 1, 2) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(("period", "day"), [("DAY", "2015-04-09"), ("WEEK", "2015-04-05"), ("MONTH", "2015-04-01")])
def test_periods(period: str, day: str) -> None:
    assert period_of(1_428_582_896, period) == day


VALIDATED = {
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-request-validator": "all",
    "x-amazon-apigateway-gateway-responses": {
        "BAD_REQUEST_BODY": {"responseTemplates": {"application/json": "$context.error.validationErrorString"}}
    },
    "definitions": {
        "Id": {"type": "string", "minLength": 2},
        "Thing": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"$ref": "#/definitions/Id"}, "n": {"type": "integer"}},
        },
    },
}


@pytest.mark.parametrize(
    ("query", "body", "status", "told"),
    [
        ("?q=1", b'{"id": "ab", "n": 1}', 200, b""),
        ("", b'{"id": "ab"}', 400, b"Missing required request parameters: [q]"),
        ("?q=1", b'{"n": 1}', 400, b"'id' is a required property"),
        ("?q=1", b'{"id": "a"}', 400, b"too short"),
        ("?q=1", b"not json", 400, b"JSON"),
        ("?q=1", b"", 400, b"None is not of type 'object'"),
    ],
)
async def test_validators(lab: Lab, query: str, body: bytes, status: int, told: bytes) -> None:
    parameters = [
        {"in": "query", "name": "q", "required": True, "type": "string"},
        {"in": "body", "name": "Thing", "schema": {"$ref": "#/definitions/Thing"}},
    ]
    api = await lab.api({"/": {"post": {**proxy(), "parameters": parameters}}}, **VALIDATED)
    answer = await lab.get(api, f"/{query}", "POST", body=body)
    assert answer.status == status
    assert isinstance(answer.body, bytes)
    assert told in answer.body


def test_references_to_models_by_url() -> None:
    schema = {"id": "x", "properties": {"id": {"$ref": "https://apigateway.amazonaws.com/restapis/a/models/B"}}}
    assert local(schema) == {"properties": {"id": {"$ref": "#/definitions/B"}}}
