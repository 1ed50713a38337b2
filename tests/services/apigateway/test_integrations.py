"""Integrations that map: MOCK, HTTP, Lambda and other services of AWS, with templates on both sides."""

from typing import Any

import pytest

from panregion.services.apigateway.model import IntegrationResponse
from panregion.services.apigateway.transform import choose, media_type
from panregion.services.templating import escape_javascript
from panregion.world import Request, Response, serve
from tests.services.apigateway.lab import FUNCTION_ARN, FUNCTION_URI, FunctionFailed, Lab, json_of

X = "x-amazon-apigateway-integration"


def operation(kind: str, *, uri: str | None = None, responses: Any = None, **more: Any) -> dict[str, Any]:
    """An operation whose method response declares the headers A and B for some statuses."""
    declared = {"headers": {"A": {"type": "string"}, "B": {"type": "string"}}}
    given = {"type": kind, "responses": responses or {"default": {"statusCode": "200"}}, **more}
    if uri:
        given |= {"uri": uri, "httpMethod": more.get("httpMethod", "POST")}
    return {X: given, "responses": dict.fromkeys(("200", "201", "400", "404", "500"), declared)}


def mock(template: str, **more: Any) -> dict[str, Any]:
    return operation("mock", requestTemplates={"application/json": template}, **more)


async def test_mock_answers_with_the_status_that_its_template_gives(lab: Lab) -> None:
    responses = {
        "default": {"statusCode": "200", "responseTemplates": {"application/json": '{"ok": true}'}},
        "4\\d\\d": {
            "statusCode": "404",
            "responseParameters": {"method.response.header.A": "'none'", "method.response.header.B": "context.stage"},
        },
    }
    template = "#if($input.params('id') == '7'){\"statusCode\": 200}#else{\"statusCode\": 404}#end"
    api = await lab.api({"/{id}": {"get": mock(template, responses=responses)}})
    found = await lab.get(api, "/7")
    assert (found.status, found.body) == (200, b'{"ok": true}')
    missing = await lab.get(api, "/8")
    headers = dict(missing.headers)
    assert (missing.status, missing.body, headers["A"], headers["B"]) == (404, b"", "none", "prod")


@pytest.mark.parametrize("template", ["", "{}", '{"statusCode": "x"}', "[]", "#if("])
async def test_mock_with_a_template_that_gives_no_status(lab: Lab, template: str) -> None:
    api = await lab.api({"/": {"get": mock(template)}})
    answer = await lab.get(api, "/")
    assert (answer.status, answer.body) == (500, b'{"message": "Internal server error"}')


TEMPLATES = [
    ("$input.body", '{"a": {"b": [1, "x"]}, "s": "it\'s \\"q\\""}'),
    ("$input.json('$.a')", '{"b":[1,"x"]}'),
    ("$input.json('$.none')", '""'),
    ("$input.path('$.a.b[1]')", "x"),
    ("$input.path('$.none')", ""),
    ("$input.path('$.a.b').size()", "2"),
    ("$input.params('id')|$input.params('q')|$input.params('X-H')|$input.params('no')", "7|v|h|"),
    ("$input.params().path.id $input.params().querystring.get('q')", "7 v"),
    ("#foreach($k in $input.params().querystring.keySet())$k#end", "q"),
    ("$context.httpMethod $context.identity.sourceIp $context.apiId.length()", "POST 127.0.0.1 10"),
    ("$stageVariables.colour $stageVariables.none", "blue $stageVariables.none"),
    ("$util.escapeJavaScript($input.path('$.s'))", 'it\\\'s \\"q\\"'),
    ("$util.base64Encode('hé')$util.base64Decode('aMOp')", "aMOphé"),
    ("$util.urlEncode('a b/&')$util.urlDecode('a+b%2F')", "a+b%2F%26a b/"),
    ("$util.parseJson('{\"x\": [5]}').x[0]", "5"),
]


@pytest.mark.parametrize(("template", "written"), TEMPLATES)
async def test_what_templates_see(lab: Lab, template: str, written: str) -> None:
    lab.functions[FUNCTION_ARN] = lambda sent: str(sent).encode()
    item = operation("aws", uri=FUNCTION_URI, requestTemplates={"application/json": "text " + template})
    api = await lab.api({"/{id}": {"post": item}})
    patch = [{"op": "replace", "path": "/variables/colour", "value": "blue"}]
    await lab.ask("UpdateStage", restApiId=api, stageName="prod", patchOperations=patch)
    body = b'{"a": {"b": [1, "x"]}, "s": "it\'s \\"q\\""}'
    answer = await lab.get(api, "/7?q=v", "POST", body=body, headers=[("X-H", "h")])
    assert answer.body == f"text {written}".encode()


