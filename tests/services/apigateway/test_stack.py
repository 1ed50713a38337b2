"""Resource types, with the properties that SAM's translator really emits."""

import re
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from panregion.services import Context
from panregion.services.apigateway import SERVICE
from panregion.wire import AwsError
from panregion.world import Request
from tests.services.apigateway.lab import FUNCTION_ARN, Lab, json_of

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: app.handler
      CodeUri: s3://bucket/key
      Events:
        Read: {Type: Api, Properties: {Path: '/item/{id}', Method: get, RestApiId: !Ref Api}}
        Any: {Type: Api, Properties: {Path: '/rest/{proxy+}', Method: any, RestApiId: !Ref Api}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      EndpointConfiguration: REGIONAL
      BinaryMediaTypes: [image~1png]
      Variables: {colour: blue}
      Cors: {AllowOrigin: "'*'", AllowMethods: "'GET,POST'", AllowHeaders: "'Content-Type'"}
      MethodSettings: [{ResourcePath: '/*', HttpMethod: '*', LoggingLevel: INFO, ThrottlingRateLimit: 10}]
      Domain:
        DomainName: api.hello.test
        CertificateArn: arn:aws:acm:us-east-1:000000000000:certificate/x
        EndpointConfiguration: REGIONAL
        BasePath: [v1]
"""
ORDER = ("RestApi", "Deployment", "Stage", "DomainName", "BasePathMapping")


class Stack:
    """As much of CloudFormation as these tests need: Ref, Fn::Sub, and resources in a given order."""

    def __init__(self, lab: Lab, template: dict[str, Any]) -> None:
        self.lab = lab
        self.resources = {
            name: resource
            for name, resource in template["Resources"].items()
            if resource["Type"].startswith("AWS::ApiGateway::")
        }
        self.ids: dict[str, str] = {"AWS::Region": "us-east-1", "AWS::StackName": "hello"}

    def resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": name}:
                return self.ids[name]
            case {"Fn::Sub": str(text)}:
                text = text.replace("${Hello.Arn}", FUNCTION_ARN)
                return re.sub(r"\$\{([\w:]+)\}", lambda found: self.ids[found[1]], text)
            case dict():
                return {name: self.resolve(inner) for name, inner in value.items()}
            case list():
                return [self.resolve(inner) for inner in value]
        return value

    def named(self, kind: str) -> str:
        return next(str(name) for name, kept in self.resources.items() if kept["Type"].endswith(f"::{kind}"))

    def context(self, name: str) -> Context:
        return Context(stack_name="hello", stack_id="arn:hello", logical_id=name, suffix=f"S{name}")

    def properties(self, name: str) -> dict[str, Any]:
        resolved: dict[str, Any] = self.resolve(self.resources[name]["Properties"])
        return resolved

    async def create(self, kind: str) -> str:
        name = self.named(kind)
        resource_type = SERVICE.resources[f"AWS::ApiGateway::{kind}"]
        properties = self.properties(name)
        assert set(properties) <= resource_type.properties
        made: str = await resource_type.create(self.lab.here, properties, self.context(name))
        self.ids[name] = made
        return made

    async def delete(self, kind: str) -> None:
        name = self.named(kind)
        resource_type = SERVICE.resources[f"AWS::ApiGateway::{kind}"]
        await resource_type.delete(self.lab.here, self.ids[name], self.properties(name), self.context(name))


class Policies:
    """The translator wants something that loads managed policies."""

    def load(self) -> dict[str, str]:
        return {}


@pytest.fixture
def stack(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return Stack(lab, transform(yaml_parse(SAM), {}, Policies()))


async def test_what_sam_emits_serves(lab: Lab, stack: Stack) -> None:
    for kind in ORDER:
        await stack.create(kind)
    api = stack.ids["Api"]
    event = json_of(await lab.get(api, "/item/7"))
    assert event["pathParameters"] == {"id": "7"}
    assert event["stageVariables"] == {"colour": "blue"}
    rest = json_of(await lab.get(api, "/rest/a/b", "PUT"))
    assert rest["pathParameters"] == {"proxy": "a/b"}
    custom = await lab.send(Request("GET", "/v1/item/7", "", [("Host", "api.hello.test")]))
    assert json_of(custom)["path"] == "/v1/item/7"
    described = await lab.ask("GetRestApi", restApiId=api)
    assert described["binaryMediaTypes"] == ["image/png"]
    assert described["endpointConfiguration"]["types"] == ["REGIONAL"]
    stage = await lab.ask("GetStage", restApiId=api, stageName="prod")
    assert stage["methodSettings"]["*/*"]["loggingLevel"] == "INFO"
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == 10.0


async def test_cors_as_sam_writes_it(lab: Lab, stack: Stack) -> None:
    for kind in ORDER:
        await stack.create(kind)
    preflight = [("Origin", "https://a.test"), ("Access-Control-Request-Method", "GET")]
    answer = await lab.get(stack.ids["Api"], "/item/7", "OPTIONS", headers=preflight)
    headers = dict(answer.headers)
    assert (answer.status, answer.body) == (200, b"{}\n")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert headers["Access-Control-Allow-Headers"] == "Content-Type"


async def test_a_repeated_create_finds_its_own(stack: Stack) -> None:
    for kind in ORDER:
        assert await stack.create(kind) == await stack.create(kind)


async def test_deletion_leaves_nothing_and_may_be_repeated(lab: Lab, stack: Stack) -> None:
    for kind in ORDER:
        await stack.create(kind)
    for kind in reversed(ORDER):
        await stack.delete(kind)
        await stack.delete(kind)
    assert lab.here.read(lambda here: [key for key, _ in here.tx.prefix(("apigateway",))]) == []


async def test_attributes(lab: Lab, stack: Stack) -> None:
    for kind in ORDER:
        await stack.create(kind)
    api, domain = stack.ids["Api"], stack.ids[stack.named("DomainName")]
    attributes = await SERVICE.resources["AWS::ApiGateway::RestApi"].attributes(lab.here, api, {})
    assert attributes["RestApiId"] == api
    assert attributes["RootResourceId"] == (await lab.ask("GetRestApi", restApiId=api))["rootResourceId"]
    attributes = await SERVICE.resources["AWS::ApiGateway::DomainName"].attributes(lab.here, domain, {})
    assert attributes["RegionalHostedZoneId"] == "Z1UJRXOUMOOFQ8"
    assert re.fullmatch(r"d-[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com", attributes["RegionalDomainName"])


async def test_an_update_of_the_body_shows_with_the_next_deployment(lab: Lab, stack: Stack) -> None:
    for kind in ORDER:
        await stack.create(kind)
    api = stack.ids["Api"]
    old = stack.properties("Api")
    paths = dict(old["Body"]["paths"])
    paths["/new"] = paths.pop("/item/{id}")
    new = {**old, "Body": {**old["Body"], "paths": paths}, "Description": "second", "BinaryMediaTypes": []}
    update = SERVICE.resources["AWS::ApiGateway::RestApi"].update
    assert update is not None
    await update(lab.here, api, old, new, stack.context("Api"))
    assert (await lab.get(api, "/item/7")).status == 200
    deployment = SERVICE.resources["AWS::ApiGateway::Deployment"]
    second = await deployment.create(lab.here, {"RestApiId": api}, stack.context("Second"))
    stage = stack.properties(stack.named("Stage"))
    change = SERVICE.resources["AWS::ApiGateway::Stage"].update
    assert change is not None
    changed = {**stage, "DeploymentId": second, "Variables": {"taste": "sour"}, "MethodSettings": []}
    await change(lab.here, "prod", stage, changed, stack.context("Stage"))
    await stack.delete("Deployment")
    assert (await lab.get(api, "/item/7")).status == 403
    assert json_of(await lab.get(api, "/new"))["stageVariables"] == {"taste": "sour"}
    described = await lab.ask("GetRestApi", restApiId=api)
    assert described["description"] == "second"
    assert not described.get("binaryMediaTypes")


METHOD = {
    "HttpMethod": "GET",
    "AuthorizationType": "NONE",
    "ApiKeyRequired": "false",
    "RequestParameters": {"method.request.querystring.q": "true"},
    "MethodResponses": [{"StatusCode": 200, "ResponseParameters": {"method.response.header.A": "true"}}],
    "Integration": {
        "Type": "MOCK",
        "TimeoutInMillis": "2000",
        "RequestTemplates": {"application/json": '{"statusCode": 200}'},
        "IntegrationResponses": [
            {"StatusCode": "200", "ResponseParameters": {"method.response.header.A": "'b'"}},
        ],
    },
}


async def test_the_classic_types(lab: Lab) -> None:
    types = {name.rpartition(":")[2]: kind for name, kind in SERVICE.resources.items()}

    async def make(kind: str, **properties: Any) -> str:
        assert set(properties) <= types[kind].properties
        context = Context(stack_name="s", stack_id="arn:s", logical_id=kind, suffix="X")
        made = await types[kind].create(lab.here, properties, context)
        assert await types[kind].create(lab.here, properties, context) == made
        return made

    api = await make("RestApi", Name="classic")
    root = (await lab.ask("GetRestApi", restApiId=api))["rootResourceId"]
    resource = await make("Resource", RestApiId=api, ParentId=root, PathPart="a")
    await make("Model", RestApiId=api, Name="Thing", Schema={"type": "object"})
    await make("RequestValidator", RestApiId=api, Name="all", ValidateRequestBody=True)
    await make(
        "Authorizer",
        RestApiId=api,
        Type="TOKEN",
        AuthorizerUri=f"x:lambda:path/{FUNCTION_ARN}",
        IdentitySource="method.request.header.Authorization",
        Name="a",
    )
    await make("GatewayResponse", RestApiId=api, ResponseType="DEFAULT_4XX", StatusCode=404)
    await make("Method", RestApiId=api, ResourceId=resource, **METHOD)
    method = await lab.ask("GetMethod", restApiId=api, resourceId=resource, httpMethod="GET")
    assert method["requestParameters"] == {"method.request.querystring.q": True}
    assert method["methodIntegration"]["timeoutInMillis"] == 2000
    assert method["methodIntegration"]["integrationResponses"]["200"]["responseParameters"] == {
        "method.response.header.A": "'b'"
    }
    deployment = await make("Deployment", RestApiId=api)
    await make("Stage", RestApiId=api, DeploymentId=deployment, StageName="prod")
    key = await make("ApiKey", Name="k", Enabled=True)
    plan = await make("UsagePlan", ApiStages=[{"ApiId": api, "Stage": "prod"}], Quota={"Limit": "5", "Period": "DAY"})
    await make("UsagePlanKey", KeyId=key, KeyType="API_KEY", UsagePlanId=plan)
    await make("Account", CloudWatchRoleArn="arn:role")
    assert (await lab.ask("GetAccount"))["cloudwatchRoleArn"] == "arn:role"
    update = types["Method"].update
    assert update is not None
    old = {"RestApiId": api, "ResourceId": resource, **METHOD}
    await update(
        lab.here,
        "",
        old,
        {**old, "ApiKeyRequired": True},
        Context(stack_name="s", stack_id="arn:s", logical_id="Method", suffix="X"),
    )
    assert (await lab.ask("GetMethod", restApiId=api, resourceId=resource, httpMethod="GET"))["apiKeyRequired"]
    await types["UsagePlan"].delete(
        lab.here, plan, {}, Context(stack_name="s", stack_id="arn:s", logical_id="UsagePlan", suffix="X")
    )
    with pytest.raises(AwsError, match="NotFoundException"):
        await lab.ask("GetUsagePlan", usagePlanId=plan)


async def test_an_edge_optimized_domain_is_refused_by_name(lab: Lab) -> None:
    context = Context(stack_name="s", stack_id="arn:s", logical_id="D", suffix="X")
    kind = SERVICE.resources["AWS::ApiGateway::DomainName"]
    with pytest.raises(AwsError, match="endpoint type EDGE is not supported"):
        await kind.create(lab.here, {"DomainName": "a.test", "CertificateArn": "arn:x"}, context)
