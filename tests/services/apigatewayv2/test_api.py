"""HTTP APIs, as AWS's own client makes and calls them."""

import json
from typing import Any

import botocore.exceptions
import pytest

from tests.support import ServedRegion


@pytest.fixture(scope="module")
def client(served: ServedRegion) -> Any:
    return served.client("apigatewayv2")


def test_an_http_api_piece_by_piece(client: Any) -> None:
    api = client.create_api(Name="pieces", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"]})
    key = {"ApiId": api["ApiId"]}
    assert api["ApiEndpoint"] == f"https://{api['ApiId']}.execute-api.us-east-1.amazonaws.com"
    assert api["RouteSelectionExpression"] == "$request.method $request.path"
    integration = client.create_integration(
        **key, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", IntegrationUri="http://127.0.0.1:1/"
    )
    assert (integration["PayloadFormatVersion"], integration["TimeoutInMillis"]) == ("1.0", 30000)
    route = client.create_route(**key, RouteKey="GET /a", Target=f"integrations/{integration['IntegrationId']}")
    with pytest.raises(client.exceptions.ConflictException):
        client.create_route(**key, RouteKey="GET /a")
    with pytest.raises(client.exceptions.ConflictException):
        client.delete_integration(**key, IntegrationId=integration["IntegrationId"])
    deployment = client.create_deployment(**key)
    stage = client.create_stage(**key, StageName="prod", DeploymentId=deployment["DeploymentId"])
    assert (stage["AutoDeploy"], stage["DeploymentId"]) == (False, deployment["DeploymentId"])
    with pytest.raises(client.exceptions.BadRequestException):
        client.delete_deployment(**key, DeploymentId=deployment["DeploymentId"])
    updated = client.update_stage(**key, StageName="prod", AutoDeploy=True, StageVariables={"a": "b"})
    assert updated["StageVariables"] == {"a": "b"}
    assert updated["DeploymentId"] != deployment["DeploymentId"]
    client.delete_route(**key, RouteId=route["RouteId"])
    client.delete_integration(**key, IntegrationId=integration["IntegrationId"])
    client.delete_stage(**key, StageName="prod")
    client.delete_api(**key)
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_api(**key)


def test_import_and_import_again(client: Any) -> None:
    integration = {"type": "http_proxy", "httpMethod": "ANY", "uri": "http://127.0.0.1:1/"}
    document: dict[str, Any] = {
        "openapi": "3.0.1",
        "info": {"title": "imported", "version": "1"},
        "paths": {"/a": {"get": {"x-amazon-apigateway-integration": integration}}},
    }
    api = client.import_api(Body=json.dumps(document))
    document["paths"]["/b"] = document["paths"].pop("/a")
    client.reimport_api(ApiId=api["ApiId"], Body=json.dumps(document))
    assert [route["RouteKey"] for route in client.get_routes(ApiId=api["ApiId"])["Items"]] == ["GET /b"]
    document["paths"]["/b"]["get"]["x-amazon-apigateway-integration"] = {"type": "mock"}
    with pytest.raises(botocore.exceptions.ClientError):
        client.reimport_api(ApiId=api["ApiId"], Body=json.dumps(document))
    assert [route["RouteKey"] for route in client.get_routes(ApiId=api["ApiId"])["Items"]] == ["GET /b"]