def test_escape_javascript() -> None:
    assert escape_javascript("a'b\"c\\/\n\u00e9\U0001f600") == "a\\'b\\\"c\\\\\\/\\n\\u00E9\\uD83D\\uDE00"
    assert escape_javascript(None) == ""


async def test_a_function_without_proxy_gets_the_body_and_gives_it(lab: Lab) -> None:
    lab.functions[FUNCTION_ARN] = lambda event: {"got": event}
    api = await lab.api({"/": {"post": operation("aws", uri=FUNCTION_URI)}})
    answer = await lab.get(api, "/", "POST", body=b'{"a":1}')
    assert (answer.status, answer.body) == (200, b'{"got":{"a":1}}')
    assert json_of(await lab.get(api, "/", "POST")) == {"got": {}}


@pytest.mark.parametrize(
    ("message", "status", "body"),
    [
        ("[BadRequest] no", 400, {"problem": "[BadRequest] no"}),
        ("other", 200, {"errorMessage": "other", "errorType": "FunctionFailed"}),
    ],
)
async def test_the_message_of_an_error_selects_the_response(lab: Lab, message: str, status: int, body: Any) -> None:
    def failing(_event: Any) -> Any:
        raise FunctionFailed(message)

    lab.functions[FUNCTION_ARN] = failing
    responses = {
        "default": {"statusCode": "200"},
        "\\[BadRequest\\].*": {
            "statusCode": "400",
            "responseTemplates": {"application/json": '{"problem": "$input.path(\'$.errorMessage\')"}'},
            "responseParameters": {"method.response.header.A": "integration.response.body.errorType"},
        },
    }
    api = await lab.api({"/": {"post": operation("aws", uri=FUNCTION_URI, responses=responses)}})
    answer = await lab.get(api, "/", "POST")
    assert (answer.status, json_of(answer)) == (status, body)
    assert dict(answer.headers).get("A") == ("FunctionFailed" if status == 400 else None)


@pytest.mark.parametrize(
    ("subject", "chosen"),
    [(None, "200"), ("404", "404"), ("4040", "200"), ("anything", "200"), ("500", "500")],
)
def test_a_pattern_is_the_whole_of_the_subject(subject: str | None, chosen: str) -> None:
    responses = {
        code: IntegrationResponse(status_code=code, selection_pattern=pattern)
        for code, pattern in (("404", "4\\d\\d"), ("500", "5\\d\\d|boom"), ("200", None))
    }
    found = choose(responses, subject)
    assert found is not None
    assert found.status_code == chosen


def test_no_response_to_choose() -> None:
    assert choose({"404": IntegrationResponse(status_code="404", selection_pattern="4.*")}, "200") is None


@pytest.mark.parametrize(
    ("header", "kind"),
    [(None, "application/json"), ("", "application/json"), ("*/*", "application/json"), ("Text/XML; a=b", "text/xml")],
)
def test_media_type(header: str | None, kind: str) -> None:
    assert media_type(header) == kind


@pytest.mark.parametrize(
    ("behavior", "templates", "content_type", "status"),
    [
        ("when_no_match", {"application/json": "{}"}, "text/plain", 200),
        ("when_no_templates", {"application/json": "{}"}, "text/plain", 415),
        ("when_no_templates", {}, "text/plain", 200),
        ("never", {}, "text/plain", 415),
        ("never", {"text/plain": "{}"}, "text/plain; charset=utf-8", 200),
    ],
)
async def test_pass_through(lab: Lab, behavior: str, templates: dict[str, str], content_type: str, status: int) -> None:
    lab.functions[FUNCTION_ARN] = lambda event: event
    item = operation("aws", uri=FUNCTION_URI, passthroughBehavior=behavior, requestTemplates=templates)
    api = await lab.api({"/": {"post": item}})
    answer = await lab.get(api, "/", "POST", body=b'"x"', headers=[("Content-Type", content_type)])
    assert answer.status == status
    if status == 415:
        assert answer.body == b'{"message": "Unsupported Media Type"}'


async def test_a_template_may_override_what_is_sent_and_answered(lab: Lab) -> None:
    responses = {
        "default": {
            "statusCode": "200",
            "responseParameters": {"method.response.header.A": "'mapped'"},
            "responseTemplates": {
                "application/json": "#set($context.responseOverride.status = 201)"
                '#set($context.responseOverride.header.A = "overridden"){}'
            },
        }
    }
    api = await lab.api({"/": {"get": mock('{"statusCode": 200}', responses=responses)}})
    answer = await lab.get(api, "/")
    assert (answer.status, dict(answer.headers)["A"]) == (201, "overridden")


