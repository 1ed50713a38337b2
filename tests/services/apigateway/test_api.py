"""The control plane, as AWS's own client sees it."""

import json
from collections.abc import Callable
from typing import Any

import botocore.exceptions
import pytest

from tests.support import ServedRegion


@pytest.fixture(scope="module")
def client(served: ServedRegion) -> Any:
    return served.client("apigateway")


def refused(call: Callable[[], Any]) -> tuple[str, int, str]:
    """The code, status and message with which a call is refused."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], metadata["HTTPStatusCode"], error["Message"]


def test_a_rest_api_from_birth_to_death(client: Any) -> None:
    made = client.create_rest_api(
        name="hello",
        description="d",
        binaryMediaTypes=["image/png"],
        endpointConfiguration={"types": ["REGIONAL"]},
        tags={"a": "1"},
    )
    api = made["id"]
    assert len(api) == 10
    assert made["endpointConfiguration"] == {"types": ["REGIONAL"], "ipAddressType": "ipv4"}
    assert (made["apiKeySource"], made["disableExecuteApiEndpoint"]) == ("HEADER", False)
    root = client.get_resources(restApiId=api)["items"]
    assert root == [{"id": made["rootResourceId"], "path": "/"}]
    assert {model["name"] for model in client.get_models(restApiId=api)["items"]} == {"Empty", "Error"}
    patched = client.update_rest_api(
        restApiId=api,
        patchOperations=[
            {"op": "replace", "path": "/name", "value": "bye"},
            {"op": "add", "path": "/binaryMediaTypes/text~1css"},
            {"op": "remove", "path": "/binaryMediaTypes/image~1png"},
            {"op": "replace", "path": "/minimumCompressionSize", "value": "1000"},
        ],
    )
    assert (patched["name"], patched["binaryMediaTypes"], patched["minimumCompressionSize"]) == (
        "bye",
        ["text/css"],
        1000,
    )
    assert made["createdDate"] == client.get_rest_api(restApiId=api)["createdDate"]
    client.delete_rest_api(restApiId=api)
    assert refused(lambda: client.get_rest_api(restApiId=api)) == (
        "NotFoundException",
        404,
        f"Invalid API identifier specified 000000000000:{api}",
    )


def test_a_bad_patch_names_the_paths_that_are_good(client: Any) -> None:
    api = client.create_rest_api(name="patch")["id"]
    bad = [{"op": "replace", "path": "/color", "value": "x"}]
    code, status, message = refused(lambda: client.update_rest_api(restApiId=api, patchOperations=bad))
    assert (code, status) == ("BadRequestException", 400)
    assert message.startswith("Invalid patch path  '/color' specified for op 'replace'. Must be one of: [/name, ")


def test_resources(client: Any) -> None:
    made = client.create_rest_api(name="tree")
    api, root = made["id"], made["rootResourceId"]
    item = client.create_resource(restApiId=api, parentId=root, pathPart="item")
    one = client.create_resource(restApiId=api, parentId=item["id"], pathPart="{id}")
    assert (one["path"], one["parentId"], one["pathPart"]) == ("/item/{id}", item["id"], "{id}")

    def again(part: str, parent: str = item["id"]) -> tuple[str, int, str]:
        return refused(lambda: client.create_resource(restApiId=api, parentId=parent, pathPart=part))

    assert again("{id}")[:2] == ("ConflictException", 409)
    assert again("{other}")[:2] == ("BadRequestException", 400)
    assert again("a b")[:2] == ("BadRequestException", 400)
    assert again("x", "nosuch") == ("NotFoundException", 404, "Invalid Resource identifier specified")
    greedy = client.create_resource(restApiId=api, parentId=root, pathPart="{rest+}")
    assert again("x", greedy["id"])[:2] == ("BadRequestException", 400)
    move = [{"op": "replace", "path": "/pathPart", "value": "thing"}]
    client.update_resource(restApiId=api, resourceId=item["id"], patchOperations=move)
    paths = {resource["path"] for resource in client.get_resources(restApiId=api)["items"]}
    assert paths == {"/", "/thing", "/thing/{id}", "/{rest+}"}
    client.delete_resource(restApiId=api, resourceId=item["id"])
    paths = {resource["path"] for resource in client.get_resources(restApiId=api)["items"]}
    assert paths == {"/", "/{rest+}"}
    assert refused(lambda: client.delete_resource(restApiId=api, resourceId=root))[1] == 400


def test_lists_come_in_pages(client: Any) -> None:
    made = client.create_rest_api(name="pages")
    api, root = made["id"], made["rootResourceId"]
    for number in range(4):
        client.create_resource(restApiId=api, parentId=root, pathPart=f"p{number}")
    pages = client.get_paginator("get_resources").paginate(restApiId=api, PaginationConfig={"PageSize": 2})
    assert [len(page["items"]) for page in pages] == [2, 2, 1]


def test_methods_integrations_and_their_responses(client: Any) -> None:
    made = client.create_rest_api(name="methods")
    at = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "GET"}
    assert refused(lambda: client.get_method(**at))[2] == "Invalid Method identifier specified"
    put = client.put_method(**at, authorizationType="NONE", requestParameters={"method.request.querystring.q": True})
    assert (put["httpMethod"], put["apiKeyRequired"], put["authorizationType"]) == ("GET", False, "NONE")
    assert refused(lambda: client.put_method(**at, authorizationType="NONE"))[:2] == ("ConflictException", 409)
    assert refused(lambda: client.get_integration(**at))[2] == "Invalid Integration identifier specified"
    code = {"statusCode": "200"}
    assert refused(lambda: client.get_method_response(**at, **code))[0] == "NotFoundException"
    client.put_method_response(**at, **code, responseParameters={"method.response.header.A": False})
    integration = client.put_integration(
        **at, type="HTTP", integrationHttpMethod="POST", uri="http://a.test/", requestTemplates={"text/plain": "x"}
    )
    assert (integration["httpMethod"], integration["timeoutInMillis"]) == ("POST", 29000)
    assert integration["passthroughBehavior"] == "WHEN_NO_MATCH"
    mapped = {"responseParameters": {"method.response.header.B": "'x'"}}
    assert refused(lambda: client.put_integration_response(**at, **code, **mapped))[0] == "BadRequestException"
    response = client.put_integration_response(
        **at, **code, selectionPattern="2..", responseTemplates={"application/json": "{}"}
    )
    assert response["selectionPattern"] == "2.."
    client.update_integration(
        **at,
        patchOperations=[
            {"op": "replace", "path": "/requestTemplates/text~1plain", "value": "y"},
            {"op": "replace", "path": "/timeoutInMillis", "value": "100"},
        ],
    )
    whole = client.get_method(**at)
    assert whole["methodIntegration"]["requestTemplates"] == {"text/plain": "y"}
    assert whole["methodIntegration"]["timeoutInMillis"] == 100
    assert whole["methodIntegration"]["integrationResponses"]["200"]["responseTemplates"] == {"application/json": "{}"}
    assert whole["methodResponses"]["200"]["responseParameters"] == {"method.response.header.A": False}
    shown = client.get_resources(restApiId=made["id"], embed=["methods"])["items"][0]["resourceMethods"]["GET"]
    assert shown["methodIntegration"]["type"] == "HTTP"
    client.delete_integration_response(**at, **code)
    client.delete_method_response(**at, **code)
    client.delete_integration(**at)
    client.delete_method(**at)
    assert "resourceMethods" not in client.get_resources(restApiId=made["id"])["items"][0]


@pytest.mark.parametrize(
    ("integration", "told"),
    [
        ({"type": "AWS_PROXY", "uri": "arn:x"}, "HttpMethod"),
        ({"type": "AWS_PROXY", "uri": "arn:x:sqs:action/X", "integrationHttpMethod": "POST"}, "AWS_PROXY"),
        ({"type": "AWS", "uri": "nonsense", "integrationHttpMethod": "POST"}, "Invalid ARN"),
        ({"type": "HTTP", "uri": "ftp://a", "integrationHttpMethod": "GET"}, "Invalid HTTP endpoint"),
        ({"type": "MOCK", "timeoutInMillis": 49}, "Timeout should be between 50 ms and 29000 ms"),
        ({"type": "MOCK", "connectionType": "VPC_LINK"}, "connectionType VPC_LINK is not supported"),
    ],
)
def test_integrations_that_cannot_be(client: Any, integration: dict[str, Any], told: str) -> None:
    made = client.create_rest_api(name="wrong")
    at = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "ANY"}
    client.put_method(**at, authorizationType="NONE")
    code, status, message = refused(lambda: client.put_integration(**at, **integration))
    assert (code, status) == ("BadRequestException", 400)
    assert told in message


def test_deployments_and_stages(client: Any) -> None:
    made = client.create_rest_api(name="deploy")
    api = made["id"]
    deploy = {"restApiId": api}
    assert refused(lambda: client.create_deployment(**deploy))[2] == "The REST API doesn't contain any methods"
    at = {"restApiId": api, "resourceId": made["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE")
    assert refused(lambda: client.create_deployment(**deploy))[2] == "No integration defined for method"
    client.put_integration(**at, type="MOCK")
    first = client.create_deployment(**deploy, stageName="one", variables={"v": "1"})["id"]
    second = client.create_deployment(**deploy, description="second")["id"]
    summary = client.get_deployment(**deploy, deploymentId=first, embed=["apisummary"])["apiSummary"]
    assert summary == {"/": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
    stage = client.create_stage(**deploy, stageName="two", deploymentId=second, tags={"x": "y"})
    assert (stage["cacheClusterEnabled"], stage["methodSettings"]) == (False, {})
    two = {"restApiId": api, "stageName": "two", "deploymentId": second}
    assert refused(lambda: client.create_stage(**two))[:2] == ("ConflictException", 409)
    assert refused(lambda: client.create_stage(**{**two, "stageName": "a b"}))[0] == "BadRequestException"
    assert refused(lambda: client.create_stage(**{**two, "deploymentId": "nosuch"}))[0] == "BadRequestException"
    canary = {"canarySettings": {"percentTraffic": 101}, "stageName": "three"}
    assert "between 0.0 and 100.0" in refused(lambda: client.create_stage(**{**two, **canary}))[2]
    active = refused(lambda: client.delete_deployment(**deploy, deploymentId=second))
    assert active[2] == "Active stages pointing to this deployment must be moved or deleted"
    updated = client.update_stage(
        restApiId=api,
        stageName="two",
        patchOperations=[
            {"op": "replace", "path": "/deploymentId", "value": first},
            {"op": "replace", "path": "/variables/colour", "value": "blue"},
            {"op": "replace", "path": "/~1item~1{id}/GET/throttling/rateLimit", "value": "5.5"},
            {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"},
        ],
    )
    assert updated["deploymentId"] == first
    assert updated["variables"] == {"colour": "blue"}
    assert updated["methodSettings"]["item/{id}/GET"]["throttlingRateLimit"] == 5.5
    assert updated["methodSettings"]["*/*"]["metricsEnabled"] is True
    client.delete_deployment(**deploy, deploymentId=second)
    assert len(client.get_stages(**deploy)["item"]) == 2
    client.delete_stage(restApiId=api, stageName="two")
    assert refused(lambda: client.get_stage(restApiId=api, stageName="two"))[2] == "Invalid stage identifier specified"


def test_models_validators_authorizers_and_gateway_responses(client: Any) -> None:
    api = client.create_rest_api(name="rest")["id"]
    model = {"restApiId": api, "name": "Thing", "contentType": "application/json"}
    client.create_model(**model, schema='{"type": "object"}')
    assert refused(lambda: client.create_model(**model))[:2] == ("ConflictException", 409)
    assert refused(lambda: client.create_model(**{**model, "name": "B"}, schema="{"))[0] == "BadRequestException"
    client.update_model(
        restApiId=api, modelName="Thing", patchOperations=[{"op": "replace", "path": "/description", "value": "t"}]
    )
    assert client.get_model(restApiId=api, modelName="Thing")["description"] == "t"
    client.delete_model(restApiId=api, modelName="Thing")
    validator = client.create_request_validator(restApiId=api, name="v", validateRequestBody=True)
    key = {"restApiId": api, "requestValidatorId": validator["id"]}
    patch = [{"op": "replace", "path": "/validateRequestBody", "value": "false"}]
    assert client.update_request_validator(**key, patchOperations=patch)["validateRequestBody"] is False
    client.delete_request_validator(**key)
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn/invocations"
    given = {"restApiId": api, "name": "a", "type": "TOKEN", "authorizerUri": uri}
    assert refused(lambda: client.create_authorizer(**given))[0] == "BadRequestException"
    authorizer = client.create_authorizer(**given, identitySource="method.request.header.Authorization")
    assert authorizer["authorizerResultTtlInSeconds"] == 300
    pools = {**given, "name": "b", "type": "COGNITO_USER_POOLS", "providerARNs": ["arn"]}
    assert refused(lambda: client.create_authorizer(**pools))[1] in (400, 501)
    client.delete_authorizer(restApiId=api, authorizerId=authorizer["id"])
    put = client.put_gateway_response(restApiId=api, responseType="UNAUTHORIZED", statusCode="418")
    assert (put["statusCode"], put["defaultResponse"]) == ("418", False)
    listed = {kept["responseType"]: kept for kept in client.get_gateway_responses(restApiId=api)["items"]}
    assert len(listed) == 21
    assert listed["THROTTLED"]["statusCode"] == "429"
    assert listed["THROTTLED"]["defaultResponse"] is True
    client.delete_gateway_response(restApiId=api, responseType="UNAUTHORIZED")
    assert client.get_gateway_response(restApiId=api, responseType="UNAUTHORIZED")["statusCode"] == "401"


def test_domain_names_and_mappings(client: Any) -> None:
    api = client.create_rest_api(name="mapped")["id"]
    name = "mapping.hello.test"
    given = {"domainName": name, "endpointConfiguration": {"types": ["REGIONAL"]}}
    assert refused(lambda: client.create_domain_name(**given))[0] == "BadRequestException"
    certified = {**given, "regionalCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x"}
    domain = client.create_domain_name(**certified)
    assert domain["regionalDomainName"].startswith("d-")
    assert (domain["domainNameStatus"], domain["securityPolicy"]) == ("AVAILABLE", "TLS_1_2")
    assert refused(lambda: client.create_domain_name(**certified))[:2] == ("ConflictException", 409)
    mapping = client.create_base_path_mapping(domainName=name, restApiId=api)
    assert mapping["basePath"] == "(none)"
    stage = {"domainName": name, "restApiId": api, "basePath": "v1", "stage": "none"}
    assert refused(lambda: client.create_base_path_mapping(**stage))[2] == "Invalid stage identifier specified"
    rename = [{"op": "replace", "path": "/basePath", "value": "v2"}]
    moved = client.update_base_path_mapping(domainName=name, basePath="(none)", patchOperations=rename)
    assert moved["basePath"] == "v2"
    assert [m["basePath"] for m in client.get_base_path_mappings(domainName=name)["items"]] == ["v2"]
    assert "base path mappings" in refused(lambda: client.delete_rest_api(restApiId=api))[2]
    client.delete_base_path_mapping(domainName=name, basePath="v2")
    client.delete_domain_name(domainName=name)
    assert refused(lambda: client.get_domain_name(domainName=name))[1] == 404


def test_keys_plans_tags_and_account(client: Any) -> None:
    key = client.create_api_key(name="keys-test", enabled=True, tags={"a": "1"})
    assert len(key["value"]) == 40
    assert "value" not in client.get_api_key(apiKey=key["id"])
    assert client.get_api_key(apiKey=key["id"], includeValue=True)["value"] == key["value"]
    assert [k["id"] for k in client.get_api_keys(nameQuery="keys-test")["items"]] == [key["id"]]
    plan = client.create_usage_plan(name="plan", throttle={"rateLimit": 5.0, "burstLimit": 2})
    client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    assert client.get_usage_plan_keys(usagePlanId=plan["id"])["items"][0]["id"] == key["id"]
    patch = [{"op": "replace", "path": "/throttle/rateLimit", "value": "7"}]
    assert client.update_usage_plan(usagePlanId=plan["id"], patchOperations=patch)["throttle"]["rateLimit"] == 7.0
    quota = [
        {"op": "replace", "path": "/quota/limit", "value": "5"},
        {"op": "replace", "path": "/quota/period", "value": "MONTH"},
    ]
    client.update_usage_plan(usagePlanId=plan["id"], patchOperations=quota)
    days = {"startDate": "2026-01-01", "endDate": "2026-01-02"}
    assert client.get_usage(usagePlanId=plan["id"], **days)["items"] == {key["id"]: [[0, 5], [0, 5]]}
    more = [{"op": "replace", "path": "/remaining", "value": "9"}]
    granted = client.update_usage(usagePlanId=plan["id"], keyId=key["id"], patchOperations=more)
    assert granted["items"] == {key["id"]: [[0, 9]]}
    arn = f"arn:aws:apigateway:us-east-1::/apikeys/{key['id']}"
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert client.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    client.delete_usage_plan(usagePlanId=plan["id"])
    client.delete_api_key(apiKey=key["id"])
    account = client.get_account()
    assert account["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}


OPENAPI = {
    "openapi": "3.0.1",
    "info": {"title": "imported", "version": "2"},
    "servers": [{"url": "https://x/{basePath}", "variables": {"basePath": {"default": "/base/v1"}}}],
    "paths": {
        "/a/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
                },
                "x-amazon-apigateway-integration": {"type": "mock"},
            },
        }
    },
    "components": {"parameters": {"Id": {"name": "id", "in": "path", "required": True}}},
}


@pytest.mark.parametrize(
    ("base_path", "paths"),
    [
        ("ignore", {"/", "/a", "/a/{id}"}),
        ("prepend", {"/", "/base", "/base/v1", "/base/v1/a", "/base/v1/a/{id}"}),
        ("split", {"/", "/v1", "/v1/a", "/v1/a/{id}"}),
    ],
)
def test_an_import_and_where_it_puts_its_paths(client: Any, base_path: str, paths: set[str]) -> None:
    made = client.import_rest_api(body=json.dumps(OPENAPI), parameters={"basepath": base_path})
    assert (made["name"], made["version"]) == ("imported", "2")
    resources = client.get_resources(restApiId=made["id"], embed=["methods"])["items"]
    assert {resource["path"] for resource in resources} == paths
    method = next(r["resourceMethods"]["GET"] for r in resources if "resourceMethods" in r)
    assert method["requestParameters"] == {"method.request.path.id": True}
    assert method["methodResponses"]["200"]["responseModels"]["application/json"].startswith("MODEL")


def test_a_merge_keeps_and_an_overwrite_replaces(client: Any) -> None:
    api = client.import_rest_api(body=json.dumps(OPENAPI))["id"]
    other = {**OPENAPI, "info": {"title": "other"}, "paths": {"/b": OPENAPI["paths"]["/a/{id}"]}}  # type: ignore[index]
    client.put_rest_api(restApiId=api, mode="merge", body=json.dumps(other))
    by_path = {resource["path"]: resource["id"] for resource in client.get_resources(restApiId=api)["items"]}
    assert set(by_path) == {"/", "/a", "/a/{id}", "/b"}
    assert client.get_rest_api(restApiId=api)["name"] == "imported"
    client.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(other))
    after = {resource["path"]: resource["id"] for resource in client.get_resources(restApiId=api)["items"]}
    assert after == {path: by_path[path] for path in ("/", "/b")}
    assert client.get_rest_api(restApiId=api)["name"] == "other"


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{",
        '{"info": {"title": "x"}}',
        '{"swagger": "2.0", "info": {}}',
        '{"swagger": "2.0", "info": {"title": "x"}, "paths": {"/a": {"get": {"$ref": "#/nowhere"}}}}',
        '{"swagger": "2.0", "info": {"title": "x"}, "paths": {"/a": {"get": {'
        '"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": "arn:x"}}}}}',
    ],
)
def test_documents_that_are_no_api(client: Any, body: str) -> None:
    assert refused(lambda: client.import_rest_api(body=body))[:2] == ("BadRequestException", 400)


def test_yaml(client: Any) -> None:
    body = "swagger: '2.0'\ninfo: {title: yaml}\npaths:\n  /a:\n    get:\n      responses: {200: {description: x}}\n"
    api = client.import_rest_api(body=body)["id"]
    resource = next(r for r in client.get_resources(restApiId=api)["items"] if r["path"] == "/a")
    method = client.get_method(restApiId=api, resourceId=resource["id"], httpMethod="GET")
    assert method["methodResponses"] == {"200": {"statusCode": "200"}}
