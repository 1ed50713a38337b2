"""AWS integrations: an operation of a service of this world, asked as a client would ask it.

    arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations
    arn:aws:apigateway:REGION:SERVICE:action/Operation
    arn:aws:apigateway:REGION:[SUBDOMAIN.]SERVICE:path/PATH

What the mapping gives becomes a request in the service's own protocol, is read by the same code as everybody's, and the
answer is written by it too. Answers in XML of the query protocol become JSON, as API Gateway makes them.
"""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, unquote, urlencode

import msgspec

from panregion.services.apigateway import proxy
from panregion.services.apigateway.forms import read_form
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.mapping import Reply, Sent
from panregion.services.apigateway.model import Integration
from panregion.services.apigateway.responses import Refusal
from panregion.wire import (
    AwsError,
    UnknownOperationException,
    check,
    parse,
    protocol_of,
    serialize_error,
    serialize_output,
    service_model,
)
from panregion.world import Request, Response

URI = re.compile(r"arn:aws[\w-]*:apigateway:([^:]+):(?:([^:.]+)\.)?([^:.]+):(action|path)/(.*)")
PATH_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)\+?\}")

SERVICES = {"states": "stepfunctions", "monitoring": "cloudwatch", "cognito-idp": "cognito-idp"}
"""Names in URIs that are not botocore's."""

FORM = "application/x-www-form-urlencoded"
SIGNATURE = "AWS4-HMAC-SHA256 Credential=apigateway, SignedHeaders=host, Signature=integration"
"""API Gateway signs with the integration's role; services ask whether there is a signature."""


async def send(invocation: Invocation, integration: Integration, sent: Sent) -> Reply:
    """The service's reply. Raises Refusal where the URI makes no sense."""
    uri = integration.uri or ""
    if ":lambda:path/" in uri:
        return await _invoke(invocation, uri, sent)
    values = {**invocation.parameters, **sent.path}
    uri = proxy.STAGE_VARIABLE.sub(lambda found: invocation.variables.get(found[1], ""), uri)
    found = URI.fullmatch(PATH_VARIABLE.sub(lambda name: quote(values.get(name[1], name[0]), safe="/"), uri))
    if found is None:
        raise Refusal("API_CONFIGURATION_ERROR")
    region, subdomain, name, form, rest = found.groups()
    service = SERVICES.get(name, name)
    if form == "action":
        request = _action(service, rest, sent)
    else:
        path = f"/{subdomain}/{rest}" if subdomain else f"/{rest}"
        headers = [(header, value) for header, many in sent.headers.items() for value in many]
        verb = integration.http_method or "POST"
        request = Request(verb, path, urlencode(sent.query, doseq=True), headers, sent.body)
    return await _ask(invocation, region, service, request)


async def _invoke(invocation: Invocation, uri: str, sent: Sent) -> Reply:
    """A Lambda function; the message of an error that it raises is what patterns are matched with."""
    kinds = [many[-1] for name, many in sent.headers.items() if name.lower() == "x-amz-invocation-type"]
    answer = await proxy.invoke(invocation, uri, sent.body or b"{}", asynchronous=kinds[-1:] == ["Event"])
    payload = answer.get("Payload") or b""
    if not answer.get("FunctionError"):
        return Reply(200, [], payload)
    try:
        message = msgspec.json.decode(payload).get("errorMessage")
    except (msgspec.DecodeError, AttributeError):
        message = None
    return Reply(200, [], payload, str(message or ""))


def _action(service: str, operation: str, sent: Sent) -> Request:
    """`action/Operation`: by target header for JSON protocols, by form for the others."""
    pairs = [(name, value) for name, many in sent.query.items() for value in many]
    form = sent.body.decode("utf-8", "replace") if _is_form(sent) else ""
    fields = "&".join(part for part in (urlencode([("Action", operation), *pairs]), form) if part)
    target = f"{service_model(service).metadata.target_prefix}.{operation}"
    headers = [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1"), ("Authorization", SIGNATURE)]
    targeted = Request("POST", "/", "", headers, sent.body or b"{}")
    if protocol_of(targeted, service) == "json" and not pairs and not form:
        return targeted
    return Request("POST", "/", "", [("Content-Type", FORM)], fields.encode())


def _is_form(sent: Sent) -> bool:
    return any(name.lower() == "content-type" and FORM in many[-1] for name, many in sent.headers.items())


async def _ask(invocation: Invocation, region: str, service: str, request: Request) -> Reply:
    here = invocation.here
    try:
        if service == "sqs" and request.header("x-amz-target") is None:
            return await _ask_sqs(invocation, region, request)
        protocol = protocol_of(request, service)
        call = parse(request, service)
        check(service, call.operation, call.params)
        output = await here.request(service, call.operation, call.params, region=region)
    except AwsError as error:
        response = serialize_error(service, error, here.request_id)
        return Reply(response.status, response.headers, await _whole(response), str(response.status))
    if protocol == "query":
        return _as_json(call.operation, output, here.request_id)
    response = serialize_output(service, call.operation, output, here.request_id, protocol)
    return Reply(response.status, response.headers, await _whole(response), str(response.status))


async def _ask_sqs(invocation: Invocation, region: str, request: Request) -> Reply:
    """A form, as SQS once took it; the path is the queue's. Raises AwsError."""
    fields = request.body if request.method == "POST" else request.query.encode()
    operation, params = read_form(fields)
    if operation is None:
        raise UnknownOperationException("The request must contain the parameter Action")
    here = invocation.here
    if "QueueUrl" not in params and request.path.count("/") > 1:
        queue = {"QueueName": unquote(request.path.rpartition("/")[2])}
        params["QueueUrl"] = (await here.request("sqs", "GetQueueUrl", queue, region=region))["QueueUrl"]
    check("sqs", operation, params)
    output = await here.request("sqs", operation, params, region=region)
    return _as_json(operation, output, here.request_id)


def _as_json(operation: str, output: dict[str, Any], request_id: str) -> Reply:
    result = {f"{operation}Result": output, "ResponseMetadata": {"RequestId": request_id}}
    document = msgspec.json.encode({f"{operation}Response": result})
    return Reply(200, [("Content-Type", "application/json")], document, "200")


async def _whole(response: Response) -> bytes:
    body: bytes | AsyncIterator[bytes] = response.body
    return body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])
