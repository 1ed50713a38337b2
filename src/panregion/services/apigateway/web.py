"""HTTP and HTTP_PROXY integrations: any web server that the region can reach."""

import re
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from panregion.services import web
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.mapping import Reply, Sent, map_request
from panregion.services.apigateway.model import Integration
from panregion.services.apigateway.proxy import STAGE_VARIABLE
from panregion.services.apigateway.responses import Refusal
from panregion.world import ClientError, ClientTimeout, Response

PATH_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)\+?\}")

NOT_FORWARDED = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect", "te", "upgrade"})


async def proxied(invocation: Invocation, integration: Integration) -> Response:
    """HTTP_PROXY: everything as it came, both ways."""
    sent = Sent(invocation.request.body, query=dict(invocation.query))
    sent.headers = {name: many for name, many in invocation.headers.items() if name.lower() not in NOT_FORWARDED}
    map_request(invocation, integration.request_parameters or {}, sent)
    reply = await send(invocation, integration, sent)
    return Response(reply.status, reply.headers, reply.body)


async def send(invocation: Invocation, integration: Integration, sent: Sent) -> Reply:
    """The server's reply. Raises Refusal where there is none."""
    url = address(invocation, integration.uri or "", sent)
    verb = integration.http_method or invocation.request.method
    headers = [(name, value) for name, many in sent.headers.items() for value in many]
    body = b"" if verb in ("GET", "HEAD") and not sent.body else sent.body
    try:
        response = await web.ask(
            invocation.here,
            invocation.request.method if verb == "ANY" else verb,
            url,
            headers,
            body,
            timeout_s=integration.timeout_in_millis / 1000,
        )
    except ClientTimeout as error:
        raise Refusal("INTEGRATION_TIMEOUT") from error
    except ClientError as error:
        raise Refusal("INTEGRATION_FAILURE") from error
    assert isinstance(response.body, bytes)
    return Reply(response.status, response.headers, response.body, str(response.status))


def address(invocation: Invocation, uri: str, sent: Sent) -> str:
    """The integration's URI with its variables filled in and the query added."""
    uri = STAGE_VARIABLE.sub(lambda found: invocation.variables.get(found[1], ""), uri)
    values = {**invocation.parameters, **sent.path}
    uri = PATH_VARIABLE.sub(lambda found: quote(values.get(found[1], found[0]), safe="/"), uri)
    parts = urlsplit(uri if "://" in uri else f"http://{uri}")
    query = "&".join(part for part in (parts.query, urlencode(sent.query, doseq=True)) if part)
    return urlunsplit(parts._replace(query=query, path=parts.path or "/"))
