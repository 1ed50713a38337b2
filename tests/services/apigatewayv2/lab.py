"""A region's HTTP APIs whose functions are played by the test."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from panregion.services.apigatewayv2 import SERVICE
from panregion.world import Request, Response
from tests.services.apigateway.lab import FUNCTION_URI, Lab


class HttpLab(Lab):
    """The same for HTTP APIs."""

    async def ask(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return await self.here.request("apigatewayv2", operation, params)

    async def api(self, paths: Mapping[str, Any], **rest: Any) -> str:
        document = {"openapi": "3.0.1", "info": {"title": "hello"}, "paths": paths, **rest}
        made = await self.ask("ImportApi", Body=msgspec.json.encode(document).decode())
        await self.ask("CreateStage", ApiId=made["ApiId"], StageName="$default", AutoDeploy=True)
        return str(made["ApiId"])

    async def send(self, request: Request) -> Response:
        assert SERVICE.plane is not None
        assert SERVICE.plane.matches(self.here, request)
        here = replace(self.here, request_id=self.here.world.chance.uuid())
        return await SERVICE.plane.handle(here, request)

    async def get(self, api_id: str, path: str, method: str = "GET", **given: Any) -> Response:
        path, _, query = path.partition("?")
        headers = [("Host", f"{api_id}.execute-api.us-east-1.amazonaws.com"), *given.pop("headers", [])]
        return await self.send(Request(method, path, query, headers, **given))


def proxy(version: str = "2.0") -> dict[str, Any]:
    given = {"type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION_URI, "payloadFormatVersion": version}
    return {"x-amazon-apigateway-integration": given}
