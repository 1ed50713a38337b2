"""What the management API does with the connections of this region."""

from datetime import UTC, datetime
from typing import Any

from panregion.services import Here
from panregion.services.apigatewayv2.sockets import live
from panregion.services.apigatewayv2.sockets.connections import Live
from panregion.wire import AwsError
from panregion.world.websocket import Limits, SlowReader

NORMAL = (1000, "Connection Closed Normally")


class GoneException(AwsError):
    """There is no such connection (any more)."""

    status = 410


class LimitExceededException(AwsError):
    """The client does not take in what it is sent."""

    status = 429


class PayloadTooLargeException(AwsError):
    """More than a message may hold."""

    status = 413


class BadRequestException(AwsError):
    """What is sent cannot be sent."""

    status = 400


async def post_to_connection(
    here: Here, connection_id: str, data: bytes = b"", api_id: str | None = None, stage: str | None = None
) -> dict[str, Any]:
    found = _require(here, connection_id, api_id, stage)
    if len(data) > Limits().message_bytes:
        raise PayloadTooLargeException("Message too long")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise BadRequestException("panregion sends text only: the data is not UTF-8") from error
    try:
        found.socket.send(data)
    except SlowReader as error:
        raise LimitExceededException("The client does not read what it was sent") from error
    except ConnectionError as error:
        raise GoneException from error
    found.active()
    return {}


async def get_connection(
    here: Here, connection_id: str, api_id: str | None = None, stage: str | None = None
) -> dict[str, Any]:
    found = _require(here, connection_id, api_id, stage)
    caller = found.caller
    return {
        "ConnectedAt": datetime.fromtimestamp(caller.connected_at, UTC),
        "Identity": {"SourceIp": caller.peer, "UserAgent": caller.user_agent},
        "LastActiveAt": datetime.fromtimestamp(found.active_at, UTC),
    }


async def delete_connection(
    here: Here, connection_id: str, api_id: str | None = None, stage: str | None = None
) -> dict[str, Any]:
    _require(here, connection_id, api_id, stage).socket.close(*NORMAL)
    return {}


def _require(here: Here, connection_id: str, api_id: str | None, stage: str | None) -> Live:
    """An open connection, of this API and stage where they are named. Raises GoneException."""
    found = live(here).open.get(connection_id)
    if found is None or not found.socket.open:
        raise GoneException
    if api_id is not None and (found.caller.api_id, found.caller.stage) != (api_id, stage):
        raise GoneException
    return found
