"""An operation of a service of this world, asked through one of API Gateway's URIs.

    arn:aws:apigateway:REGION:SERVICE:action/Operation
    arn:aws:apigateway:REGION:[SUBDOMAIN.]SERVICE:path/PATH

What is sent becomes a request in the service's own protocol, is read by the same code as everybody's, and the answer is
written by it too. Answers in XML of the query protocol become JSON, as API Gateway makes them.
"""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode

import msgspec

from panregion.services.here import Here
from panregion.services.sqs_forms import read_form
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
from panregion.world import Headers, Request, Response

URI = re.compile(r"arn:aws[\w-]*:apigateway:([^:]+):(?:([^:.]+)\.)?([^:.]+):(action|path)/(.*)")

SERVICES = {"states": "stepfunctions", "monitoring": "cloudwatch"}
"""Names in URIs that are not botocore's."""

FORM = "application/x-www-form-urlencoded"
SIGNATURE = "AWS4-HMAC-SHA256 Credential=apigateway, SignedHeaders=host, Signature=integration"
"""API Gateway signs with the integration's role; services ask whether there is a signature."""

Values = Mapping[str, list[str]]


class ServiceUriError(Exception):
    """The URI names no service's operation or path."""


class Said(NamedTuple):
    """What the service said."""

    status: int
    headers: Headers
    body: bytes


async def ask_service(
    here: Here, uri: str, method: str, body: bytes, query: Values | None = None, headers: Values | None = None
) -> Said:
    """Ask what an integration's URI names, its variables filled in. Raises ServiceUriError."""
    found = URI.fullmatch(uri)
    if found is None:
        raise ServiceUriError(uri)
    region, subdomain, name, form, rest = found.groups()
    service, query, headers = SERVICES.get(name, name), query or {}, headers or {}
    try:
        if form == "action":
            request = _action(service, rest, body, query, headers)
        else:
            path = f"/{subdomain}/{rest}" if subdomain else f"/{rest}"
            told = [(header, value) for header, many in headers.items() for value in many]
            request = Request(method, path, urlencode(query, doseq=True), told, body)
        return await _ask(here, region, service, request)
    except UnknownOperationException as error:  # botocore has no model of such a service
        raise ServiceUriError(uri) from error


def _action(service: str, operation: str, body: bytes, query: Values, headers: Values) -> Request:
    """`action/Operation`: by target header for JSON protocols, by form for the others."""
    pairs = [(name, value) for name, many in query.items() for value in many]
    is_form = any(name.lower() == "content-type" and FORM in many[-1] for name, many in headers.items())
    form = body.decode("utf-8", "replace") if is_form else ""
    fields = "&".join(part for part in (urlencode([("Action", operation), *pairs]), form) if part)
    target = f"{service_model(service).metadata.target_prefix}.{operation}"
    told = [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1"), ("Authorization", SIGNATURE)]
    targeted = Request("POST", "/", "", told, body or b"{}")
    if protocol_of(targeted, service) == "json" and not pairs and not form:
        return targeted
    return Request("POST", "/", "", [("Content-Type", FORM)], fields.encode())


async def _ask(here: Here, region: str, service: str, request: Request) -> Said:
    try:
        if service == "sqs" and request.header("x-amz-target") is None:
            return await _ask_sqs(here, region, request)
        protocol = protocol_of(request, service)
        call = parse(request, service)
        check(service, call.operation, call.params)
        output = await here.request(service, call.operation, call.params, region=region)
    except AwsError as error:
        return await _whole(serialize_error(service, error, here.request_id))
    if protocol == "query":
        return _as_json(call.operation, output, here.request_id)
    return await _whole(serialize_output(service, call.operation, output, here.request_id, protocol))


async def _ask_sqs(here: Here, region: str, request: Request) -> Said:
    """A form, as SQS once took it; the path is the queue's. Raises AwsError."""
    fields = request.body if request.method == "POST" else request.query.encode()
    operation, params = read_form(fields)
    if operation is None:
        raise UnknownOperationException("The request must contain the parameter Action")
    if "QueueUrl" not in params and request.path.count("/") > 1:
        queue = {"QueueName": unquote(request.path.rpartition("/")[2])}
        params["QueueUrl"] = (await here.request("sqs", "GetQueueUrl", queue, region=region))["QueueUrl"]
    check("sqs", operation, params)
    output = await here.request("sqs", operation, params, region=region)
    return _as_json(operation, output, here.request_id)


def _as_json(operation: str, output: dict[str, Any], request_id: str) -> Said:
    result = {f"{operation}Result": output, "ResponseMetadata": {"RequestId": request_id}}
    document = msgspec.json.encode({f"{operation}Response": result})
    return Said(200, [("Content-Type", "application/json")], document)


async def _whole(response: Response) -> Said:
    body: bytes | AsyncIterator[bytes] = response.body
    whole = body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])
    return Said(response.status, response.headers, whole)
