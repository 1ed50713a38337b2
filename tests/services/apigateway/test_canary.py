"""Canaries: a share of requests by chance, other variables, and promotion by patches."""

from typing import Any

import pytest

from panregion.services.apigateway.canary import chosen
from panregion.services.apigateway.model import Stage
from panregion.wire import AwsError
from tests.services.apigateway.lab import Lab, json_of

MOCK = {
    "responses": {"200": {"description": "ok"}},
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {
            "default": {
                "statusCode": "200",
                "responseTemplates": {
                    "application/json": '{"colour": "$stageVariables.colour", "canary": $context.isCanaryRequest}'
                },
            }
        },
    },
}


async def canaried(lab: Lab, percent: float) -> str:
    """An API whose second deployment, which has one path more, is the canary."""
    api = await lab.api({"/a": {"get": MOCK}})
    key = {"restApiId": api, "stageName": "prod"}
    patches = [{"op": "replace", "path": "/variables/colour", "value": "blue"}]
    await lab.ask("UpdateStage", **key, patchOperations=patches)
    root = next(r for r in (await lab.ask("GetResources", restApiId=api))["items"] if r["path"] == "/")
    made = await lab.ask("CreateResource", restApiId=api, parentId=root["id"], pathPart="new")
    method = {"restApiId": api, "resourceId": made["id"], "httpMethod": "GET"}
    await lab.ask("PutMethod", **method, authorizationType="NONE")
    await lab.ask("PutIntegration", **method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    await lab.ask("PutMethodResponse", **method, statusCode="200")
    await lab.ask("PutIntegrationResponse", **method, statusCode="200")
    settings = {"percentTraffic": percent, "stageVariableOverrides": {"colour": "green"}}
    await lab.ask("CreateDeployment", **key, canarySettings=settings)
    return api


async def seen(lab: Lab, api: str) -> Any:
    return json_of(await lab.get(api, "/a"))


async def test_a_share_of_the_requests_goes_to_the_canary(lab: Lab) -> None:
    api = await canaried(lab, 25.0)
    answers = [await seen(lab, api) for _ in range(400)]
    assert {(answer["colour"], answer["canary"]) for answer in answers} == {("blue", False), ("green", True)}
    assert 60 < sum(answer["canary"] for answer in answers) < 140
    stage = await lab.ask("GetStage", restApiId=api, stageName="prod")
    with pytest.raises(AwsError, match="Active stages"):
        await lab.ask("DeleteDeployment", restApiId=api, deploymentId=stage["canarySettings"]["deploymentId"])


async def test_promotion(lab: Lab) -> None:
    api = await canaried(lab, 0.0)
    key = {"restApiId": api, "stageName": "prod"}
    assert {(await seen(lab, api))["canary"] for _ in range(20)} == {False}
    assert (await lab.get(api, "/new")).status == 403
    all_of_it = [{"op": "replace", "path": "/canarySettings/percentTraffic", "value": "100.0"}]
    changed = await lab.ask("UpdateStage", **key, patchOperations=all_of_it)
    assert changed["canarySettings"]["percentTraffic"] == 100.0
    assert await seen(lab, api) == {"colour": "green", "canary": True}
    assert (await lab.get(api, "/new")).status == 200
    promote = [
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
        {"op": "remove", "path": "/canarySettings"},
    ]
    changed = await lab.ask("UpdateStage", **key, patchOperations=promote)
    assert "canarySettings" not in changed
    assert changed["variables"] == {"colour": "green"}
    assert await seen(lab, api) == {"colour": "green", "canary": False}
    assert (await lab.get(api, "/new")).status == 200


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"op": "replace", "path": "/canarySettings/percentTraffic", "value": "101"}, "between 0.0 and 100.0"),
        ({"op": "replace", "path": "/canarySettings/percentTraffic", "value": "many"}, "Invalid patch value"),
        ({"op": "replace", "path": "/canarySettings/other", "value": "1"}, "Invalid patch path"),
        ({"op": "replace", "path": "/canarySettings/deploymentId", "value": "none"}, "Deployment id does not exist"),
        ({"op": "replace", "path": "/canarySettings/useStageCache", "value": "true"}, "is not supported"),
        ({"op": "copy", "from": "/description", "path": "/deploymentId"}, "nothing to copy"),
        ({"op": "copy", "from": "/canarySettings/deploymentId", "path": "/description"}, "Invalid patch path"),
    ],
)
async def test_what_a_canary_cannot_be(lab: Lab, patch: dict[str, str], said: str) -> None:
    api = await canaried(lab, 10.0)
    with pytest.raises(AwsError, match=said):
        await lab.ask("UpdateStage", restApiId=api, stageName="prod", patchOperations=[patch])


async def test_overrides_are_patched_one_by_one(lab: Lab) -> None:
    api = await canaried(lab, 100.0)
    path = "/canarySettings/stageVariableOverrides"
    patches = [{"op": "replace", "path": f"{path}/more", "value": "1"}, {"op": "remove", "path": f"{path}/colour"}]
    changed = await lab.ask("UpdateStage", restApiId=api, stageName="prod", patchOperations=patches)
    assert changed["canarySettings"]["stageVariableOverrides"] == {"more": "1"}
    assert (await seen(lab, api))["colour"] == "blue"


def test_who_is_the_canary() -> None:
    stage = Stage(
        stage_name="s",
        deployment_id="a",
        created_date=0,
        last_updated_date=0,
        cache_cluster_enabled=False,
        cache_cluster_status="NOT_AVAILABLE",
        method_settings={},
        tracing_enabled=False,
        canary_settings={"percentTraffic": 25.0, "deploymentId": "b"},
    )
    assert [chosen(stage, chance)[0].deployment_id for chance in (0.0, 0.2499, 0.25, 0.99)] == ["b", "b", "a", "a"]
