"""WebSocket APIs in a laboratory: a real server and real clients, functions that the test plays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from panregion.services.apigatewayv2.sockets import live
from panregion.world import Request, Response, serve
from tests.services.apigateway.lab import FUNCTION_ARN, FUNCTION_URI
from tests.services.apigatewayv2.lab import HttpLab

OK = {"statusCode": 200}
PROXY: dict[str, Any] = {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION_URI}
SIGNED = ("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20150409/us-east-1/execute-api/aws4_request, Signature=x")


class SocketLab(HttpLab):
    """Serves the lab's APIs on a port of its own; events of the function are kept in `told`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.told: list[dict[str, Any]] = []
        self.answer: Any = OK
        self.port = 0
        self.functions[FUNCTION_ARN] = self._function

    def _function(self, event: dict[str, Any]) -> Any:
        self.told.append(event)
        return self.answer(event) if callable(self.answer) else self.answer

    async def sockets(self, *routes: str, selection: str = "$request.body.action", **stage: Any) -> str:
        """An API whose routes all lead to the function, deployed to the stage `prod`; its identifier."""
        made = await self.ask("CreateApi", Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression=selection)
        api = str(made["ApiId"])
        for key in routes:
            await self.route(api, key, **PROXY)
        await self.ask("CreateStage", ApiId=api, StageName="prod", AutoDeploy=True, **stage)
        return api

    async def route(self, api: str, key: str, *, two_way: bool = False, **integration: Any) -> dict[str, Any]:
        """A route to an integration of its own."""
        made = await self.ask("CreateIntegration", ApiId=api, **integration)
        given: dict[str, Any] = {"RouteResponseSelectionExpression": "$default"} if two_way else {}
        target = f"integrations/{made['IntegrationId']}"
        route = await self.ask("CreateRoute", ApiId=api, RouteKey=key, Target=target, **given)
        if two_way:
            await self.ask("CreateRouteResponse", ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default")
        return {**route, **made}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        async def handle(request: Request) -> Response:
            return await self.send(request)

        server = await serve(handler=handle, host="127.0.0.1", port=0)
        self.port = server.port
        try:
            yield
        finally:
            self.here.closing.set()
            await self.until(lambda: not live(self.here).open)
            await server.close()
            await self.region.dispatch.close()

    def connect(self, api: str, query: str = "", stage: str = "prod", **given: Any) -> connect:
        url = f"ws://127.0.0.1:{self.port}/_aws/execute-api/{api}/{stage}{query}"
        return connect(url, compression=None, **given)

    async def manage(self, api: str, method: str, connection: str, body: bytes = b"", **given: Any) -> Response:
        """A request to `@connections`, signed."""
        path = f"/{given.get('stage', 'prod')}/@connections/{connection}"
        headers = [("Host", f"{api}.execute-api.us-east-1.amazonaws.com")]
        return await self.send(Request(method, path, "", [*headers, *given.get("headers", [SIGNED])], body))

    @staticmethod
    async def until(true: Any) -> None:
        """Wait for a condition, for a bounded time."""
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.005)


async def received(client: ClientConnection) -> Any:
    """The next message, as a value."""
    return msgspec.json.decode(await asyncio.wait_for(client.recv(), 5))
