"""MOCK integrations: the request template itself says with which status to answer."""

import msgspec

from panregion.services.apigateway.mapping import Reply, Sent
from panregion.services.apigateway.responses import Refusal


async def send(sent: Sent) -> Reply:
    """The reply of a template that gave `{"statusCode": 200}`."""
    try:
        document = msgspec.json.decode(sent.body)
        status = int(document["statusCode"])
    except (msgspec.DecodeError, TypeError, KeyError, ValueError) as error:
        raise Refusal("API_CONFIGURATION_ERROR") from error
    return Reply(status, [], b"", str(status))
