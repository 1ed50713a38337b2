"""Through boto3 and real clients: a chat by CloudFormation, the control plane of WebSocket APIs, and its errors."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import connect

from tests.support import REGION, ServedRegion

HANDLER = """
import json, os, boto3

def handler(event, context):
    about = event["requestContext"]
    if about["eventType"] == "MESSAGE":
        endpoint = f"{os.environ['ENDPOINT']}/_aws/execute-api/{about['apiId']}/{about['stage']}"
        connections = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint)
        answer = {"route": about["routeKey"], "said": event["body"], "where": event["stageVariables"]["where"]}
        connections.post_to_connection(ConnectionId=about["connectionId"], Data=json.dumps(answer))
    return {"statusCode": 200}
"""

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Endpoint": {"Type": "String"}},
    "Resources": {
        "Chat": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "chat",
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.11",
                "Handler": "index.handler",
                "Role": "arn:aws:iam::000000000000:role/r",
                "Code": {"ZipFile": HANDLER},
                "Timeout": 20,
                "Environment": {"Variables": {"ENDPOINT": {"Ref": "Endpoint"}}},
            },
        },
        "Lead": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {
                    "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}"
                    "/invocations"
                },
            },
        },
        "Fixed": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "IntegrationType": "MOCK",
                "TemplateSelectionExpression": "\\$default",
                "RequestTemplates": {"$default": {"statusCode": 200}},
            },
        },
        "FixedAnswer": {
            "Type": "AWS::ApiGatewayV2::IntegrationResponse",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "IntegrationId": {"Ref": "Fixed"},
                "IntegrationResponseKey": "$default",
                "ResponseTemplates": {"$default": '{"pong": true}'},
            },
        },
        "Say": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "RouteKey": "say",
                "Target": {"Fn::Sub": "integrations/${Lead}"},
            },
        },
        "Ping": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "RouteKey": "ping",
                "RouteResponseSelectionExpression": "$default",
                "Target": {"Fn::Sub": "integrations/${Fixed}"},
            },
        },
        "PingAnswer": {
            "Type": "AWS::ApiGatewayV2::RouteResponse",
            "Properties": {"ApiId": {"Ref": "Chat"}, "RouteId": {"Ref": "Ping"}, "RouteResponseKey": "$default"},
        },
        "Message": {
            "Type": "AWS::ApiGatewayV2::Model",
            "Properties": {"ApiId": {"Ref": "Chat"}, "Name": "Message", "Schema": {"type": "object"}},
        },
        "Deployment": {
            "Type": "AWS::ApiGatewayV2::Deployment",
            "DependsOn": ["Say", "PingAnswer", "FixedAnswer"],
            "Properties": {"ApiId": {"Ref": "Chat"}},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "StageName": "live",
                "DeploymentId": {"Ref": "Deployment"},
                "StageVariables": {"where": "here"},
            },
        },
    },
    "Outputs": {"Api": {"Value": {"Ref": "Chat"}}, "Endpoint": {"Value": {"Fn::GetAtt": ["Chat", "ApiEndpoint"]}}},
}


@pytest.fixture
def client(served: ServedRegion) -> Any:
    return served.client("apigatewayv2")


@pytest.fixture
def api(client: Any) -> Iterator[str]:
    made = client.create_api(Name="w", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    yield made["ApiId"]
    client.delete_api(ApiId=made["ApiId"])


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_chat_by_cloudformation(served: ServedRegion) -> None:
    stacks = served.client("cloudformation")
    given = [{"ParameterKey": "Endpoint", "ParameterValue": served.endpoint}]
    stacks.create_stack(StackName="chat", TemplateBody=json.dumps(TEMPLATE), Parameters=given)
    stacks.get_waiter("stack_create_complete").wait(StackName="chat", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    (stack,) = stacks.describe_stacks(StackName="chat")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    api = outputs["Api"]
    assert outputs["Endpoint"] == f"wss://{api}.execute-api.{REGION}.amazonaws.com"
    url = f"ws://127.0.0.1:{served.port}/_aws/execute-api/{api}/live"
    with connect(url) as chat:
        chat.send('{"action": "say"}')
        assert json.loads(chat.recv(20)) == {"route": "say", "said": '{"action": "say"}', "where": "here"}
        chat.send('{"action": "ping"}')
        assert json.loads(chat.recv(20)) == {"pong": True}
    stacks.delete_stack(StackName="chat")
    stacks.get_waiter("stack_delete_complete").wait(StackName="chat", WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def management(served: ServedRegion, path: str = "") -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=served.endpoint + path,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.mark.parametrize("by_path", [True, False])
def test_the_management_api(served: ServedRegion, client: Any, api: str, by_path: bool) -> None:
    client.create_stage(ApiId=api, StageName="s", AutoDeploy=True)
    made = client.create_integration(
        ApiId=api, IntegrationType="MOCK", RequestTemplates={"$default": '{"statusCode": 200}'}
    )
    told = '{"id": "$context.connectionId"}'
    client.create_integration_response(
        ApiId=api,
        IntegrationId=made["IntegrationId"],
        IntegrationResponseKey="$default",
        ResponseTemplates={"$default": told},
    )
    target = f"integrations/{made['IntegrationId']}"
    given = {"RouteKey": "$default", "RouteResponseSelectionExpression": "$default", "Target": target}
    route = client.create_route(ApiId=api, **given)
    client.create_route_response(ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default")
    connections = management(served, f"/_aws/execute-api/{api}/s" if by_path else "")
    with connect(f"ws://127.0.0.1:{served.port}/_aws/execute-api/{api}/s", user_agent_header="me") as socket:
        socket.send("who am I?")
        connection = json.loads(socket.recv(20))["id"]
        connections.post_to_connection(ConnectionId=connection, Data=b"hello")
        assert socket.recv(20) == "hello"
        found = connections.get_connection(ConnectionId=connection)
        assert found["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "me"}
        assert abs(found["ConnectedAt"].timestamp() - time.time()) < 60
        connections.delete_connection(ConnectionId=connection)
        with pytest.raises(connections.exceptions.GoneException) as gone:
            connections.post_to_connection(ConnectionId=connection, Data=b"late")
        assert code_of(gone) == ("GoneException", 410)
    with pytest.raises(connections.exceptions.GoneException):
        connections.get_connection(ConnectionId="never=")


def test_the_control_plane_of_websockets(client: Any, api: str) -> None:
    found = client.get_api(ApiId=api)
    assert (found["ProtocolType"], found["RouteSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    changed = client.update_api(ApiId=api, RouteSelectionExpression="${request.body.kind}")
    assert changed["RouteSelectionExpression"] == "${request.body.kind}"
    model = client.create_model(ApiId=api, Name="m", Schema="{}", ContentType="application/json")
    assert client.get_models(ApiId=api)["Items"][0]["ModelId"] == model["ModelId"]
    assert client.update_model(ApiId=api, ModelId=model["ModelId"], Name="n")["Name"] == "n"
    client.delete_model(ApiId=api, ModelId=model["ModelId"])
    made = client.create_integration(ApiId=api, IntegrationType="MOCK")
    assert (made["PassthroughBehavior"], made["TimeoutInMillis"]) == ("WHEN_NO_MATCH", 29000)
    key = {"ApiId": api, "IntegrationId": made["IntegrationId"]}
    answer = client.create_integration_response(**key, IntegrationResponseKey="/5../")
    answer_key = {**key, "IntegrationResponseId": answer["IntegrationResponseId"]}
    assert client.get_integration_response(**answer_key)["IntegrationResponseKey"] == "/5../"
    changed = client.update_integration_response(**answer_key, ResponseTemplates={"a": "b"})
    assert changed["ResponseTemplates"] == {"a": "b"}
    assert len(client.get_integration_responses(**key)["Items"]) == 1
    client.delete_integration_response(**answer_key)
    route = client.create_route(ApiId=api, RouteKey="r", Target=f"integrations/{made['IntegrationId']}")
    route_key = {"ApiId": api, "RouteId": route["RouteId"]}
    answer = client.create_route_response(**route_key, RouteResponseKey="$default")
    answer_key = {**route_key, "RouteResponseId": answer["RouteResponseId"]}
    assert client.get_route_response(**answer_key)["RouteResponseKey"] == "$default"
    assert client.update_route_response(**answer_key, ResponseModels={"a": "m"})["ResponseModels"] == {"a": "m"}
    assert len(client.get_route_responses(**route_key)["Items"]) == 1
    client.delete_route_response(**answer_key)
    client.delete_route(**route_key)
    client.delete_integration(**key)


def test_settings_are_taken_away_and_tags_kept(client: Any) -> None:
    cors = {"AllowOrigins": ["*"]}
    api = client.create_api(Name="h", ProtocolType="HTTP", CorsConfiguration=cors, Tags={"a": "1"})["ApiId"]
    settings = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1.0}
    log = {"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:l", "Format": "$context.requestId"}
    client.create_stage(ApiId=api, StageName="s", RouteSettings={"GET /": settings}, AccessLogSettings=log)
    stage_key = {"ApiId": api, "StageName": "s"}
    client.delete_access_log_settings(**stage_key)
    client.delete_route_settings(**stage_key, RouteKey="GET /")
    with pytest.raises(client.exceptions.NotFoundException):
        client.delete_route_settings(**stage_key, RouteKey="GET /")
    client.delete_cors_configuration(ApiId=api)
    assert "CorsConfiguration" not in client.get_api(ApiId=api)
    stage = client.get_stage(**stage_key)
    assert (stage.get("RouteSettings"), "AccessLogSettings" in stage) == ({}, False)
    client.reset_authorizers_cache(**stage_key)
    for arn, first in ((f"/apis/{api}", {"a": "1"}), (f"/apis/{api}/stages/s", {})):
        key = {"ResourceArn": f"arn:aws:apigateway:{REGION}::{arn}"}
        client.tag_resource(**key, Tags={"b": "2", "c": "3"})
        client.untag_resource(**key, TagKeys=["c"])
        assert client.get_tags(**key)["Tags"] == {**first, "b": "2"}
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_tags(ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/none")
    made = client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri="arn:aws:lambda:f")
    client.create_route(ApiId=api, RouteKey="GET /", Target=f"integrations/{made['IntegrationId']}")
    deployment = client.create_deployment(ApiId=api)["DeploymentId"]
    changed = client.update_deployment(ApiId=api, DeploymentId=deployment, Description="d")
    assert changed["Description"] == "d"
    client.delete_api(ApiId=api)


def test_mappings_change(served: ServedRegion, client: Any, api: str) -> None:
    certificate = served.client("acm").request_certificate(DomainName="ws.map.test")["CertificateArn"]
    configuration = {"CertificateArn": certificate, "EndpointType": "REGIONAL"}
    client.create_domain_name(DomainName="ws.map.test", DomainNameConfigurations=[configuration])
    client.create_stage(ApiId=api, StageName="s")
    made = client.create_api_mapping(DomainName="ws.map.test", ApiId=api, Stage="s", ApiMappingKey="one")
    key = {"DomainName": "ws.map.test", "ApiMappingId": made["ApiMappingId"]}
    changed = client.update_api_mapping(**key, ApiId=api, ApiMappingKey="two")
    assert (changed["ApiMappingKey"], changed["Stage"]) == ("two", "s")
    http = client.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    client.create_stage(ApiId=http, StageName="s")
    with pytest.raises(client.exceptions.BadRequestException, match="cannot share a domain name"):
        client.create_api_mapping(DomainName="ws.map.test", ApiId=http, Stage="s", ApiMappingKey="three")
    client.delete_api(ApiId=http)
    client.delete_api_mapping(**key)
    client.delete_domain_name(DomainName="ws.map.test")


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("create_api", {"Name": "a", "ProtocolType": "WEBSOCKET"}, "RouteSelectionExpression is a required field"),
        ("create_route", {"RouteKey": "$other"}, "Invalid route key"),
        ("create_route", {"RouteKey": "a", "AuthorizationType": "AWS_IAM"}, "restricted to the .connect route"),
        ("create_route", {"RouteKey": "a", "ApiKeyRequired": True}, "restricted to the .connect route"),
        ("create_integration", {"IntegrationType": "AWS_PROXY"}, "IntegrationUri is required"),
        ("create_integration", {"IntegrationType": "MOCK", "TimeoutInMillis": 29001}, "between 50 ms and 29000 ms"),
        ("create_integration", {"IntegrationType": "HTTP", "IntegrationUri": "u"}, "IntegrationMethod is required"),
        ("create_integration", {"IntegrationType": "MOCK", "ConnectionType": "VPC_LINK"}, "VPC_LINK is not supported"),
        ("create_model", {"Name": "a b", "Schema": "{}"}, "alphanumeric"),
        ("create_model", {"Name": "a", "Schema": "{"}, "valid JSON"),
        (
            "create_authorizer",
            {"Name": "a", "AuthorizerType": "REQUEST", "AuthorizerUri": "u", "IdentitySource": ["$request.header.a"]},
            "Invalid identity source",
        ),
        (
            "create_authorizer",
            {"Name": "a", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.a"]},
            "not supported for WebSocket",
        ),
    ],
)
def test_what_a_websocket_api_cannot_have(client: Any, api: str, operation: str, given: Any, said: str) -> None:
    params = given if operation == "create_api" else {"ApiId": api, **given}
    with pytest.raises(ClientError, match=said) as error:
        getattr(client, operation)(**params)
    assert code_of(error) == ("BadRequestException", 400)


def test_what_is_not_there_and_what_is_there_already(client: Any, api: str) -> None:
    for operation, key in (("get_model", "ModelId"), ("get_integration", "IntegrationId"), ("get_route", "RouteId")):
        with pytest.raises(client.exceptions.NotFoundException):
            getattr(client, operation)(ApiId=api, **{key: "none"})
    client.create_model(ApiId=api, Name="m", Schema="{}")
    with pytest.raises(client.exceptions.ConflictException):
        client.create_model(ApiId=api, Name="m", Schema="{}")
    http = client.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    with pytest.raises(client.exceptions.BadRequestException, match="only supported for WebSocket"):
        client.create_model(ApiId=http, Name="m", Schema="{}")
    client.delete_api(ApiId=http)


def test_an_http_api_hands_messages_to_a_queue(served: ServedRegion, client: Any) -> None:
    queues = served.client("sqs")
    url = queues.create_queue(QueueName="from-the-api")["QueueUrl"]
    api = client.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    made = client.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationSubtype="SQS-SendMessage",
        PayloadFormatVersion="1.0",
        RequestParameters={"QueueUrl": url, "MessageBody": "$request.body.text"},
        ResponseParameters={"200": {"overwrite:statuscode": "202"}},
    )
    client.create_route(ApiId=api, RouteKey="POST /", Target=f"integrations/{made['IntegrationId']}")
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    request = urllib.request.Request(f"{served.endpoint}/_aws/execute-api/{api}/", data=b'{"text": "hi"}')
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202
    assert queues.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hi"
    queues.delete_queue(QueueUrl=url)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 400
    refused.value.close()
    client.delete_api(ApiId=api)


GUARDED: dict[str, Any] = {
    "Resources": {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "guarded", "ProtocolType": "HTTP"}},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Tokens": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "Name": "tokens",
                "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": {"Audience": ["me"], "Issuer": "https://issuer.example"},
            },
        },
        "Send": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationSubtype": "SQS-SendMessage",
                "PayloadFormatVersion": "1.0",
                "CredentialsArn": "arn:aws:iam::000000000000:role/r",
                "RequestParameters": {"QueueUrl": {"Ref": "Queue"}, "MessageBody": "$request.body"},
                "ResponseParameters": {
                    "200": {"ResponseParameters": [{"Destination": "overwrite:statuscode", "Source": "202"}]}
                },
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "POST /",
                "AuthorizationType": "JWT",
                "AuthorizerId": {"Ref": "Tokens"},
                "AuthorizationScopes": ["send"],
                "Target": {"Fn::Sub": "integrations/${Send}"},
            },
        },
    },
    "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
}


def test_tokens_and_direct_integrations_by_cloudformation(served: ServedRegion, client: Any) -> None:
    stacks = served.client("cloudformation")
    stacks.create_stack(StackName="guarded", TemplateBody=json.dumps(GUARDED))
    stacks.get_waiter("stack_create_complete").wait(StackName="guarded", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    (stack,) = stacks.describe_stacks(StackName="guarded")["Stacks"]
    (output,) = stack["Outputs"]
    api = output["OutputValue"]
    (authorizer,) = client.get_authorizers(ApiId=api)["Items"]
    assert authorizer["JwtConfiguration"] == {"Audience": ["me"], "Issuer": "https://issuer.example"}
    (route,) = client.get_routes(ApiId=api)["Items"]
    assert (route["AuthorizationType"], route["AuthorizationScopes"]) == ("JWT", ["send"])
    (integration,) = client.get_integrations(ApiId=api)["Items"]
    assert integration["ResponseParameters"] == {"200": {"overwrite:statuscode": "202"}}
    stacks.delete_stack(StackName="guarded")
    stacks.get_waiter("stack_delete_complete").wait(StackName="guarded", WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def test_direct_integrations_by_openapi(client: Any) -> None:
    integration = {
        "type": "aws_proxy",
        "integrationSubtype": "EventBridge-PutEvents",
        "credentials": "arn:aws:iam::000000000000:role/r",
        "payloadFormatVersion": "1.0",
        "requestParameters": {"Detail": "$request.body", "DetailType": "t", "Source": "s"},
        "responseParameters": {"200": {"append:header.x-made-by": "events"}},
    }
    document = {
        "openapi": "3.0.1",
        "info": {"title": "direct"},
        "paths": {"/events": {"post": {"x-amazon-apigateway-integration": integration}}},
    }
    api = client.import_api(Body=json.dumps(document))["ApiId"]
    (made,) = client.get_integrations(ApiId=api)["Items"]
    assert (made["IntegrationSubtype"], made["RequestParameters"]["Source"]) == ("EventBridge-PutEvents", "s")
    assert made["ResponseParameters"] == {"200": {"append:header.x-made-by": "events"}}
    client.delete_api(ApiId=api)