async def test_conversion_between_text_and_binary(lab: Lab) -> None:
    item = operation(
        "aws",
        uri=FUNCTION_URI,
        contentHandling="CONVERT_TO_TEXT",
        responses={"default": {"statusCode": "200", "contentHandling": "CONVERT_TO_BINARY"}},
    )
    api = await lab.api({"/": {"post": item}}, **{"x-amazon-apigateway-binary-media-types": ["image/png"]})
    lab.functions[FUNCTION_ARN] = lambda sent: str(sent).encode()
    answer = await lab.get(api, "/", "POST", body=b"\x89PNG", headers=[("Content-Type", "image/png")])
    assert answer.body == b"\x89PNG"


async def test_http_maps_parameters_and_http_proxy_passes_everything(lab: Lab) -> None:
    async def server(request: Request) -> Response:
        lines = [f"{request.method} {request.target}", request.header("x-mapped") or "", request.header("x-own") or ""]
        return Response(404, [("X-Server", "s"), ("Content-Type", "text/plain")], "|".join(lines).encode())

    listening = await serve(server, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.port}"
    mapped = operation(
        "http",
        uri=base + "/to/{where}",
        httpMethod="GET",
        requestParameters={
            "integration.request.path.where": "method.request.path.p",
            "integration.request.querystring.x": "method.request.querystring.q",
            "integration.request.header.X-Mapped": "context.stage",
        },
        responses={
            "default": {"statusCode": "200"},
            "4..": {
                "statusCode": "404",
                "responseParameters": {"method.response.header.A": "integration.response.header.x-server"},
            },
        },
    )
    passed = operation("http_proxy", uri=base + "/{p}", httpMethod="ANY")
    api = await lab.api({"/a/{p}": {"get": mapped}, "/b/{p+}": {"x-amazon-apigateway-any-method": passed}})
    answer = await lab.get(api, "/a/b%20c?q=1&r=2", headers=[("X-Own", "o")])
    assert (answer.status, answer.body) == (404, b"GET /to/b%20c?x=1|prod|")
    assert dict(answer.headers)["A"] == "s"
    answer = await lab.get(api, "/b/c/d?q=1", "PUT", headers=[("X-Own", "o")])
    assert (answer.status, answer.body) == (404, b"PUT /c/d?q=1||o")
    assert ("x-server", "s") in [(name.lower(), value) for name, value in answer.headers]
    await listening.close()
    answer = await lab.get(api, "/a/b")
    assert (answer.status, answer.body) == (504, b'{"message": "Network error communicating with endpoint"}')
    await lab.region.dispatch.close()


async def test_dynamodb_by_action(lab: Lab) -> None:
    asked: list[Any] = []

    async def get_item(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return {"Item": {"id": {"S": "7"}, "n": {"N": "1"}}}

    lab.services["dynamodb", "GetItem"] = get_item
    item = operation(
        "aws",
        uri="arn:aws:apigateway:us-east-1:dynamodb:action/GetItem",
        requestTemplates={"application/json": '{"TableName": "items", "Key": {"id": {"S": "$input.params(\'id\')"}}}'},
        responses={
            "default": {
                "statusCode": "200",
                "responseTemplates": {"application/json": "$input.path('$.Item.id.S')"},
            }
        },
    )
    api = await lab.api({"/{id}": {"get": item}})
    assert (await lab.get(api, "/7")).body == b"7"
    assert asked == [{"TableName": "items", "Key": {"id": {"S": "7"}}}]


async def test_sqs_by_path_and_form(lab: Lab) -> None:
    asked: list[Any] = []

    async def send_message(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return {"MessageId": "m", "MD5OfMessageBody": "d"}

    async def get_queue_url(params: dict[str, Any]) -> dict[str, Any]:
        return {"QueueUrl": f"http://sqs/{params['QueueName']}"}

    lab.services["sqs", "SendMessage"] = send_message
    lab.services["sqs", "GetQueueUrl"] = get_queue_url
    item = operation(
        "aws",
        uri="arn:aws:apigateway:us-east-1:sqs:path/000000000000/queue",
        requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        requestTemplates={
            "application/json": "Action=SendMessage&DelaySeconds=3&MessageBody=$util.urlEncode($input.body)"
            "&MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x"
        },
    )
    api = await lab.api({"/": {"post": item}})
    answer = json_of(await lab.get(api, "/", "POST", body=b'{"a": "b c"}'))
    assert answer["SendMessageResponse"]["SendMessageResult"]["MessageId"] == "m"
    assert asked == [
        {
            "QueueUrl": "http://sqs/queue",
            "DelaySeconds": 3,
            "MessageBody": '{"a": "b c"}',
            "MessageAttributes": {"a": {"DataType": "String", "StringValue": "x"}},
        }
    ]


async def test_an_error_of_a_service_is_its_reply(lab: Lab) -> None:
    item = operation(
        "aws",
        uri="arn:aws:apigateway:us-east-1:dynamodb:action/Nonsense",
        responses={"default": {"statusCode": "200"}, "4..": {"statusCode": "400"}},
    )
    assert (await lab.get(await lab.api({"/": {"get": item}}), "/")).status == 400
