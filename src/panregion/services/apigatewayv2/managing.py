"""`@connections` below a WebSocket API's stage: the management API, at the address where AWS has it."""

import msgspec

from panregion.services import Here
from panregion.services.apigatewayv2.model import Api, Stage
from panregion.services.callers import signer
from panregion.wire import AwsError, check, parse, serialize_error, serialize_output
from panregion.world import Request, Response
from panregion.world.websocket import Limits

MANAGEMENT = "apigatewaymanagementapi"


async def manage(here: Here, request: Request, api: Api, stage: Stage, path: str) -> Response:
    """Run the operation that a path `/@connections/ID` names; another stage's connections are not known here."""
    if signer(here, request) is None:
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", "MissingAuthenticationTokenException")]
        return Response(403, headers, msgspec.json.encode({"message": "Missing Authentication Token"}))
    below = Request(request.method, path, request.query, request.headers, request.body, request.peer)
    try:
        if len(request.body) > Limits().message_bytes:
            raise AwsError.of("PayloadTooLargeException", "Message too long", 413)
        call = parse(below, MANAGEMENT)
        given = {"Data": b"", **call.params} if call.operation == "PostToConnection" else call.params
        check(MANAGEMENT, call.operation, given)
        params = {**given, "ApiId": api.api_id, "Stage": stage.stage_name}
        output = await here.request("apigatewayv2", f"panregion:{call.operation}", params)
        return serialize_output(MANAGEMENT, call.operation, output, here.request_id)
    except AwsError as error:
        return serialize_error(MANAGEMENT, error, here.request_id)
