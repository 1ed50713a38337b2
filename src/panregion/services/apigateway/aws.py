"""AWS integrations: a Lambda function, or an operation of a service, asked as a client would ask it.

arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations
and the URIs of services/service_calls.py
"""

import re
from urllib.parse import quote

import msgspec

from panregion.services.apigateway import proxy
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.mapping import Reply, Sent
from panregion.services.apigateway.model import Integration
from panregion.services.apigateway.responses import Refusal
from panregion.services.service_calls import ServiceUriError, ask_service

PATH_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)\+?\}")


async def send(invocation: Invocation, integration: Integration, sent: Sent) -> Reply:
    """The service's reply. Raises Refusal where the URI makes no sense."""
    uri = integration.uri or ""
    if ":lambda:path/" in uri:
        return await _invoke(invocation, uri, sent)
    values = {**invocation.parameters, **sent.path}
    uri = proxy.STAGE_VARIABLE.sub(lambda found: invocation.variables.get(found[1], ""), uri)
    uri = PATH_VARIABLE.sub(lambda name: quote(values.get(name[1], name[0]), safe="/"), uri)
    verb = integration.http_method or "POST"
    try:
        said = await ask_service(invocation.here, uri, verb, sent.body, sent.query, sent.headers)
    except ServiceUriError as error:
        raise Refusal("API_CONFIGURATION_ERROR") from error
    return Reply(said.status, said.headers, said.body, str(said.status))


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
